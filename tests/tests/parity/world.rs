//! A world of odd objects, drawn by chance: states that a cluster shows seldom, all at once.
//!
//! Controllers leave pods alone (their node has no kubelet); what they write over elsewhere is
//! looked at before they do: see `Drawn::status`.

use k8kat::api::time::date_and_clock;
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

/// An object to be created.
pub(crate) struct Drawn {
    /// Where it is created, if not where its kind is.
    pub(crate) collection: Option<&'static str>,
    /// The object without its status.
    pub(crate) object: Value,
    /// What is patched into its status then, at once before it is looked at.
    pub(crate) status: Option<Value>,
    /// Whether it is deleted at last; a finalizer keeps it.
    pub(crate) deleted: bool,
}

/// Draws an object with a name, in a namespace (or none).
type Draw = fn(&mut ChaCha8Rng, &str, Option<&str>) -> Drawn;

/// What is drawn: kind (plural), how many, and how. A kind that is not here is compared as it
/// is found in the cluster.
pub(crate) const WORLD: &[(&str, usize, Draw)] = &[
    ("nodes", 24, node),
    ("namespaces", 4, namespace),
    ("services", 60, service),
    ("deployments", 40, deployment),
    ("replicasets", 40, replica_set),
    ("events", 60, event),
    ("events", 30, new_event),
    ("pods", 360, pod),
];

/// The finalizer that keeps what is deleted.
const KEPT: &str = "kapi.dev/kept";

fn one<'a>(random: &mut ChaCha8Rng, from: &[&'a str]) -> &'a str {
    from.choose(random).copied().unwrap_or_default()
}

fn percent(random: &mut ChaCha8Rng, share: u32) -> bool {
    random.random_range(0..100) < share
}

/// A number, small more often than large.
fn count(random: &mut ChaCha8Rng) -> u32 {
    let most = *[1, 1, 4, 20, 1200].choose(random).unwrap_or(&1);
    random.random_range(0..most)
}

/// A moment: of the last seconds, hours or years, and now and then of the future.
fn moment(random: &mut ChaCha8Rng) -> i64 {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or_default());
    let longest = *[100, 1_000, 20_000, 200_000, 2_000_000, 400_000_000]
        .choose(random)
        .unwrap_or(&100);
    let ago = random.random_range(0..longest);
    if percent(random, 3) {
        now + ago
    } else {
        now - ago
    }
}

fn written(seconds: i64) -> String {
    format!("{}Z", date_and_clock(seconds * 1000).replace(' ', "T"))
}

fn time(random: &mut ChaCha8Rng) -> String {
    written(moment(random))
}

/// As events.k8s.io writes it.
fn micro_time(random: &mut ChaCha8Rng) -> String {
    let micros = random.random_range(0..1_000_000);
    written(moment(random)).replace('Z', &format!(".{micros:06}Z"))
}

fn metadata(name: &str, namespace: Option<&str>, deleted: bool) -> Value {
    let mut metadata = json!({"name": name});
    if let Some(namespace) = namespace {
        metadata["namespace"] = namespace.into();
    }
    if deleted {
        metadata["finalizers"] = json!([KEPT]);
    }
    metadata
}

/// Some of the members, each by its chance.
fn some_of(random: &mut ChaCha8Rng, members: Vec<(&str, u32, Value)>) -> Value {
    let mut object = Map::new();
    for (key, share, value) in members {
        if percent(random, share) {
            object.insert(key.to_owned(), value);
        }
    }
    Value::Object(object)
}

// ---- pods

const PHASES: &[&str] = &[
    "Pending",
    "Running",
    "Running",
    "Succeeded",
    "Failed",
    "Unknown",
];
const POD_REASONS: &[&str] = &[
    "NodeLost",
    "Evicted",
    "NodeAffinity",
    "Shutdown",
    "UnexpectedAdmissionError",
    "DeadlineExceeded",
];
const WAITING: &[&str] = &[
    "",
    "ContainerCreating",
    "PodInitializing",
    "PodInitializing",
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "CreateContainerConfigError",
    "InvalidImageName",
    "RunContainerError",
];
const ENDED: &[&str] = &[
    "",
    "",
    "",
    "Completed",
    "Completed",
    "Error",
    "OOMKilled",
    "ContainerCannotRun",
    "DeadlineExceeded",
    "ContainerStatusUnknown",
    "StartError",
];

