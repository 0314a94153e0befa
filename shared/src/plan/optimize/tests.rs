//! Each pass: the plan before it, and after it.

use expect_test::{Expect, expect};

use super::*;
use crate::plan::bind::bind;
use crate::query::Query;

type Pass = fn(&mut Draft, &Known);

fn check_knowing(text: &str, known: &Known, passes: &[Pass], expected: &Expect) {
    let mut problems = Vec::new();
    let mut bound = bind(&Query::parse(text).query, known, &mut problems).expect("it names a kind");
    assert_eq!(problems, [], "{text}");
    let draft = &mut bound.parts[0];
    let (last, earlier) = passes.split_last().expect("a pass");
    for pass in earlier {
        pass(draft, known);
    }
    let before = draft.to_string();
    last(draft, known);
    expected.assert_eq(&format!("{before}{draft}"));
}

fn check(text: &str, passes: &[Pass], expected: &Expect) {
    check_knowing(text, &Known::default(), passes, expected);
}

const CONSTANTS: Pass = |draft, _| constants::pass(draft);
const NAMESPACES: Pass = namespaces::pass;
const LABELS: Pass = |draft, _| labels::pass(draft);
const FIELDS: Pass = fields::pass;
const NAMES: Pass = |draft, _| names::pass(draft);
const ALTERNATIVES: Pass = |draft, _| alternatives::pass(draft);
const RIGHTS: Pass = namespaces::within_rights;

fn knowing(namespaces: &[&str], pods: u64) -> Known {
    Known {
        namespaces: namespaces.iter().map(|name| (*name).to_owned()).collect(),
        all_namespaces: true,
        counts: [("pods".to_owned(), pods)].into(),
        ..Known::default()
    }
}

