//! Entering a map's pages into the page table.
//!
//! Pages are never read here: a page of a file that is truncated meanwhile is gone, and a thread
//! that reads it gets SIGBUS. The kernel is called instead, and reports a missing page. It takes a
//! little longer where pages are entered one by one: the kernel visits each page, where a thread
//! that reads enters many with one fault.

use super::process::Process;
use super::region::Region;
use super::through_pipe::{Unread, read_pages};
use super::{Prefault, STEP_BYTES, Wanted};
use crate::sync::os_thread::{self, Name};
use crate::sync::processors;
use crate::sync::signals::with_signals_blocked;
use memmap2::Advice;
use rayon::prelude::*;
use std::io;

/// Size of the requests of upstream's loader.
const PROGRESSIVE_STEP_BYTES: usize = 4 << 20;
/// Size of one job of a parallel touch: much more work than handing it over.
const PARALLEL_STEP_BYTES: usize = 2 << 20;
/// Minimum size of a parallel touch. Below, waking other threads costs more than they could save.
const PARALLEL_FROM_BYTES: usize = 8 << 20;

/// The reason why some pages are not loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfinished {
    /// They are not available: the file has shrunk, or its disk has failed.
    PagesMissing,
    /// Nobody wants them any more.
    NotWanted,
}

/// Performs the part of `strategy` that follows the mapping, in steps. The file may change
/// meanwhile.
pub(super) fn prefault(
    region: &Region,
    strategy: Prefault,
    wanted: Wanted<'_>,
) -> Result<(), Unfinished> {
    match strategy {
        Prefault::Progressive => progressive(region, wanted),
        Prefault::PopulateRead | Prefault::Touch => enter_in_steps(region, wanted),
        Prefault::Huge => {
            // A hint: a kernel built without huge pages refuses it, and loads anyway.
            let _ = region.advise(Advice::HugePage);
            enter_in_steps(region, wanted)
        }
        Prefault::ParallelTouch => enter_in_parallel(region, wanted),
        Prefault::None | Prefault::Populate | Prefault::Copy | Prefault::Auto => Ok(()),
    }
}

/// Returns the offset and length of each part of a region.
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
        // A hint: without read-ahead the bytes are loaded when they are touched.
        let _ = region.advise_range(Advice::WillNeed, offset, len);
    }
    Ok(())
}

fn enter_in_steps(region: &Region, wanted: Wanted<'_>) -> Result<(), Unfinished> {
    for (offset, len) in steps(region, STEP_BYTES) {
        check(wanted)?;
        enter(region, offset, len)?;
    }
    Ok(())
}

fn enter_in_parallel(region: &Region, wanted: Wanted<'_>) -> Result<(), Unfinished> {
    // A worker of another rayon pool that waited for this pool would meanwhile run other jobs of
    // its own pool, on top of the current one, with any locks that this one holds.
    let is_worker = rayon::current_thread_index().is_some();
    let worthwhile = region.len() >= PARALLEL_FROM_BYTES && !is_worker;
    let touchers = if worthwhile { touchers(Process::current()) } else { None };
    let Some(touchers) = touchers else { return enter_in_steps(region, wanted) };
    touchers.install(|| {
        (0..region.len().div_ceil(PARALLEL_STEP_BYTES)).into_par_iter().try_for_each(|step| {
            check(wanted)?;
            let offset = step * PARALLEL_STEP_BYTES;
            enter(region, offset, PARALLEL_STEP_BYTES.min(region.len() - offset))
        })
    })
}

/// Makes the kernel enter every page of a part of a region.
fn enter(region: &Region, offset: usize, len: usize) -> Result<(), Unfinished> {
    match region.advise_range(Advice::PopulateRead, offset, len) {
        Ok(()) => Ok(()),
        // Linux before 5.14 does not know the advice.
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
            let first = region.as_ptr().wrapping_add(offset);
            read_pages(first, len).map_err(|Unread| Unfinished::PagesMissing)
        }
        Err(_) => Err(Unfinished::PagesMissing),
    }
}

/// Returns the runtime's own threads, not rayon's global ones: those may be busy with, or blocked
/// by, the program's own use of rayon. `None` on one CPU, and while the system provides no threads.
fn touchers(process: &'static Process) -> Option<&'static rayon::ThreadPool> {
    if let Some(touchers) = process.touchers.get() {
        return Some(touchers);
    }
    let threads = processors().unwrap_or(1);
    // Threads of the runtime's kind: the standard library's end the process if there is no memory
    // for what they need. Dropping one detaches it: rayon ends it.
    let start = |thread: rayon::ThreadBuilder| {
        let name = Name::new(format_args!("simple-touch-{}", thread.index()));
        os_thread::start(name, || thread.run()).map(drop).map_err(io::Error::from)
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).spawn_handler(start);
    let touchers =
        if threads > 1 { with_signals_blocked(|| pool.build()).ok()? } else { return None };
    // If several threads start a pool at the same moment, all use one; the others end again.
    let _ = process.touchers.set(touchers);
    process.touchers.get()
}
