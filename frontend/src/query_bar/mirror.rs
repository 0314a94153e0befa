//! The text as tiles, letter under letter with the input above it.

use k8kat::query::{Problem, Span, Tile, TileClass, tiles};
use leptos::html;
use leptos::prelude::*;

use super::{Draft, Model};
use crate::widget::{Element, Node, dress};

/// Draws the tiles. What is being typed has none, and wrong parts are underlined.
#[component]
pub(super) fn Mirror(model: Model, draft: Draft) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    dress(host, move || {
        let text = draft.text.get();
        let problems = model.echo.with(|echo| {
            let ours = echo.text == text;
            if ours {
                echo.problems.clone()
            } else {
                Vec::new()
            }
        });
        let groups = groups(&text, &tiles(&text), &problems, draft.caret.get());
        let shift = format!("translateX({}px)", -draft.scroll.get());
        Element::new("div", "mirror-text")
            .with("style:transform", shift)
            .nodes(groups.into_iter().map(drawn).collect())
    });
    view! {
        <div class="mirror" aria-hidden="true">
            <div class="mirror-text" node_ref=host></div>
        </div>
    }
}

/// A tile, or what stands between two.
#[derive(Debug, PartialEq, Eq)]
struct Group {
    class: &'static str,
    pieces: Vec<Piece>,
}

#[derive(Debug, PartialEq, Eq)]
struct Piece {
    text: String,
    key: bool,
    wrong: bool,
}

fn drawn(group: Group) -> Node {
    let piece = |piece: Piece| {
        let class = match (piece.key, piece.wrong) {
            (_, true) => "piece-wrong",
            (true, false) => "piece-key",
            (false, false) => "piece",
        };
        Element::new("span", class).text(piece.text)
    };
    let pieces = group.pieces.into_iter().map(piece);
    Element::new("span", group.class).children(pieces).into()
}

fn groups(text: &str, tiles: &[Tile], problems: &[Problem], caret: Option<usize>) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut at = 0;
    for tile in tiles {
        push(
            &mut groups,
            text,
            "between",
            at,
            tile.span.start,
            None,
            problems,
        );
        let wrong = problems
            .iter()
            .any(|problem| overlap(problem.span, tile.span));
        let typed = caret.is_some_and(|caret| tile.span.start <= caret && caret <= tile.span.end);
        let class = class(tile.class, typed, wrong);
        push(
            &mut groups,
            text,
            class,
            tile.span.start,
            tile.span.end,
            tile.key,
            problems,
        );
        at = tile.span.end;
    }
    push(&mut groups, text, "between", at, text.len(), None, problems);
    groups
}

fn class(class: TileClass, typed: bool, wrong: bool) -> &'static str {
    match (class, typed, wrong) {
        (_, false, true) => "tile tile-wrong",
        (TileClass::Kind, true, _) => "typed tile-kind",
        (TileClass::Kind, false, _) => "tile tile-kind",
        (TileClass::Directive, true, _) => "typed tile-directive",
        (TileClass::Directive, false, _) => "tile tile-directive",
        (TileClass::Operator, _, _) => "tile-operator",
        (_, true, _) => "typed",
        (TileClass::Field | TileClass::Label | TileClass::Word, false, _) => "tile",
    }
}

/// Cuts `start..end` wherever the key or a problem begins or ends.
fn push(
    groups: &mut Vec<Group>,
    text: &str,
    class: &'static str,
    start: usize,
    end: usize,
    key: Option<Span>,
    problems: &[Problem],
) {
    let spans = problems.iter().map(|problem| problem.span).chain(key);
    let mut cuts: Vec<usize> = spans.flat_map(|span| [span.start, span.end]).collect();
    cuts.retain(|cut| start < *cut && *cut < end);
    cuts.extend([start, end]);
    let cuts = in_order(&cuts);
    let pieces: Vec<Piece> = cuts
        .windows(2)
        .filter_map(|cut| {
            let span = Span {
                start: cut[0],
                end: cut[1],
            };
            Some(Piece {
                text: text.get(span.start..span.end)?.to_owned(),
                key: key.is_some_and(|key| overlap(key, span)),
                wrong: problems.iter().any(|problem| overlap(problem.span, span)),
            })
        })
        .collect();
    if !pieces.is_empty() {
        groups.push(Group { class, pieces });
    }
}

/// Each once. There are few: the library's own sort would weigh more than it saves.
fn in_order(places: &[usize]) -> Vec<usize> {
    let mut sorted: Vec<usize> = Vec::new();
    for place in places {
        if let Err(at) = sorted.binary_search(place) {
            sorted.insert(at, *place);
        }
    }
    sorted
}

fn overlap(one: Span, other: Span) -> bool {
    one.start < other.end && other.start < one.end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `class[piece|KEY|~wrong~]`, with keys in capitals.
    fn print(groups: &[Group]) -> String {
        let piece = |piece: &Piece| match (piece.key, piece.wrong) {
            (true, false) => piece.text.to_ascii_uppercase(),
            (_, true) => format!("~{}~", piece.text),
            _ => piece.text.clone(),
        };
        let group = |group: &Group| {
            let pieces: Vec<String> = group.pieces.iter().map(piece).collect();
            format!("{}[{}]", group.class, pieces.join("|"))
        };
        groups.iter().map(group).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tiles_keys_and_problems_are_cut_apart() {
        let text = "pods nod:a x";
        let span = |start, end| Span { start, end };
        let tile = |span, key, class| Tile { span, key, class };
        let tiles = [
            tile(span(0, 4), None, TileClass::Kind),
            tile(span(5, 10), Some(span(5, 8)), TileClass::Field),
            tile(span(11, 12), None, TileClass::Word),
        ];
        let problem = Problem {
            span: span(5, 8),
            message: String::new(),
            fix: None,
        };
        let drawn = groups(text, &tiles, &[problem], Some(12));
        assert_eq!(
            print(&drawn),
            "tile tile-kind[pods] between[ ] tile tile-wrong[~nod~|:a] between[ ] typed[x]"
        );
        let drawn = groups(text, &tiles, &[], None);
        assert_eq!(
            print(&drawn),
            "tile tile-kind[pods] between[ ] tile[NOD|:a] between[ ] tile[x]"
        );
        assert_eq!(groups("", &[], &[], None), []);
    }
}