#[test]
fn what_no_object_can_change_is_folded() {
    check(
        "pods app in (web,-x) -tier=-y",
        &[CONSTANTS],
        &expect![[r#"
        pods
          scan /api/v1/pods (whole)
          open app in (web,"-x")
          open -tier="-y"
        pods
          scan /api/v1/pods (whole)
          open app in (web,"-x")
          local -tier="-y" (it holds of everything)
    "#]],
    );
    check(
        "pods app=-x web",
        &[CONSTANTS],
        &expect![[r#"
        pods
          scan /api/v1/pods (whole)
          open app="-x"
          open web
        pods, nothing
          scan /api/v1/pods (whole)
          local app="-x" (nothing can be so, so nothing is asked for)
          open web
    "#]],
    );
}

#[test]
fn namespaces_become_paths() {
    check(
        "pods ns:b,a -ns:c web",
        &[CONSTANTS, NAMESPACES],
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open ns:b,a
              open -ns:c
              open web
            pods in a,b
              scan /api/v1/pods?fieldSelector=metadata.namespace%21%3Dc (whole)
              exact ns:b,a
              exact -ns:c
              open web
        "#]],
    );
    check(
        "pods ns:a*",
        &[CONSTANTS, NAMESPACES],
        &expect![[r#"
        pods
          scan /api/v1/pods (whole)
          open ns:a*
        pods
          scan /api/v1/pods (whole)
          local ns:a* (selectors know no patterns)
    "#]],
    );
}

#[test]
fn most_namespaces_are_read_as_one_list_without_the_others() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    check_knowing(
        "pods ns:a,b,c,d,e,f,g",
        &knowing(&names, 800),
        &[CONSTANTS, NAMESPACES],
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open ns:a,b,c,d,e,f,g
            pods
              scan /api/v1/pods?fieldSelector=metadata.namespace%21%3Dh (whole)
              inexact ns:a,b,c,d,e,f,g (the API server leaves out the other namespaces that are known)
              note one list of the cluster, of which about 100 objects are not asked for, rather than 7 lists in 2 rounds
        "#]],
    );
    check_knowing(
        "pods ns:a,b,c,d,e,f,g",
        &knowing(&names, 80_000),
        &[CONSTANTS, NAMESPACES],
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open ns:a,b,c,d,e,f,g
            pods in a,b,c,d,e,f,g
              scan /api/v1/pods (whole)
              exact ns:a,b,c,d,e,f,g
        "#]],
    );
}

#[test]
fn labels_become_a_selector() {
    check(
        "pods app=web -tier in (a,b) -(x=1 OR y=2) -n>5",
        &[CONSTANTS, LABELS],
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open app=web
              open -tier in (a,b)
              open -(x=1 OR y=2)
              open -n>5
            pods
              scan /api/v1/pods?labelSelector=app%3Dweb%2Ctier%20notin%20%28a%2Cb%29%2Cx%21%3D1%2Cy%21%3D2 (whole)
              exact app=web
              exact -tier in (a,b)
              exact -(x=1 OR y=2)
              local -n>5 (selectors cannot negate a comparison)
        "#]],
    );
}

#[test]
fn fields_are_selected_by_as_the_server_can() {
    check(
        "pods node:n1 -phase:Failed,Succeeded status:Running node:n* -f \"status.phase!=x\"",
        &[CONSTANTS, FIELDS],
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open node:n1
              open -phase:Failed,Succeeded
              open status:Running
              open node:n*
              open -f "status.phase!=x"
            pods
              scan /api/v1/pods?fieldSelector=spec.nodeName%3Dn1%2Cstatus.phase%21%3DFailed%2Cstatus.phase%21%3DSucceeded%2Cstatus.phase%21%3Dx (whole)
              exact node:n1
              exact -phase:Failed,Succeeded
              local status:Running (the API server cannot select by this field)
              local node:n* (selectors know no patterns)
              exact -f "status.phase!=x"
        "#]],
    );
    let of_version = |minor: u32| Known {
        version: Some((1, minor)),
        ..Known::default()
    };
    check_knowing(
        "svc type:LoadBalancer",
        &of_version(30),
        &[CONSTANTS, FIELDS],
        &expect![[r#"
            services
              scan /api/v1/services (whole)
              open type:LoadBalancer
            services
              scan /api/v1/services (whole)
              local type:LoadBalancer (this API server is too old to select by this field)
        "#]],
    );
    check_knowing(
        "svc type:LoadBalancer",
        &of_version(31),
        &[CONSTANTS, FIELDS],
        &expect![[r#"
            services
              scan /api/v1/services (whole)
              open type:LoadBalancer
            services
              scan /api/v1/services?fieldSelector=spec.type%3DLoadBalancer (whole)
              exact type:LoadBalancer
        "#]],
    );
}

#[test]
fn few_names_are_read_one_by_one() {
    check(
        "pods ns:a name:x,y",
        &[CONSTANTS, NAMESPACES, FIELDS, NAMES],
        &expect![[r#"
            pods in a
              scan /api/v1/pods (whole)
              exact ns:a
              open name:x,y
            pods in a
              scan /api/v1/pods?fieldSelector=metadata.name%3Dx (whole)
              scan /api/v1/pods?fieldSelector=metadata.name%3Dy (whole)
              exact ns:a
              exact name:x,y
        "#]],
    );
    check(
        "pods name:x,y",
        &[CONSTANTS, FIELDS, NAMES],
        &expect![[r#"
        pods
          scan /api/v1/pods (whole)
          open name:x,y
        pods
          scan /api/v1/pods (whole)
          local name:x,y (field selectors have no OR, and the namespace is not known)
    "#]],
    );
}

#[test]
fn a_choice_of_labels_is_lists_that_share_nothing() {
    check(
        "pods (app=web OR tier in (a,b) OR has:x)",
        &[CONSTANTS, ALTERNATIVES],
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open (app=web OR tier in (a,b) OR has:x)
            pods
              scan /api/v1/pods?labelSelector=app%3Dweb (whole)
              scan /api/v1/pods?labelSelector=tier%20in%20%28a%2Cb%29%2Capp%21%3Dweb (whole)
              scan /api/v1/pods?labelSelector=x%2Capp%21%3Dweb%2Ctier%20notin%20%28a%2Cb%29 (whole)
              exact (app=web OR tier in (a,b) OR has:x)
        "#]],
    );
    check(
        "pods (app=web OR web)",
        &[CONSTANTS, ALTERNATIVES],
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open (app=web OR web)
            pods
              scan /api/v1/pods (whole)
              open (app=web OR web)
        "#]],
    );
}

#[test]
fn without_the_right_to_list_all_the_known_namespaces_are_read() {
    let known = Known {
        refused_lists: ["pods".to_owned()].into(),
        ..knowing(&["a", "b"], 0)
    };
    check_knowing(
        "pods app=web",
        &known,
        &[CONSTANTS, RIGHTS],
        &expect![[r#"
        pods
          scan /api/v1/pods (whole)
          open app=web
        pods in a,b
          scan /api/v1/pods (whole)
          open app=web
    "#]],
    );
}
