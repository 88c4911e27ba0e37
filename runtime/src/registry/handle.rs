//! Handles: what the holder of an entry gets instead of a pointer.

use std::fmt;

const INDEX_BITS: u32 = 32;
const GENERATION_BITS: u32 = 26;
/// All handles are below: an integer [`Value`](crate::Value) has 61 bits with its sign, and a
/// handle that is one must not need a box.
const END: i64 = 1 << (INDEX_BITS + GENERATION_BITS + 2);
const _: () = assert!(END <= 1 << 60);

/// What a handle names. Part of the handle, so that one of another kind names nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Kind {
    /// An entry of a registry that says nothing about its kind.
    Plain = 0,
    /// An isolated thread.
    Thread = 1,
    /// An async file.
    File = 2,
    /// Reserved: a socket.
    Socket = 3,
}

/// Names one entry of one registry for as long as that entry exists, and nothing after.
///
/// A handle is an `i64` greater than 0 and less than 2^60. From the top: a [`Kind`] (2 bits), a
/// generation (26 bits, from 1), an index plus 1 (32 bits). A registry never hands out the same handle
/// twice, so a handle whose entry is gone stays stale for ever. Any integer may be turned into a
/// handle with [`Handle::from_raw`]; a forged one names nothing, like a stale one or one of
/// another kind. Registries of one kind are not told apart: their owner knows them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Handle(u64);

impl Handle {
    /// The largest generation a handle can carry.
    pub const MAX_GENERATION: u32 = (1 << GENERATION_BITS) - 1;
    /// The largest index a handle can carry.
    pub const MAX_INDEX: u32 = u32::MAX - 1;

    /// The handle in its C form, or `None` for an integer that no registry hands out:
    /// zero, negative, too large, or without a generation or an index.
    #[inline]
    pub fn from_raw(raw: i64) -> Option<Self> {
        let handle = Self(raw as u64);
        let is_one = (1..END).contains(&raw) && handle.generation() != 0 && handle.0 as u32 != 0;
        is_one.then_some(handle)
    }

    /// The handle's C form: always positive.
    #[inline]
    pub fn to_raw(self) -> i64 {
        self.0 as i64
    }

    /// `None` unless the stamp has a generation and the index is at most [`Self::MAX_INDEX`].
    #[inline]
    pub(super) fn new(stamp: Stamp, index: u32) -> Option<Self> {
        let fits = stamp.generation() != 0 && index <= Self::MAX_INDEX;
        fits.then(|| Self(u64::from(stamp.0) << INDEX_BITS | (u64::from(index) + 1)))
    }

    /// What the handle says it names.
    #[inline]
    pub fn kind(self) -> Kind {
        match self.stamp().0 >> GENERATION_BITS {
            1 => Kind::Thread,
            2 => Kind::File,
            3 => Kind::Socket,
            _ => Kind::Plain,
        }
    }

    /// Which occupant of its place this handle names.
    #[inline]
    pub fn generation(self) -> u32 {
        self.stamp().generation()
    }

    /// The place of the entry.
    #[inline]
    pub fn index(self) -> u32 {
        (self.0 as u32).wrapping_sub(1)
    }

    #[inline]
    pub(super) fn stamp(self) -> Stamp {
        Stamp((self.0 >> INDEX_BITS) as u32)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({:?} {}@{})", self.kind(), self.index(), self.generation())
    }
}

/// Kind and generation, in 28 bits: what a handle and the place of its entry have in common. One
/// comparison tells a handle that is stale, and one of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp(u32);

impl Stamp {
    #[inline]
    pub(super) const fn new(kind: Kind, generation: u32) -> Self {
        Self((kind as u32) << GENERATION_BITS | generation & Handle::MAX_GENERATION)
    }

    /// From a place's word; 0 for a place that had no occupant yet.
    #[inline]
    pub(super) fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    #[inline]
    pub(super) fn bits(self) -> u32 {
        self.0
    }

    #[inline]
    pub(super) fn generation(self) -> u32 {
        self.0 & Handle::MAX_GENERATION
    }
}
