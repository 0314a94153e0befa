//! The kinds known by heart as the server's tables have them: columns are read from its cells.

use super::learned::{field_name, made};
use super::{Column, Facts, Health, Kind, Mark};
use crate::plan::Content;
use crate::value::Value;

impl Kind {
    /// Its columns that the server's tables have, in their order.
    fn printed(&self) -> impl Iterator<Item = &'static Column> {
        let namespace = usize::from(self.resource.namespaced);
        self.columns.iter().skip(namespace).take(self.cells)
    }

    /// The place of a column in the rows of the server's tables, if they have it.
    #[must_use]
    pub fn cell_of(&self, column: &Column) -> Option<usize> {
        self.printed()
            .position(|printed| printed.name == column.name)
    }

    /// The place of the name in these rows.
    #[must_use]
    pub fn name_cell(&self) -> usize {
        self.cell_of(&Column::NAME).unwrap_or_default()
    }

    /// Whether the server's tables have the columns that they are known for, by their `columnDefinitions`.
    /// Further ones do no harm.
    #[must_use]
    pub fn is_printed_as(&self, definitions: &str) -> bool {
        let mut titles = Value::json(definitions.as_bytes()).items();
        self.printed().all(|column| {
            let title = titles.next().map(|one| one.get("name").text_or_empty());
            title.is_some_and(|title| field_name(&title) == field_name(column.title))
        })
    }

    /// The same kind, of rows that have no more than the cells that the server prints: each column is where it
    /// was, and those that the server does not print are of no object. Nothing of a kind whose tables are not
    /// known by heart.
    #[must_use]
    pub fn of_cells(&'static self) -> Option<&'static Self> {
        if self.cells == 0 {
            return None;
        }
        let column = |column: &Column| match self.cell_of(column) {
            Some(place) if !column.is_identity() => column.at_cell(place),
            _ => *column,
        };
        let key = ["cells of ", &self.resource.qualified()].concat();
        Some(made(key, || Self {
            columns: self.columns.iter().map(column).collect::<Vec<_>>().leak(),
            listed: Content::Cells,
            print: |_| Health::fine(Mark::Running, "").into(),
            facts: |_| Facts::default(),
            relations: &[],
            ..*self
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{KINDS, Kind};

    fn definitions(names: &[&str]) -> String {
        let name = |name: &&str| format!(r#"{{"name":"{name}"}}"#);
        format!("[{}]", names.iter().map(name).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn tables_are_known_by_their_heads() {
        let secrets = Kind::named("secrets").expect("it is known");
        for (names, is_known) in [
            (&["Name", "Type", "Data", "Age"][..], true),
            (&["Name", "Type", "Data", "Age", "More"], true),
            (&["Name", "Type", "Data"], false),
            (&["Name", "Data", "Type", "Age"], false),
            (&[], false),
        ] {
            assert_eq!(
                secrets.is_printed_as(&definitions(names)),
                is_known,
                "{names:?}"
            );
        }
        assert!(!secrets.is_printed_as(""));
    }

    #[test]
    fn every_kind_whose_tables_are_known_has_the_heads_of_the_api_server() {
        let heads = [
            ("configmaps", "Name,Data,Age"),
            ("customresourcedefinitions", "Name,Created At"),
            (
                "deployments",
                "Name,Ready,Up-to-date,Available,Age,Containers,Images,Selector",
            ),
            (
                "events",
                "Last Seen,Type,Reason,Object,Subobject,Source,Message,First Seen,Count,Name",
            ),
            ("namespaces", "Name,Status,Age"),
            (
                "nodes",
                "Name,Status,Roles,Age,Version,Internal-IP,External-IP,OS-Image,Kernel-Version,Container-Runtime",
            ),
            (
                "pods",
                "Name,Ready,Status,Restarts,Age,IP,Node,Nominated Node,Readiness Gates",
            ),
            (
                "replicasets",
                "Name,Desired,Current,Ready,Age,Containers,Images,Selector",
            ),
            ("secrets", "Name,Type,Data,Age"),
            (
                "services",
                "Name,Type,Cluster-IP,External-IP,Port(s),Age,Selector",
            ),
        ];
        let kinds = KINDS.iter().filter(|kind| kind.cells > 0);
        let mut known: Vec<&str> = kinds.map(|kind| kind.resource.plural).collect();
        known.sort_unstable();
        assert_eq!(known, heads.map(|(plural, _)| plural));
        for (plural, names) in heads {
            let names: Vec<&str> = names.split(',').collect();
            let kind = Kind::named(plural).expect("it is known");
            assert!(kind.is_printed_as(&definitions(&names)), "{plural}");
        }
    }
}
