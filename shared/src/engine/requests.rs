//! Who asked what. Effects are gathered here, requests get their names, and the bodies of small
//! answers are kept until they are whole.

use std::collections::HashMap;

use super::{Effect, Head, Request, RequestId, ScanId};
use crate::sort::sort;
use crate::watch::Requests;

/// Whom an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A scan, which reads its answers as they arrive.
    Scan(ScanId),
    /// The count of a kind, by its place among the counts.
    Count(usize),
    /// A document of the cluster's kinds, by its place among them.
    Discovery(usize),
    /// The columns of a kind's table, by its place among those asked for.
    Columns(usize),
    /// The server's version.
    Version,
    /// Who the user is.
    User,
}

/// A small answer.
#[derive(Debug, Default)]
pub(super) struct Answered {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
}

/// The requests that run.
#[derive(Debug, Default)]
pub(super) struct RequestTable {
    last: u64,
    running: HashMap<RequestId, (Owner, Answered)>,
    effects: Vec<Effect>,
}

/// Requests sent on behalf of one owner.
pub(super) struct OnBehalf<'a> {
    table: &'a mut RequestTable,
    owner: Owner,
}

impl RequestTable {
    /// Sends on behalf of an owner.
    pub(super) const fn of(&mut self, owner: Owner) -> OnBehalf<'_> {
        OnBehalf { table: self, owner }
    }

    /// Sends a request.
    pub(super) fn ask(&mut self, owner: Owner, request: Request) -> RequestId {
        self.of(owner).send(request)
    }

    /// Whose it is, if it still runs.
    pub(super) fn owner(&self, id: RequestId) -> Option<Owner> {
        self.running.get(&id).map(|(owner, _)| *owner)
    }

    pub(super) fn keep_head(&mut self, id: RequestId, head: Head) {
        if let Some((_, answer)) = self.running.get_mut(&id) {
            answer.head = head;
        }
    }

    pub(super) fn keep_chunk(&mut self, id: RequestId, bytes: &[u8]) {
        if let Some((_, answer)) = self.running.get_mut(&id) {
            answer.body.extend_from_slice(bytes);
        }
    }

    /// It ended, one way or the other.
    pub(super) fn finish(&mut self, id: RequestId) -> Option<(Owner, Answered)> {
        self.running.remove(&id)
    }

    /// Stops everything.
    pub(super) fn cancel_all(&mut self) {
        let mut ids: Vec<_> = self.running.drain().map(|(id, _)| id).collect();
        sort(&mut ids);
        self.effects
            .extend(ids.into_iter().map(|id| Effect::Cancel { id }));
    }

    /// Adds an effect that is no request.
    pub(super) fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// What is to be done since the last call.
    pub(super) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }
}

impl Requests for OnBehalf<'_> {
    fn send(&mut self, request: Request) -> RequestId {
        self.table.last += 1;
        let id = RequestId(self.table.last);
        self.table
            .running
            .insert(id, (self.owner, Answered::default()));
        self.table.effects.push(Effect::Send { id, request });
        id
    }

    fn cancel(&mut self, id: RequestId) {
        if self.table.running.remove(&id).is_some() {
            self.table.effects.push(Effect::Cancel { id });
        }
    }
}
