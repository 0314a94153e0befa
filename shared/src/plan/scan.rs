//! One list and watch of the API server.

use std::fmt;

use crate::api::label::{self, Requirement};
use crate::api::{TABLE, field_value, with_parameters};
use crate::resource::Kind;

/// Objects of the first page of a list: soon on the screen.
pub const FIRST_PAGE: u64 = 500;
/// Objects of the pages after it: fewer round trips.
pub const NEXT_PAGE: u64 = 2000;

/// What is listed and watched: a kind, in one namespace or all, narrowed by selectors.
#[derive(Clone, Debug)]
pub struct ScanSpec {
    /// The kind.
    pub kind: &'static Kind,
    /// One namespace, or all.
    pub namespace: Option<String>,
    /// Requirements on labels, which all hold.
    pub labels: Vec<Requirement>,
    /// Requirements on fields, which all hold.
    pub fields: Vec<FieldRequirement>,
    /// How much of each object.
    pub content: Content,
}

/// How much of each object is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// Nothing but the cells that the server prints of it.
    Cells,
    /// Its metadata.
    Metadata,
    /// All of it.
    Whole,
    /// All of it, in a row of the cells that the server prints of it.
    Row,
}

/// One requirement of a field selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRequirement {
    /// `spec.nodeName`
    pub field: String,
    /// `=` or `!=`
    pub equal: bool,
    /// The value.
    pub value: String,
}

impl fmt::Display for FieldRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.equal { "=" } else { "!=" };
        let value = field_value(&self.value);
        write!(f, "{}{sign}{value}", self.field)
    }
}

impl PartialEq for ScanSpec {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.kind, other.kind)
            && self.namespace == other.namespace
            && self.labels == other.labels
            && self.fields == other.fields
            && self.content == other.content
    }
}

impl ScanSpec {
    /// Every object of a kind, as much of it as is listed of that kind.
    #[must_use]
    pub const fn all(kind: &'static Kind) -> Self {
        Self {
            kind,
            namespace: None,
            labels: Vec::new(),
            fields: Vec::new(),
            content: kind.listed,
        }
    }

    /// Whether every object of `other` is one of this scan's.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        std::ptr::eq(self.kind, other.kind)
            && (self.namespace.is_none() || self.namespace == other.namespace)
            && self.content >= other.content
            && self
                .labels
                .iter()
                .all(|requirement| other.labels.contains(requirement))
            && self
                .fields
                .iter()
                .all(|requirement| other.fields.contains(requirement))
    }

    /// The narrowest list that has every object of these; of nothing there is none.
    #[must_use]
    pub fn common(scans: &[Self]) -> Option<Self> {
        let (first, others) = scans.split_first()?;
        let mut list = first.clone();
        for other in others {
            if list.namespace != other.namespace {
                list.namespace = None;
            }
            list.labels
                .retain(|requirement| other.labels.contains(requirement));
            list.fields
                .retain(|requirement| other.fields.contains(requirement));
        }
        Some(list)
    }

    /// The path of a page of its list, or of its watch, with further parameters.
    #[must_use]
    pub fn path(&self, parameters: &[(&str, &str)]) -> String {
        let fields: Vec<_> = self.fields.iter().map(ToString::to_string).collect();
        let selectors = with_parameters(
            &self.kind.resource.collection(self.namespace.as_deref()),
            &[
                ("labelSelector", &label::selector(&self.labels)),
                ("fieldSelector", &fields.join(",")),
            ],
        );
        let include = match self.content {
            Content::Row => "Object",
            Content::Cells => "None",
            Content::Metadata | Content::Whole => "",
        };
        let objects = with_parameters(&selectors, &[("includeObject", include)]);
        with_parameters(&objects, parameters)
    }

    /// What its objects are asked for in, as a list or one by one. Custom resources and some others
    /// come in JSON only.
    #[must_use]
    pub const fn accept(&self, as_list: bool) -> &'static str {
        match (self.content, as_list) {
            (Content::Row | Content::Cells, _) => TABLE,
            (Content::Whole, _) => "application/vnd.kubernetes.protobuf,application/json",
            (Content::Metadata, true) => {
                "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,\
                 application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
            }
            (Content::Metadata, false) => {
                "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,\
                 application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
            }
        }
    }

    /// `pods in shop`, `nodes`: for sentences.
    #[must_use]
    pub fn words(&self) -> String {
        let plural = self.kind.name();
        match &self.namespace {
            Some(namespace) => format!("{plural} in {namespace}"),
            None => plural.to_owned(),
        }
    }
}
