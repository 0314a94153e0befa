//! Who may do what: the roles of a real cluster that the four users are bound to, and its way of deciding by them.

use serde_json::{Value, json};

use crate::request_info::Attributes;
use crate::resource::VERBS;
use crate::user::{AUTHENTICATED, MASTERS, UNAUTHENTICATED, User};

/// The only namespace of `developer`.
pub(crate) const TEAM: &str = "shop";

struct Role {
    name: &'static str,
    rules: &'static [&'static [Rule]],
}

enum Rule {
    Resources {
        groups: &'static [&'static str],
        resources: &'static [&'static str],
        verbs: &'static [&'static str],
    },
    Paths {
        paths: &'static [&'static str],
        verbs: &'static [&'static str],
    },
}

struct Binding {
    name: &'static str,
    role: &'static Role,
    subject: Subject,
    /// None: everywhere.
    namespace: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum Subject {
    User(&'static str),
    Group(&'static str),
}

static BINDINGS: [Binding; 8] = [
    Binding {
        name: "cluster-admin",
        role: &CLUSTER_ADMIN,
        subject: Subject::Group(MASTERS),
        namespace: None,
    },
    Binding {
        name: "kapi-viewer",
        role: &VIEW,
        subject: Subject::User("viewer"),
        namespace: None,
    },
    Binding {
        name: "kapi-viewer-cluster",
        role: &VIEW_CLUSTER,
        subject: Subject::User("viewer"),
        namespace: None,
    },
    Binding {
        name: "system:basic-user",
        role: &BASIC_USER,
        subject: Subject::Group(AUTHENTICATED),
        namespace: None,
    },
    Binding {
        name: "system:discovery",
        role: &DISCOVERY,
        subject: Subject::Group(AUTHENTICATED),
        namespace: None,
    },
    Binding {
        name: "system:public-info-viewer",
        role: &PUBLIC_INFO_VIEWER,
        subject: Subject::Group(AUTHENTICATED),
        namespace: None,
    },
    Binding {
        name: "system:public-info-viewer",
        role: &PUBLIC_INFO_VIEWER,
        subject: Subject::Group(UNAUTHENTICATED),
        namespace: None,
    },
    Binding {
        name: "kapi-developer",
        role: &EDIT,
        subject: Subject::User("developer"),
        namespace: Some(TEAM),
    },
];

/// What is decided, as access reviews tell it.
pub(crate) struct Decision {
    pub(crate) allowed: bool,
    pub(crate) reason: String,
}

pub(crate) fn decide(user: &User, attributes: &Attributes) -> Decision {
    if user.is_in(MASTERS) {
        return Decision {
            allowed: true,
            reason: String::new(),
        };
    }
    let namespace = match attributes {
        Attributes::Resource { namespace, .. } => namespace.as_str(),
        Attributes::Path { .. } => "",
    };
    let binding = bindings_of(user, namespace).find(|binding| binding.role.allows(attributes));
    Decision {
        allowed: binding.is_some(),
        reason: binding.map(Binding::reason).unwrap_or_default(),
    }
}

/// The rules that hold for a user in a namespace, as a rules review lists them: of resources, and of other paths.
pub(crate) fn rules(user: &User, namespace: &str) -> (Vec<Value>, Vec<Value>) {
    let mut resources = Vec::new();
    let mut paths = Vec::new();
    for rule in bindings_of(user, namespace)
        .flat_map(|binding| binding.role.rules.iter().copied().flatten())
    {
        match rule {
            Rule::Resources {
                groups,
                resources: of,
                verbs,
            } => {
                resources.push(json!({ "verbs": verbs, "apiGroups": groups, "resources": of }));
            }
            Rule::Paths { paths: of, verbs } => {
                paths.push(json!({ "verbs": verbs, "nonResourceURLs": of }));
            }
        }
    }
    (resources, paths)
}

fn bindings_of<'a>(
    user: &'a User,
    namespace: &'a str,
) -> impl Iterator<Item = &'static Binding> + 'a {
    BINDINGS.iter().filter(move |binding| {
        let subject = match binding.subject {
            Subject::User(name) => user.name == name,
            Subject::Group(name) => user.is_in(name),
        };
        subject && binding.namespace.is_none_or(|only| only == namespace)
    })
}

impl Binding {
    fn reason(&self) -> String {
        let (kind, name) = match self.namespace {
            None => ("ClusterRoleBinding", self.name.to_owned()),
            Some(namespace) => ("RoleBinding", format!("{}/{namespace}", self.name)),
        };
        let subject = match self.subject {
            Subject::User(name) => format!("User {name:?}"),
            Subject::Group(name) => format!("Group {name:?}"),
        };
        format!(
            "RBAC: allowed by {kind} {name:?} of ClusterRole {:?} to {subject}",
            self.role.name
        )
    }
}

impl Role {
    fn allows(&self, attributes: &Attributes) -> bool {
        self.rules
            .iter()
            .copied()
            .flatten()
            .any(|rule| rule.allows(attributes))
    }
}

impl Rule {
    fn allows(&self, attributes: &Attributes) -> bool {
        match (self, attributes) {
            (
                Self::Resources {
                    groups,
                    resources,
                    verbs,
                },
                Attributes::Resource {
                    verb,
                    group,
                    resource,
                    subresource,
                    ..
                },
            ) => {
                let full = if subresource.is_empty() {
                    resource.clone()
                } else {
                    format!("{resource}/{subresource}")
                };
                has(verbs, verb) && has(groups, group) && has(resources, &full)
            }
            (Self::Paths { paths, verbs }, Attributes::Path { verb, path }) => {
                has(verbs, verb)
                    && paths.iter().any(|known| match known.strip_suffix('*') {
                        Some(prefix) => path.starts_with(prefix),
                        None => path == known,
                    })
            }
            _ => false,
        }
    }
}

fn has(list: &[&str], wanted: &str) -> bool {
    list.iter().any(|known| *known == "*" || *known == wanted)
}

const fn resources(
    groups: &'static [&'static str],
    resources: &'static [&'static str],
    verbs: &'static [&'static str],
) -> Rule {
    Rule::Resources {
        groups,
        resources,
        verbs,
    }
}

