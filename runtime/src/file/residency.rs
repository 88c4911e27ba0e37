//! The check whether a file is in the page cache, or must come from the disk.

use super::open::RegularFile;
use crate::sys;
use std::os::fd::AsRawFd;

/// Any range within one page works.
const ASKED_BYTES: u64 = 1;

/// The kernel's `struct cachestat_range`.
#[repr(C)]
struct Range {
    offset: u64,
    len: u64,
}

/// The kernel's `struct cachestat`; all numbers are pages.
#[repr(C)]
#[derive(Default)]
struct Counts {
    cached: u64,
    dirty: u64,
    writeback: u64,
    evicted: u64,
    recently_evicted: u64,
}

/// True if the middle and the end of the file are in the page cache (its beginning may be there
/// although nobody has read the file: a header). Two system calls, much cheaper than mincore(2).
/// False on kernels before 6.5, and where the call is forbidden: then the file is always loaded.
pub(super) fn seems_cached(file: &RegularFile) -> bool {
    [file.size_bytes / 2, file.size_bytes.saturating_sub(1)]
        .into_iter()
        .all(|offset| is_cached(file, offset))
}

fn is_cached(file: &RegularFile, offset: u64) -> bool {
    let range = Range { offset, len: ASKED_BYTES };
    let mut counts = Counts::default();
    let (asked, told) = (std::ptr::from_ref(&range).cast(), std::ptr::from_mut(&mut counts).cast());
    // SAFETY: an open descriptor, and structures of the kernel's layout that outlive the call.
    let answer = unsafe { sys::cachestat(file.descriptor.as_raw_fd(), asked, told) };
    answer == 0 && counts.cached > 0
}
