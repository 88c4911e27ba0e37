//! A map of a whole file.

use super::error::{LoadError, Step};
use super::open::RegularFile;
use crate::sys::{self, Call};
use memmap2::{Advice, Mmap, MmapMut, MmapOptions};
use std::io;

/// The access that a map's user has to its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Read them.
    Read,
    /// Read and change them, in memory only.
    PrivateWrite,
}

/// The time at which a map's pages are entered into the page table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Population {
    /// When they are touched, or requested later.
    Lazy,
    /// By the map call itself.
    Eager,
}

/// A map; unmapped when dropped.
#[derive(Debug)]
pub(super) enum Region {
    Shared(Mmap),
    Private(MmapMut),
}

impl Region {
    /// Maps the first `len_bytes` of `file`. Fails if the file system cannot map, and for lack of
    /// maps, address space or memory.
    pub(super) fn map(
        file: &RegularFile,
        len_bytes: u64,
        access: Access,
        population: Population,
    ) -> Result<Self, LoadError> {
        let len = usize::try_from(len_bytes).map_err(|_| LoadError::TooLarge)?;
        let mut options = MmapOptions::new();
        options.len(len);
        if population == Population::Eager {
            options.populate();
        }
        // SAFETY: no `&[u8]` to the map is ever created here. Its bytes are accessed through raw
        // pointers, whose users are told that others may change or truncate the file.
        let map = || unsafe {
            match access {
                Access::Read => options.map(&file.descriptor).map(Self::Shared),
                Access::PrivateWrite => options.map_copy(&file.descriptor).map(Self::Private),
            }
        };
        let mapped = sys::check(Call::Map).and_then(|()| map());
        mapped.map_err(|error| LoadError::system(Step::Map, &error))
    }

    pub(super) fn as_ptr(&self) -> *const u8 {
        match self {
            Self::Shared(map) => map.as_ptr(),
            Self::Private(map) => map.as_ptr(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Shared(map) => map.len(),
            Self::Private(map) => map.len(),
        }
    }

    pub(super) fn advise(&self, advice: Advice) -> io::Result<()> {
        sys::check(Call::Advise)?;
        match self {
            Self::Shared(map) => map.advise(advice),
            Self::Private(map) => map.advise(advice),
        }
    }

    pub(super) fn advise_range(&self, advice: Advice, offset: usize, len: usize) -> io::Result<()> {
        sys::check(Call::Advise)?;
        match self {
            Self::Shared(map) => map.advise_range(advice, offset, len),
            Self::Private(map) => map.advise_range(advice, offset, len),
        }
    }
}
