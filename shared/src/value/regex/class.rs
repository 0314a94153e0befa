//! Sets of characters, as ranges in any order. Cases and named classes are those of ASCII.

/// The first and the last character of a range.
pub(super) type Range = (u32, u32);

const LAST: u32 = char::MAX as u32;

/// Everything but the end of a line.
pub(super) const IN_LINE: [Range; 2] = [(0, 9), (11, LAST)];

/// Everything.
pub(super) const ANY: [Range; 1] = [(0, LAST)];

/// What words are made of.
pub(super) const WORD: &[(u8, u8)] = &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')];

/// `\d`
pub(super) const DIGIT: &[(u8, u8)] = &[(b'0', b'9')];

/// `\s`
pub(super) const SPACE: &[(u8, u8)] = &[(b'\t', b'\r'), (b' ', b' ')];

/// The class of a name, as in `[[:alpha:]]`.
pub(super) fn named(name: &str) -> Option<&'static [(u8, u8)]> {
    Some(match name {
        "alnum" => &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
        "alpha" => &[(b'A', b'Z'), (b'a', b'z')],
        "ascii" => &[(0, 0x7f)],
        "blank" => &[(b'\t', b'\t'), (b' ', b' ')],
        "cntrl" => &[(0, 0x1f), (0x7f, 0x7f)],
        "digit" => DIGIT,
        "graph" => &[(b'!', b'~')],
        "lower" => &[(b'a', b'z')],
        "print" => &[(b' ', b'~')],
        "punct" => &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')],
        "space" => SPACE,
        "upper" => &[(b'A', b'Z')],
        "word" => WORD,
        "xdigit" => &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
        _ => return None,
    })
}

/// Adds a class, or what is not in it.
pub(super) fn add(set: &mut Vec<Range>, class: &[(u8, u8)], negated: bool) {
    let class = class.iter();
    let mut class = class
        .map(|(first, last)| (u32::from(*first), u32::from(*last)))
        .collect();
    if negated {
        negate(&mut class);
    }
    set.append(&mut class);
}

/// Adds the other case of each letter.
pub(super) fn fold(set: &mut Vec<Range>) {
    for at in 0..set.len() {
        for (from, to) in [('a', 'A'), ('A', 'a')] {
            let (from, to) = (u32::from(from), u32::from(to));
            let (first, last) = set[at];
            let (first, last) = (first.max(from), last.min(from + 25));
            if first <= last {
                set.push((first - from + to, last - from + to));
            }
        }
    }
}

/// What is not in a set.
pub(super) fn negate(set: &mut Vec<Range>) {
    let mut rest = ANY.to_vec();
    for (first, last) in set.drain(..) {
        for at in 0..rest.len() {
            let (start, end) = rest[at];
            if first > end || last < start {
                continue;
            }
            // What is before it stays here, what is after it goes to the end. The empty go below.
            rest[at] = (start, first.wrapping_sub(1));
            if first <= start {
                rest[at] = NOTHING;
            }
            if last < end {
                rest.push((last + 1, end));
            }
        }
    }
    rest.retain(|range| *range != NOTHING);
    *set = rest;
}

/// A range of nothing.
const NOTHING: Range = (1, 0);
