//! Turns: rows that show something else than before are drawn a few in each frame, so that a
//! screen full of them is no task that a person could notice.

use std::collections::VecDeque;

use leptos::prelude::*;

/// So many rows in one frame.
const AT_ONCE: usize = 5;

/// Who may draw, and who waits. Copies are the same one.
#[derive(Clone, Copy)]
pub(super) struct Turns(StoredValue<State, LocalStorage>);

#[derive(Default)]
struct State {
    /// Turns taken in this frame.
    taken: usize,
    waiting: VecDeque<Box<dyn FnOnce()>>,
    /// The next frame is asked for.
    asked: bool,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self(StoredValue::new_local(State::default()))
    }

    /// Does it in this frame if there is room, else in one of the next, in order. What is `new`
    /// waits in any case: the frame that brings the first rows has enough to do without them.
    pub(super) fn take(self, new: bool, draw: impl FnOnce() + 'static) {
        let mut draw = Some(draw);
        self.0.update_value(|state| {
            if !new && state.taken < AT_ONCE && state.waiting.is_empty() {
                state.taken += 1;
            } else if let Some(draw) = draw.take() {
                state.waiting.push_back(Box::new(draw));
            }
        });
        self.ask();
        if let Some(draw) = draw {
            draw();
        }
    }

    fn ask(self) {
        let asked = self
            .0
            .try_update_value(|state| std::mem::replace(&mut state.asked, true));
        if asked == Some(false) {
            request_animation_frame(move || self.next_frame());
        }
    }

    fn next_frame(self) {
        let turns = self.0.try_update_value(|state| {
            let count = state.waiting.len().min(AT_ONCE);
            (state.asked, state.taken) = (false, count);
            state.waiting.drain(..count).collect::<Vec<_>>()
        });
        // Nothing when the table is gone.
        let Some(turns) = turns else { return };
        if !turns.is_empty() {
            self.ask();
        }
        for draw in turns {
            draw();
        }
    }
}
