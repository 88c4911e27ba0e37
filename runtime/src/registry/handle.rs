//! Handles, which name entries instead of pointers.

use std::fmt;

const INDEX_BITS: u32 = 32;

/// The kind of an entry. Each kind has generations of its own, so a handle of one kind is stale to
/// a registry of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Kind {
    /// An entry of a registry without any other kind.
    Plain = 0,
    /// An isolated thread.
    Thread = 1,
    /// An async file.
    File = 2,
    /// Reserved: a socket.
    Socket = 3,
}

impl Kind {
    /// Together with the kind and the index, 60 bits: an integer [`Value`](crate::Value) has 61
    /// with its sign, and a handle as an integer must not need a box.
    const GENERATION_BITS: u32 = 60 - 2 - INDEX_BITS;

    /// Returns the first and the last generation of a place: 67 108 863 for each kind.
    pub(super) const fn generations(self) -> (u32, u32) {
        let before = (self as u32) << Self::GENERATION_BITS;
        (before + 1, before + (1 << Self::GENERATION_BITS) - 1)
    }
}

/// Names one entry of one registry for as long as that entry exists, and nothing after.
///
/// A handle is a positive `i64`: the upper half is a generation (31 bits, from 1), the lower half
/// an index plus 1 (32 bits). A registry never hands out the same pair twice, so a handle whose
/// entry is gone stays stale forever. Any integer may be turned into a handle with
/// [`Handle::from_raw`]; a forged one names nothing, like a stale one. The generation determines
/// the [`Kind`] of a handle; all handles that are given out are below 2^60. Registries of one kind
/// give out the same handles: their owner must distinguish them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Handle(u64);

impl Handle {
    /// The largest generation a handle can carry.
    pub const MAX_GENERATION: u32 = (1 << 31) - 1;
    /// The largest index a handle can carry.
    pub const MAX_INDEX: u32 = u32::MAX - 1;

    /// Converts a handle from its C form. `None` for an integer that no registry hands out: zero,
    /// negative, or without a generation or an index.
    #[inline]
    pub fn from_raw(raw: i64) -> Option<Self> {
        let handle = Self(raw as u64);
        (raw > 0 && handle.generation() != 0 && handle.0 as u32 != 0).then_some(handle)
    }

    /// Returns the handle's C form: always positive.
    #[inline]
    pub fn to_raw(self) -> i64 {
        self.0 as i64
    }

    /// Creates a handle. `None` unless the generation is within 1 ..= [`Self::MAX_GENERATION`] and
    /// the index at most [`Self::MAX_INDEX`].
    #[inline]
    pub(super) fn new(generation: u32, index: u32) -> Option<Self> {
        let fits = (1..=Self::MAX_GENERATION).contains(&generation) && index <= Self::MAX_INDEX;
        fits.then(|| Self(u64::from(generation) << INDEX_BITS | (u64::from(index) + 1)))
    }

    /// Returns the generation: it identifies the occupant of the place.
    #[inline]
    pub fn generation(self) -> u32 {
        (self.0 >> INDEX_BITS) as u32
    }

    /// Returns the kind of the entry; `None` for a generation that no kind has.
    pub fn kind(self) -> Option<Kind> {
        const KINDS: [Kind; 4] = [Kind::Plain, Kind::Thread, Kind::File, Kind::Socket];
        let generation = self.generation();
        KINDS.into_iter().find(|kind| {
            let (first, last) = kind.generations();
            (first..=last).contains(&generation)
        })
    }

    /// Returns the place of the entry.
    #[inline]
    pub fn index(self) -> u32 {
        (self.0 as u32).wrapping_sub(1)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({}@{})", self.index(), self.generation())
    }
}