fn pod(random: &mut ChaCha8Rng, name: &str, namespace: Option<&str>) -> Drawn {
    let deleted = percent(random, 20);
    let containers = container_names("c", random.random_range(1..4));
    let init = container_names("i", *[0, 0, 1, 2, 4].choose(random).unwrap_or(&0));
    let gates: Vec<_> = ["kapi.dev/first", "kapi.dev/second"]
        .into_iter()
        .filter(|_| percent(random, 25))
        .collect();
    let mut spec = json!({
        "containers": containers.iter().map(|name| json!({"name": name, "image": image(random)})).collect::<Vec<_>>(),
        "initContainers": init.iter().map(|name| init_container(random, name)).collect::<Vec<_>>(),
        "readinessGates": gates.iter().map(|gate| json!({"conditionType": gate})).collect::<Vec<_>>(),
        "restartPolicy": one(random, &["Always", "Always", "OnFailure", "Never"]),
        "schedulerName": "nobody",
        "tolerations": [{"operator": "Exists"}],
    });
    let mut status = pod_status(random, &containers, &init, &gates);
    match random.random_range(0..20) {
        0 => spec["schedulingGates"] = json!([{"name": "kapi.dev/gate"}]),
        1 => {}
        // Only for a pod that is on no node yet may one be nominated.
        2 | 3 => status["nominatedNodeName"] = "node-7".into(),
        _ => spec["nodeName"] = "kapi-test-nobody".into(),
    }
    Drawn {
        collection: None,
        object: json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata(name, namespace, deleted), "spec": spec}),
        status: Some(status),
        deleted,
    }
}

fn container_names(letter: &str, count: usize) -> Vec<String> {
    (0..count).map(|index| format!("{letter}{index}")).collect()
}

fn image(random: &mut ChaCha8Rng) -> &'static str {
    one(
        random,
        &[
            "web",
            "example.com/web:1.2",
            "example.com:5000/team/web@sha256:0123456789012345678901234567890123456789012345678901234567890123",
        ],
    )
}

fn init_container(random: &mut ChaCha8Rng, name: &str) -> Value {
    let mut container = json!({"name": name, "image": image(random)});
    if percent(random, 40) {
        container["restartPolicy"] = "Always".into();
    }
    container
}

fn pod_status(
    random: &mut ChaCha8Rng,
    containers: &[String],
    init: &[String],
    gates: &[&str],
) -> Value {
    let mut status = json!({"phase": one(random, PHASES), "conditions": conditions(random, gates)});
    if percent(random, 15) {
        status["reason"] = one(random, POD_REASONS).into();
    }
    let ips: &[&str] = [
        &[][..],
        &["10.1.2.3"],
        &["10.1.2.3", "fd00::3"],
        &["fd00::4", "10.1.2.4"],
    ]
    .choose(random)
    .copied()
    .unwrap_or_default();
    if let Some(first) = ips.first() {
        status["podIP"] = (*first).into();
        status["podIPs"] = ips.iter().map(|ip| json!({"ip": ip})).collect();
    }
    // A kubelet that has not come so far yet tells of fewer containers.
    let told = |random: &mut ChaCha8Rng, of: &[String]| {
        let fewer = percent(random, 20);
        if fewer {
            random.random_range(0..=of.len())
        } else {
            of.len()
        }
    };
    // Half of the pods have got past their init containers, or nothing else would be seen.
    let initialised = percent(random, 50);
    let first = told(random, init);
    status["initContainerStatuses"] = init[..first]
        .iter()
        .map(|name| {
            if initialised {
                done(random, name)
            } else {
                container_status(random, name)
            }
        })
        .collect();
    let first = told(random, containers);
    status["containerStatuses"] = containers[..first]
        .iter()
        .map(|name| container_status(random, name))
        .collect();
    if percent(random, 10) {
        status["ephemeralContainerStatuses"] = json!([container_status(random, "debugger")]);
    }
    status
}

