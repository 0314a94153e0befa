//! Whether what is shown is true now, in one word and a sentence.

use super::Engine;
use super::message::{Freshness, FreshnessState};
use super::paint::grouped;
use crate::api::time::{clock, human_duration};
use crate::watch::{Scan, Standing, Trouble};

/// After so many tries in vain, nothing answers.
const OFFLINE_TRIES: u32 = 4;

impl Engine {
    /// The badge.
    pub(super) fn freshness(&self) -> Freshness {
        if let Some(pause) = &self.paused {
            return self.paused_badge(pause);
        }
        let Some(answer) = &self.answer else {
            if let Some(trouble) = &self.learning.trouble
                && self.learning.asking.is_some()
            {
                let reason = format!("What kinds there are could not be read: {trouble}.");
                return badge(FreshnessState::Offline, "never answered", reason);
            }
            // A query that asks for nothing has nothing that could be out of date.
            let state = if self.echo.problems.is_empty() {
                FreshnessState::CatchingUp
            } else {
                FreshnessState::Live
            };
            return badge(state, "", String::new());
        };
        let scans: Vec<&Scan> = self.kept(answer).map(|kept| &kept.scan).collect();
        // Nothing is read where nothing can match.
        if scans.is_empty() {
            return badge(FreshnessState::Live, "", String::new());
        }
        let refused: Vec<&&Scan> = scans
            .iter()
            .filter(|scan| scan.refusal().is_some())
            .collect();
        let mut worst = scans
            .iter()
            .filter(|scan| scan.refusal().is_none())
            .map(|scan| self.of_scan(scan))
            .max_by_key(|freshness| freshness.state)
            .unwrap_or_default();
        if !refused.is_empty() && worst.state <= FreshnessState::Partial {
            worst = partial(&scans, &refused);
        }
        if let Some(reason) = answer
            .plan
            .partial()
            .filter(|_| worst.state == FreshnessState::Live)
        {
            return badge(
                FreshnessState::Partial,
                "not all namespaces",
                format!("{reason}."),
            );
        }
        if worst.state == FreshnessState::Live {
            worst.detail = self.last_word(&scans);
            let reduced: usize = scans.iter().map(|scan| scan.store.reduced()).sum();
            if reduced > 0 {
                worst.detail.push_str(", not all whole");
                worst.reason = self.over_budget(reduced);
            }
        }
        if worst.state == FreshnessState::CatchingUp {
            worst.detail = progress(&scans, self.clock.monotonic());
        }
        worst
    }

    fn over_budget(&self, reduced: usize) -> String {
        format!(
            "Of {} objects only the metadata and what tables show is kept, because the others fill the {} MB that \
             may be used. What is opened is read whole.",
            grouped(reduced as u64),
            self.settings.store_budget >> 20
        )
    }

    fn of_scan(&self, scan: &Scan) -> Freshness {
        let now = self.clock.monotonic();
        let quiet = scan.contact().map(|contact| now.saturating_sub(contact));
        let since = quiet.map_or_else(String::new, |quiet| {
            human_duration(i64::try_from(quiet).unwrap_or(i64::MAX))
        });
        match scan.standing(now) {
            Standing::Live => badge(FreshnessState::Live, "", String::new()),
            Standing::CatchingUp(..) => badge(FreshnessState::CatchingUp, "", String::new()),
            Standing::Silent => badge(
                FreshnessState::Stale,
                &format!("for {since}"),
                format!(
                    "The watch of {} has said nothing for {since}; it may be dead. It is opened anew by itself.",
                    scan.spec.words()
                ),
            ),
            Standing::Stale(trouble) | Standing::Absent(trouble) => {
                let tries = scan.attempts();
                let reason = format!(
                    "{} {}",
                    cause(&trouble, scan.contact().is_some()),
                    next(tries, scan.next_try(now))
                );
                let seen = scan
                    .contact()
                    .map(|contact| clock(self.clock.server_at(contact)));
                match (&trouble, seen) {
                    (trouble, None) => badge(FreshnessState::Offline, never(trouble), reason),
                    (Trouble::Unreachable(_), Some(seen)) if tries >= OFFLINE_TRIES => badge(
                        FreshnessState::Offline,
                        &format!("last seen {seen}"),
                        reason,
                    ),
                    (_, Some(seen)) => badge(
                        FreshnessState::Stale,
                        &format!("for {since}, trying again"),
                        format!("As of {seen} UTC. {reason}"),
                    ),
                }
            }
        }
    }

