//! The kubeconfig that leads to a sandbox: a context for each user, and `sandbox`, which is the administrator's.

use std::fmt::Write;

use crate::rbac::TEAM;
use crate::user::{NAMES, token};

pub(crate) fn kubeconfig(server: &str) -> String {
    let mut contexts = String::new();
    let mut users = String::new();
    for name in NAMES {
        let namespace = if name == "developer" { TEAM } else { "default" };
        context(&mut contexts, &format!("kapi-{name}"), name, namespace);
        // The name goes beside the token, since kubectl sends no token over plain HTTP, but this it sends.
        let written = write!(
            users,
            "- name: kapi-{name}\n  user:\n    as: {name}\n    token: {}\n",
            token(name)
        );
        debug_assert!(written.is_ok());
    }
    let mut own = String::new();
    context(&mut own, "sandbox", "admin", "default");
    format!(
        "apiVersion: v1
kind: Config
clusters:
- name: sandbox
  cluster:
    server: {server}
contexts:
{own}{contexts}current-context: sandbox
users:
{users}"
    )
}

fn context(out: &mut String, name: &str, user: &str, namespace: &str) {
    let written = write!(
        out,
        "- name: {name}\n  context:\n    cluster: sandbox\n    namespace: {namespace}\n    user: kapi-{user}\n"
    );
    debug_assert!(written.is_ok());
}
