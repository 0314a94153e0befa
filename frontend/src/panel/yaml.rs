//! The object as text, to read, select and copy.

use crate::widget::text::ACT;
use crate::widget::{Element, Icon, Node, button, picture};

/// Beyond so many lines it is drawn in one colour: each piece of colour is an element.
const COLOURED_LINES: usize = 4_000;

/// The text with its keys in colour.
pub(super) fn yaml(text: &str, copied: bool) -> Element {
    let copy = if copied { "Copied" } else { "Copy" };
    let copy = button::empty("button")
        .with(ACT, "copy")
        .child(picture(Icon::Copy))
        .child(Element::new("span", "").text(copy));
    let heading = Element::new("h3", "")
        .child(Element::new("span", "").text("YAML"))
        .child(copy);
    let code = Element::new("code", "").nodes(lines(text));
    let text = Element::new("pre", "").with("tabindex", "0").child(code);
    Element::new("section", "card yaml")
        .child(heading)
        .child(text)
}

fn lines(text: &str) -> Vec<Node> {
    if text.is_empty() {
        return vec!["On its way …".into()];
    }
    if text.lines().count() > COLOURED_LINES {
        return vec![text.to_owned().into()];
    }
    text.lines().flat_map(line).collect()
}

fn line(line: &str) -> impl Iterator<Item = Node> {
    let inked = |(class, text): (&'static str, &str)| {
        if class == "y" {
            text.to_owned().into()
        } else {
            Element::new("span", class).text(text.to_owned()).into()
        }
    };
    pieces(line).into_iter().map(inked).chain(["\n".into()])
}

/// Cuts a line into indentation, key and value by its looks alone.
fn pieces(line: &str) -> Vec<(&'static str, &str)> {
    let body = line.trim_start_matches([' ', '-']);
    let (indent, body) = line.split_at(line.len() - body.len());
    if body.starts_with('#') {
        return vec![("y", indent), ("y-comment", body)];
    }
    let end = body
        .find(": ")
        .or_else(|| body.ends_with(':').then(|| body.len() - 1));
    match end {
        Some(end) if !body.starts_with(['"', '\'']) || body[..end].ends_with(['"', '\'']) => {
            let (key, rest) = body.split_at(end);
            let (colon, value) = rest.split_at(1);
            vec![
                ("y", indent),
                ("y-key", key),
                ("y", colon),
                (class(value), value),
            ]
        }
        _ => vec![("y", indent), (class(body), body)],
    }
}

/// A number's look is enough for its ink; reading it would bring the tables of floats with it.
fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| b"0123456789.+-eE".contains(&byte))
}

fn class(value: &str) -> &'static str {
    match value.trim() {
        "true" | "false" | "null" | "~" | "{}" | "[]" => "y-word",
        number if is_number(number) => "y-number",
        text if text.starts_with(['"', '\'']) => "y-text",
        _ => "y",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, drawn: &str) {
        let pieces = pieces(line);
        let text: String = pieces.iter().map(|(_, text)| *text).collect();
        assert_eq!(text, line, "nothing is lost");
        let shown: Vec<String> = pieces
            .iter()
            .filter(|(class, text)| *class != "y" && !text.is_empty())
            .map(|(class, text)| format!("{}<{text}>", &class[2..]))
            .collect();
        assert_eq!(shown.join(" "), drawn);
    }

    #[test]
    fn lines_are_cut_by_their_looks() {
        check("metadata:", "key<metadata>");
        check("  name: web-1", "key<name>");
        check("  - name: \"1\"", "key<name> text< \"1\">");
        check("replicas: 3", "key<replicas> number< 3>");
        check("paused: false", "key<paused> word< false>");
        check("- --port=8080", "");
        check("image: a:5000/b:1", "key<image>");
        check("# note: this", "comment<# note: this>");
        check("\"a: b\"", "text<\"a: b\">");
        check("\"a\": b", "key<\"a\">");
        check("", "");
    }
}
