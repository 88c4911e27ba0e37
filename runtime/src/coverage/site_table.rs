//! From a probe's arguments to its tally: a hash table that one thread has for itself.
//!
//! Open addressing with linear probing, at most half full. The key is the numbers *and* the
//! file's text; the text need not be looked at when its address lies where texts never change
//! (see `fixed_text`). One table serves small dense ids and huge sparse ones alike, and two
//! modules that number their decisions from zero do not disturb each other.

use super::fixed_text::is_fixed;
use super::ledger::Tally;
use super::site::FileName;
use std::ffi::{CStr, c_char};
use std::sync::Arc;

const FIRST_CAPACITY: usize = 32;

/// Marks the place of a text that must be compared. No text begins at the last address, since
/// its NUL would have to follow.
const COMPARE: *const c_char = std::ptr::without_provenance(usize::MAX);

/// The numbers of a decision (whose `condition` is 0) or of a condition, in two words: what
/// is passed in registers and compared at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Numbers {
    decision_and_line: u64,
    column_and_condition: u64,
}

impl Numbers {
    #[inline(always)]
    pub(super) fn new(decision: u32, condition: u32, line: u32, column: u32) -> Self {
        Self {
            decision_and_line: u64::from(decision) | u64::from(line) << 32,
            column_and_condition: u64::from(column) | u64::from(condition) << 32,
        }
    }

    pub(super) fn decision(self) -> u32 {
        self.decision_and_line as u32
    }

    pub(super) fn line(self) -> u32 {
        (self.decision_and_line >> 32) as u32
    }

    pub(super) fn column(self) -> u32 {
        self.column_and_condition as u32
    }

    #[inline(always)]
    pub(super) fn condition(self) -> u32 {
        (self.column_and_condition >> 32) as u32
    }

    /// Fibonacci hashing: the high bits of the product are the ones to use. The rotation
    /// makes the four numbers lie side by side as long as each fits in 16 bits.
    #[inline(always)]
    fn hash(self) -> u64 {
        let packed = self.decision_and_line ^ self.column_and_condition.rotate_left(16);
        packed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// What the table knows of a site.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) tally: *const Tally,
    /// The site's index in the thread's record.
    pub(super) index: u32,
    /// The index of the evaluation that the site takes part in, or [`Found::NO_EVALUATION`].
    pub(super) evaluation: u32,
}

impl Found {
    pub(super) const NO_EVALUATION: u32 = u32::MAX;
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    numbers: Numbers,
    /// The fixed address of the file's text, or [`COMPARE`].
    file: *const c_char,
    /// An empty slot has a NULL tally, and [`COMPARE`] as its file.
    found: Found,
}

impl Slot {
    #[inline(always)]
    fn is_empty(&self) -> bool {
        self.found.tally.is_null()
    }
}

const EMPTY: Slot = Slot {
    numbers: Numbers { decision_and_line: 0, column_and_condition: 0 },
    file: COMPARE,
    found: Found { tally: std::ptr::null(), index: 0, evaluation: Found::NO_EVALUATION },
};

#[derive(Debug)]
pub(super) struct SiteTable {
    slots: Vec<Slot>,
    shift: u32,
    /// The file of each site, by its index in the thread's record.
    files: Vec<Arc<CStr>>,
}

impl SiteTable {
    pub(super) fn new() -> Self {
        Self { slots: vec![EMPTY; FIRST_CAPACITY], shift: shift(FIRST_CAPACITY), files: Vec::new() }
    }

    /// Finds a site whose file lies at a fixed address, without looking at the text.
    #[inline(always)]
    pub(super) fn find_by_address(&self, numbers: Numbers, file: FileName<'_>) -> Option<Found> {
        let mut at = self.home(numbers);
        loop {
            // SAFETY: `home` and `next` give indices of slots.
            let slot = unsafe { self.slots.get_unchecked(at) };
            // An empty slot's file is no address, so this need not look whether it is empty.
            if slot.numbers == numbers && slot.file == file.as_ptr() {
                return Some(slot.found);
            }
            if slot.is_empty() {
                return None;
            }
            at = self.next(at);
        }
    }

    /// Finds a site by the text of its file.
    pub(super) fn find_by_text(&self, numbers: Numbers, file: FileName<'_>) -> Option<Found> {
        let mut at = self.home(numbers);
        while !self.slots[at].is_empty() {
            let slot = &self.slots[at];
            if slot.numbers == numbers && file.is(&self.files[slot.found.index as usize]) {
                return Some(slot.found);
            }
            at = self.next(at);
        }
        None
    }

    /// The first slot to look at: as many high bits of the hash as number the slots.
    #[inline(always)]
    fn home(&self, numbers: Numbers) -> usize {
        (numbers.hash() >> self.shift) as usize
    }

    /// The slot after `at`; the number of slots is a power of two.
    #[inline(always)]
    fn next(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }

    /// Adds a site that `find_by_text` has not found; sites come in the order of their indices.
    pub(super) fn insert(
        &mut self,
        numbers: Numbers,
        file: FileName<'_>,
        text: Arc<CStr>,
        found: Found,
    ) {
        debug_assert_eq!(found.index as usize, self.files.len());
        let address = file.as_ptr();
        let fixed = address.is_null() || is_fixed(address);
        self.files.push(text);
        if self.files.len() * 2 > self.slots.len() {
            self.grow();
        }
        self.place(Slot { numbers, file: if fixed { address } else { COMPARE }, found });
    }

    fn place(&mut self, slot: Slot) {
        let mut at = self.home(slot.numbers);
        while !self.slots[at].is_empty() {
            at = self.next(at);
        }
        self.slots[at] = slot;
    }

    /// Makes all sites of `decision` take part in this evaluation.
    pub(super) fn set_evaluation(&mut self, decision: u32, evaluation: u32) {
        for slot in &mut self.slots {
            if !slot.is_empty() && slot.numbers.decision() == decision {
                slot.found.evaluation = evaluation;
            }
        }
    }

    fn grow(&mut self) {
        let capacity = self.slots.len() * 2;
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; capacity]);
        self.shift = shift(capacity);
        for slot in old.into_iter().filter(|slot| !slot.is_empty()) {
            self.place(slot);
        }
    }
}

fn shift(capacity: usize) -> u32 {
    debug_assert!(capacity.is_power_of_two());
    u64::BITS - capacity.trailing_zeros()
}