fn conditions(random: &mut ChaCha8Rng, gates: &[&str]) -> Value {
    let mut conditions = Vec::new();
    for name in ["PodScheduled", "Initialized", "ContainersReady", "Ready"]
        .iter()
        .chain(gates)
    {
        if percent(random, 60) {
            let mut condition =
                json!({"type": name, "status": one(random, &["True", "True", "False", "Unknown"])});
            if percent(random, 20) {
                condition["reason"] = one(
                    random,
                    &["SchedulingGated", "Unschedulable", "ContainersNotReady"],
                )
                .into();
            }
            conditions.push(condition);
        }
    }
    conditions.into()
}

fn container_status(random: &mut ChaCha8Rng, name: &str) -> Value {
    let mut status = json!({
        "name": name, "image": "i", "imageID": "", "ready": percent(random, 60),
        "restartCount": count(random), "state": state(random), "lastState": state(random),
    });
    if percent(random, 60) {
        status["started"] = percent(random, 60).into();
    }
    status
}

/// An init container that has ended well, or a sidecar that runs: which of both it is, is for
/// who reads it to say.
fn done(random: &mut ChaCha8Rng, name: &str) -> Value {
    let mut status = container_status(random, name);
    status["started"] = true.into();
    if percent(random, 80) {
        status["state"] = json!({"terminated": {"exitCode": 0, "reason": "Completed"}});
    }
    status
}

fn state(random: &mut ChaCha8Rng) -> Value {
    match random.random_range(0..10) {
        0 => json!({}),
        1..=3 => json!({"waiting": {"reason": one(random, WAITING)}}),
        4..=6 => json!({"running": {"startedAt": time(random)}}),
        _ => {
            let members = vec![
                ("signal", 30, json!(one_of(random, &[0, 9, 11, 15]))),
                ("reason", 70, json!(one(random, ENDED))),
                ("startedAt", 80, json!(time(random))),
                ("finishedAt", 80, json!(time(random))),
            ];
            let mut terminated = some_of(random, members);
            terminated["exitCode"] = one_of(random, &[0, 0, 1, 2, 126, 127, 137, 143, 255]).into();
            json!({"terminated": terminated})
        }
    }
}

fn one_of(random: &mut ChaCha8Rng, from: &[i32]) -> i32 {
    from.choose(random).copied().unwrap_or_default()
}

// ---- workloads

/// Pods of this template stay where they are: nobody schedules them.
fn template(random: &mut ChaCha8Rng, labels: &Value) -> Value {
    let containers: Vec<_> = container_names("c", random.random_range(1..4))
        .iter()
        .map(|name| json!({"name": name, "image": image(random)}))
        .collect();
    json!({"metadata": {"labels": labels}, "spec": {"schedulerName": "nobody", "containers": containers}})
}

/// Labels, and a selector that selects them in one of many ways.
fn selector(random: &mut ChaCha8Rng, name: &str) -> (Value, Value) {
    let labels = json!({"app": name, "tier": one(random, &["front", "back"]), "a.b/c": ""});
    let mut expressions = Vec::new();
    for expression in [
        json!({"key": "tier", "operator": "In", "values": ["front", "back"]}),
        json!({"key": "tier", "operator": "NotIn", "values": ["side", "none"]}),
        json!({"key": "a.b/c", "operator": "Exists"}),
        json!({"key": "other", "operator": "DoesNotExist"}),
        json!({"key": "app", "operator": "In", "values": [name]}),
    ] {
        if percent(random, 25) {
            expressions.push(expression);
        }
    }
    let mut selector = json!({"matchLabels": {"app": name}});
    if percent(random, 30) {
        selector["matchLabels"]["a.b/c"] = "".into();
    }
    if !expressions.is_empty() {
        selector["matchExpressions"] = expressions.into();
    }
    (labels, selector)
}

/// Counts of replicas as a controller could write them: each at most the one before.
fn replicas(random: &mut ChaCha8Rng) -> [u32; 3] {
    let all = random.random_range(0..30);
    let ready = random.random_range(0..=all);
    [all, ready, random.random_range(0..=ready)]
}

