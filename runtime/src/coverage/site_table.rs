//! From a probe's arguments to its tally: a hash table that one thread has for itself.
//!
//! Open addressing with linear probing, at most half full. The key is the numbers *and* the
//! file's text; the text need not be looked at when its address lies where texts never change
//! (see `fixed_text`), and is compared otherwise (see `text`). One table serves small dense
//! ids and huge sparse ones alike, and two modules that number their decisions from zero do
//! not disturb each other.

use super::fixed_text::is_fixed;
use super::ledger::Tally;
use super::numbers::Numbers;
use super::site::FileName;
use super::text::Text;
use std::ffi::c_char;
use std::rc::Rc;

const FIRST_CAPACITY: usize = 32;
/// Tables of up to so many slots have room to spare, which makes most sites stand in the
/// first slot that is looked at; in larger ones that would cost too much memory.
const ROOMY_SLOTS: usize = 4096;

/// No name lies here: its NUL would have to follow the last address.
const NOWHERE: *const c_char = std::ptr::without_provenance(usize::MAX);

/// What the table knows of a site.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(super) struct Found {
    pub(super) tally: *const Tally,
    /// The site's index in the thread's record.
    pub(super) index: u32,
    /// The index of the evaluations that the site takes part in, or
    /// [`Found::NO_EVALUATION`].
    pub(super) evaluation: u32,
}

impl Found {
    pub(super) const NO_EVALUATION: u32 = u32::MAX;
}

/// A site, alone on a cache line; or nothing, then with a NULL tally and no addresses.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Slot {
    numbers: Numbers,
    /// The address at which the file's name was found to lie for ever, or [`NOWHERE`].
    fixed: *const c_char,
    /// The last address at which the file's name was found otherwise, and where its text
    /// [may be asked](Text::may_be_asked) for; or [`NOWHERE`].
    seen: *const c_char,
    /// The file's name, one of the table's; NULL only in an empty slot.
    text: *const Text,
    found: Found,
}

const SLOT_BYTES: usize = size_of::<Slot>();

const EMPTY: Slot = Slot {
    numbers: Numbers::new(0, 0, 0, 0),
    fixed: NOWHERE,
    seen: NOWHERE,
    text: std::ptr::null(),
    found: Found { tally: std::ptr::null(), index: 0, evaluation: Found::NO_EVALUATION },
};

impl Slot {
    #[inline(always)]
    fn is_empty(&self) -> bool {
        self.found.tally.is_null()
    }

    /// Takes note of where the file's name is.
    fn learn(&mut self, address: *const c_char, text: &Text) {
        if self.fixed == NOWHERE && (address.is_null() || is_fixed(address)) {
            self.fixed = address;
        } else if text.may_be_asked(address) {
            self.seen = address;
        }
    }
}

/// All sites of one kind that a thread knows.
#[derive(Debug)]
pub(super) struct SiteTable {
    slots: Vec<Slot>,
    /// Makes a number of bytes the place of a slot: the bits of multiples of a slot's size
    /// that are less than the size of all slots, which is a power of two.
    mask: usize,
    /// The name of each site's file: what the slots' texts are.
    texts: Vec<Rc<Text>>,
}

impl SiteTable {
    pub(super) fn new() -> Self {
        Self { slots: vec![EMPTY; FIRST_CAPACITY], mask: mask(FIRST_CAPACITY), texts: Vec::new() }
    }

    /// Finds a site whose file's name is where it was before. `None` says nothing yet.
    #[inline(always)]
    pub(super) fn find(&self, numbers: Numbers, file: FileName<'_>) -> Option<Found> {
        let address = file.as_ptr();
        let mut at = numbers.hash() & self.mask;
        loop {
            // SAFETY: `mask` leaves of any number the place of a slot.
            let slot = unsafe { &*self.slots.as_ptr().byte_add(at) };
            if slot.numbers == numbers {
                // SAFETY: no name lies at an empty slot's addresses, so this one has a text,
                // which is one of `texts`, and which may be asked for where it was seen.
                let is_this = slot.fixed == address
                    || slot.seen == address && unsafe { (*slot.text).is_still(file) };
                return is_this.then_some(slot.found);
            }
            if slot.is_empty() {
                return None;
            }
            at = (at + SLOT_BYTES) & self.mask;
        }
    }

    /// Finds a site by the text of its file, wherever that is.
    pub(super) fn find_by_text(&mut self, numbers: Numbers, file: FileName<'_>) -> Option<Found> {
        let mut at = self.home(numbers);
        while !self.slots[at].is_empty() {
            let slot = &mut self.slots[at];
            if slot.numbers == numbers {
                // SAFETY: not an empty slot, so this is one of `texts`.
                let text = unsafe { &*slot.text };
                if text.is(file) {
                    slot.learn(file.as_ptr(), text);
                    return Some(slot.found);
                }
            }
            at = self.next(at);
        }
        None
    }

    /// Adds a site that `find_by_text` has not found.
    pub(super) fn insert(
        &mut self,
        numbers: Numbers,
        file: FileName<'_>,
        text: Rc<Text>,
        found: Found,
    ) {
        let mut slot = Slot { numbers, text: Rc::as_ptr(&text), found, ..EMPTY };
        slot.learn(file.as_ptr(), &text);
        self.texts.push(text);
        if self.is_crowded() {
            self.grow();
        }
        self.place(slot);
    }

    /// Makes the site with these numbers and this index take part in these evaluations.
    pub(super) fn set_evaluation(&mut self, numbers: Numbers, index: u32, evaluation: u32) {
        let mut at = self.home(numbers);
        while !self.slots[at].is_empty() {
            let found = &mut self.slots[at].found;
            if found.index == index {
                found.evaluation = evaluation;
                return;
            }
            at = self.next(at);
        }
        debug_assert!(false, "no site {index} with {numbers:?}");
    }

    fn place(&mut self, slot: Slot) {
        let mut at = self.home(slot.numbers);
        while !self.slots[at].is_empty() {
            at = self.next(at);
        }
        self.slots[at] = slot;
    }

    fn is_crowded(&self) -> bool {
        let slots_per_site = if self.slots.len() <= ROOMY_SLOTS { 4 } else { 2 };
        self.texts.len() * slots_per_site > self.slots.len()
    }

    fn grow(&mut self) {
        let capacity = self.slots.len() * 2;
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; capacity]);
        self.mask = mask(capacity);
        for slot in old.into_iter().filter(|slot| !slot.is_empty()) {
            self.place(slot);
        }
    }

    /// The index of the first slot to look at.
    fn home(&self, numbers: Numbers) -> usize {
        (numbers.hash() & self.mask) / SLOT_BYTES
    }

    /// The slot after `at`.
    fn next(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }
}

fn mask(capacity: usize) -> usize {
    debug_assert!(capacity.is_power_of_two());
    (capacity - 1) * SLOT_BYTES
}
