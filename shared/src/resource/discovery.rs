//! What a cluster says of its kinds: documents of its API, read one by one as they are answered.
//! Servers that are older than the aggregated form answer the same requests in the old one, which
//! leads to further documents.

use crate::value::Value;

/// A kind as a cluster names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// API group, empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// Whether it is the one that the server prefers, which is meant where none is named.
    pub preferred: bool,
    /// Plural, as in paths.
    pub plural: String,
    /// Singular; empty where the server does not say.
    pub singular: String,
    /// `StatefulSet`
    pub kind: String,
    /// `sts`
    pub short_names: Vec<String>,
    /// Whether objects live in namespaces.
    pub namespaced: bool,
    /// Whether the server tells of changes.
    pub watchable: bool,
}

/// The documents, as far as they were asked for and answered.
#[derive(Debug)]
pub struct Discovery {
    documents: Vec<Document>,
}

#[derive(Debug)]
struct Document {
    path: String,
    state: State,
}

#[derive(Debug)]
enum State {
    Wanted,
    Asked,
    Read(Vec<Discovered>),
    Failed,
}

/// Documents asked for at once: an old server has one for each group.
const MOST_AT_ONCE: usize = 4;

impl Default for Discovery {
    fn default() -> Self {
        let mut discovery = Self {
            documents: Vec::new(),
        };
        discovery.want("/api".to_owned());
        discovery.want("/apis".to_owned());
        discovery
    }
}

impl Discovery {
    /// What the documents are asked for in.
    pub const ACCEPT: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
         application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

    fn want(&mut self, path: String) {
        let state = State::Wanted;
        self.documents.push(Document { path, state });
    }

    /// The document to ask for next, by its place and path, unless enough are on their way.
    pub fn ask(&mut self) -> Option<(usize, String)> {
        let states = self.documents.iter();
        let asked = states.filter(|document| matches!(document.state, State::Asked));
        if asked.count() >= MOST_AT_ONCE {
            return None;
        }
        let mut documents = self.documents.iter_mut().enumerate();
        let (place, document) =
            documents.find(|(_, document)| matches!(document.state, State::Wanted))?;
        document.state = State::Asked;
        Some((place, document.path.clone()))
    }

    /// A document is here; without one, it could not be had.
    pub fn answered(&mut self, place: usize, json: Option<&[u8]>) {
        let document = json.map_or(Value::ABSENT, Value::json);
        let further = further(document);
        let state = match &*document.get("kind").text_or_empty() {
            "APIGroupDiscoveryList" => State::Read(aggregated(document)),
            "APIResourceList" => State::Read(listed(document)),
            "APIVersions" | "APIGroupList" => State::Read(Vec::new()),
            _ => State::Failed,
        };
        if let Some(document) = self.documents.get_mut(place) {
            document.state = state;
        }
        for path in further {
            self.want(path);
        }
    }

    /// Whether nothing more will be answered.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let mut documents = self.documents.iter();
        documents.all(|document| matches!(document.state, State::Read(_) | State::Failed))
    }

    /// Whether the documents could be read that lead to all others.
    #[must_use]
    pub fn is_read(&self) -> bool {
        let mut roots = self.documents.iter().take(2);
        roots.all(|document| matches!(document.state, State::Read(_)))
    }

    /// Whether every document could be read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let mut documents = self.documents.iter();
        documents.all(|document| matches!(document.state, State::Read(_)))
    }

    /// The kinds found, in the order in which a name is looked for among them: the core group,
    /// then the groups as the server orders them, and of each kind the preferred version first.
    #[must_use]
    pub fn kinds(&self) -> Vec<&Discovered> {
        let all = || {
            self.documents.iter().flat_map(|document| {
                let found: &[Discovered] = match &document.state {
                    State::Read(found) => found,
                    _ => &[],
                };
                found.iter()
            })
        };
        let core = all().filter(|found| found.group.is_empty());
        let others = all().filter(|found| !found.group.is_empty());
        core.chain(others).collect()
    }
}

