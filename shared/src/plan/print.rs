//! A plan in words: "how was this answered?", and the kubectl lines that do the same.

use std::fmt;

use super::{Content, Part, Plan, Shape};
use crate::api::label;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            part.write(f)?;
        }
        for related in &self.related {
            let plural = related.part.kind.name();
            let relation = related.relation.name();
            writeln!(
                f,
                "to decide what is in the relation {relation} to {plural}:"
            )?;
            related.part.write(f)?;
        }
        match &self.shape {
            Shape::Groups(by, figures) => {
                let figures: Vec<_> = figures.iter().map(|figure| figure.name.as_str()).collect();
                let by: Vec<_> = by.iter().map(|shown| shown.name.as_str()).collect();
                let by = if by.is_empty() {
                    "of all".to_owned()
                } else {
                    format!("by {}", by.join(", "))
                };
                writeln!(f, "computed here: {} {by}", figures.join(", "))?;
            }
            _ => writeln!(f, "sorted here by {}", self.order_words())?,
        }
        if let Some(limit) = self.limit {
            writeln!(f, "the first {limit} rows are shown")?;
        }
        Ok(())
    }
}

impl Plan {
    fn order_words(&self) -> String {
        let keys = self.order.iter().map(|(shown, descending)| {
            format!("{}{}", if *descending { "-" } else { "" }, shown.name)
        });
        let kind = (self.parts.len() > 1).then(|| "kind".to_owned());
        let keys: Vec<_> = keys
            .chain(kind)
            .chain(["namespace".to_owned(), "name".to_owned()])
            .collect();
        keys.join(", ")
    }

    /// The kubectl lines that read the same; what they cannot decide stands behind `#`.
    #[must_use]
    pub fn kubectl(&self) -> Vec<String> {
        self.every_part().flat_map(Part::kubectl).collect()
    }
}

impl Part {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for scan in &self.scans {
            writeln!(f, "GET {}", scan.path(&[("limit", "500")]))?;
        }
        let plural = self.kind.name();
        if let Some(partial) = &self.partial {
            writeln!(f, "  not complete: {partial}")?;
        }
        let is_metadata = self
            .scans
            .iter()
            .all(|scan| scan.content == Content::Metadata);
        match &self.whole_for {
            Some(field) => writeln!(
                f,
                "  {plural} are read whole, because {field} is not in their metadata"
            )?,
            None if is_metadata && !self.scans.is_empty() => {
                writeln!(f, "  of {plural} only the metadata is read")?;
            }
            None => {}
        }
        for note in &self.notes {
            writeln!(f, "  {note}")?;
        }
        if !self.pushed.is_empty() {
            writeln!(f, "  the API server decides: {}", self.pushed.join(" "))?;
        }
        for (condition, why) in &self.local {
            writeln!(f, "  decided here: {condition} ({why})")?;
        }
        Ok(())
    }

    fn kubectl(&self) -> Vec<String> {
        let local: Vec<_> = self.local.iter().map(|(text, _)| text.as_str()).collect();
        let rest = if local.is_empty() {
            String::new()
        } else {
            format!("   # kubectl cannot: {}", local.join(" "))
        };
        let line = |scan: &super::ScanSpec| {
            let mut words = vec!["kubectl get".to_owned(), scan.kind.resource.qualified()];
            match &scan.namespace {
                Some(namespace) => words.push(format!("-n {namespace}")),
                None if scan.kind.resource.namespaced => words.push("-A".to_owned()),
                None => {}
            }
            if !scan.labels.is_empty() {
                words.push(format!("-l {}", shell(&label::selector(&scan.labels))));
            }
            if !scan.fields.is_empty() {
                let fields: Vec<_> = scan.fields.iter().map(ToString::to_string).collect();
                words.push(format!("--field-selector {}", shell(&fields.join(","))));
            }
            words.push("-o wide".to_owned());
            words.join(" ") + &rest
        };
        self.scans.iter().map(line).collect()
    }
}

/// A word as a shell reads it.
fn shell(word: &str) -> String {
    let is_plain = word
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_./=,:".contains(&byte));
    if is_plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