const READ: &[&str] = &["get", "list", "watch"];
const WRITE: &[&str] = &["create", "delete", "deletecollection", "patch", "update"];

static CLUSTER_ADMIN: Role = Role {
    name: "cluster-admin",
    rules: &[&[
        resources(&["*"], &["*"], &["*"]),
        Rule::Paths {
            paths: &["*"],
            verbs: &["*"],
        },
    ]],
};

static VIEW: Role = Role {
    name: "view",
    rules: &[&VIEW_RULES],
};

static EDIT: Role = Role {
    name: "edit",
    rules: &[&EDIT_RULES, &VIEW_RULES],
};

static VIEW_RULES: [Rule; 12] = [
    resources(
        &[""],
        &[
            "configmaps",
            "endpoints",
            "persistentvolumeclaims",
            "persistentvolumeclaims/status",
            "pods",
            "replicationcontrollers",
            "replicationcontrollers/scale",
            "serviceaccounts",
            "services",
            "services/status",
        ],
        READ,
    ),
    resources(
        &[""],
        &[
            "bindings",
            "limitranges",
            "namespaces/status",
            "pods/log",
            "pods/status",
            "replicationcontrollers/status",
            "resourcequotas",
            "resourcequotas/status",
        ],
        READ,
    ),
    resources(&[""], &["namespaces"], READ),
    resources(&["", "events.k8s.io"], &["events"], READ),
    resources(&["discovery.k8s.io"], &["endpointslices"], READ),
    resources(
        &["apps"],
        &[
            "controllerrevisions",
            "daemonsets",
            "daemonsets/status",
            "deployments",
            "deployments/scale",
            "deployments/status",
            "replicasets",
            "replicasets/scale",
            "replicasets/status",
            "statefulsets",
            "statefulsets/scale",
            "statefulsets/status",
        ],
        READ,
    ),
    resources(
        &["autoscaling"],
        &[
            "horizontalpodautoscalers",
            "horizontalpodautoscalers/status",
        ],
        READ,
    ),
    resources(
        &["batch"],
        &["cronjobs", "cronjobs/status", "jobs", "jobs/status"],
        READ,
    ),
    resources(
        &["extensions"],
        &[
            "daemonsets",
            "daemonsets/status",
            "deployments",
            "deployments/scale",
            "deployments/status",
            "ingresses",
            "ingresses/status",
            "networkpolicies",
            "replicasets",
            "replicasets/scale",
            "replicasets/status",
            "replicationcontrollers/scale",
        ],
        READ,
    ),
    resources(
        &["policy"],
        &["poddisruptionbudgets", "poddisruptionbudgets/status"],
        READ,
    ),
    resources(
        &["networking.k8s.io"],
        &["ingresses", "ingresses/status", "networkpolicies"],
        READ,
    ),
    resources(
        &["resource.k8s.io"],
        &[
            "resourceclaims",
            "resourceclaims/status",
            "resourceclaimtemplates",
        ],
        READ,
    ),
];

