//! A thread's shortcuts to its most frequent sites, and to its counts of them.
//!
//! A cache with one place for each home; a site that is not there is searched in the process's
//! index. A hit is always correct: an entry is compared with all of a probe's arguments, and a site
//! and a tally stay in place.
//!
//! It grows with the number of the thread's tallies, and takes less memory than they do.

use super::ledger::Tally;
use super::numbers::Numbers;
use super::sites::{KnownSite, NOWHERE};
use std::mem::size_of;

/// The minimum and the maximum size of a cache.
const FIRST_BYTES: usize = 2048;
const MOST_BYTES: usize = 16_384;

/// One in this number of the sites that are not here evicts another, after as many of them as there
/// are entries. Where there are far more sites than entries, reading an entry then costs little,
/// because it is seldom a new one.
const PATIENCE: u32 = 8;

/// A site that was found, and the thread's tally of it.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(super) struct Shortcut {
    site: &'static KnownSite,
    tally: *const Tally,
}

const ENTRY_BYTES: usize = size_of::<Shortcut>();

/// An entry that no probe finds.
const NONE: Shortcut = Shortcut { site: &NOWHERE, tally: std::ptr::null() };

/// A cache of sites; see the module.
#[derive(Debug)]
pub(super) struct Shortcuts {
    /// A power of two in number.
    entries: Box<[Shortcut]>,
    /// Reduces a number of bytes to the place of an entry.
    mask: usize,
    /// Number of sites to skip before the next is recorded.
    waiting: u32,
    /// Number of sites to record at once.
    welcome: u32,
}

impl Shortcuts {
    pub(super) fn new() -> Self {
        Self::of_bytes(ENTRY_BYTES)
    }

    fn of_bytes(bytes: usize) -> Self {
        let entries = vec![NONE; bytes / ENTRY_BYTES].into_boxed_slice();
        let welcome = entries.len() as u32;
        Self { entries, mask: bytes - ENTRY_BYTES, waiting: 0, welcome }
    }

    /// Returns the offset of an entry in bytes.
    ///
    /// Compilers number decisions consecutively, so their numbers alone separate the sites of a
    /// file. A multiplication makes each file begin elsewhere.
    #[inline(always)]
    fn home(&self, numbers: Numbers, name: usize) -> usize {
        let file = (name as u64).wrapping_mul(0x9E37_79B9 * ENTRY_BYTES as u64);
        let place = u64::from(numbers.decision())
            .wrapping_add(u64::from(numbers.condition()).wrapping_mul(341))
            .wrapping_mul(ENTRY_BYTES as u64);
        file.wrapping_add(place) as usize & self.mask
    }

    /// Returns the site and its tally, if they are here.
    #[inline(always)]
    pub(super) fn find(
        &self,
        numbers: Numbers,
        name: usize,
    ) -> Option<(&'static KnownSite, &'static Tally)> {
        // SAFETY: the mask reduces any number to the place of an entry.
        let entry = unsafe { &*self.entries.as_ptr().byte_add(self.home(numbers, name)) };
        // SAFETY: only NOWHERE has no tally, and no name is at its address; others stay in place.
        entry.site.is(numbers, name).then(|| (entry.site, unsafe { &*entry.tally }))
    }

    /// Records a site that is not here. Of many sites only a few are recorded, see [`PATIENCE`].
    #[inline(always)]
    pub(super) fn learn(&mut self, site: &'static KnownSite, tally: &'static Tally) {
        match self.waiting.checked_sub(1) {
            Some(waiting) => self.waiting = waiting,
            None => self.note(site, tally),
        }
    }

    #[cold]
    fn note(&mut self, site: &'static KnownSite, tally: &'static Tally) {
        let home = self.home(site.numbers(), site.name());
        self.entries[home / ENTRY_BYTES] = Shortcut { site, tally };
        match self.welcome.checked_sub(1) {
            Some(welcome) => self.welcome = welcome,
            None => self.waiting = PATIENCE - 1,
        }
    }

    /// Takes more memory, if there are enough tallies for it.
    pub(super) fn grow(&mut self, tally_bytes: usize) {
        let bytes = FIRST_BYTES.max(2 * self.entries.len() * ENTRY_BYTES);
        // Seven eighths: together with the tallies this is less than 32 bytes per tally.
        if bytes <= MOST_BYTES && bytes <= FIRST_BYTES + tally_bytes / 8 * 7 {
            *self = Self::of_bytes(bytes);
        }
    }
}
