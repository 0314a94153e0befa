//! The scans that an engine keeps.

use crate::watch::Scan;

/// Names a scan for as long as the engine keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ScanId(u32);

/// A scan, and since when nobody looks at it.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) id: ScanId,
    pub(super) scan: Scan,
    pub(super) idle_since: Option<u64>,
}

/// All of them, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Scans {
    kept: Vec<Kept>,
    last: u32,
}

impl Scans {
    /// A name that no scan had so far.
    pub(super) fn another(&mut self) -> ScanId {
        self.last += 1;
        ScanId(self.last)
    }

    /// Keeps a scan by the name that was given last.
    pub(super) fn keep(&mut self, id: ScanId, scan: Scan) {
        self.kept.push(Kept {
            id,
            scan,
            idle_since: None,
        });
    }

    fn place(&self, id: ScanId) -> Option<usize> {
        self.kept.binary_search_by_key(&id, |kept| kept.id).ok()
    }

    pub(super) fn get(&self, id: ScanId) -> Option<&Kept> {
        self.kept.get(self.place(id)?)
    }

    pub(super) fn get_mut(&mut self, id: ScanId) -> Option<&mut Kept> {
        let place = self.place(id)?;
        self.kept.get_mut(place)
    }

    pub(super) fn remove(&mut self, id: ScanId) -> Option<Kept> {
        Some(self.kept.remove(self.place(id)?))
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Kept> {
        self.kept.iter()
    }

    pub(super) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Kept> {
        self.kept.iter_mut()
    }
}