static EDIT_RULES: [Rule; 15] = [
    resources(
        &[""],
        &[
            "pods/attach",
            "pods/exec",
            "pods/portforward",
            "pods/proxy",
            "secrets",
            "services/proxy",
        ],
        READ,
    ),
    resources(&[""], &["serviceaccounts"], &["impersonate"]),
    resources(
        &[""],
        &[
            "pods",
            "pods/attach",
            "pods/exec",
            "pods/portforward",
            "pods/proxy",
        ],
        WRITE,
    ),
    resources(&[""], &["pods/eviction"], &["create"]),
    resources(
        &[""],
        &[
            "configmaps",
            "persistentvolumeclaims",
            "replicationcontrollers",
            "replicationcontrollers/scale",
            "secrets",
            "serviceaccounts",
            "services",
            "services/proxy",
        ],
        WRITE,
    ),
    resources(&[""], &["serviceaccounts/token"], &["create"]),
    resources(&["", "events.k8s.io"], &["events"], WRITE),
    resources(
        &["apps"],
        &[
            "daemonsets",
            "deployments",
            "deployments/rollback",
            "deployments/scale",
            "replicasets",
            "replicasets/scale",
            "statefulsets",
            "statefulsets/scale",
        ],
        WRITE,
    ),
    resources(&["autoscaling"], &["horizontalpodautoscalers"], WRITE),
    resources(&["batch"], &["cronjobs", "jobs"], WRITE),
    resources(
        &["extensions"],
        &[
            "daemonsets",
            "deployments",
            "deployments/rollback",
            "deployments/scale",
            "ingresses",
            "networkpolicies",
            "replicasets",
            "replicasets/scale",
            "replicationcontrollers/scale",
        ],
        WRITE,
    ),
    resources(&["policy"], &["poddisruptionbudgets"], WRITE),
    resources(
        &["networking.k8s.io"],
        &["ingresses", "networkpolicies"],
        WRITE,
    ),
    resources(&["coordination.k8s.io"], &["leases"], VERBS),
    resources(
        &["resource.k8s.io"],
        &["resourceclaims", "resourceclaimtemplates"],
        WRITE,
    ),
];

static VIEW_CLUSTER: Role = Role {
    name: "kapi-view-cluster",
    rules: &[&[
        resources(&[""], &["nodes", "persistentvolumes"], READ),
        resources(
            &["storage.k8s.io"],
            &[
                "storageclasses",
                "csidrivers",
                "csinodes",
                "volumeattachments",
            ],
            READ,
        ),
        resources(&["networking.k8s.io"], &["ingressclasses"], READ),
        resources(&["scheduling.k8s.io"], &["priorityclasses"], READ),
        resources(
            &["apiextensions.k8s.io"],
            &["customresourcedefinitions"],
            READ,
        ),
    ]],
};

static BASIC_USER: Role = Role {
    name: "system:basic-user",
    rules: &[&[
        resources(
            &["authorization.k8s.io"],
            &["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
            &["create"],
        ),
        resources(
            &["authentication.k8s.io"],
            &["selfsubjectreviews"],
            &["create"],
        ),
    ]],
};

static DISCOVERY: Role = Role {
    name: "system:discovery",
    rules: &[&[Rule::Paths {
        paths: &[
            "/api",
            "/api/*",
            "/apis",
            "/apis/*",
            "/healthz",
            "/livez",
            "/openapi",
            "/openapi/*",
            "/readyz",
            "/version",
            "/version/",
        ],
        verbs: &["get"],
    }]],
};

static PUBLIC_INFO_VIEWER: Role = Role {
    name: "system:public-info-viewer",
    rules: &[&[Rule::Paths {
        paths: &["/healthz", "/livez", "/readyz", "/version", "/version/"],
        verbs: &["get"],
    }]],
};
