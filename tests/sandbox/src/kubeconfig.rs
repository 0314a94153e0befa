//! The kubeconfig that leads to a sandbox.

pub(crate) fn kubeconfig(server: &str, token: &str) -> String {
    format!(
        "apiVersion: v1
kind: Config
clusters:
- name: sandbox
  cluster:
    server: {server}
contexts:
- name: sandbox
  context:
    cluster: sandbox
    namespace: default
    user: admin
current-context: sandbox
users:
- name: admin
  user:
    token: {token}
"
    )
}
