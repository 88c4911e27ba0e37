//! The prefault strategies, which determine how a file's bytes come into memory.

use super::FileError;

/// The way in which a load brings a file's bytes into memory before it becomes ready.
///
/// A file may change while it is loaded. The load gives the remaining part, or fails: pages are
/// entered by the kernel, and never read here. A file that cannot be mapped (its file system does
/// not support it, or maps or address space are used up) is read, as with the strategy copy, unless
/// it would take up much of the memory: then the load fails.
///
/// The numbers are those of the C interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Prefault {
    /// Map only; pages are loaded when they are touched.
    None = 0,
    /// Map and ask for read-ahead, a few MiB at a time.
    Progressive = 1,
    /// Map with `MAP_POPULATE`. (A writable map is loaded as with [`Prefault::PopulateRead`],
    /// because `MAP_POPULATE` would copy the whole file. It is one system call, which a close does
    /// not interrupt.)
    Populate = 2,
    /// Map, then `MADV_POPULATE_READ`; if the kernel lacks it, the kernel reads one byte of every
    /// page.
    PopulateRead = 3,
    /// Map, then make the kernel touch every page. The same as [`Prefault::PopulateRead`]: a thread
    /// that read a byte of each page itself would die (SIGBUS) if the file shrank meanwhile.
    Touch = 4,
    /// [`Prefault::Touch`] by several threads.
    ParallelTouch = 5,
    /// Read into the runtime's own memory: survives any change of the file.
    Copy = 6,
    /// Map, request huge pages (on a cold disk: larger reads), then as for
    /// [`Prefault::PopulateRead`].
    Huge = 7,
    /// The strategy that was measured to be best for a file of this size; nothing for one that
    /// would take up much of the memory. See [`Plan`](super::Plan).
    Auto = 8,
}

impl Prefault {
    /// Every strategy, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::None,
        Self::Progressive,
        Self::Populate,
        Self::PopulateRead,
        Self::Touch,
        Self::ParallelTouch,
        Self::Copy,
        Self::Huge,
        Self::Auto,
    ];

    /// Returns its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Progressive => "progressive",
            Self::Populate => "populate",
            Self::PopulateRead => "populate-read",
            Self::Touch => "touch",
            Self::ParallelTouch => "parallel-touch",
            Self::Copy => "copy",
            Self::Huge => "huge",
            Self::Auto => "auto",
        }
    }
}

impl TryFrom<i32> for Prefault {
    type Error = FileError;

    fn try_from(number: i32) -> Result<Self, FileError> {
        let strategy = usize::try_from(number).ok().and_then(|number| Self::ALL.get(number));
        strategy.copied().ok_or(FileError::UnknownPrefault(number))
    }
}
