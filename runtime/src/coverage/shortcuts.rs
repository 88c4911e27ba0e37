//! A thread's short way to the sites that it comes to most, and to its counts of them.
//!
//! A cache with one place for each home; what is not there is looked for in the process's index. It never says anything wrong, since an entry is
//! compared with all that a probe was called with, and a site and a tally stay where they are.
//!
//! It grows with the tallies that the thread has, and takes less memory than they do.

use super::ledger::Tally;
use super::numbers::Numbers;
use super::sites::{KnownSite, NOWHERE};
use std::mem::size_of;

/// What a cache takes however few tallies there are, and at most.
const FIRST_BYTES: usize = 2048;
const MOST_BYTES: usize = 16_384;

/// One in these of the sites that are not here pushes out another, once there have been as many as
/// there are entries. Where there are far more sites than that, a look at an entry then costs
/// little, because it is seldom a new one.
const PATIENCE: u32 = 8;

/// A site that was found, and the thread's tally of it.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(super) struct Shortcut {
    site: &'static KnownSite,
    tally: *const Tally,
}

const ENTRY_BYTES: usize = size_of::<Shortcut>();

/// No probe finds this one.
const NONE: Shortcut = Shortcut { site: &NOWHERE, tally: std::ptr::null() };

/// See above.
#[derive(Debug)]
pub(super) struct Shortcuts {
    /// Their number is a power of two.
    entries: Box<[Shortcut]>,
    /// Makes a number of bytes the place of an entry.
    mask: usize,
    /// Sites to be passed over before the next is noted.
    waiting: u32,
    /// Sites to be noted at once.
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

    /// Where an entry is, in bytes.
    ///
    /// Compilers number decisions one after the other, so their numbers alone keep the sites of a
    /// file apart. A multiplication has each file begin elsewhere.
    #[inline(always)]
    fn home(&self, numbers: Numbers, name: usize) -> usize {
        let file = (name as u64).wrapping_mul(0x9E37_79B9 * ENTRY_BYTES as u64);
        let place = u64::from(numbers.decision())
            .wrapping_add(u64::from(numbers.condition()).wrapping_mul(341))
            .wrapping_mul(ENTRY_BYTES as u64);
        file.wrapping_add(place) as usize & self.mask
    }

    /// The site and its tally, if they are here.
    #[inline(always)]
    pub(super) fn find(
        &self,
        numbers: Numbers,
        name: usize,
    ) -> Option<(&'static KnownSite, &'static Tally)> {
        // SAFETY: the mask leaves of any number the place of an entry.
        let entry = unsafe { &*self.entries.as_ptr().byte_add(self.home(numbers, name)) };
        // SAFETY: only NOWHERE has no tally, and no name lies there; others stay.
        entry.site.is(numbers, name).then(|| (entry.site, unsafe { &*entry.tally }))
    }

    /// Takes note of a site that is not here; of a few of many, see [`PATIENCE`].
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

    /// Takes more memory, if there are tallies enough for it.
    pub(super) fn grow(&mut self, tally_bytes: usize) {
        let bytes = FIRST_BYTES.max(2 * self.entries.len() * ENTRY_BYTES);
        // Seven eighths: with the tallies that are less than 32 bytes for each of them.
        if bytes <= MOST_BYTES && bytes <= FIRST_BYTES + tally_bytes / 8 * 7 {
            *self = Self::of_bytes(bytes);
        }
    }
}
