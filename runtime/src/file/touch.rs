//! Entering a map's pages into the page table.

use super::Prefault;
use super::region::Region;
use crate::sync::thread;
use memmap2::Advice;
use rayon::prelude::*;
use std::sync::OnceLock;

/// What upstream's loader asks for at a time.
const PROGRESSIVE_STEP_BYTES: usize = 4 << 20;
/// What one job of a parallel touch covers: much more work than handing it over.
const PARALLEL_STEP_BYTES: usize = 2 << 20;
/// Below this, waking other threads costs more than they could save.
const PARALLEL_FROM_BYTES: usize = 8 << 20;

/// The pages could not all be had: the file has shrunk, or its disk has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PagesMissing;

/// Does for a mapped region what `strategy` does after mapping.
///
/// A file that is truncated while its pages are touched one by one takes the process down
/// (SIGBUS), as it does any user of a map; the strategies that leave it to the kernel
/// answer [`PagesMissing`] instead.
pub(super) fn prefault(region: &Region, strategy: Prefault) -> Result<(), PagesMissing> {
    match strategy {
        Prefault::Progressive => progressive(region),
        Prefault::PopulateRead => return populate_read(region),
        Prefault::Huge => {
            // A hint: a kernel built without huge pages refuses it, and loads all the same.
            let _ = region.advise(Advice::HugePage);
            return populate_read(region);
        }
        Prefault::Touch => touch(region.as_ptr() as usize, region.len()),
        Prefault::ParallelTouch => parallel_touch(region),
        Prefault::None | Prefault::Populate | Prefault::Copy | Prefault::Auto => {}
    }
    Ok(())
}

fn progressive(region: &Region) {
    for offset in (0..region.len()).step_by(PROGRESSIVE_STEP_BYTES) {
        let len = PROGRESSIVE_STEP_BYTES.min(region.len() - offset);
        // A hint: without read-ahead the bytes come when they are touched.
        let _ = region.advise_range(Advice::WillNeed, offset, len);
    }
}

fn populate_read(region: &Region) -> Result<(), PagesMissing> {
    let Err(error) = region.advise(Advice::PopulateRead) else { return Ok(()) };
    if error.raw_os_error() != Some(libc::EINVAL) {
        return Err(PagesMissing);
    }
    // Linux before 5.14.
    touch(region.as_ptr() as usize, region.len());
    Ok(())
}

fn parallel_touch(region: &Region) {
    let (address, len) = (region.as_ptr() as usize, region.len());
    let pool = if len >= PARALLEL_FROM_BYTES { touch_pool() } else { None };
    let Some(pool) = pool else { return touch(address, len) };
    pool.install(|| {
        (0..len.div_ceil(PARALLEL_STEP_BYTES)).into_par_iter().for_each(|step| {
            let offset = step * PARALLEL_STEP_BYTES;
            touch(address + offset, PARALLEL_STEP_BYTES.min(len - offset));
        });
    });
}

/// Reads one byte of every page of a mapped range that starts at a page.
fn touch(address: usize, len: usize) {
    for offset in (0..len).step_by(page_bytes()) {
        // SAFETY: within a map that the caller holds; volatile, so that it is not left out.
        unsafe { std::ptr::read_volatile((address + offset) as *const u8) };
    }
}

/// Threads of our own, not rayon's global ones: those may be busy with, or blocked by,
/// whatever the program does with rayon. `None` on one CPU, or if no threads can be had.
fn touch_pool() -> Option<&'static rayon::ThreadPool> {
    static POOL: OnceLock<Option<rayon::ThreadPool>> = OnceLock::new();
    let start = || {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let name = |i| format!("simple-touch-{i}");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(name);
        if threads > 1 { pool.build().ok() } else { None }
    };
    POOL.get_or_init(start).as_ref()
}

fn page_bytes() -> usize {
    static PAGE: OnceLock<usize> = OnceLock::new();
    *PAGE.get_or_init(|| {
        // SAFETY: no memory is involved.
        let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        usize::try_from(bytes).expect("every system tells its page size")
    })
}
