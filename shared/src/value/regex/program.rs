//! What an expression is made into: steps, as by Thompson, and classes of characters between which
//! no step tells a difference.

use super::class::{Range, WORD};

/// A step of matching. How far away others are is counted from where it stands, so that a part of a
/// program can be copied.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Takes a character that is in these ranges of the program: from, to.
    Take(u16, u16),
    /// Goes on with the next, and as well with one so far away.
    Fork(i16),
    /// Goes on with one so far away.
    Jump(i16),
    /// Goes on with the next where this holds.
    Look(Look),
}

/// What is asked of a place between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Start,
    End,
    LineStart,
    LineEnd,
    WordEdge,
    NoWordEdge,
    WordStart,
    WordEnd,
}

/// What is beside a place, as far as anybody looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// No more text.
    Edge,
    Newline,
    Word,
    Other,
}

impl Side {
    const ALL: [Self; 4] = [Self::Edge, Self::Newline, Self::Word, Self::Other];

    /// The side of a number.
    pub(super) fn of(number: u32) -> Self {
        let side = Self::ALL.get(number as usize);
        side.copied().unwrap_or(Self::Other)
    }
}

impl Look {
    /// Whether it holds between two sides.
    pub(super) fn holds(self, left: Side, right: Side) -> bool {
        let is_word = |side| side == Side::Word;
        let ends_line = |side| matches!(side, Side::Edge | Side::Newline);
        match self {
            Self::Start => left == Side::Edge,
            Self::End => right == Side::Edge,
            Self::LineStart => ends_line(left),
            Self::LineEnd => ends_line(right),
            Self::WordEdge => is_word(left) != is_word(right),
            Self::NoWordEdge => is_word(left) == is_word(right),
            Self::WordStart => !is_word(left) && is_word(right),
            Self::WordEnd => is_word(left) && !is_word(right),
        }
    }
}

/// Steps; past the last of them, the expression is found.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    ranges: Vec<Range>,
    /// The class of each character of ASCII.
    ascii: [u8; 128],
    /// Of each class, the first character. Those of ASCII come first.
    starts: Vec<u32>,
    /// Whether anybody looks at more than where the text begins and ends.
    looks: bool,
    /// Whether it is found at the beginning or nowhere.
    pub(super) is_anchored: bool,
}

impl Program {
    pub(super) fn new(steps: Vec<Step>, ranges: Vec<Range>) -> Self {
        let looks = steps.iter().any(
            |step| matches!(step, Step::Look(look) if !matches!(look, Look::Start | Look::End)),
        );
        let mut starts = vec![0];
        let mut begin = |code: u32| {
            if let Err(at) = starts.binary_search(&code) {
                starts.insert(at, code);
            }
        };
        for (first, last) in &ranges {
            begin(*first);
            begin(last + 1);
        }
        if looks {
            begin(NEWLINE);
            begin(NEWLINE + 1);
            for (first, last) in WORD {
                begin(u32::from(*first));
                begin(u32::from(*last) + 1);
            }
        }
        let mut program = Self {
            is_anchored: matches!(steps.first(), Some(Step::Look(Look::Start))),
            steps,
            ranges,
            ascii: [0; 128],
            starts,
            looks,
        };
        for code in 0..128 {
            program.ascii[code] = program.class(code as u32) as u8;
        }
        program
    }

    fn class(&self, code: u32) -> usize {
        self.starts.partition_point(|start| *start <= code) - 1
    }

    /// How many classes there are, and so the number of what follows the last character.
    pub(super) const fn end(&self) -> usize {
        self.starts.len()
    }

    /// The class of the character somewhere in a text, and where the next one is.
    #[inline(always)]
    pub(super) fn class_at(&self, text: &str, at: usize) -> (usize, usize) {
        let byte = text.as_bytes().get(at);
        if let Some(class) = byte.and_then(|byte| self.ascii.get(usize::from(*byte))) {
            return (usize::from(*class), at + 1);
        }
        match text.get(at..).and_then(|rest| rest.chars().next()) {
            Some(char) => (self.class(char.into()), at + char.len_utf8()),
            None => (self.end(), at),
        }
    }

    /// What the characters of a class are to those who look at them.
    pub(super) fn side(&self, class: usize) -> Side {
        match self.starts.get(class) {
            None => Side::Edge,
            Some(_) if !self.looks => Side::Other,
            Some(&NEWLINE) => Side::Newline,
            Some(&code) => {
                let within = |(first, last): &(u8, u8)| (*first..=*last).contains(&(code as u8));
                let is_word = code < 128 && WORD.iter().any(within);
                if is_word { Side::Word } else { Side::Other }
            }
        }
    }

    /// Whether the characters of a class are in some of the ranges.
    pub(super) fn takes(&self, from: u16, to: u16, class: usize) -> bool {
        let ranges = self.ranges.get(usize::from(from)..usize::from(to));
        self.starts.get(class).is_some_and(|code| {
            let within = |(first, last): &Range| first <= code && code <= last;
            ranges.is_some_and(|ranges| ranges.iter().any(within))
        })
    }
}

const NEWLINE: u32 = b'\n' as u32;
