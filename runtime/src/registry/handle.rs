//! Handles: what the holder of an entry gets instead of a pointer.

use std::fmt;

const INDEX_BITS: u32 = 32;

/// The kind of thing that a handle names. Each has generations of its own, so that a handle of
/// one kind is stale to a registry of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Kind {
    /// An entry of a registry that is not of any other kind.
    Plain = 0,
    /// An isolated thread.
    Thread = 1,
    /// An async file.
    File = 2,
    /// Reserved: a socket.
    Socket = 3,
}

impl Kind {
    /// With the kind and the index, 60 bits: an integer [`Value`](crate::Value) has 61 with its
    /// sign, and a handle that is one must not need a box.
    const GENERATION_BITS: u32 = 60 - 2 - INDEX_BITS;

    /// The first generation of a place, and the last: 67 108 863 for each kind.
    pub(super) const fn generations(self) -> (u32, u32) {
        let before = (self as u32) << Self::GENERATION_BITS;
        (before + 1, before + (1 << Self::GENERATION_BITS) - 1)
    }
}

/// Names one entry of one registry for as long as that entry exists, and nothing after.
///
/// A handle is a positive `i64`: the upper half is a generation (31 bits, from 1), the
/// lower half an index plus 1 (32 bits). A registry never hands out the same pair twice, so
/// a handle whose entry is gone stays stale for ever. Any integer may be turned into a
/// handle with [`Handle::from_raw`]; a forged one names nothing, like a stale one. The generation
/// says of which [`Kind`] a handle is; all handles that are given out are below 2^60. Registries
/// of one kind have the same handles: their owner must know them apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Handle(u64);

impl Handle {
    /// The largest generation a handle can carry.
    pub const MAX_GENERATION: u32 = (1 << 31) - 1;
    /// The largest index a handle can carry.
    pub const MAX_INDEX: u32 = u32::MAX - 1;

    /// The handle in its C form, or `None` for an integer that no registry hands out:
    /// zero, negative, or without a generation or an index.
    #[inline]
    pub fn from_raw(raw: i64) -> Option<Self> {
        let handle = Self(raw as u64);
        (raw > 0 && handle.generation() != 0 && handle.0 as u32 != 0).then_some(handle)
    }

    /// The handle's C form: always positive.
    #[inline]
    pub fn to_raw(self) -> i64 {
        self.0 as i64
    }

    /// `None` unless the generation is within 1 ..= [`Self::MAX_GENERATION`] and the index
    /// at most [`Self::MAX_INDEX`].
    #[inline]
    pub(super) fn new(generation: u32, index: u32) -> Option<Self> {
        let fits = (1..=Self::MAX_GENERATION).contains(&generation) && index <= Self::MAX_INDEX;
        fits.then(|| Self(u64::from(generation) << INDEX_BITS | (u64::from(index) + 1)))
    }

    /// Which occupant of its place this handle names.
    #[inline]
    pub fn generation(self) -> u32 {
        (self.0 >> INDEX_BITS) as u32
    }

    /// The kind of what the handle names; `None` for a generation that no kind has.
    pub fn kind(self) -> Option<Kind> {
        const KINDS: [Kind; 4] = [Kind::Plain, Kind::Thread, Kind::File, Kind::Socket];
        let generation = self.generation();
        KINDS.into_iter().find(|kind| {
            let (first, last) = kind.generations();
            (first..=last).contains(&generation)
        })
    }

    /// The place of the entry.
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