fn deployment(random: &mut ChaCha8Rng, name: &str, namespace: Option<&str>) -> Drawn {
    let deleted = percent(random, 20);
    let (labels, selector) = selector(random, name);
    let [all, ready, available] = replicas(random);
    // Paused, so that it gets no replica sets.
    let spec = json!({"replicas": random.random_range(0..40), "paused": true, "selector": selector,
        "template": template(random, &labels)});
    Drawn {
        collection: None,
        object: json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": metadata(name, namespace, deleted), "spec": spec}),
        status: Some(
            json!({"replicas": all, "readyReplicas": ready, "availableReplicas": available,
            "updatedReplicas": random.random_range(0..=all)}),
        ),
        deleted,
    }
}

fn replica_set(random: &mut ChaCha8Rng, name: &str, namespace: Option<&str>) -> Drawn {
    let deleted = percent(random, 20);
    let (labels, selector) = selector(random, name);
    let [all, ready, available] = replicas(random);
    let wanted = *[0, 0, 0, 1].choose(random).unwrap_or(&0);
    let spec =
        json!({"replicas": wanted, "selector": selector, "template": template(random, &labels)});
    Drawn {
        collection: None,
        object: json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": metadata(name, namespace, deleted), "spec": spec}),
        status: Some(
            json!({"replicas": all, "readyReplicas": ready, "availableReplicas": available}),
        ),
        deleted,
    }
}

// ---- services

fn service(random: &mut ChaCha8Rng, name: &str, namespace: Option<&str>) -> Drawn {
    let deleted = percent(random, 10);
    let kind = one(
        random,
        &[
            "ClusterIP",
            "ClusterIP",
            "NodePort",
            "LoadBalancer",
            "LoadBalancer",
            "ExternalName",
        ],
    );
    let mut spec = json!({"type": kind});
    if percent(random, 70) {
        spec["selector"] = json!({"tier": "front", "app": name});
    }
    let headless = kind == "ClusterIP" && percent(random, 40);
    if headless {
        spec["clusterIP"] = "None".into();
    }
    if kind == "ExternalName" {
        spec["externalName"] = "db.example.com".into();
    }
    // Only these may do without ports.
    let fewest = u16::from(!headless && kind != "ExternalName");
    let ports: Vec<_> = (0..random.random_range(fewest..4))
        .map(|index| port(random, index))
        .collect();
    spec["ports"] = ports.into();
    if kind != "ExternalName" && percent(random, 30) {
        spec["externalIPs"] = json!(["192.0.2.9", "192.0.2.1"][..random.random_range(1..3)]);
    }
    if kind == "LoadBalancer" && percent(random, 20) {
        spec["allocateLoadBalancerNodePorts"] = false.into();
    }
    let status = (kind == "LoadBalancer" && percent(random, 60)).then(|| {
        let points: Vec<_> = (0..random.random_range(1..4))
            .map(|_| ingress(random))
            .collect();
        json!({"loadBalancer": {"ingress": points}})
    });
    Drawn {
        collection: None,
        object: json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata(name, namespace, deleted), "spec": spec}),
        status,
        deleted,
    }
}

fn port(random: &mut ChaCha8Rng, index: u16) -> Value {
    json!({"name": format!("p{index}"), "port": 80 + index, "protocol": one(random, &["TCP", "UDP", "SCTP"])})
}

fn ingress(random: &mut ChaCha8Rng) -> Value {
    if percent(random, 50) {
        json!({"ip": one(random, &["198.51.100.7", "198.51.100.200", "2001:db8::1"])})
    } else {
        json!({"hostname": one(random, &["b.example.com", "a-rather-long-name-of-a-balancer.elb.example.com"])})
    }
}

// ---- nodes and namespaces

