//! The parameters of a list or watch, checked as the server checks them.

use crate::field_selector::FieldSelector;
use crate::label_selector::LabelSelector;
use crate::object::Object;
use crate::quoted::Quoted;
use crate::request_info::{Query, go_fault};
use crate::resource::Resource;
use crate::status::{FieldFault, Status};
use crate::store::continue_token::ContinueToken;

/// What a list or watch asks for.
#[derive(Debug)]
pub(crate) struct ListOptions {
    pub(crate) selectors: Selectors,
    pub(crate) limit: Option<usize>,
    pub(crate) continue_token: Option<ContinueToken>,
    pub(crate) revision: Revision,
    pub(crate) watch: bool,
    pub(crate) allow_watch_bookmarks: bool,
    pub(crate) send_initial_events: Option<bool>,
    pub(crate) timeout_secs: Option<u64>,
}

/// Which objects are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selectors {
    pub(crate) labels: LabelSelector,
    pub(crate) fields: FieldSelector,
}

impl Selectors {
    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    pub(crate) fn matches(&self, object: &Object) -> bool {
        self.fields.matches(object) && self.labels.matches(object.labels())
    }
}

/// How new the answer must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revision {
    MostRecent,
    /// `resourceVersion=0`.
    Any,
    NotOlderThan(u64),
    Exactly(u64),
}

impl ListOptions {
    pub(crate) fn parse(query: &Query, resource: &Resource) -> Result<Self, Status> {
        let watch = query.flag("watch");
        let faults = faults(query, watch);
        if !faults.is_empty() {
            return Err(Status::invalid("meta.k8s.io", "ListOptions", "", &faults));
        }
        let limit = query.integer("limit").map_err(Status::bad_request)?;
        let timeout_secs = query
            .integer("timeoutSeconds")
            .map_err(Status::bad_request)?;
        let limit = limit
            .and_then(|limit| usize::try_from(limit).ok())
            .filter(|limit| *limit > 0);
        Ok(Self {
            selectors: selectors(query, resource)?,
            limit,
            continue_token: continue_token(query)?,
            revision: revision(query, watch, limit.is_some() && !watch)?,
            watch,
            allow_watch_bookmarks: query.flag("allowWatchBookmarks"),
            send_initial_events: query
                .has("sendInitialEvents")
                .then(|| query.flag("sendInitialEvents")),
            timeout_secs: timeout_secs
                .and_then(|secs| u64::try_from(secs).ok())
                .filter(|secs| *secs > 0),
        })
    }
}

fn selectors(query: &Query, resource: &Resource) -> Result<Selectors, Status> {
    let labels = LabelSelector::parse(query.value("labelSelector")).map_err(Status::bad_request)?;
    let fields = FieldSelector::parse(query.value("fieldSelector"), resource)
        .map_err(Status::bad_request)?;
    Ok(Selectors { labels, fields })
}

fn faults(query: &Query, watch: bool) -> Vec<FieldFault> {
    if watch {
        watch_faults(query)
    } else {
        list_faults(query)
    }
}

fn list_faults(query: &Query) -> Vec<FieldFault> {
    const FIELD: &str = "resourceVersionMatch";
    let mut faults = Vec::new();
    let matching = query.value(FIELD);
    let mut forbid = |wrong: bool, text: &str| {
        if wrong {
            faults.push(FieldFault::forbidden(FIELD, text));
        }
    };
    if !matching.is_empty() {
        let no_version = query.value("resourceVersion").is_empty();
        forbid(
            no_version,
            "resourceVersionMatch is forbidden unless resourceVersion is provided",
        );
        let continues = !query.value("continue").is_empty();
        forbid(
            continues,
            "resourceVersionMatch is forbidden when continue is provided",
        );
        let zero = matching == "Exact" && query.value("resourceVersion") == "0";
        forbid(
            zero,
            "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"",
        );
        if !matches!(matching, "Exact" | "NotOlderThan") {
            faults.push(FieldFault::not_supported(
                FIELD,
                &matching.into(),
                &["Exact", "NotOlderThan", ""],
            ));
        }
    }
    if query.has("sendInitialEvents") {
        faults.push(FieldFault::forbidden(
            "sendInitialEvents",
            "sendInitialEvents is forbidden for list",
        ));
    }
    faults
}

fn watch_faults(query: &Query) -> Vec<FieldFault> {
    const FIELD: &str = "resourceVersionMatch";
    let mut faults = Vec::new();
    let matching = query.value(FIELD);
    let initial = query.has("sendInitialEvents");
    if initial && matching != "NotOlderThan" {
        let text = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
        faults.push(FieldFault::forbidden(FIELD, text));
    }
    if !matching.is_empty() {
        if !initial {
            let text =
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
            faults.push(FieldFault::forbidden(FIELD, text));
        }
        if matching != "NotOlderThan" {
            faults.push(FieldFault::not_supported(
                FIELD,
                &matching.into(),
                &["NotOlderThan"],
            ));
        }
        if !query.value("continue").is_empty() {
            let text = "resourceVersionMatch is forbidden when continue is provided";
            faults.push(FieldFault::forbidden(FIELD, text));
        }
    }
    faults
}

fn continue_token(query: &Query) -> Result<Option<ContinueToken>, Status> {
    let text = query.value("continue");
    if text.is_empty() {
        return Ok(None);
    }
    let token = ContinueToken::decode(text)
        .map_err(|error| Status::bad_request(format!("invalid continue token: {error}")))?;
    if !matches!(query.value("resourceVersion"), "" | "0") {
        return Err(Status::bad_request(
            "specifying resource version is not allowed when using continue",
        ));
    }
    Ok(Some(token))
}

/// The error is the server's text.
pub(crate) fn parse_version(text: &str) -> Result<u64, String> {
    text.parse().map_err(|error| {
        let (text, fault) = (Quoted(text), go_fault(&error));
        format!(
            "resourceVersion: Invalid value: {text}: strconv.ParseUint: parsing {text}: {fault}"
        )
    })
}

/// A limit without a match asks for exactly this revision, as before the match existed.
fn revision(query: &Query, watch: bool, limited: bool) -> Result<Revision, Status> {
    match query.value("resourceVersion") {
        "" => Ok(Revision::MostRecent),
        "0" => Ok(Revision::Any),
        text => {
            let number = parse_version(text).map_err(|fault| {
                // The real server is not of one mind here.
                if watch {
                    Status::unknown(fault)
                } else {
                    Status::bad_request(format!("invalid resource version: {fault}"))
                }
            })?;
            Ok(match query.value("resourceVersionMatch") {
                "Exact" => Revision::Exactly(number),
                "" if limited => Revision::Exactly(number),
                _ => Revision::NotOlderThan(number),
            })
        }
    }
}
