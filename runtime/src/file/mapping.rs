//! Loading a file on the calling thread.

use super::auto::is_too_much;
use super::buffer::Buffer;
use super::error::{FileError, LoadError};
use super::open::{OpenFlags, RegularFile};
use super::region::{Access, Population, Region};
use super::residency::seems_cached;
use super::touch::{Unfinished, prefault};
use super::{Plan, Prefault, Wanted};
use crate::executor::local;
use crate::slowdown::{self, Site};
use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Number of times that a file that shrinks while it is mapped is mapped before it is read instead.
const MAP_ATTEMPTS: usize = 3;

/// The memory of an empty file: its address is not null, and has the alignment of a page.
#[repr(align(4096))]
struct Nowhere([u8; 1]);
static NOWHERE: Nowhere = Nowhere([0]);

/// The bytes of a file in memory, until dropped. No descriptor is kept open.
#[derive(Debug)]
pub struct Mapping(Content);

#[derive(Debug)]
enum Content {
    Empty,
    Mapped(Region),
    Read(Buffer),
}

impl Mapping {
    /// Loads the file at `path`, opened with the open(2) flags `mode`, on this thread.
    ///
    /// `mode` may not create, truncate or append. `O_RDWR` makes the bytes writable, in memory
    /// only. If the file is not a regular file, missing, forbidden or write-only, the error says
    /// so.
    pub fn load(path: &Path, mode: i32, strategy: Prefault) -> Result<Self, FileError> {
        let flags = OpenFlags::new(mode)?;
        Self::load_c(&c_path(path)?, flags, strategy, &|| true)
            .map_err(|reason| FileError::Load { path: path.to_owned(), reason })
    }

    pub(super) fn load_c(
        path: &CStr,
        flags: OpenFlags,
        strategy: Prefault,
        wanted: Wanted<'_>,
    ) -> Result<Self, LoadError> {
        slowdown::at(Site::FileLoad);
        let file = RegularFile::open(path, flags)?;
        let plan = strategy.plan(file.size_bytes);
        // Files whose content is generated when they are read (in /proc, for example) report the
        // size 0.
        if plan.cached == Prefault::Copy || file.size_bytes == 0 {
            return read(&file, file.size_bytes, wanted).map(Self::counted);
        }
        let access = if flags.is_writable() { Access::PrivateWrite } else { Access::Read };
        map(&file, access, plan, wanted).map(Self::counted)
    }

    /// Counts a load that has succeeded, on the thread that ran it.
    fn counted((mapping, used): (Self, Prefault)) -> Self {
        local::with(|local| local.counters().loads.count(used, mapping.len()));
        mapping
    }

    /// Returns the address of the bytes; never null. Valid until the mapping is dropped.
    ///
    /// Other processes may change the bytes of a mapped file, and reading a mapped page beyond the
    /// end of a file that was truncated kills the process (SIGBUS). With [`Prefault::Copy`] the
    /// bytes belong to this mapping alone. Writable if loaded with `O_RDWR`.
    pub fn as_ptr(&self) -> *const u8 {
        match &self.0 {
            Content::Empty => NOWHERE.0.as_ptr(),
            Content::Mapped(region) => region.as_ptr(),
            Content::Read(buffer) => buffer.as_ptr(),
        }
    }

    /// Returns the number of bytes.
    pub fn len(&self) -> usize {
        match &self.0 {
            Content::Empty => 0,
            Content::Mapped(region) => region.len(),
            Content::Read(buffer) => buffer.len(),
        }
    }

    /// True if the file is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes.
    ///
    /// # Safety
    ///
    /// Nobody changes or truncates the file, or writes through [`as_ptr`](Self::as_ptr), while the
    /// slice is in use. (With [`Prefault::Copy`] changes of the file do not matter.)
    pub unsafe fn bytes(&self) -> &[u8] {
        // SAFETY: `len` readable bytes that live as long as `self`; constant by the
        // caller's promise.
        unsafe { std::slice::from_raw_parts(self.as_ptr(), self.len()) }
    }
}

/// Converts the path for the system.
pub(super) fn c_path(path: &Path) -> Result<CString, FileError> {
    let bytes = path.as_os_str().as_bytes();
    let mut with_nul = Vec::new();
    with_nul.try_reserve_exact(bytes.len() + 1).map_err(|_| FileError::TooManyFiles)?;
    with_nul.extend_from_slice(bytes);
    with_nul.push(0);
    CString::from_vec_with_nul(with_nul).map_err(|_| FileError::NulInPath(path.to_owned()))
}

/// A load that has succeeded, and the strategy that was used in the end.
type Used = (Mapping, Prefault);

fn read(file: &RegularFile, expected_bytes: u64, wanted: Wanted<'_>) -> Result<Used, LoadError> {
    let content = Buffer::read(&file.descriptor, expected_bytes, wanted)?;
    Ok((Mapping(content.map_or(Content::Empty, Content::Read)), Prefault::Copy))
}

/// Maps `file` and prefaults it. Reads it if it cannot be mapped or keeps changing.
fn map(
    file: &RegularFile,
    access: Access,
    plan: Plan,
    wanted: Wanted<'_>,
) -> Result<Used, LoadError> {
    let (population, plan) = match (plan.cached, access) {
        (Prefault::Populate, Access::Read) => (Population::Eager, plan),
        // Populating a map for writing would copy every page.
        (Prefault::Populate, Access::PrivateWrite) => {
            (Population::Lazy, Plan::fixed(Prefault::PopulateRead))
        }
        _ => (Population::Lazy, plan),
    };
    let mut size_bytes = file.size_bytes;
    for _ in 0..MAP_ATTEMPTS {
        let region = match Region::map(file, size_bytes, access, population) {
            Ok(region) => region,
            // Too much memory is not used without an explicit request.
            Err(error) if is_too_much(size_bytes) => return Err(error),
            Err(_) => break,
        };
        // If a file shrank before it was mapped, its map has pages that cannot be filled, so map
        // again. If a file grew, the map has its beginning, as with read(2).
        if file.current_size_bytes()? >= size_bytes {
            let strategy = plan.choose(|| seems_cached(file));
            match prefault(&region, strategy, wanted) {
                Ok(()) => return Ok((Mapping(Content::Mapped(region)), strategy)),
                Err(Unfinished::NotWanted) => return Err(LoadError::Abandoned),
                Err(Unfinished::PagesMissing) => {}
            }
        }
        size_bytes = file.current_size_bytes()?;
        if size_bytes == 0 {
            break;
        }
    }
    // Reading survives every change, and reports errors of a disk.
    read(file, size_bytes, wanted)
}
