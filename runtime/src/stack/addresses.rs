//! The set of addresses in the runtime's pieces. It is read without locks, by code that runs on any
//! stack.
//!
//! There is one bit for each place where a piece may lie, in leaves that are made when needed and
//! never freed. A bit is set from when its piece is made until just before it is unmapped. Code
//! that runs on a piece sees its bit: the piece was made, or handed over under a lock, before.

use super::piece::BYTES;
use crate::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::ptr;

/// The bits of an address that user programs are given, unless they ask for more.
const ADDRESS_BITS: u32 = 48;
const PLACES: usize = 1 << (ADDRESS_BITS - BYTES.trailing_zeros());
const PLACES_OF_LEAF: usize = 1 << 13;

struct Leaf([AtomicU64; PLACES_OF_LEAF / 64]);

static LEAVES: [AtomicPtr<Leaf>; PLACES / PLACES_OF_LEAF] =
    [const { AtomicPtr::new(ptr::null_mut()) }; PLACES / PLACES_OF_LEAF];

/// True if a piece lies around `address`.
#[inline]
pub(super) fn contains(address: usize) -> bool {
    let place = address / BYTES;
    let Some(leaf) = LEAVES.get(place / PLACES_OF_LEAF) else { return false };
    // SAFETY: null, or a leaf that is never freed.
    let Some(leaf) = (unsafe { leaf.load(Ordering::Acquire).as_ref() }) else { return false };
    let (word, bit) = leaf.bit(place);
    word.load(Ordering::Relaxed) & bit != 0
}

/// Adds the piece at `base`. False if there is no memory to note it.
pub(super) fn add(base: usize) -> bool {
    let place = base / BYTES;
    let Some(leaf) = LEAVES.get(place / PLACES_OF_LEAF).and_then(leaf_at) else { return false };
    let (word, bit) = leaf.bit(place);
    word.fetch_or(bit, Ordering::Relaxed);
    true
}

/// Removes the piece at `base`, which is about to be unmapped.
pub(super) fn remove(base: usize) {
    let place = base / BYTES;
    let leaf = LEAVES[place / PLACES_OF_LEAF].load(Ordering::Acquire);
    // SAFETY: a leaf is never freed.
    if let Some(leaf) = unsafe { leaf.as_ref() } {
        let (word, bit) = leaf.bit(place);
        word.fetch_and(!bit, Ordering::Relaxed);
    }
}

impl Leaf {
    #[inline]
    fn bit(&self, place: usize) -> (&AtomicU64, u64) {
        let place = place % PLACES_OF_LEAF;
        (&self.0[place / 64], 1 << (place % 64))
    }
}

/// Returns the leaf at this place, and makes it if necessary. If several threads make one, the
/// first wins.
fn leaf_at(place: &'static AtomicPtr<Leaf>) -> Option<&'static Leaf> {
    // SAFETY: null, or a leaf that is never freed.
    if let Some(leaf) = unsafe { place.load(Ordering::Acquire).as_ref() } {
        return Some(leaf);
    }
    let layout = std::alloc::Layout::new::<Leaf>();
    // SAFETY: a leaf is not empty, and zeros are one. (Not `Box::new`, which aborts.)
    let ours = unsafe { std::alloc::alloc_zeroed(layout) }.cast::<Leaf>();
    if ours.is_null() {
        return None;
    }
    let seen = place.compare_exchange(ptr::null_mut(), ours, Ordering::AcqRel, Ordering::Acquire);
    let leaf = match seen {
        Ok(_) => ours,
        Err(theirs) => {
            // SAFETY: allocated above with this layout, and never shared.
            unsafe { std::alloc::dealloc(ours.cast(), layout) };
            theirs
        }
    };
    // SAFETY: a leaf that is never freed.
    Some(unsafe { &*leaf })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_added_and_not_its_neighbours() {
        // Above the addresses that the system gives to programs, so that no other test has pieces
        // there.
        let base = (1 << 47) + 5 * BYTES;
        assert!(!contains(base));
        assert!(add(base));
        assert!(contains(base) && contains(base + BYTES - 1));
        assert!(!contains(base - 1) && !contains(base + BYTES));
        remove(base);
        assert!(!contains(base));
    }

    #[test]
    fn addresses_beyond_all_places_are_nobodys() {
        assert!(!contains(usize::MAX));
        assert!(!add(1 << ADDRESS_BITS));
    }
}
