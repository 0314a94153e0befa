//! Each pass: the plan before it, and after it.

use expect_test::{Expect, expect};

use super::*;
use crate::plan::Relation;
use crate::plan::bind::{Bound, bind};
use crate::query::Query;
use crate::resource::Kind;

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
    let mut known = Known {
        namespaces: namespaces.iter().map(|name| (*name).to_owned()).collect(),
        all_namespaces: true,
        ..Known::default()
    };
    known.kind_mut(pods_kind()).count = Some(pods);
    known
}

fn pods_kind() -> &'static Kind {
    Kind::named("pods").expect("a kind")
}

/// All drafts of a query, after the passes that look at one alone: before the last pass, and after it.
fn check_all(text: &str, last: impl Fn(&mut Bound), expected: &Expect) {
    let (known, mut problems) = (Known::default(), Vec::new());
    let mut bound =
        bind(&Query::parse(text).query, &known, &mut problems).expect("it names a kind");
    assert_eq!(problems, [], "{text}");
    let drafts = |bound: &Bound| {
        let related = bound.related.iter().map(|(draft, _)| draft);
        let texts = bound.parts.iter().chain(related).map(ToString::to_string);
        texts.collect::<String>()
    };
    let related = bound.related.iter_mut().map(|(draft, _)| draft);
    for draft in bound.parts.iter_mut().chain(related) {
        constants::pass(draft);
        namespaces::pass(draft, &known);
    }
    let before = drafts(&bound);
    last(&mut bound);
    expected.assert_eq(&format!("{before}becomes\n{}", drafts(&bound)));
}

/// What is related, and how, by itself.
fn with_related(bound: &mut Bound, pass: impl Fn(&mut Bound, &mut [Draft], &[Relation])) {
    let (mut drafts, joins): (Vec<Draft>, Vec<Relation>) =
        std::mem::take(&mut bound.related).into_iter().unzip();
    pass(bound, &mut drafts, &joins);
    bound.related = drafts.into_iter().zip(joins).collect();
}

fn relations_pass(bound: &mut Bound) {
    with_related(bound, |bound, drafts, joins| {
        relations::pass(&mut bound.parts, drafts, joins)
    });
}

fn projection_pass(bound: &mut Bound) {
    with_related(bound, |bound, drafts, joins| {
        projection::pass(&mut bound.parts, joins, &bound.order, &bound.shape);
        projection::of_related(drafts, joins);
    });
}