/// The documents that one of the old form leads to.
fn further(document: Value<'_>) -> Vec<String> {
    let groups = items(document, "groups").into_iter().map(|group| {
        let version = group.at(&["preferredVersion", "groupVersion"]);
        format!("/apis/{}", version.text_or_empty())
    });
    match &*document.get("kind").text_or_empty() {
        "APIVersions" => {
            let versions = items(document, "versions");
            let version = versions.first();
            let version = version.map(|version| format!("/api/{}", version.text_or_empty()));
            version.into_iter().collect()
        }
        "APIGroupList" => groups.collect(),
        _ => Vec::new(),
    }
}

/// `APIGroupDiscoveryList`: groups with versions, the preferred first, with resources.
fn aggregated(document: Value<'_>) -> Vec<Discovered> {
    let mut found: Vec<Discovered> = Vec::new();
    for item in items(document, "items") {
        let group = item.at(&["metadata", "name"]).text_or_empty();
        let first = found.len();
        for version in items(item, "versions") {
            let name = version.get("version").text_or_empty();
            for resource in items(version, "resources") {
                let discovered = Discovered {
                    plural: text(resource, "resource"),
                    singular: text(resource, "singularResource"),
                    kind: text(resource.get("responseKind"), "kind"),
                    namespaced: resource.get("scope").text_or_empty() == "Namespaced",
                    ..common(&group, &name, resource)
                };
                let known = found.iter().skip(first);
                let preferred = known.clone().all(|other| other.plural != discovered.plural);
                if is_listable(resource, &discovered) {
                    found.push(Discovered {
                        preferred,
                        ..discovered
                    });
                }
            }
        }
    }
    found
}

/// `APIResourceList`: the resources of one version of a group.
fn listed(document: Value<'_>) -> Vec<Discovered> {
    let group_version = document.get("groupVersion").text_or_empty();
    let (group, version) = group_version
        .split_once('/')
        .unwrap_or(("", &group_version));
    let found = items(document, "resources").into_iter().map(|resource| {
        let discovered = Discovered {
            plural: text(resource, "name"),
            singular: text(resource, "singularName"),
            kind: text(resource, "kind"),
            namespaced: resource.get("namespaced").boolean().unwrap_or_default(),
            ..common(group, version, resource)
        };
        is_listable(resource, &discovered).then_some(discovered)
    });
    found.flatten().collect()
}

/// What both forms call by the same names.
fn common(group: &str, version: &str, resource: Value<'_>) -> Discovered {
    let short_names = items(resource, "shortNames").into_iter();
    Discovered {
        group: group.to_owned(),
        version: version.to_owned(),
        preferred: true,
        plural: String::new(),
        singular: String::new(),
        kind: String::new(),
        short_names: short_names
            .map(|name| name.text_or_empty().into_owned())
            .collect(),
        namespaced: false,
        watchable: can(resource, "watch"),
    }
}

/// Whether it is a kind of objects that can be listed, and no part of another (`pods/log`). Its
/// names become parts of paths.
fn is_listable(resource: Value<'_>, discovered: &Discovered) -> bool {
    let is_part = |text: &str| {
        let mut bytes = text.bytes();
        bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
    };
    let Discovered {
        group,
        version,
        plural,
        kind,
        ..
    } = discovered;
    let named = !version.is_empty() && !plural.is_empty() && !kind.is_empty();
    named && is_part(group) && is_part(version) && is_part(plural) && can(resource, "list")
}

fn can(resource: Value<'_>, verb: &str) -> bool {
    let verbs = items(resource, "verbs");
    verbs.iter().any(|own| own.text_or_empty() == verb)
}

/// The items of a list in a document. All at once: walking is written out anew for each loop, and
/// would weigh more than all that is read here.
#[inline(never)]
fn items<'a>(value: Value<'a>, key: &str) -> Vec<Value<'a>> {
    value.get(key).items().collect()
}

