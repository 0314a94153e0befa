use expect_test::{Expect, expect};

use super::super::tests::cells;
use super::KIND;
use crate::value::Object;

fn check(spec: &str, status: &str, metadata: &str, expected: &Expect) {
    let json = format!(
        r#"{{"metadata":{{"name":"p"{metadata}}},"spec":{{{spec}}},"status":{{{status}}}}}"#
    );
    expected.assert_eq(&cells(&KIND, &json));
}

const ONE: &str = r#""nodeName":"n1","containers":[{"name":"a","image":"x:1"}]"#;
const READY: &str = r#""conditions":[{"type":"Ready","status":"True"}]"#;

#[test]
fn running() {
    check(
        ONE,
        &format!(
            r#""phase":"Running","podIPs":[{{"ip":"10.0.0.9"}}],{READY},"containerStatuses":[{{"name":"a","ready":true,"restartCount":0,"state":{{"running":{{}}}}}}]"#
        ),
        r#","creationTimestamp":"1970-01-01T00:00:00Z""#,
        &expect![[r#"
            <none> | p | 1/1 | Running | 0 | 166m | 10.0.0.9 | n1 | x:1
            Running Running"#]],
    );
}

#[test]
fn asks_for_what_the_scheduler_adds_up() {
    let requested = |spec: &str| {
        let pod = format!(r#"{{"spec":{{{spec}}}}}"#);
        let pod = Object::received(pod.as_bytes());
        let text = |name: &str| {
            let column = &KIND.columns[KIND.column(name).expect("it is a field")];
            column.print(&column.read(&pod.as_ref(), &(KIND.print)(pod.as_ref())), 0)
        };
        format!("{} {}", text("cpu"), text("memory"))
    };
    let asks = |cpu: &str, memory: &str| {
        format!(r#""resources":{{"requests":{{"cpu":"{cpu}","memory":"{memory}"}}}}"#)
    };
    let one = asks("500m", "64Mi");
    assert_eq!(requested(r#""containers":[{"name":"a"}]"#), "<none> <none>");
    assert_eq!(
        requested(&format!(
            r#""containers":[{{{one}}},{{"name":"b"}},{{{one}}}]"#
        )),
        "1 128Mi"
    );
    // What is written in other ways, and what nobody can read.
    let (odd, number) = (
        asks("0.25", "1e6"),
        r#""resources":{"requests":{"cpu":2,"memory":"much"}}"#,
    );
    assert_eq!(
        requested(&format!(r#""containers":[{{{odd}}},{{{number}}}]"#)),
        "2250m 1e6"
    );
    // What runs first and ends leaves its share; what is started then and stays does not.
    let (large, sidecar) = (
        asks("2", "32Mi"),
        format!(r#""restartPolicy":"Always",{one}"#),
    );
    let started = |first: &str| format!(r#""initContainers":[{first}],"containers":[{{{one}}}]"#);
    assert_eq!(requested(&started(&format!("{{{large}}}"))), "2 64Mi");
    assert_eq!(requested(&started(&format!("{{{sidecar}}}"))), "1 128Mi");
    assert_eq!(
        requested(&started(&format!("{{{sidecar}}},{{{large}}}"))),
        "2500m 128Mi"
    );
    assert_eq!(
        requested(&started(&format!("{{{large}}},{{{sidecar}}}"))),
        "2 128Mi"
    );
    // What is said of the whole pod counts, and so does what its runtime takes.
    let overhead = r#""overhead":{"cpu":"10m"}"#;
    assert_eq!(
        requested(&format!(r#"{large},{overhead},"containers":[{{{one}}}]"#)),
        "2010m 32Mi"
    );
}

#[test]
fn crash_loop_counts_and_dates_its_restarts() {
    check(
        ONE,
        r#""phase":"Running","containerStatuses":[{"name":"a","restartCount":14,"state":{"waiting":{"reason":"CrashLoopBackOff"}},
          "lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","finishedAt":"1970-01-01T02:46:20Z"}}}]"#,
        "",
        &expect![[r#"
            <none> | p | 0/1 | CrashLoopBackOff | 14 (20s ago) | <unknown> | <none> | n1 | x:1
            Failed CrashLoopBackOff broken"#]],
    );
}

#[test]
fn the_first_container_with_a_reason_wins() {
    check(
        r#""containers":[{"name":"a","image":"x"},{"name":"b","image":"y"}]"#,
        r#""phase":"Running","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":3}}},{"name":"b","state":{"waiting":{"reason":"ErrImagePull"}}}]"#,
        "",
        &expect![[r#"
            <none> | p | 0/2 | ExitCode:3 | 0 | <unknown> | <none> | <none> | x,y
            Failed ExitCode:3 broken"#]],
    );
}

#[test]
fn completed_beside_running_is_not_ready() {
    check(
        r#""containers":[{"name":"a","image":"x"},{"name":"b","image":"y"}]"#,
        r#""phase":"Running","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0,"reason":"Completed"}}},{"name":"b","ready":true,"state":{"running":{}}}]"#,
        "",
        &expect![[r#"
            <none> | p | 1/2 | NotReady | 0 | <unknown> | <none> | <none> | x,y
            NotReady Not ready broken"#]],
    );
}

#[test]
fn completed_does_not_hide_what_failed() {
    check(
        r#""containers":[{"name":"a","image":"x"},{"name":"b","image":"y"}]"#,
        r#""phase":"Failed","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0,"reason":"Completed"}}},{"name":"b","state":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}]"#,
        "",
        &expect![[r#"
            <none> | p | 0/2 | OOMKilled | 0 | <unknown> | <none> | <none> | x,y
            Failed OOMKilled broken"#]],
    );
    check(
        r#""containers":[{"name":"a","image":"x"},{"name":"b","image":"y"},{"name":"c","image":"z"}]"#,
        r#""phase":"Running","conditions":[{"type":"Ready","status":"True"}],
          "containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0,"reason":"Completed"}}},{"name":"b","state":{"terminated":{"exitCode":1}}},
          {"name":"c","ready":true,"state":{"running":{}}}]"#,
        "",
        &expect![[r#"
            <none> | p | 1/3 | Running | 0 | <unknown> | <none> | <none> | x,y,z
            Running Running"#]],
    );
}

#[test]
fn init_containers() {
    let spec = r#""initContainers":[{"name":"i"},{"name":"s","restartPolicy":"Always"},{"name":"j"}],"containers":[{"name":"a","image":"x"}]"#;
    check(
        spec,
        r#""phase":"Pending","initContainerStatuses":[{"name":"i","restartCount":2,"state":{"terminated":{"exitCode":0}}},
          {"name":"s","started":true,"ready":true,"restartCount":1,"state":{"running":{}}},{"name":"j","restartCount":4,"state":{"running":{}}}],
          "containerStatuses":[{"name":"a","state":{"waiting":{"reason":"PodInitializing"}}}]"#,
        "",
        &expect![[r#"
            <none> | p | 1/2 | Init:2/3 | 7 | <unknown> | <none> | <none> | x
            Pending Pending"#]],
    );
    check(
        spec,
        r#""phase":"Pending","initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":1,"signal":9}}}]"#,
        "",
        &expect![[r#"
            <none> | p | 0/2 | Init:Signal:9 | 0 | <unknown> | <none> | <none> | x
            Failed Init:Signal:9 broken"#]],
    );
    check(
        spec,
        r#""phase":"Running","conditions":[{"type":"Initialized","status":"True"},{"type":"Ready","status":"True"}],
          "initContainerStatuses":[{"name":"i","restartCount":2,"state":{"terminated":{"exitCode":0}}},{"name":"s","started":true,"ready":true,"restartCount":1,"state":{"running":{}}},{"name":"j","state":{"terminated":{"exitCode":0}}}],
          "containerStatuses":[{"name":"a","ready":true,"restartCount":3,"state":{"running":{}}}]"#,
        "",
        &expect![[r#"
            <none> | p | 2/2 | Running | 4 | <unknown> | <none> | <none> | x
            Running Running"#]],
    );
}

#[test]
fn going_away() {
    let gone = r#","deletionTimestamp":"1970-01-01T00:00:00Z""#;
    check(
        ONE,
        r#""phase":"Running""#,
        gone,
        &expect![[r#"
        <none> | p | 0/1 | Terminating | 0 | <unknown> | <none> | n1 | x:1
        Terminating Terminating"#]],
    );
    check(
        ONE,
        r#""phase":"Succeeded""#,
        gone,
        &expect![[r#"
        <none> | p | 0/1 | Succeeded | 0 | <unknown> | <none> | n1 | x:1
        Terminating Terminating"#]],
    );
    check(
        ONE,
        r#""phase":"Running","reason":"NodeLost""#,
        gone,
        &expect![[r#"
        <none> | p | 0/1 | Unknown | 0 | <unknown> | <none> | n1 | x:1
        Terminating Terminating"#]],
    );
}

#[test]
fn not_placed() {
    check(
        r#""containers":[{"name":"a","image":"x"}]"#,
        r#""phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable"}]"#,
        "",
        &expect![[r#"
            <none> | p | 0/1 | Pending | 0 | <unknown> | <none> | <none> | x
            Pending Pending broken"#]],
    );
    check(
        r#""containers":[{"name":"a","image":"x"}]"#,
        r#""phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"SchedulingGated"}]"#,
        "",
        &expect![[r#"
            <none> | p | 0/1 | SchedulingGated | 0 | <unknown> | <none> | <none> | x
            Pending Pending broken"#]],
    );
    check(
        r#""containers":[{"name":"a","image":"x"}]"#,
        r#""phase":"Failed","reason":"Evicted""#,
        "",
        &expect![[r#"
            <none> | p | 0/1 | Evicted | 0 | <unknown> | <none> | <none> | x
            Failed Evicted broken"#]],
    );
}