#[test]
fn what_belongs_together_is_read_of_the_same_namespaces() {
    // From what decides to what is asked for.
    check_all(
        "deploy web ns:a,b -> pods",
        relations_pass,
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open from deploy web ns:a,b
            deployments in a,b
              scan /apis/apps/v1/deployments (whole)
              open web
              exact ns:a,b
            becomes
            pods in a,b
              scan /api/v1/pods (whole)
              open from deploy web ns:a,b
            deployments in a,b
              scan /apis/apps/v1/deployments (whole)
              open web
              exact ns:a,b
        "#]],
    );
    // And back, over every step.
    check_all(
        "pods ns:a with:(replicasets with:deploy)",
        relations_pass,
        &expect![[r#"
            pods in a
              scan /api/v1/pods (whole)
              exact ns:a
              open with:(replicasets with:deploy)
            deployments
              scan /apis/apps/v1/deployments (whole)
            deployments
              scan /apis/apps/v1/deployments (whole)
            replicasets
              scan /apis/apps/v1/replicasets (whole)
              open with:deploy
            replicasets
              scan /apis/apps/v1/replicasets (whole)
              open with:deploy
            becomes
            pods in a
              scan /api/v1/pods (whole)
              exact ns:a
              open with:(replicasets with:deploy)
            deployments in a
              scan /apis/apps/v1/deployments (whole)
            deployments in a
              scan /apis/apps/v1/deployments (whole)
            replicasets in a
              scan /apis/apps/v1/replicasets (whole)
              open with:deploy
            replicasets in a
              scan /apis/apps/v1/replicasets (whole)
              open with:deploy
        "#]],
    );
    // Nodes are in no namespace, and their pods in any.
    check_all(
        "pods ns:a -> nodes -> pods",
        relations_pass,
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open from pods ns:a -> nodes
            pods in a
              scan /api/v1/pods (whole)
              exact ns:a
            nodes
              scan /api/v1/nodes (whole)
              open from pods ns:a
            becomes
            pods
              scan /api/v1/pods (whole)
              open from pods ns:a -> nodes
            pods in a
              scan /api/v1/pods (whole)
              exact ns:a
            nodes
              scan /api/v1/nodes (whole)
              open from pods ns:a
        "#]],
    );
    // One that may stand to others, too, is looked for everywhere.
    check_all(
        "pods (with:(svc ns:a) OR web)",
        relations_pass,
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open (with:(svc ns:a) OR web)
            services in a
              scan /api/v1/services (whole)
              exact ns:a
            becomes
            pods
              scan /api/v1/pods (whole)
              open (with:(svc ns:a) OR web)
            services in a
              scan /api/v1/services (whole)
              exact ns:a
        "#]],
    );
}

#[test]
fn no_more_is_read_than_is_looked_at() {
    // What is listed by its metadata is read whole for what lies elsewhere.
    check_all(
        "cm cols:name,data",
        projection_pass,
        &expect![[r#"
        configmaps
          scan /api/v1/configmaps (metadata)
        becomes
        configmaps
          scan /api/v1/configmaps (whole)
    "#]],
    );
    check_all(
        "secrets type:Opaque",
        projection_pass,
        &expect![[r#"
        secrets
          scan /api/v1/secrets (metadata)
          open type:Opaque
        becomes
        secrets
          scan /api/v1/secrets (whole)
          open type:Opaque
    "#]],
    );
    check_all(
        "cm has:{.metadata.annotations}",
        projection_pass,
        &expect![[r#"
            configmaps
              scan /api/v1/configmaps (metadata)
              open has:{.metadata.annotations}
            becomes
            configmaps
              scan /api/v1/configmaps (metadata)
              open has:{.metadata.annotations}
        "#]],
    );
    // Groups say nothing of what they are not grouped by.
    check_all(
        "pods group:ns,label:app count",
        projection_pass,
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
            becomes
            pods
              scan /api/v1/pods (metadata)
        "#]],
    );
    check_all(
        "pods group:ns sum:restarts",
        projection_pass,
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
            becomes
            pods
              scan /api/v1/pods (whole)
        "#]],
    );
    check_all(
        "pods is:broken count",
        projection_pass,
        &expect![[r#"
        pods
          scan /api/v1/pods (whole)
          open is:broken
        becomes
        pods
          scan /api/v1/pods (whole)
          open is:broken
    "#]],
    );
    // Of what decides as much as its relation looks at.
    check_all(
        "svc with:pods",
        projection_pass,
        &expect![[r#"
        services
          scan /api/v1/services (whole)
          open with:pods
        pods
          scan /api/v1/pods (whole)
        becomes
        services
          scan /api/v1/services (whole)
          open with:pods
        pods
          scan /api/v1/pods (metadata)
    "#]],
    );
    check_all(
        "pods with:svc",
        projection_pass,
        &expect![[r#"
        pods
          scan /api/v1/pods (whole)
          open with:svc
        services
          scan /api/v1/services (whole)
        becomes
        pods
          scan /api/v1/pods (whole)
          open with:svc
        services
          scan /api/v1/services (whole)
    "#]],
    );
    check_all(
        "pods with:(cm ns:a)",
        projection_pass,
        &expect![[r#"
        pods
          scan /api/v1/pods (whole)
          open with:(cm ns:a)
        configmaps in a
          scan /api/v1/configmaps (metadata)
          exact ns:a
        becomes
        pods
          scan /api/v1/pods (whole)
          open with:(cm ns:a)
        configmaps in a
          scan /api/v1/configmaps (metadata)
          exact ns:a
    "#]],
    );
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
        "pods -f spec.hostNetwork=true -f spec.nodeName=n1",
        &of_version(27),
        &[CONSTANTS, FIELDS],
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open -f "spec.hostNetwork=true"
              open -f "spec.nodeName=n1"
            pods
              scan /api/v1/pods?fieldSelector=spec.nodeName%3Dn1 (whole)
              local -f "spec.hostNetwork=true" (this API server is too old to select by this field)
              exact -f "spec.nodeName=n1"
        "#]],
    );
    check_knowing(
        "pods -f spec.hostNetwork!=true",
        &of_version(28),
        &[CONSTANTS, FIELDS],
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open -f "spec.hostNetwork!=true"
            pods
              scan /api/v1/pods?fieldSelector=spec.hostNetwork%21%3Dtrue (whole)
              exact -f "spec.hostNetwork!=true"
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
fn what_lies_at_a_path_is_selected_by_where_it_is_read_alike() {
    check(
        "pods {.spec.nodeName}=n1 -{.status.phase}=Failed,Succeeded {.spec.restartPolicy}=Never,Always \
         {.spec.schedulerName}=x* -{.spec.serviceAccountName}=\"\" {.status.podIP}=10.0.0.1 {.status.hostIP}=10.0.0.2",
        &[CONSTANTS, FIELDS],
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open {.spec.nodeName}=n1
              open -{.status.phase}=Failed,Succeeded
              open {.spec.restartPolicy}=Never,Always
              open {.spec.schedulerName}=x*
              open -{.spec.serviceAccountName}=""
              open {.status.podIP}=10.0.0.1
              open {.status.hostIP}=10.0.0.2
            pods
              scan /api/v1/pods?fieldSelector=spec.nodeName%3Dn1%2Cstatus.phase%21%3DFailed%2Cstatus.phase%21%3DSucceeded (whole)
              exact {.spec.nodeName}=n1
              exact -{.status.phase}=Failed,Succeeded
              local {.spec.restartPolicy}=Never,Always (field selectors have no OR)
              local {.spec.schedulerName}=x* (selectors know no patterns)
              local -{.spec.serviceAccountName}="" (the API server takes what is missing for nothing)
              open {.status.podIP}=10.0.0.1
              local {.status.hostIP}=10.0.0.2 (the API server cannot select by this field)
        "#]],
    );
}

#[test]
fn nobody_selects_by_how_much_there_is() {
    check(
        "pods cpu>500m memory:>=1Gi mem<1 cpu:1,1500m",
        &[CONSTANTS, FIELDS],
        &expect![[r#"
            pods
              scan /api/v1/pods (whole)
              open cpu:>500m
              open memory:>=1Gi
              open mem<1
              open cpu:1,1500m
            pods
              scan /api/v1/pods (whole)
              open cpu:>500m
              open memory:>=1Gi
              open mem<1
              open cpu:1,1500m
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
    let mut known = knowing(&["a", "b"], 0);
    known.kind_mut(pods_kind()).refuses_list = true;
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
