//! Rows of tables that do not come as the server sends them.

use super::{ObjectRef, Value, text};

/// A row of these cells and of an object that has nothing but this metadata.
pub(super) fn row(cells: Value<'_>, metadata: &str) -> Vec<u8> {
    let cells = cells.to_json();
    let parts = [
        "{\"cells\":",
        &cells,
        ",\"object\":{\"metadata\":",
        metadata,
        "}}",
    ];
    parts.concat().into_bytes()
}

impl ObjectRef<'_> {
    /// A row that came without its object, with one that has no more than the name which stands in the cell at
    /// `name`, and the namespace, if it has one.
    #[must_use]
    pub fn identified(self, name: usize, namespace: Option<&str>) -> Vec<u8> {
        let name = self.cells().items().nth(name).unwrap_or(Value::ABSENT);
        let mut metadata = String::from("{\"name\":");
        text::quoted(&name.text_or_empty(), &mut metadata);
        if let Some(namespace) = namespace {
            metadata.push_str(",\"namespace\":");
            text::quoted(namespace, &mut metadata);
        }
        metadata.push('}');
        row(self.cells(), &metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ObjectRef;
    use super::Value;

    #[test]
    fn a_row_without_object_is_known_by_its_cells() {
        let row = Value::json(br#"{"cells":["0/1","a\"b"]}"#);
        let bytes = ObjectRef::row(row).identified(1, Some("shop"));
        assert_eq!(
            String::from_utf8_lossy(&bytes),
            r#"{"cells":["0/1","a\"b"],"object":{"metadata":{"name":"a\"b","namespace":"shop"}}}"#
        );
        let bytes = ObjectRef::row(row).identified(7, None);
        assert!(ObjectRef::row(Value::json(&bytes)).name().is_empty());
    }
}
