//! Entering a map's pages into the page table.

use super::process::Process;
use super::region::Region;
use super::{Prefault, STEP_BYTES, Wanted};
use crate::sync::signals::with_signals_blocked;
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

/// Why not all pages are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfinished {
    /// They could not be had: the file has shrunk, or its disk has failed.
    PagesMissing,
    /// Nobody wants them any more.
    NotWanted,
}

/// Does for a mapped region what `strategy` does after mapping, in steps.
///
/// A file that is truncated while its pages are touched one by one takes the process down
/// (SIGBUS), as it does any user of a map; the strategies that leave it to the kernel
/// answer [`Unfinished::PagesMissing`] instead.
pub(super) fn prefault(
    region: &Region,
    strategy: Prefault,
    wanted: Wanted<'_>,
) -> Result<(), Unfinished> {
    match strategy {
        Prefault::Progressive => progressive(region, wanted),
        Prefault::PopulateRead => populate_read(region, wanted),
        Prefault::Huge => {
            // A hint: a kernel built without huge pages refuses it, and loads all the same.
            let _ = region.advise(Advice::HugePage);
            populate_read(region, wanted)
        }
        Prefault::Touch => touch_in_steps(region, wanted),
        Prefault::ParallelTouch => parallel_touch(region, wanted),
        Prefault::None | Prefault::Populate | Prefault::Copy | Prefault::Auto => Ok(()),
    }
}

/// The offset and length of each part of a region.
fn steps(region: &Region, step_bytes: usize) -> impl Iterator<Item = (usize, usize)> {
    let len = region.len();
    (0..len).step_by(step_bytes).map(move |offset| (offset, step_bytes.min(len - offset)))
}

fn check(wanted: Wanted<'_>) -> Result<(), Unfinished> {
    if wanted() { Ok(()) } else { Err(Unfinished::NotWanted) }
}

fn progressive(region: &Region, wanted: Wanted<'_>) -> Result<(), Unfinished> {
    for (offset, len) in steps(region, PROGRESSIVE_STEP_BYTES) {
        check(wanted)?;
        // A hint: without read-ahead the bytes come when they are touched.
        let _ = region.advise_range(Advice::WillNeed, offset, len);
    }
    Ok(())
}

fn populate_read(region: &Region, wanted: Wanted<'_>) -> Result<(), Unfinished> {
    for (offset, len) in steps(region, STEP_BYTES) {
        check(wanted)?;
        if let Err(error) = region.advise_range(Advice::PopulateRead, offset, len) {
            // Linux before 5.14 does not know the advice.
            return match error.raw_os_error() {
                Some(libc::EINVAL) => touch_in_steps(region, wanted),
                _ => Err(Unfinished::PagesMissing),
            };
        }
    }
    Ok(())
}

fn touch_in_steps(region: &Region, wanted: Wanted<'_>) -> Result<(), Unfinished> {
    for (offset, len) in steps(region, STEP_BYTES) {
        check(wanted)?;
        touch(region.as_ptr() as usize + offset, len);
    }
    Ok(())
}

fn parallel_touch(region: &Region, wanted: Wanted<'_>) -> Result<(), Unfinished> {
    // A worker of another rayon pool that waited for ours would meanwhile run other jobs of
    // its own pool, on top of what it is doing: whatever locks that holds.
    let is_worker = rayon::current_thread_index().is_some();
    let worthwhile = region.len() >= PARALLEL_FROM_BYTES && !is_worker;
    let touchers = if worthwhile { touchers(Process::current()) } else { None };
    let Some(touchers) = touchers else { return touch_in_steps(region, wanted) };
    let address = region.as_ptr() as usize;
    let parts: Vec<_> = steps(region, PARALLEL_STEP_BYTES).collect();
    touchers.install(|| {
        parts.into_par_iter().try_for_each(|(offset, len)| {
            check(wanted)?;
            touch(address + offset, len);
            Ok(())
        })
    })
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
fn touchers(process: &'static Process) -> Option<&'static rayon::ThreadPool> {
    let start = || {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let name = |i| format!("simple-touch-{i}");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(name);
        if threads > 1 { with_signals_blocked(|| pool.build()).ok() } else { None }
    };
    process.touchers.get_or_init(start).as_ref()
}

fn page_bytes() -> usize {
    static PAGE: OnceLock<usize> = OnceLock::new();
    *PAGE.get_or_init(|| {
        // SAFETY: no memory is involved.
        let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        usize::try_from(bytes).expect("every system tells its page size")
    })
}
