//! What carrying out a plan takes, as far as that can be told before: it is worth a look, and decides
//! nothing. Of objects that selectors leave out nobody knows how many they are, so figures are upper ones.

use std::fmt;

use super::optimize::AT_ONCE;
use super::{Content, FIRST_PAGE, FieldRequirement, Known, NEXT_PAGE, Part, Plan, ScanSpec};
use crate::resource::Kind;

/// What the API server's fairness takes for one seat, in bytes, and the most that it counts of a list.
const SEAT: u64 = 100_000;
const MOST_COUNTED: u64 = 1_000_000;

/// What carrying out a plan, or a part of one, takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Lists.
    pub lists: u64,
    /// Requests for the pages of these lists.
    pub requests: u64,
    /// Seats that they take of those which the API server's fairness gives to one user.
    pub seats: u64,
    /// Objects that come.
    pub objects: u64,
    /// Bytes of these objects.
    pub bytes: u64,
    /// Whether fewer may come, because selectors leave some out.
    pub is_most: bool,
    /// Whether more may come, because it is not known how many there are.
    pub is_least: bool,
}

impl Plan {
    /// What carrying it out takes.
    #[must_use]
    pub fn estimate(&self, known: &Known) -> Estimate {
        let mut all = Estimate::default();
        let mut read: Vec<&ScanSpec> = Vec::new();
        for part in self.every_part() {
            // What two parts need is read once.
            if part.scans.iter().all(|scan| read.contains(&scan)) {
                continue;
            }
            read.extend(&part.scans);
            all.add(part.estimate(known));
        }
        all
    }

    /// What could be read instead of what is read, a line each.
    #[must_use]
    pub fn rejected(&self, known: &Known) -> Vec<String> {
        let instead = |part: &Part| {
            let list = ScanSpec::common(&part.scans).filter(|_| part.scans.len() > 1)?;
            let lists = part.estimate(known);
            let one = of_list(&list, known);
            let path = list.path(&[]);
            Some(format!(
                "not chosen: GET {path}: {one}, rather than {lists}"
            ))
        };
        let lists = self.every_part().filter_map(instead);
        let parts = self.parts.iter().enumerate();
        let tables = parts.filter_map(|(index, part)| {
            let why = match self.cells_of(index, part, known)? {
                Ok(_) => "more is wanted of rows that are shown than their columns",
                Err(why) => why,
            };
            let plural = part.kind.name();
            Some(format!(
                "not chosen: the cells that the server prints of {plural}, without objects: {why}"
            ))
        });
        lists.chain(tables).collect()
    }
}

impl Part {
    fn estimate(&self, known: &Known) -> Estimate {
        let mut all = Estimate::default();
        for scan in &self.scans {
            all.add(of_list(scan, known));
        }
        // Its lists have no object in common.
        if let Some(count) = known.count(self.kind).filter(|count| *count < all.objects) {
            all.bytes = all.bytes / all.objects * count;
            all.objects = count;
        }
        all
    }
}

impl Estimate {
    /// How many times lists are waited for, where as many run as may run at once.
    #[must_use]
    pub const fn rounds(&self) -> u64 {
        self.lists.div_ceil(AT_ONCE)
    }

    const fn add(&mut self, other: Self) {
        self.lists += other.lists;
        self.requests += other.requests;
        self.seats += other.seats;
        self.objects += other.objects;
        self.bytes += other.bytes;
        self.is_most |= other.is_most;
        self.is_least |= other.is_least;
    }
}

fn of_list(scan: &ScanSpec, known: &Known) -> Estimate {
    let is_name = |field: &FieldRequirement| field.equal && field.field == "metadata.name";
    let is_one = scan.fields.iter().any(is_name)
        && (scan.namespace.is_some() || !scan.kind.resource.namespaced);
    let count = known.count(scan.kind);
    let all = count.unwrap_or_default();
    let namespaces = known.namespaces.len() as u64;
    let (objects, is_share) = match scan.namespace {
        _ if is_one => (1, true),
        Some(_) if known.all_namespaces && namespaces > 0 => (all.div_ceil(namespaces), true),
        Some(_) => (all, false),
        None => (all, true),
    };
    let size = known.size(scan.kind, scan.content);
    let further = objects.saturating_sub(FIRST_PAGE).div_ceil(NEXT_PAGE);
    // The estimator of the API server knows nothing of namespaces.
    let counted = if is_one { 1 } else { all.min(FIRST_PAGE) };
    Estimate {
        lists: 1,
        requests: 1 + further,
        seats: (counted * size).min(MOST_COUNTED).div_ceil(SEAT).max(1),
        objects,
        bytes: objects * size,
        is_most: is_one || !is_share || !(scan.labels.is_empty() && scan.fields.is_empty()),
        is_least: count.is_none() && !is_one,
    }
}

impl Known {
    /// How many bytes an object of a kind has.
    fn size(&self, kind: &Kind, content: Content) -> u64 {
        let known = self.kind(kind);
        match content {
            Content::Cells => known.and_then(|known| known.cells_size).unwrap_or(150),
            Content::Metadata => known.and_then(|known| known.metadata_size).unwrap_or(1500),
            Content::Whole | Content::Row => known.and_then(|known| known.size).unwrap_or(5000),
        }
    }

    /// Learns the size of an object from many.
    pub fn learn_size(&mut self, scan: &ScanSpec, objects: usize, bytes: usize) {
        let Some(size) = bytes.checked_div(objects) else {
            return;
        };
        let known = self.kind_mut(scan.kind);
        match scan.content {
            Content::Cells => known.cells_size = Some(size as u64),
            Content::Metadata => known.metadata_size = Some(size as u64),
            Content::Whole | Content::Row => known.size = Some(size as u64),
        }
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = if self.is_least { " or more" } else { "" };
        let requests = number(self.requests, "request");
        let seats = number(self.seats, "seat");
        write!(f, "{requests}{more}, {seats}{more}, ")?;
        if self.is_least && self.objects == 0 {
            return f.write_str("nobody knows how many objects");
        }
        let about = match (self.is_least, self.is_most) {
            (true, _) => "at least ",
            (false, true) => "at most ",
            (false, false) => "about ",
        };
        let objects = number(self.objects, "object");
        write!(f, "{about}{objects}, {}", size_words(self.bytes))
    }
}

/// `1 request`, `2 requests`
#[must_use]
pub fn number(count: u64, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// `331 bytes`, `42 kB`, `8 MB`
#[must_use]
pub fn size_words(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
