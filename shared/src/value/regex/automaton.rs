//! A program run over texts: its states are sets of steps, made when a text first leads there and
//! kept for the next, so that most characters cost one look into a table.

use super::program::{Program, Side, Step};

/// States that have been met, each in as many words: where every class of characters leads to, what
/// is on the left, which steps are next, and the next state of the same hash.
#[derive(Debug)]
pub(super) struct Automaton {
    words: Vec<u32>,
    /// The last state of each hash.
    heads: [u32; HASHES],
    /// What is on the left and the steps that are next, of the state that is being made.
    key: Vec<u32>,
    /// Steps that were gone through for it, and those that will be.
    seen: Vec<u32>,
    open: Vec<usize>,
}

/// The state before the first character. The others follow behind it.
const START: usize = 0;

/// Where nobody has been yet.
const UNKNOWN: u32 = u32::MAX;
/// The expression is found.
const FOUND: u32 = u32::MAX - 1;
/// It will not be found any more.
const LOST: u32 = u32::MAX - 2;

/// When there are more words than this, all states are forgotten.
const MOST: usize = 1 << 16;

const HASHES: usize = 256;

impl Automaton {
    pub(super) fn new(program: &Program) -> Self {
        let set = program.steps.len() / 32 + 1;
        let mut automaton = Self {
            words: Vec::new(),
            heads: [UNKNOWN; HASHES],
            key: vec![0; 1 + set],
            seen: vec![0; set],
            open: Vec::new(),
        };
        automaton.state(program);
        automaton
    }

    /// Whether the expression is found in a text.
    pub(super) fn finds(&mut self, program: &Program, text: &str) -> bool {
        let (mut state, mut at) = (START, 0);
        loop {
            let (class, after) = program.class_at(text, at);
            let mut next = self.words[state + class];
            if next == UNKNOWN {
                next = self.follow(program, state, class);
            }
            match next {
                FOUND => return true,
                LOST => return false,
                next => state = next as usize,
            }
            at = after;
        }
    }

    /// Where a class leads to from a state; remembered from now on.
    fn follow(&mut self, program: &Program, mut state: usize, class: usize) -> u32 {
        if self.words.len() > MOST {
            state = self.forget(program, state);
        }
        let next = self.next(program, state, class);
        self.words[state + class] = next;
        next
    }

    /// Forgets all states but one, of which it gives the new place.
    fn forget(&mut self, program: &Program, state: usize) -> usize {
        let kept = self.words[self.key_of(program, state)].to_vec();
        self.words.clear();
        self.heads = [UNKNOWN; HASHES];
        self.key.fill(0);
        self.state(program);
        self.key.copy_from_slice(&kept);
        self.state(program) as usize
    }

    /// Goes from the steps of a state as far as a character of a class allows. Whether the text
    /// may end here is seen then, too, for it is known what is on both sides.
    fn next(&mut self, program: &Program, state: usize, class: usize) -> u32 {
        let key = self.key_of(program, state);
        let left = Side::of(self.words[key.start]);
        let right = program.side(class);
        self.key.fill(0);
        self.seen.fill(0);
        // The expression may be found from each place on.
        if !program.is_anchored || left == Side::Edge {
            self.open.push(0);
        }
        for (at, word) in self.words[key].iter().skip(1).enumerate() {
            let mut word = *word;
            while word != 0 {
                self.open.push(at * 32 + word.trailing_zeros() as usize);
                word &= word - 1;
            }
        }
        while let Some(at) = self.open.pop() {
            let Some(step) = program.steps.get(at) else {
                self.open.clear();
                return FOUND;
            };
            if !mark(&mut self.seen, at) {
                continue;
            }
            let away = |by: i16| at.wrapping_add_signed(by.into());
            match *step {
                Step::Take(from, to) => {
                    if program.takes(from, to, class) {
                        mark(&mut self.key[1..], at + 1);
                    }
                }
                Step::Fork(by) => self.open.extend([at + 1, away(by)]),
                Step::Jump(by) => self.open.push(away(by)),
                Step::Look(look) => {
                    if look.holds(left, right) {
                        self.open.push(at + 1);
                    }
                }
            }
        }
        let is_stuck = program.is_anchored && self.key.iter().all(|word| *word == 0);
        if is_stuck || right == Side::Edge {
            return LOST;
        }
        self.key[0] = right as u32;
        self.state(program)
    }

    /// The state of the key, made if need be.
    fn state(&mut self, program: &Program) -> u32 {
        let mix = |hash: u32, word: &u32| (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b1);
        let hash = self.key.iter().fold(0, mix) as usize >> 16 & (HASHES - 1);
        let mut state = self.heads[hash];
        while state != UNKNOWN {
            let key = self.key_of(program, state as usize);
            let chain = key.end;
            if self.words[key] == self.key {
                return state;
            }
            state = self.words[chain];
        }
        let state = self.words.len();
        self.words.resize(state + program.end() + 1, UNKNOWN);
        self.words.extend_from_slice(&self.key);
        self.words.push(self.heads[hash]);
        self.heads[hash] = state as u32;
        state as u32
    }

    fn key_of(&self, program: &Program, state: usize) -> std::ops::Range<usize> {
        let start = state + program.end() + 1;
        start..start + self.key.len()
    }
}

/// Adds a number to a set; false if it was there.
fn mark(set: &mut [u32], number: usize) -> bool {
    let (word, bit) = (&mut set[number / 32], 1 << (number % 32));
    let is_new = *word & bit == 0;
    *word |= bit;
    is_new
}