    /// How long ago the server last said anything, of the scan that has been silent longest.
    fn last_word(&self, scans: &[&Scan]) -> String {
        let now = self.clock.monotonic();
        let quiet = scans
            .iter()
            .filter_map(|scan| scan.contact())
            .map(|contact| now.saturating_sub(contact));
        match quiet.max() {
            None => String::new(),
            Some(ms) if ms < 10_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
            Some(ms) => human_duration(i64::try_from(ms).unwrap_or(i64::MAX)),
        }
    }
}

pub(super) fn badge(state: FreshnessState, detail: &str, reason: String) -> Freshness {
    let word = match state {
        FreshnessState::Live => "Live",
        FreshnessState::CatchingUp => "Catching up",
        FreshnessState::Partial => "Partial",
        FreshnessState::Stale => "Stale",
        FreshnessState::Offline => "Offline",
    };
    Freshness {
        state,
        word: word.to_owned(),
        detail: detail.to_owned(),
        reason,
    }
}

fn partial(scans: &[&Scan], refused: &[&&Scan]) -> Freshness {
    let words: Vec<String> = refused.iter().map(|scan| scan.spec.words()).collect();
    let evidence = refused
        .iter()
        .find_map(|scan| scan.refusal())
        .map(|refusal| refusal.message.clone());
    let detail = if refused.len() == scans.len() {
        "nothing may be read".to_owned()
    } else {
        format!(
            "{} of {} namespaces",
            scans.len() - refused.len(),
            scans.len()
        )
    };
    let reason = format!(
        "Not read: {}. Totals and \"none\" speak for the rest only. {}",
        words.join(", "),
        evidence.unwrap_or_default()
    );
    badge(FreshnessState::Partial, &detail, reason)
}

fn progress(scans: &[&Scan], now: u64) -> String {
    let (mut read, mut total, mut known) = (0, 0, true);
    for scan in scans {
        match scan.standing(now) {
            Standing::CatchingUp(count, Some(of)) => {
                read += count as u64;
                total += of;
            }
            Standing::CatchingUp(count, None) => {
                read += count as u64;
                known = false;
            }
            _ => {}
        }
    }
    match (read, known) {
        (0, _) => String::new(),
        (read, true) => format!("{} of {}", grouped(read), grouped(total)),
        (read, false) => grouped(read),
    }
}

pub(super) fn cause(trouble: &Trouble, seen: bool) -> String {
    match trouble {
        Trouble::Unreachable(error) if seen => format!("The connection dropped: {error}."),
        Trouble::Unreachable(error) => format!("No answer: {error}."),
        Trouble::Foreign(page) => format!("Something that is no API server answers: {page}."),
        Trouble::NoCredentials(message) => format!("There are no credentials to send: {message}."),
        Trouble::Busy(refusal) => {
            format!(
                "The API server answered {}: {}.",
                refusal.code, refusal.message
            )
        }
        Trouble::Refused(refusal) => format!("The API server refuses: {}.", refusal.message),
        Trouble::Unauthorized(refusal) => format!(
            "The credentials are no longer accepted ({}). Renew them, then try again.",
            refusal.message
        ),
    }
}

/// What is said when there never was an answer that could be shown.
const fn never(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Unreachable(_) => "never answered",
        Trouble::Foreign(_) => "no API server answers",
        Trouble::Unauthorized(_) => "credentials refused",
        Trouble::NoCredentials(_) => "no credentials",
        Trouble::Busy(_) | Trouble::Refused(_) => "refused",
    }
}

/// When it is tried again by itself.
pub(super) fn next(tries: u32, wait_ms: Option<u64>) -> String {
    match wait_ms {
        Some(ms) if ms > 0 => format!("Try {} in {} s.", tries + 1, ms.div_ceil(1000)),
        _ => "Trying now.".to_owned(),
    }
}
