//! While a credential is refused, nothing is sent: every other request would be refused as well, and some
//! servers lock out whoever tries too often. What was read stays.

use super::freshness::{badge, cause, next};
use super::message::{Freshness, FreshnessState};
use super::requests::Owner;
use super::{Engine, Head};
use crate::api::status::Refusal;
use crate::api::time::clock;
use crate::watch::Trouble;

/// How long until one request finds out whether credentials were renewed.
const PROBE_MS: u64 = 30_000;

/// Why nothing is sent.
#[derive(Clone, Debug)]
pub(super) enum Pause {
    /// The proxy wants another token than the page has; why.
    SignedOut(String),
    /// The API server does not accept what the proxy sends it. No token of the page changes that.
    Refused {
        /// How often it was tried.
        tries: u32,
        /// When it is tried again (monotonic).
        until: u64,
    },
}

impl Pause {
    /// Why a token is asked for, if one is.
    pub(super) fn sign_in(&self) -> Option<String> {
        match self {
            Self::SignedOut(why) => Some(why.clone()),
            Self::Refused { .. } => None,
        }
    }

    /// How it looks to a scan.
    pub(super) fn trouble(&self) -> Trouble {
        let message = match self {
            Self::SignedOut(why) => why,
            Self::Refused { .. } => "Unauthorized",
        };
        Trouble::Unauthorized(Refusal {
            code: 401,
            reason: "Unauthorized".to_owned(),
            message: message.to_owned(),
        })
    }
}

impl Engine {
    /// Stops everything when an answer says that the credentials are refused; true if it does.
    pub(super) fn pauses(&mut self, owner: Owner, head: &Head) -> bool {
        if head.status != 401 {
            return false;
        }
        match head.fault.as_deref() {
            Some("sign-in") => {
                let why = "the token is missing, or not the one of this start of kapi";
                self.pause(Pause::SignedOut(why.to_owned()));
            }
            None if self.is_of_api_server(owner) => {
                let tries = match self.paused {
                    Some(Pause::Refused { tries, .. }) => tries,
                    _ => 1,
                };
                let until = self.clock.monotonic() + PROBE_MS;
                self.pause(Pause::Refused { tries, until });
            }
            _ => return false,
        }
        true
    }

    /// Whether the API server answers a request itself: what it hands on to an extension may be refused there.
    fn is_of_api_server(&self, owner: Owner) -> bool {
        let kind = match owner {
            Owner::Version | Owner::User => return true,
            Owner::Discovery(_) | Owner::Columns(_) => return false,
            Owner::Scan(id) => self.scans.get(id).map(|kept| kept.scan.spec.kind),
            Owner::Count(place) => self.counts.kind(place),
        };
        kind.is_some_and(|kind| kind.learned.is_none())
    }

    fn pause(&mut self, pause: Pause) {
        for kept in self.scans.iter_mut() {
            let mut out = self.requests.of(Owner::Scan(kept.id));
            kept.scan.stop(&mut out, pause.trouble());
        }
        self.requests.cancel_all();
        self.counts.stop_waiting();
        self.learning.stop();
        self.page.dirty.all();
        self.paused = Some(pause);
    }

    /// When the credentials are tried again by themselves.
    pub(super) const fn probe_at(&self) -> Option<u64> {
        match self.paused {
            Some(Pause::Refused { until, .. }) => Some(until),
            _ => None,
        }
    }

    /// Tries them when it is time.
    pub(super) fn probe(&mut self) {
        let now = self.clock.monotonic();
        if let Some(Pause::Refused { tries, until }) = &mut self.paused
            && *until <= now
        {
            (*tries, *until) = (*tries + 1, now + PROBE_MS);
            self.ask_user();
        }
    }

    /// Goes on when the API server answers anything but that it does not know us.
    pub(super) fn probed(&mut self, head: &Head) {
        let is_paused = matches!(self.paused, Some(Pause::Refused { .. }));
        if is_paused && head.status > 0 && head.fault.is_none() {
            self.retry();
        }
    }

    /// The badge meanwhile.
    pub(super) fn paused_badge(&self, pause: &Pause) -> Freshness {
        let Pause::Refused { tries, until } = pause else {
            let why = pause.sign_in().unwrap_or_default();
            return badge(FreshnessState::Offline, "signed out", why);
        };
        let answer = self.answer.iter();
        let scans = answer.flat_map(|answer| self.kept(answer));
        let seen = scans.filter_map(|kept| kept.scan.contact()).min();
        let as_of = seen.map_or_else(String::new, |seen| {
            format!("As of {} UTC. ", clock(self.clock.server_at(seen)))
        });
        let wait = until.saturating_sub(self.clock.monotonic());
        let reason = format!(
            "{as_of}{} {}",
            cause(&pause.trouble(), true),
            next(*tries, Some(wait))
        );
        badge(FreshnessState::Offline, "credentials refused", reason)
    }
}
