//! A plan in words: "how was this answered?"

use std::fmt;

use super::{Content, Plan};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for scan in &self.scans {
            writeln!(f, "GET {}", scan.path(&[("limit", "500")]))?;
        }
        writeln!(f, "  then watch from its resourceVersion")?;
        let plural = self.kind.resource.plural;
        match self.whole_for {
            Some(field) => writeln!(
                f,
                "{plural} are read whole, because {field} is not in their metadata"
            )?,
            None if self.kind.listed == Content::Metadata => {
                writeln!(f, "of {plural} only the metadata is read")?
            }
            None => {}
        }
        if !self.pushed.is_empty() {
            writeln!(f, "the API server decides: {}", self.pushed.join(" "))?;
        }
        for (condition, why) in &self.local {
            writeln!(f, "decided here: {condition} ({why})")?;
        }
        let keys: Vec<_> = self
            .order
            .iter()
            .map(|&(index, descending)| {
                format!(
                    "{}{}",
                    if descending { "-" } else { "" },
                    self.kind.columns[index].name
                )
            })
            .chain(["namespace".to_owned(), "name".to_owned()])
            .collect();
        writeln!(f, "sorted here by {}", keys.join(", "))?;
        if let Some(limit) = self.limit {
            writeln!(f, "the first {limit} rows are shown")?;
        }
        Ok(())
    }
}