fn text(value: Value<'_>, key: &str) -> String {
    value.get(key).text_or_empty().into_owned()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    /// Reads documents by their paths; anything else is not to be had.
    fn check(documents: &[(&str, &str)], expected: &Expect) {
        let mut discovery = Discovery::default();
        let mut lines = Vec::new();
        while let Some((place, path)) = discovery.ask() {
            let document = documents.iter().find(|(known, _)| *known == path);
            discovery.answered(place, document.map(|(_, json)| json.as_bytes()));
            lines.push(path);
        }
        assert!(discovery.is_done());
        lines.extend(discovery.kinds().iter().map(|kind| {
            let names = kind.short_names.join(" ");
            let scope = if kind.namespaced { "in namespaces" } else { "" };
            let watch = if kind.watchable { "" } else { "not watched" };
            let preferred = if kind.preferred { "" } else { "not preferred" };
            let version = format!("{}/{}", kind.group, kind.version);
            let words = [
                &version,
                &kind.plural,
                &kind.singular,
                &kind.kind,
                &names,
                scope,
                watch,
                preferred,
            ];
            words.join(", ")
        }));
        lines.push(
            if discovery.is_whole() {
                "whole"
            } else {
                "not whole"
            }
            .to_owned(),
        );
        expected.assert_eq(&lines.join("\n"));
    }

    const GROUPS: &str = r#"{"kind":"APIGroupDiscoveryList","items":[
        {"metadata":{"name":"apps"},"versions":[
            {"version":"v2","resources":[{"resource":"sets","responseKind":{"kind":"Set"},"scope":"Namespaced","singularResource":"set","verbs":["list","watch"],"shortNames":["s","st"],
                "subresources":[{"subresource":"scale","verbs":["get"]}]}]},
            {"version":"v1","resources":[{"resource":"sets","responseKind":{"kind":"Set"},"verbs":["list"]},{"resource":"olds","responseKind":{"kind":"Old"},"scope":"Cluster","verbs":["list"]}]}]},
        {"metadata":{"name":"reviews"},"versions":[{"version":"v1","resources":[{"resource":"reviews","responseKind":{"kind":"Review"},"verbs":["create"]}]}]}]}"#;

    #[test]
    fn the_aggregated_form_takes_two_requests() {
        check(
            &[
                ("/apis", GROUPS),
                (
                    "/api",
                    r#"{"kind":"APIGroupDiscoveryList","items":[{"metadata":{},"versions":[{"version":"v1","resources":[{"resource":"pods","responseKind":{"kind":"Pod"},"scope":"Namespaced","singularResource":"pod","verbs":["list","watch"]}]}]}]}"#,
                ),
            ],
            &expect![[r#"
                /api
                /apis
                /v1, pods, pod, Pod, , in namespaces, , 
                apps/v2, sets, set, Set, s st, in namespaces, , 
                apps/v1, sets, , Set, , , not watched, not preferred
                apps/v1, olds, , Old, , , not watched, 
                whole"#]],
        );
    }

    #[test]
    fn the_old_form_leads_to_a_document_for_each_group() {
        check(
            &[
                ("/api", r#"{"kind":"APIVersions","versions":["v1"]}"#),
                (
                    "/apis",
                    r#"{"kind":"APIGroupList","groups":[{"name":"b","preferredVersion":{"groupVersion":"b/v2"}},{"name":"gone","preferredVersion":{"groupVersion":"gone/v1"}}]}"#,
                ),
                (
                    "/api/v1",
                    r#"{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","singularName":"","namespaced":true,"kind":"Pod","verbs":["list","watch"]},{"name":"pods/log","kind":"Pod","verbs":["list"]}]}"#,
                ),
                (
                    "/apis/b/v2",
                    r#"{"kind":"APIResourceList","groupVersion":"b/v2","resources":[{"name":"as","singularName":"a","kind":"A","verbs":["list"]}]}"#,
                ),
            ],
            &expect![[r#"
                /api
                /apis
                /api/v1
                /apis/b/v2
                /apis/gone/v1
                /v1, pods, , Pod, , in namespaces, , 
                b/v2, as, a, A, , , not watched, 
                not whole"#]],
        );
    }

    #[test]
    fn what_makes_no_sense_is_not_whole() {
        check(
            &[
                ("/api", "<html>"),
                ("/apis", r#"{"kind":"APIGroupList","groups":7}"#),
            ],
            &expect![[r#"
                /api
                /apis
                not whole"#]],
        );
    }
}
