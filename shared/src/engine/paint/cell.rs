//! Cells: what `kubectl` prints, in the ink that says what matters.

use super::super::message::{Cell, Link, TextSpan, Tone};
use crate::api::time::human_duration;
use crate::resource::{Catalog, Column, Datum, FactValue, Lead, Mark, ValueType};
use crate::store::Entry;

/// The cell of a row in a column; `now` is the server's time.
pub(super) fn cell(index: usize, entry: Entry<'_>, catalog: &Catalog, now: i64) -> Cell {
    let kind = entry.kind();
    let column = &kind.columns[index];
    let datum = &entry.datum(index);
    let bears_state = kind.state_column() == Some(index);
    let mut cell = match datum {
        _ if column.name == "name" => name_cell(entry),
        Datum::Text(images) if column.tail => Cell {
            spans: image_spans(images),
            ..Cell::default()
        },
        Datum::Count(count, Some(last)) if *count > 0 => Cell {
            spans: vec![
                span(
                    count.to_string(),
                    if entry.is_broken() {
                        Tone::Bad
                    } else {
                        Tone::Plain
                    },
                ),
                span(
                    format!(" ({} ago)", human_duration(now - last)),
                    Tone::Quiet,
                ),
            ],
            ..Cell::default()
        },
        _ => Cell::toned(
            column.print(datum, now),
            tone(column, datum, entry, bears_state),
        ),
    };
    if bears_state {
        cell.mark = Some(entry.mark());
    }
    let lead = (column.leads)(entry.object(), datum);
    cell.link = lead.and_then(|lead| link_to(&lead, catalog));
    cell
}

/// Images: where they come from may be overlooked, what they are may not.
fn image_spans(images: &str) -> Vec<TextSpan> {
    let mut spans = Vec::new();
    for (index, image) in images.split(',').enumerate() {
        if index > 0 {
            spans.push(span(",", Tone::Quiet));
        }
        let name = image.rfind('/').map_or(0, |at| at + 1);
        let tag = image[name..]
            .find([':', '@'])
            .map_or(image.len(), |at| name + at);
        let parts = [(&image[..tag], Tone::Quiet), (&image[tag..], Tone::Plain)];
        let parts = parts.into_iter().filter(|(text, _)| !text.is_empty());
        spans.extend(parts.map(|(text, tone)| span(text, tone)));
    }
    spans
}

fn tone(column: &Column, datum: &Datum<'_>, entry: Entry<'_>, bears_state: bool) -> Tone {
    let mark = entry.mark();
    match datum {
        Datum::Ratio(part, whole) if part < whole && mark != Mark::Completed => match mark {
            Mark::NotReady | Mark::Degraded | Mark::Failed if bears_state => mark_tone(mark),
            Mark::NotReady | Mark::Degraded => Tone::Warn,
            _ => Tone::Plain,
        },
        _ if bears_state && column.value == ValueType::Text && mark != Mark::NotReady => {
            mark_tone(mark)
        }
        Datum::Number(0) | Datum::Count(0, _) | Datum::Absent => Tone::Quiet,
        _ => Tone::Plain,
    }
}

/// The ink of a state. Healthy is quiet.
pub(super) const fn mark_tone(mark: Mark) -> Tone {
    match mark {
        Mark::Running | Mark::Completed => Tone::Plain,
        Mark::Pending => Tone::Wait,
        Mark::NotReady | Mark::Degraded => Tone::Warn,
        Mark::Failed => Tone::Bad,
        Mark::Terminating => Tone::Gone,
        Mark::Unknown => Tone::Unknown,
    }
}

fn span(text: impl Into<String>, tone: Tone) -> TextSpan {
    TextSpan {
        text: text.into(),
        tone,
    }
}

/// A name in its parts: what it belongs to, the hash that nobody reads, its own part.
pub(in crate::engine) fn name_cell(entry: Entry<'_>) -> Cell {
    let name = entry.name();
    let hash = entry.label("pod-template-hash").unwrap_or_default();
    let parts = name
        .find(&format!("-{hash}"))
        .filter(|at| !hash.is_empty() && *at > 0)
        .map(|at| {
            (
                &name[..at],
                &name[at..at + hash.len() + 1],
                &name[at + hash.len() + 1..],
            )
        });
    let Some((owner, hash, own)) = parts else {
        return Cell::toned(name, Tone::Strong);
    };
    let mut spans = vec![span(owner, Tone::Strong), span(hash, Tone::Quiet)];
    if !own.is_empty() {
        spans.push(span(own, Tone::Plain));
    }
    Cell {
        spans,
        ..Cell::default()
    }
}

/// The way to an object.
fn link_to(lead: &Lead, catalog: &Catalog) -> Option<Link> {
    let kind = catalog.named(&lead.kind)?;
    Some(Link::Object(kind.object_path(&lead.namespace, &lead.name)))
}

/// A fact of a detail as a cell.
pub(in crate::engine) fn fact_cell(value: &FactValue, catalog: &Catalog, now: i64) -> Cell {
    match value {
        FactValue::Text(text) => Cell::from(text.as_str()),
        FactValue::State(mark, word) => Cell {
            mark: Some(*mark),
            ..Cell::toned(word.as_str(), mark_tone(*mark))
        },
        FactValue::Time(time) => Cell::from(human_duration(now - time).as_str()),
        FactValue::Object(lead) => match link_to(lead, catalog) {
            None => Cell::from(format!("{} {}", lead.kind, lead.name).as_str()),
            link => Cell {
                link,
                ..Cell::from(lead.name.as_str())
            },
        },
    }
}
