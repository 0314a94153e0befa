//! Random queries that make sense for their kinds, as text.

use crate::chance::Chance;
use crate::state::{KEYS, NAMES, NAMESPACES, NODES, VALUES};

/// What may be asked of a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Text,
    Number,
    Ratio,
    Age,
    Amount,
}
use Class::{Age, Amount, Number, Ratio, Text};

const IMAGES: &[&str] = &["nginx:1", "shop/*", "redis", "nginx:1,redis", "*:2"];
const COUNTS: &[&str] = &["0", "1", "2", "5"];
const SHARES: &[&str] = &["1/1", "0/1", "1/2", "*/2", "0/0"];
const AMOUNTS: &[&str] = &["100m", "0.1", "1", "1500m", "2.6"];
const AGES: &[&str] = &["10m", "1h", "1d"];

/// The fields of a kind, and values to ask them for.
fn fields(kind: &str) -> Vec<(&'static str, Class, &'static [&'static str])> {
    let mut fields: Vec<(&str, Class, &[&str])> = vec![("name", Text, &NAMES), ("age", Age, AGES)];
    fields.extend(match kind {
        "pods" => vec![
            (
                "node",
                Text,
                &["n1", "n2", "n*", "<none>", "\"\"", "gone"] as &[&str],
            ),
            ("phase", Text, &["Running", "Pending", "Failed", "*ed"]),
            (
                "status",
                Text,
                &["Running", "Completed", "CrashLoopBackOff", "Term*"],
            ),
            ("image", Text, IMAGES),
            ("containers", Text, &["c", "d", "c,d"]),
            ("account", Text, &["default", "robot", "<none>"]),
            ("ip", Text, &["10.0.0.1", "10.*", "<none>"]),
            ("ready", Ratio, SHARES),
            ("restarts", Number, COUNTS),
            ("cpu", Amount, AMOUNTS),
        ],
        "deployments" => vec![
            ("image", Text, IMAGES),
            ("ready", Ratio, SHARES),
            ("updated", Number, COUNTS),
            ("available", Number, COUNTS),
            ("replicas", Number, COUNTS),
        ],
        "replicasets" => vec![
            ("image", Text, IMAGES),
            ("desired", Number, COUNTS),
            ("ready", Number, COUNTS),
        ],
        "services" => vec![
            ("type", Text, &["ClusterIP", "NodePort", "Load*"] as &[&str]),
            ("ip", Text, &["10.96.0.1", "None"]),
            ("ports", Text, &["80/TCP", "*/UDP"]),
            ("selector", Text, &["a=a", "a=*", "<none>"]),
        ],
        "configmaps" => vec![("data", Number, COUNTS)],
        "secrets" => vec![
            ("type", Text, &["Opaque", "kubernetes.io/*"] as &[&str]),
            ("data", Number, COUNTS),
        ],
        "nodes" => vec![
            (
                "status",
                Text,
                &["Ready", "NotReady", "*Disabled"] as &[&str],
            ),
            ("unschedulable", Text, &["true", "false"]),
        ],
        "namespaces" => vec![("status", Text, &["Active", "Term*"] as &[&str])],
        _ => vec![
            ("type", Text, &["Warning", "Normal", "\"\""] as &[&str]),
            ("reason", Text, &["BackOff", "Pull*", "\"\""]),
            ("object", Text, &["pod/a", "pod/*", "node/n1"]),
            ("last", Age, AGES),
        ],
    });
    fields
}

/// Fields that the API server may be asked to select by, and values.
fn selectable(kind: &str) -> Vec<(&'static str, &'static [&'static str])> {
    let mut fields: Vec<(&str, &[&str])> = vec![("metadata.name", &NAMES)];
    if is_namespaced(kind) {
        fields.push(("metadata.namespace", &NAMESPACES));
    }
    fields.extend(match kind {
        "pods" => vec![
            ("spec.nodeName", &NODES as &[&str]),
            ("status.phase", &["Running", "Failed"]),
            ("status.podIP", &["10.0.0.1"]),
            ("spec.hostNetwork", &["true", "false"]),
            ("spec.serviceAccountName", &["default"]),
        ],
        "nodes" => vec![("spec.unschedulable", &["true", "false"] as &[&str])],
        "namespaces" => vec![("status.phase", &["Active"] as &[&str])],
        "secrets" => vec![("type", &["Opaque"] as &[&str])],
        "services" => vec![
            ("spec.type", &["NodePort", "ClusterIP"] as &[&str]),
            ("spec.clusterIP", &["None"]),
        ],
        "deployments" => vec![("spec.replicas", &["1"] as &[&str])],
        "events" => vec![
            ("involvedObject.kind", &["Pod", "Node"] as &[&str]),
            ("involvedObject.name", &NAMES),
            ("reason", &["BackOff", ""]),
            ("type", &["Warning"]),
            ("source", &["kubelet", "scheduler"]),
        ],
        _ => vec![],
    });
    fields
}

const PATHS: [(&str, &[&str]); 15] = [
    ("{.metadata.labels.a}", &["a", "b", "1"]),
    ("{.metadata.labels['x\\.io/k']}", &["a", "5"]),
    ("{.metadata.creationTimestamp}", &["2026*"]),
    ("{.spec.nodeName}", &["n1", "n2", "\"\""]),
    // What the server selects by, and what it reads otherwise than a path does.
    ("{.status.phase}", &["Running", "Failed", "\"\""]),
    ("{.spec.unschedulable}", &["true", "false"]),
    ("{.spec.hostNetwork}", &["true", "false"]),
    ("{.status.podIP}", &["10.0.0.1"]),
    ("{.metadata.name}", &["a", "b"]),
    ("{.type}", &["Opaque", "Warning", "\"\""]),
    ("{.source}", &["kubelet"]),
    ("{.spec.containers[*].image}", &["nginx:1", "redis"]),
    ("{.spec.containers[0].name}", &["c"]),
    ("{.spec.replicas}", &["1", "2"]),
    ("{.status.containerStatuses[*].restartCount}", &["0", "3"]),
];

fn is_namespaced(kind: &str) -> bool {
    !matches!(kind, "nodes" | "namespaces")
}

/// The kinds that a clause of relations may name, of a kind.
fn others(kind: &str) -> &'static [&'static str] {
    match kind {
        "pods" => &[
            "services",
            "deployments",
            "nodes",
            "configmaps",
            "secrets",
            "events",
            "namespaces",
            "owner",
            "rs",
        ],
        "deployments" => &["pods", "services", "rs", "events", "owned"],
        "replicasets" => &["pods", "deploy", "owner", "owned", "services"],
        "services" => &["pods", "deployments", "selects", "events"],
        "configmaps" | "secrets" => &["pods", "users"],
        "nodes" => &["pods", "runs", "events"],
        "namespaces" => &["pods", "services"],
        _ => &["pods", "concerns", "nodes"],
    }
}

pub(crate) const KINDS: [&str; 9] = [
    "pods",
    "deployments",
    "replicasets",
    "services",
    "configmaps",
    "secrets",
    "nodes",
    "namespaces",
    "events",
];

pub(crate) fn query(chance: &mut Chance) -> String {
    let mut kind = if chance.one_in(2) {
        "pods"
    } else {
        chance.pick(&KINDS)
    };
    let mut text = kind.to_owned();
    let mut kinds = vec![kind];
    if chance.one_in(6) {
        for _ in 0..=chance.below(2) {
            if kind.is_empty() {
                break;
            }
            let name = others(kind)[chance.below(others(kind).len())];
            text += &format!("{} -> {name}", conditions(chance, &[kind], 2));
            kind = reached(kind, name);
        }
        kinds = vec![kind];
    } else if chance.one_in(6) {
        kinds.push(chance.pick(&KINDS));
        text = kinds.join(",");
    }
    // Of what several kinds are reached by, only what every object has is asked.
    kinds.retain(|kind| !kind.is_empty());
    text += &conditions(chance, &kinds, 4);
    text += &directives(chance, &kinds);
    text
}

/// The kind of a name, asked of another kind; nothing, when it may be several.
fn reached(from: &str, name: &'static str) -> &'static str {
    match (from, name) {
        (_, "rs") | ("pods", "owner") | ("deployments", "owned") => "replicasets",
        (_, "deploy") | ("replicasets", "owner") => "deployments",
        (_, "users" | "runs") | ("replicasets", "owned") => "pods",
        (_, "selects" | "concerns") => "",
        (_, other) => other,
    }
}

fn conditions(chance: &mut Chance, kinds: &[&str], most: usize) -> String {
    let count = chance.below(most + 1);
    (0..count)
        .map(|_| format!(" {}", condition(chance, kinds, 2)))
        .collect()
}

fn condition(chance: &mut Chance, kinds: &[&str], depth: usize) -> String {
    match chance.below(10) {
        0 if depth > 0 => {
            let (one, two) = (
                condition(chance, kinds, depth - 1),
                condition(chance, kinds, depth - 1),
            );
            format!("({one} OR {two})")
        }
        1 if depth > 0 => {
            let (one, two) = (
                condition(chance, kinds, depth - 1),
                condition(chance, kinds, depth - 1),
            );
            format!("-({one} {two})")
        }
        2 => {
            // A choice between labels, which becomes several lists.
            let choices: Vec<_> = (0..2 + chance.below(2)).map(|_| label(chance)).collect();
            let minus = if chance.one_in(4) { "-" } else { "" };
            format!("{minus}({})", choices.join(" OR "))
        }
        3 => format!("-{}", clause(chance, kinds, depth)),
        _ => clause(chance, kinds, depth),
    }
}

fn clause(chance: &mut Chance, kinds: &[&str], depth: usize) -> String {
    let [kind] = kinds else {
        // What makes sense for every kind.
        return match chance.below(4) {
            0 => chance.pick(&NAMES).to_owned(),
            1 => format!("name:{}", chance.list(&NAMES, 2)),
            _ => label(chance),
        };
    };
    match chance.below(16) {
        0 | 1 if is_namespaced(kind) => {
            let patterns = [
                "a",
                "a-b",
                "b",
                "in",
                "kube-system",
                "gone",
                "a*",
                "Z",
                "*b",
            ];
            format!("ns:{}", chance.list(&patterns, 3))
        }
        2..6 => label(chance),
        6..9 => field(chance, kind),
        9 => chance.pick(&["a", "b", "ab", "x-", "\"\""]).to_owned(),
        10 => path(chance),
        11 => {
            let fields = selectable(kind);
            let (field, values) = fields[chance.below(fields.len())];
            let sign = chance.pick(&["=", "!=", "=="]);
            format!("-f \"{field}{sign}{}\"", chance.pick(values))
        }
        12 => format!(
            "is:{}",
            chance.pick(&[
                "broken",
                "running",
                "creating",
                "terminating",
                "completed",
                "system"
            ])
        ),
        13 if depth > 0 => with(chance, kind),
        14 if *kind == "pods" => {
            let owner = chance.pick(&["rs/a-h1", "deploy/a", "svc/b"]);
            format!("owner:{owner}")
        }
        _ => field(chance, kind),
    }
}

fn with(chance: &mut Chance, kind: &str) -> String {
    let word = chance.pick(&["with", "without"]);
    let other = others(kind)[chance.below(others(kind).len())];
    match reached(kind, other) {
        "" => format!("{word}:{other}"),
        // A walk begins at a kind.
        of if of == other && chance.one_in(4) => {
            let next = others(of)[chance.below(others(of).len())];
            format!("{word}:({other} -> {next})")
        }
        of => format!("{word}:({other}{})", conditions(chance, &[of], 1)),
    }
}

fn label(chance: &mut Chance) -> String {
    let key = chance.pick(&KEYS);
    let values = [&VALUES[..], &["-bad", "gone"]].concat();
    let value = |chance: &mut Chance| match chance.pick(&values) {
        value if value.starts_with('-') => format!("\"{value}\""),
        value => value.to_owned(),
    };
    match chance.below(9) {
        0 => format!("{key} in ({},{})", value(chance), value(chance)),
        1 => format!("{key} notin ({},{})", value(chance), value(chance)),
        2 => format!("has:{key}"),
        3 => format!("!{key}"),
        4 => format!("{key}>{}", chance.below(6)),
        5 => format!("{key}<{}", chance.below(6)),
        6 => format!("{key}!={}", value(chance)),
        _ => format!("{key}={}", value(chance)),
    }
}

fn field(chance: &mut Chance, kind: &str) -> String {
    let fields = fields(kind);
    let (name, class, values) = fields[chance.below(fields.len())];
    let sign = chance.pick(&["<", "<=", ">", ">="]);
    let value = chance.pick(values);
    match (class, chance.below(3)) {
        (Text | Ratio, 0) => format!("{name}:~{}", chance.pick(&["^a", "1", "n.*", "e[dr]$"])),
        (Ratio, 1) => format!("{name}:{sign}{}", chance.pick(&["1", "50%", "1/2", "0"])),
        (Text | Ratio, _) => format!("{name}:{}", chance.list(values, 3)),
        (Amount, 1) => format!("{name}{sign}{value}"),
        (Number | Amount, 0) => format!("{name}:{}", chance.list(values, 2)),
        (Number | Amount, _) => format!("{name}:{sign}{value}"),
        (Age, 0) => format!("since:{value}"),
        (Age, _) => format!("{name}:{sign}{value}"),
    }
}

fn path(chance: &mut Chance) -> String {
    let (path, values) = PATHS[chance.below(PATHS.len())];
    let value = chance.pick(values);
    let every = chance.pick(&["", "all:"]);
    match chance.below(5) {
        0 => path.to_owned(),
        1 => format!("has:{path}"),
        2 => format!("{path}!={value}"),
        3 => format!(
            "{every}{{.spec.containers[*].resources.limits.memory}}>{}",
            chance.pick(&["64Mi", "500M", "1000"])
        ),
        _ => format!("{every}{path}={}", chance.list(values, 2)),
    }
}

fn directives(chance: &mut Chance, kinds: &[&str]) -> String {
    let [kind] = kinds else {
        return if chance.one_in(4) {
            " limit:3".to_owned()
        } else {
            String::new()
        };
    };
    let fields = fields(kind);
    let mut text = String::new();
    if chance.one_in(8) {
        let grouped: Vec<_> = fields
            .iter()
            .filter(|(_, class, _)| *class != Age)
            .collect();
        let number = fields
            .iter()
            .filter(|(_, class, _)| matches!(class, Number | Amount))
            .nth(chance.below(2))
            .map(|(name, ..)| *name);
        let field = grouped[chance.below(grouped.len())].0;
        if !chance.one_in(4) {
            text += &format!(
                " group:{}",
                chance.pick(&[field, "label:a", "label:a,label:b"])
            );
        }
        text += chance.pick(&["", " count"]);
        if let Some(number) = number.filter(|_| chance.one_in(2)) {
            let function = chance.pick(&["sum", "avg", "min", "max", "distinct"]);
            text += &format!(" {function}:{number}");
        }
        if !text.contains(':') && !text.contains("count") {
            text += " count";
        }
        text += chance.pick(&["", " sort:count", " sort:-count"]);
    } else if chance.one_in(3) {
        let sort = fields[chance.below(fields.len())].0;
        text += &format!(
            " sort:{}{}",
            chance.pick(&["", "-"]),
            chance.pick(&[sort, "label:a", "{.metadata.labels.b}"])
        );
    }
    if chance.one_in(4) {
        text += &format!(" limit:{}", chance.below(6));
    }
    text
}