fn node(random: &mut ChaCha8Rng, name: &str, _: Option<&str>) -> Drawn {
    let deleted = percent(random, 10);
    let mut metadata = metadata(name, None, deleted);
    let roles = vec![
        ("node-role.kubernetes.io/worker", 30, json!("")),
        ("node-role.kubernetes.io/control-plane", 30, json!("true")),
        (
            "kubernetes.io/role",
            20,
            json!(one(random, &["agent", "worker", ""])),
        ),
        ("kubernetes.io/os", 50, json!("linux")),
    ];
    metadata["labels"] = some_of(random, roles);
    let mut conditions = Vec::new();
    for name in ["MemoryPressure", "Ready", "NetworkUnavailable"] {
        if percent(random, 80) {
            conditions.push(
                json!({"type": name, "status": one(random, &["True", "True", "False", "Unknown"])}),
            );
        }
    }
    let mut addresses = Vec::new();
    for (kind, address) in [
        ("Hostname", "host-1"),
        ("ExternalIP", "203.0.113.5"),
        ("InternalIP", "10.0.0.5"),
        ("InternalIP", "fd00::5"),
    ] {
        if percent(random, 60) {
            addresses.push(json!({"type": kind, "address": address}));
        }
    }
    let info = vec![
        ("kubeletVersion", 80, json!("v1.35.1")),
        ("osImage", 80, json!("Debian GNU/Linux 12 (bookworm)")),
        ("kernelVersion", 80, json!("6.1.0-18-amd64")),
        ("architecture", 80, json!("arm64")),
        ("containerRuntimeVersion", 80, json!("containerd://2.2.2")),
    ];
    let status = json!({"conditions": conditions, "addresses": addresses, "nodeInfo": some_of(random, info)});
    Drawn {
        collection: None,
        object: json!({"apiVersion": "v1", "kind": "Node", "metadata": metadata,
            "spec": {"unschedulable": percent(random, 40)}}),
        status: Some(status),
        deleted,
    }
}

fn namespace(random: &mut ChaCha8Rng, name: &str, _: Option<&str>) -> Drawn {
    let deleted = percent(random, 50);
    Drawn {
        collection: None,
        object: json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata(name, None, deleted)}),
        status: None,
        deleted,
    }
}

// ---- events

const MESSAGES: &[&str] = &[
    "Back-off restarting failed container",
    " spaces around it \n",
    "of two\nlines",
    "",
    "größer → weiter",
    "Readiness probe failed: Get \"http://10.0.0.1:80/\": dial tcp",
    "a \u{1b}[31mred\u{1b}[0m word",
];

/// By the core API, as components wrote and still write them.
fn event(random: &mut ChaCha8Rng, name: &str, namespace: Option<&str>) -> Drawn {
    let mut involved =
        json!({"kind": one(random, &["Pod", "Deployment", "Node", ""]), "namespace": namespace});
    if percent(random, 80) {
        involved["name"] = "web-1".into();
    }
    if percent(random, 40) {
        involved["fieldPath"] = "spec.containers{web}".into();
    }
    let members = vec![
        ("message", 90, json!(one(random, MESSAGES))),
        (
            "reason",
            90,
            json!(one(random, &["BackOff", "Scheduled", "Killing"])),
        ),
        ("type", 90, json!(one(random, &["Normal", "Warning"]))),
        ("count", 60, json!(count(random))),
        ("firstTimestamp", 70, json!(time(random))),
        ("lastTimestamp", 70, json!(time(random))),
        (
            "source",
            70,
            json!({"component": "kubelet", "host": one(random, &["", "n1"])}),
        ),
        (
            "reportingComponent",
            50,
            json!(one(random, &["", "scheduler"])),
        ),
        (
            "reportingInstance",
            50,
            json!(one(random, &["", "scheduler-1"])),
        ),
    ];
    let mut object = some_of(random, members);
    object["apiVersion"] = "v1".into();
    object["kind"] = "Event".into();
    object["metadata"] = metadata(name, namespace, false);
    object["involvedObject"] = involved;
    Drawn {
        collection: None,
        object,
        status: None,
        deleted: false,
    }
}

/// By events.k8s.io, with series.
fn new_event(random: &mut ChaCha8Rng, name: &str, namespace: Option<&str>) -> Drawn {
    let mut object = json!({
        "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": metadata(name, namespace, false),
        "eventTime": micro_time(random), "reportingController": "kapi.dev/test", "reportingInstance": "test-1",
        "action": "Binding", "reason": "Scheduled", "type": one(random, &["Normal", "Warning"]),
        "regarding": {"kind": "Pod", "name": "web-2", "namespace": namespace}, "note": one(random, MESSAGES),
    });
    if percent(random, 60) {
        let count = random.random_range(2..90);
        object["series"] = json!({"count": count, "lastObservedTime": micro_time(random)});
    }
    Drawn {
        collection: Some("/apis/events.k8s.io/v1"),
        object,
        status: None,
        deleted: false,
    }
}
