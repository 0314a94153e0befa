//! The shapes of objects: what has to be an object, a list, a text or a number, as a real server's decoder wants it.
//!
//! Not the whole schema, but what the sandbox itself reads and writes, so that no code behind this door needs to doubt
//! it. The texts are those of Go's JSON decoder.

use serde_json::{Map, Value};

use crate::resource::Resource;

/// A struct of the Kubernetes API, as far as it matters here.
struct Struct {
    name: &'static str,
    fields: &'static [(&'static str, Shape)],
}

/// What a member has to be, if it is there and not null.
enum Shape {
    Text,
    Bytes,
    Bool,
    Int32,
    Int64,
    /// `intstr.IntOrString`
    IntOrText,
    Object(&'static Struct),
    List(&'static Self),
    Map(&'static Self),
}

use Shape::{Bool, Bytes, Int32, Int64, IntOrText, List, Map as MapOf, Object, Text};

/// The error is the decoder's text.
pub(super) fn check(resource: &Resource, value: &Value) -> Result<(), String> {
    let Value::Object(members) = value else {
        return Err(format!(
            "json: cannot unmarshal {} into Go value of type {}.{}",
            kind_of(value),
            resource.version,
            resource.kind
        ));
    };
    let kind = KINDS.iter().find(|kind| kind.name == resource.kind);
    kind.map_or(Ok(()), |kind| kind.check(members, ""))
}

/// The error is the decoder's text.
pub(super) fn check_scale(value: &Value) -> Result<(), String> {
    match value {
        Value::Object(members) => SCALE.check(members, ""),
        other => Err(format!(
            "json: cannot unmarshal {} into Go value of type v1.Scale",
            kind_of(other)
        )),
    }
}

impl Struct {
    fn check(&self, members: &Map<String, Value>, path: &str) -> Result<(), String> {
        for (name, shape) in self.fields {
            let Some(value) = members.get(*name) else {
                continue;
            };
            let path = if path.is_empty() {
                (*name).to_owned()
            } else {
                format!("{path}.{name}")
            };
            shape.check(value, self.name, &path)?;
        }
        Ok(())
    }
}

impl Shape {
    fn check(&self, value: &Value, holder: &str, path: &str) -> Result<(), String> {
        match (self, value) {
            (_, Value::Null)
            | (Text | Bytes | IntOrText, Value::String(_))
            | (Bool, Value::Bool(_)) => Ok(()),
            (Int32 | IntOrText, Value::Number(number))
                if number.as_i64().is_some_and(|it| i32::try_from(it).is_ok()) =>
            {
                Ok(())
            }
            (Int64, Value::Number(number)) if number.is_i64() => Ok(()),
            (Object(of), Value::Object(members)) => of.check(members, path),
            (List(item), Value::Array(items)) => items
                .iter()
                .try_for_each(|value| item.check(value, holder, path)),
            (MapOf(item), Value::Object(members)) => members
                .values()
                .try_for_each(|value| item.check(value, holder, path)),
            _ => Err(format!(
                "json: cannot unmarshal {} into Go struct field {holder}.{path} of type {}",
                self.given(value),
                self.go_type()
            )),
        }
    }

    /// A number that does not fit is told with its value.
    fn given(&self, value: &Value) -> String {
        match (self, value) {
            (Int32 | Int64 | IntOrText, Value::Number(number)) => format!("number {number}"),
            _ => kind_of(value).to_owned(),
        }
    }

    fn go_type(&self) -> String {
        match self {
            Text => "string".to_owned(),
            Bytes => "[]uint8".to_owned(),
            Bool => "bool".to_owned(),
            Int32 => "int32".to_owned(),
            Int64 => "int64".to_owned(),
            IntOrText => "intstr.IntOrString".to_owned(),
            Object(of) => format!("v1.{}", of.name),
            List(item) => format!("[]{}", item.go_type()),
            MapOf(item) => format!("map[string]{}", item.go_type()),
        }
    }
}

/// As Go's decoder calls it.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

const TEXTS: Shape = MapOf(&Text);
const METADATA: Shape = Object(&OBJECT_META);

static OBJECT_META: Struct = Struct {
    name: "ObjectMeta",
    fields: &[
        ("name", Text),
        ("generateName", Text),
        ("namespace", Text),
        ("uid", Text),
        ("resourceVersion", Text),
        ("generation", Int64),
        ("labels", TEXTS),
        ("annotations", TEXTS),
        ("finalizers", List(&Text)),
        ("ownerReferences", List(&Object(&OWNER_REFERENCE))),
    ],
};

static OWNER_REFERENCE: Struct = Struct {
    name: "OwnerReference",
    fields: &[
        ("apiVersion", Text),
        ("kind", Text),
        ("name", Text),
        ("uid", Text),
        ("controller", Bool),
        ("blockOwnerDeletion", Bool),
    ],
};

static KINDS: [Struct; 13] = [
    Struct {
        name: "Pod",
        fields: &[
            ("metadata", METADATA),
            ("spec", Object(&POD_SPEC)),
            ("status", Object(&POD_STATUS)),
        ],
    },
    Struct {
        name: "Deployment",
        fields: &[
            ("metadata", METADATA),
            ("spec", Object(&DEPLOYMENT_SPEC)),
            ("status", Object(&DEPLOYMENT_STATUS)),
        ],
    },
    Struct {
        name: "ReplicaSet",
        fields: &[
            ("metadata", METADATA),
            ("spec", Object(&REPLICA_SET_SPEC)),
            ("status", Object(&REPLICA_SET_STATUS)),
        ],
    },
    Struct {
        name: "Service",
        fields: &[
            ("metadata", METADATA),
            ("spec", Object(&SERVICE_SPEC)),
            ("status", Object(&SERVICE_STATUS)),
        ],
    },
    Struct {
        name: "Namespace",
        fields: &[
            ("metadata", METADATA),
            ("spec", Object(&NAMESPACE_SPEC)),
            ("status", Object(&NAMESPACE_STATUS)),
        ],
    },
    Struct {
        name: "Node",
        fields: &[
            ("metadata", METADATA),
            ("spec", Object(&NODE_SPEC)),
            ("status", Object(&NODE_STATUS)),
        ],
    },
    Struct {
        name: "Event",
        fields: &[
            ("metadata", METADATA),
            ("involvedObject", Object(&OBJECT_REFERENCE)),
            ("source", Object(&EVENT_SOURCE)),
            ("reason", Text),
            ("message", Text),
            ("type", Text),
            ("count", Int32),
            ("reportingComponent", Text),
            ("reportingInstance", Text),
        ],
    },
    Struct {
        name: "Endpoints",
        fields: &[
            ("metadata", METADATA),
            ("subsets", List(&Object(&ENDPOINT_SUBSET))),
        ],
    },
    Struct {
        name: "EndpointSlice",
        fields: &[
            ("metadata", METADATA),
            ("addressType", Text),
            ("endpoints", List(&Object(&ENDPOINT))),
            ("ports", List(&Object(&ENDPOINT_PORT))),
        ],
    },
    Struct {
        name: "ConfigMap",
        fields: &[
            ("metadata", METADATA),
            ("data", TEXTS),
            ("binaryData", MapOf(&Bytes)),
        ],
    },
    Struct {
        name: "Secret",
        fields: &[
            ("metadata", METADATA),
            ("type", Text),
            ("data", MapOf(&Bytes)),
            ("stringData", TEXTS),
        ],
    },
    Struct {
        name: "ServiceAccount",
        fields: &[("metadata", METADATA)],
    },
    Struct {
        name: "CustomResourceDefinition",
        fields: &[("metadata", METADATA)],
    },
];

static SCALE: Struct = Struct {
    name: "Scale",
    fields: &[("metadata", METADATA), ("spec", Object(&SCALE_SPEC))],
};

static SCALE_SPEC: Struct = Struct {
    name: "ScaleSpec",
    fields: &[("replicas", Int32)],
};

static POD_SPEC: Struct = Struct {
    name: "PodSpec",
    fields: &[
        ("containers", List(&Object(&CONTAINER))),
        ("initContainers", List(&Object(&CONTAINER))),
        ("volumes", List(&Object(&VOLUME))),
        ("nodeName", Text),
        ("nodeSelector", TEXTS),
        ("restartPolicy", Text),
        ("schedulerName", Text),
        ("serviceAccountName", Text),
        ("securityContext", Object(&POD_SECURITY_CONTEXT)),
        ("terminationGracePeriodSeconds", Int64),
        ("tolerations", List(&Object(&TOLERATION))),
    ],
};

static CONTAINER: Struct = Struct {
    name: "Container",
    fields: &[
        ("name", Text),
        ("image", Text),
        ("imagePullPolicy", Text),
        ("restartPolicy", Text),
        ("env", List(&Object(&ENV_VAR))),
        ("ports", List(&Object(&CONTAINER_PORT))),
        ("resources", Object(&RESOURCE_REQUIREMENTS)),
        ("volumeMounts", List(&Object(&VOLUME_MOUNT))),
        ("livenessProbe", Object(&PROBE)),
        ("readinessProbe", Object(&PROBE)),
        ("startupProbe", Object(&PROBE)),
    ],
};

static ENV_VAR: Struct = Struct {
    name: "EnvVar",
    fields: &[("name", Text), ("value", Text)],
};

static CONTAINER_PORT: Struct = Struct {
    name: "ContainerPort",
    fields: &[("name", Text), ("containerPort", Int32), ("protocol", Text)],
};

static RESOURCE_REQUIREMENTS: Struct = Struct {
    name: "ResourceRequirements",
    fields: &[],
};

static VOLUME: Struct = Struct {
    name: "Volume",
    fields: &[("name", Text)],
};

static VOLUME_MOUNT: Struct = Struct {
    name: "VolumeMount",
    fields: &[("name", Text), ("mountPath", Text)],
};

static PROBE: Struct = Struct {
    name: "Probe",
    fields: &[],
};

static POD_SECURITY_CONTEXT: Struct = Struct {
    name: "PodSecurityContext",
    fields: &[],
};

static TOLERATION: Struct = Struct {
    name: "Toleration",
    fields: &[("key", Text), ("operator", Text), ("effect", Text)],
};

static POD_STATUS: Struct = Struct {
    name: "PodStatus",
    fields: &[
        ("phase", Text),
        ("podIP", Text),
        ("hostIP", Text),
        ("conditions", List(&Object(&POD_CONDITION))),
        ("containerStatuses", List(&Object(&CONTAINER_STATUS))),
        ("initContainerStatuses", List(&Object(&CONTAINER_STATUS))),
    ],
};

static POD_CONDITION: Struct = Struct {
    name: "PodCondition",
    fields: &[("type", Text), ("status", Text)],
};

static CONTAINER_STATUS: Struct = Struct {
    name: "ContainerStatus",
    fields: &[
        ("name", Text),
        ("ready", Bool),
        ("started", Bool),
        ("restartCount", Int32),
        ("state", Object(&CONTAINER_STATE)),
        ("lastState", Object(&CONTAINER_STATE)),
    ],
};

static CONTAINER_STATE: Struct = Struct {
    name: "ContainerState",
    fields: &[
        ("waiting", Object(&CONTAINER_STATE_WAITING)),
        ("running", Object(&CONTAINER_STATE_RUNNING)),
        ("terminated", Object(&CONTAINER_STATE_TERMINATED)),
    ],
};

static CONTAINER_STATE_WAITING: Struct = Struct {
    name: "ContainerStateWaiting",
    fields: &[("reason", Text), ("message", Text)],
};

static CONTAINER_STATE_RUNNING: Struct = Struct {
    name: "ContainerStateRunning",
    fields: &[],
};

static CONTAINER_STATE_TERMINATED: Struct = Struct {
    name: "ContainerStateTerminated",
    fields: &[("exitCode", Int32), ("reason", Text), ("message", Text)],
};

static POD_TEMPLATE_SPEC: Struct = Struct {
    name: "PodTemplateSpec",
    fields: &[("metadata", METADATA), ("spec", Object(&POD_SPEC))],
};

static LABEL_SELECTOR: Struct = Struct {
    name: "LabelSelector",
    fields: &[
        ("matchLabels", TEXTS),
        (
            "matchExpressions",
            List(&Object(&LABEL_SELECTOR_REQUIREMENT)),
        ),
    ],
};

static LABEL_SELECTOR_REQUIREMENT: Struct = Struct {
    name: "LabelSelectorRequirement",
    fields: &[("key", Text), ("operator", Text), ("values", List(&Text))],
};

static DEPLOYMENT_SPEC: Struct = Struct {
    name: "DeploymentSpec",
    fields: &[
        ("replicas", Int32),
        ("selector", Object(&LABEL_SELECTOR)),
        ("template", Object(&POD_TEMPLATE_SPEC)),
        ("strategy", Object(&DEPLOYMENT_STRATEGY)),
        ("minReadySeconds", Int32),
        ("revisionHistoryLimit", Int32),
        ("progressDeadlineSeconds", Int32),
        ("paused", Bool),
    ],
};

static DEPLOYMENT_STRATEGY: Struct = Struct {
    name: "DeploymentStrategy",
    fields: &[
        ("type", Text),
        ("rollingUpdate", Object(&ROLLING_UPDATE_DEPLOYMENT)),
    ],
};

static ROLLING_UPDATE_DEPLOYMENT: Struct = Struct {
    name: "RollingUpdateDeployment",
    fields: &[("maxSurge", IntOrText), ("maxUnavailable", IntOrText)],
};

static DEPLOYMENT_STATUS: Struct = Struct {
    name: "DeploymentStatus",
    fields: &[
        ("observedGeneration", Int64),
        ("replicas", Int32),
        ("updatedReplicas", Int32),
        ("readyReplicas", Int32),
        ("availableReplicas", Int32),
        ("unavailableReplicas", Int32),
        ("conditions", List(&Object(&DEPLOYMENT_CONDITION))),
    ],
};

static DEPLOYMENT_CONDITION: Struct = Struct {
    name: "DeploymentCondition",
    fields: &[("type", Text), ("status", Text), ("message", Text)],
};

static REPLICA_SET_SPEC: Struct = Struct {
    name: "ReplicaSetSpec",
    fields: &[
        ("replicas", Int32),
        ("minReadySeconds", Int32),
        ("selector", Object(&LABEL_SELECTOR)),
        ("template", Object(&POD_TEMPLATE_SPEC)),
    ],
};

static REPLICA_SET_STATUS: Struct = Struct {
    name: "ReplicaSetStatus",
    fields: &[
        ("observedGeneration", Int64),
        ("replicas", Int32),
        ("fullyLabeledReplicas", Int32),
        ("readyReplicas", Int32),
        ("availableReplicas", Int32),
    ],
};

static SERVICE_SPEC: Struct = Struct {
    name: "ServiceSpec",
    fields: &[
        ("type", Text),
        ("selector", TEXTS),
        ("clusterIP", Text),
        ("externalName", Text),
        ("ports", List(&Object(&SERVICE_PORT))),
    ],
};

static SERVICE_PORT: Struct = Struct {
    name: "ServicePort",
    fields: &[
        ("name", Text),
        ("protocol", Text),
        ("port", Int32),
        ("nodePort", Int32),
        ("targetPort", IntOrText),
    ],
};

static SERVICE_STATUS: Struct = Struct {
    name: "ServiceStatus",
    fields: &[],
};

static NAMESPACE_SPEC: Struct = Struct {
    name: "NamespaceSpec",
    fields: &[("finalizers", List(&Text))],
};

static NAMESPACE_STATUS: Struct = Struct {
    name: "NamespaceStatus",
    fields: &[("phase", Text)],
};

static NODE_SPEC: Struct = Struct {
    name: "NodeSpec",
    fields: &[("unschedulable", Bool), ("taints", List(&Object(&TAINT)))],
};

static TAINT: Struct = Struct {
    name: "Taint",
    fields: &[("key", Text), ("value", Text), ("effect", Text)],
};

static NODE_STATUS: Struct = Struct {
    name: "NodeStatus",
    fields: &[
        ("addresses", List(&Object(&NODE_ADDRESS))),
        ("conditions", List(&Object(&NODE_CONDITION))),
    ],
};

static NODE_ADDRESS: Struct = Struct {
    name: "NodeAddress",
    fields: &[("type", Text), ("address", Text)],
};

static NODE_CONDITION: Struct = Struct {
    name: "NodeCondition",
    fields: &[("type", Text), ("status", Text)],
};

static OBJECT_REFERENCE: Struct = Struct {
    name: "ObjectReference",
    fields: &[
        ("kind", Text),
        ("namespace", Text),
        ("name", Text),
        ("uid", Text),
        ("apiVersion", Text),
        ("resourceVersion", Text),
        ("fieldPath", Text),
    ],
};

static EVENT_SOURCE: Struct = Struct {
    name: "EventSource",
    fields: &[("component", Text), ("host", Text)],
};

static ENDPOINT_SUBSET: Struct = Struct {
    name: "EndpointSubset",
    fields: &[],
};

static ENDPOINT: Struct = Struct {
    name: "Endpoint",
    fields: &[],
};

static ENDPOINT_PORT: Struct = Struct {
    name: "EndpointPort",
    fields: &[],
};

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::*;
    use crate::resource::{DEPLOYMENTS, PODS, RESOURCES, SECRETS};

    fn check(resource: &Resource, value: &Value, expected: Expect) {
        let text = super::check(resource, value).map_or_else(|text| text, |()| "fits".to_owned());
        expected.assert_eq(&text);
    }

    #[test]
    fn every_kind_has_a_shape() {
        for resource in RESOURCES {
            assert!(
                KINDS.iter().any(|kind| kind.name == resource.kind),
                "{}",
                resource.kind
            );
        }
    }

    #[test]
    fn shapes() {
        check(
            &PODS,
            &json!("x"),
            expect!["json: cannot unmarshal string into Go value of type v1.Pod"],
        );
        check(
            &PODS,
            &json!({ "spec": "x" }),
            expect![
                "json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec"
            ],
        );
        check(
            &PODS,
            &json!({ "spec": { "containers": ["x"] } }),
            expect![
                "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container"
            ],
        );
        check(
            &PODS,
            &json!({ "metadata": { "labels": { "a": 1 } } }),
            expect![
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"
            ],
        );
        check(
            &DEPLOYMENTS,
            &json!({ "spec": { "progressDeadlineSeconds": i64::MAX } }),
            expect![
                "json: cannot unmarshal number 9223372036854775807 into Go struct field DeploymentSpec.spec.progressDeadlineSeconds of type int32"
            ],
        );
        check(
            &SECRETS,
            &json!({ "data": "x", "stringData": { "a": "b" } }),
            expect![
                "json: cannot unmarshal string into Go struct field Secret.data of type map[string][]uint8"
            ],
        );
        check(
            &PODS,
            &json!({ "spec": null, "status": { "containerStatuses": [] }, "other": 1 }),
            expect!["fits"],
        );
    }
}
