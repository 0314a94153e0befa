//! Events: what the cluster's parts say has happened, kept for about an hour.

use std::borrow::Cow;

use super::{Column, Datum, FactValue, Facts, Health, Kind, Lead, Mark};
use crate::api::Resource;
use crate::plan::Content;
use crate::value::{ObjectRef, Section};

/// Events.
pub(super) static KIND: Kind = Kind {
    resource: Resource {
        group: "",
        version: "v1",
        plural: "events",
        kind: "Event",
        namespaced: true,
    },
    singular: "event",
    short_names: &["ev"],
    title: "Events",
    category: "Cluster",
    listed: Content::Whole,
    columns: &[
        Column::NAMESPACE,
        Column::age("last", "Last seen", |object| {
            Datum::time(last_seen(*object))
        })
        .wide(9)
        .or(&["since"]),
        Column::member("type", "Type", Section::Whole, "type")
            .selectable("type")
            .else_print("")
            .wide(9),
        Column::member("reason", "Reason", Section::Whole, "reason")
            .selectable("reason")
            .else_print("")
            .wide(20),
        Column::text("object", "Object", |object| Datum::text(target(*object)))
            .or(&["for"])
            .else_print("")
            .leading(|object, _| Some(involved(object)))
            .wide(28),
        Column::text("subobject", "Subobject", |object| {
            Datum::text(object.get(&["involvedObject", "fieldPath"]).text_or_empty())
        })
        .selectable("involvedObject.fieldPath")
        .else_print("")
        .wide(22)
        .folding(5),
        Column::text("source", "Source", |object| Datum::text(source(*object)))
            .else_print("")
            .wide(20)
            .folding(3),
        Column::text("message", "Message", |object| {
            let message = object.get(&["message"]).text_or_empty();
            match message {
                Cow::Borrowed(message) => Datum::text(message.trim()),
                Cow::Owned(message) => Datum::text(message.trim().to_owned()),
            }
        })
        .else_print("")
        .unique()
        .wide(40),
        Column::age("first", "First seen", |object| {
            Datum::time(first_seen(*object))
        })
        .wide(10)
        .folding(4),
        Column::number("count", "Count", |object| Datum::Number(count(*object))).folding(2),
        Column::NAME.folding(6),
        Column::AGE.folding(Column::HIDDEN),
    ],
    cells: 10,
    order: &[("last", false)],
    print: |object| health(object).into(),
    facts,
    relations: &[],
    learned: None,
};

fn health(object: ObjectRef<'_>) -> Health {
    match &*object.get(&["type"]).text_or_empty() {
        "Warning" => Health::broken(Mark::Degraded, "Warning"),
        _ => Health::fine(Mark::Running, "Normal"),
    }
}

fn first_seen(object: ObjectRef<'_>) -> Option<i64> {
    let first = object.get(&["firstTimestamp"]).time();
    first.or_else(|| object.get(&["eventTime"]).time())
}

/// When it happened last; also what the timeline of a detail sorts by.
fn last_seen(object: ObjectRef<'_>) -> Option<i64> {
    let series = object.get(&["series"]);
    if series.is_present() {
        return series.get("lastObservedTime").time();
    }
    let last = object.get(&["lastTimestamp"]).time();
    last.or_else(|| first_seen(object))
}

fn count(object: ObjectRef<'_>) -> i64 {
    let series = object.get(&["series"]);
    if series.is_present() {
        return series.get("count").integer().unwrap_or_default();
    }
    match object.get(&["count"]).integer() {
        None | Some(0) => 1,
        Some(count) => count,
    }
}

fn target(object: ObjectRef<'_>) -> String {
    let kind = object
        .get(&["involvedObject", "kind"])
        .text_or_empty()
        .to_ascii_lowercase();
    let name = object.get(&["involvedObject", "name"]).text_or_empty();
    if name.is_empty() {
        kind
    } else {
        format!("{kind}/{name}")
    }
}

/// Its kind as `Kind.group`, which is a name of every kind that the cluster has.
fn involved(object: ObjectRef<'_>) -> Lead {
    let involved = object.get(&["involvedObject"]);
    let text = |field: &str| involved.get(field).text_or_empty().into_owned();
    let version = text("apiVersion");
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let kind = match group {
        "" => text("kind"),
        group => format!("{}.{group}", text("kind")),
    };
    Lead {
        kind: kind.into(),
        namespace: text("namespace"),
        name: text("name"),
    }
}

fn source(object: ObjectRef<'_>) -> String {
    let first = |path: &[&str], other: &str| {
        let text = object.get(path).text_or_empty();
        if text.is_empty() {
            object.get(&[other]).text_or_empty().into_owned()
        } else {
            text.into_owned()
        }
    };
    let component = first(&["source", "component"], "reportingComponent");
    let host = first(&["source", "host"], "reportingInstance");
    if host.is_empty() {
        component
    } else {
        format!("{component}, {host}")
    }
}

fn facts(object: ObjectRef<'_>) -> Facts {
    let mut lines = Vec::new();
    for (label, text) in [
        (
            "Reason",
            object.get(&["reason"]).text_or_empty().into_owned(),
        ),
        (
            "Message",
            object.get(&["message"]).text_or_empty().into_owned(),
        ),
        ("Source", source(object)),
        ("Count", count(object).to_string()),
    ] {
        lines.push((label, FactValue::Text(text)));
    }
    lines.extend(last_seen(object).map(|time| ("Last seen", FactValue::Time(time))));
    lines.push(("Object", FactValue::Object(involved(object))));
    Facts {
        lines,
        tables: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::cells;
    use super::KIND;
    use expect_test::expect;

    #[test]
    fn prints_as_kubectl_does() {
        expect![[r#"
            <none> | 100m | Warning | BackOff | pod/web-1 | spec.containers{api} | kubelet, n1 | Back-off | 133m | 61 | web-1.17a
            Degraded Warning broken"#]]
        .assert_eq(&cells(
            &KIND,
            r#"{"metadata":{"name":"web-1.17a"},"type":"Warning","reason":"BackOff","message":" Back-off\n",
            "involvedObject":{"kind":"Pod","name":"web-1","fieldPath":"spec.containers{api}"},
            "source":{"component":"kubelet","host":"n1"},"count":61,
            "firstTimestamp":"1970-01-01T00:33:20Z","lastTimestamp":"1970-01-01T01:06:40Z"}"#,
        ));
        expect![[r#"
            <none> | 166m | Normal | Scheduled |  |  | default-scheduler |  | 166m | 1 | e
            Running Normal"#]]
        .assert_eq(&cells(
            &KIND,
            r#"{"metadata":{"name":"e"},"type":"Normal","reason":"Scheduled","involvedObject":{},
            "eventTime":"1970-01-01T00:00:01.000000Z","reportingComponent":"default-scheduler","lastTimestamp":null}"#,
        ));
    }
}
