//! What keys do to the text: taking a candidate, applying a repair.

use k8kat::engine::message::{Completion, QueryEcho};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edit {
    /// Run the query.
    Commit,
    /// Put the chosen candidate in.
    Take,
    /// Put the first repair in.
    Repair,
    /// Another candidate, so many further.
    Choose(isize),
    /// Open the popup.
    Ask,
    /// Close the popup.
    Close,
    /// Give the focus back.
    Leave,
}

/// The text and the caret after candidate `at` was taken.
pub(super) fn take(completion: &Completion, at: usize) -> Option<(String, usize)> {
    let candidate = completion.candidates.get(at)?;
    let span = completion.span;
    let before = completion.text.get(..span.start)?;
    let after = completion.text.get(span.end..)?;
    let caret = before.len() + candidate.insert.len();
    Some((format!("{before}{}{after}", candidate.insert), caret))
}

/// The text and the caret after the first problem that can be repaired was. The caret stays
/// where the person types.
pub(super) fn repair(text: &str, caret: usize, echo: &QueryEcho) -> Option<(String, usize)> {
    if echo.text != text {
        return None;
    }
    let problem = echo.problems.iter().find(|problem| problem.fix.is_some())?;
    let fix = problem.fix.as_deref()?;
    let span = problem.span;
    let before = text.get(..span.start)?;
    let after = text.get(span.end..)?;
    let caret = match caret {
        caret if caret >= span.end => caret - span.end + span.start + fix.len(),
        caret if caret > span.start => span.start + fix.len(),
        caret => caret,
    };
    Some((format!("{before}{fix}{after}"), caret))
}

/// The next of `count` candidates, around the ends.
pub(super) fn step(chosen: usize, step: isize, count: usize) -> usize {
    let count = count.max(1) as isize;
    (chosen as isize + step).rem_euclid(count) as usize
}

/// Browsers count UTF-16 units, the engine counts bytes.
pub(super) fn byte_of_unit(text: &str, unit: u32) -> usize {
    let mut units = 0;
    for (byte, letter) in text.char_indices() {
        if units >= unit {
            return byte;
        }
        units += letter.len_utf16() as u32;
    }
    text.len()
}

/// The other way around.
pub(super) fn unit_of_byte(text: &str, byte: usize) -> u32 {
    let before = text.get(..byte).unwrap_or(text);
    before.encode_utf16().count() as u32
}

#[cfg(test)]
mod tests {
    use k8kat::engine::message::Candidate;
    use k8kat::query::{Problem, Span};

    use super::*;

    #[test]
    fn a_candidate_replaces_its_span() {
        let completion = Completion {
            text: "pods status:C sort:age".into(),
            title: String::new(),
            span: Span { start: 12, end: 13 },
            candidates: vec![Candidate {
                insert: "Completed".into(),
                typed: 1,
                meaning: String::new(),
                count: None,
                mark: None,
            }],
        };
        let taken = take(&completion, 0);
        assert_eq!(taken, Some(("pods status:Completed sort:age".into(), 21)));
        assert_eq!(take(&completion, 1), None);
    }

    #[test]
    fn a_repair_replaces_its_span() {
        let echo = QueryEcho {
            text: "pods nod:a".into(),
            problems: vec![Problem {
                span: Span { start: 5, end: 8 },
                message: String::new(),
                fix: Some("node".into()),
            }],
            ..QueryEcho::default()
        };
        assert_eq!(
            repair("pods nod:a", 10, &echo),
            Some(("pods node:a".into(), 11))
        );
        assert_eq!(
            repair("pods nod:ab", 0, &echo),
            None,
            "it speaks of another text"
        );
    }

    #[test]
    fn units_and_bytes() {
        let text = "a€𝄞b";
        for (unit, byte) in [(0, 0), (1, 1), (2, 4), (4, 8), (5, 9), (9, 9)] {
            assert_eq!(byte_of_unit(text, unit), byte);
        }
        for (byte, unit) in [(0, 0), (1, 1), (4, 2), (8, 4), (9, 5)] {
            assert_eq!(unit_of_byte(text, byte), unit);
        }
    }

    #[test]
    fn choosing_goes_around() {
        assert_eq!(
            [step(0, -1, 3), step(2, 1, 3), step(0, 1, 3), step(0, 1, 0)],
            [2, 0, 1, 0]
        );
    }
}
