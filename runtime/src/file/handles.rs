//! Files behind handles: create, load, query, wait, close.

use super::Prefault;
use super::error::{FileError, LoadError};
use super::mapping::{Mapping, c_path};
use super::open::OpenFlags;
use super::process::Process;
use super::protocol::{self, FileState, Outcome, Sleepers};
use super::stats::{self, Counter, count};
use crate::environment::choices::choices;
use crate::executor::blocking;
use crate::registry::{Handle, Kind, Registry, Slab, SlabGuard};
use crate::sync::UnsafeCell;
use crate::sync::atomic::{AtomicU32, Ordering};
use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

static FILES: Slab<AsyncFile> = Slab::of(Kind::File);

struct AsyncFile {
    path: CString,
    flags: OpenFlags,
    strategy: Prefault,
    /// The number of the process that is responsible for the file.
    owner: AtomicU32,
    /// Written by the claimant before the state becomes READY or FAILED, and read only after.
    outcome: UnsafeCell<Option<Load>>,
}

type Load = Result<Mapping, LoadError>;

// SAFETY: the cell is written by one thread, the claimant, and read by others only once the state
// says that it has been (`protocol.rs`). Everything else is safe to share.
unsafe impl Sync for AsyncFile {}

impl AsyncFile {
    /// True if the file still belongs to this process's parent.
    fn is_left_behind(&self) -> bool {
        self.owner.load(Ordering::Acquire) != Process::number()
    }

    /// Returns the path; an empty one without memory for it.
    fn path(&self) -> PathBuf {
        let mut path = OsString::new();
        if path.try_reserve_exact(self.path.as_bytes().len()).is_ok() {
            path.push(OsStr::from_bytes(self.path.as_bytes()));
        }
        path.into()
    }
}

/// The location of a loaded file's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// Address of the first byte; not 0, even for an empty file. Valid until the file is closed;
    /// [`Mapping::as_ptr`] tells how the bytes may change.
    pub address: usize,
    /// Number of bytes.
    pub len_bytes: usize,
}

/// Creates a handle for the file at `path`; nothing is opened yet.
///
/// `mode` is a set of open(2) flags; see [`Mapping::load`]. A relative path is resolved when the
/// file is loaded. The handle must be given to [`close`].
pub fn create(path: &Path, mode: i32, strategy: Prefault) -> Result<Handle, FileError> {
    let flags = OpenFlags::new(mode)?;
    if strategy == Prefault::Auto {
        choices().prefault.value_or_message();
    }
    let owner = AtomicU32::new(Process::number());
    let file =
        AsyncFile { path: c_path(path)?, flags, strategy, owner, outcome: UnsafeCell::new(None) };
    FILES.insert(file).ok_or(FileError::TooManyFiles)
}

/// Makes a loader thread load the file. Does not block; does nothing if the load was requested
/// before. Returns true if this call was the first request.
///
/// In a forked process, a file that its parent had requested but whose load had not ended is
/// requested again.
pub fn start_loading(handle: Handle) -> Result<bool, FileError> {
    let file = FILES.get(handle).ok_or(FileError::BadHandle)?;
    let first = protocol::enqueue(&file);
    if first || file.is_left_behind() && protocol::is_unfinished(file.entry_state().state) {
        Process::current().loaders.submit(handle);
    }
    Ok(first)
}

/// True if the handle names a file. One load.
#[inline]
pub fn is_open(handle: Handle) -> bool {
    FILES.state(handle).is_some()
}

/// True if the bytes are loaded. One load; false for a bad handle.
#[inline]
pub fn is_ready(handle: Handle) -> bool {
    FILES.state(handle).is_some_and(protocol::is_ready)
}

/// Returns the state of the file. One load; [`FileState::Failed`] for a bad handle.
#[inline]
pub fn state(handle: Handle) -> FileState {
    FILES.state(handle).map_or(FileState::Failed, FileState::of)
}

/// Waits for the file's bytes and returns them.
///
/// If nobody has begun to load the file, this thread loads it and wakes no other. Otherwise it
/// spins briefly and then sleeps until the load ends or the file is closed. Any number of threads
/// may wait; the file is loaded once.
pub fn wait(handle: Handle) -> Result<Loaded, FileError> {
    let file = FILES.get(handle).ok_or(FileError::BadHandle)?;
    if !load_if_unclaimed(&file, handle, &stats::LOADS_BY_WAITERS) {
        blocking(|| protocol::wait(&file, &Process::current().waiters, key(handle)));
    }
    if file.entry_state().removed {
        return Err(FileError::Closed);
    }
    match outcome(&file) {
        Some(Ok(mapping)) => {
            Ok(Loaded { address: mapping.as_ptr() as usize, len_bytes: mapping.len() })
        }
        Some(Err(reason)) => Err(FileError::Load { path: file.path(), reason: *reason }),
        None => unreachable!("an open file that is waited for is finished"),
    }
}

/// Returns the number of bytes of a ready file.
pub fn size(handle: Handle) -> Option<usize> {
    let file = FILES.get(handle)?;
    let mapping = outcome(&file)?.as_ref().ok()?;
    Some(mapping.len())
}

/// Returns the reason why the load failed; `None` if it has not failed, and for a bad handle.
pub fn error(handle: Handle) -> Option<FileError> {
    let file = FILES.get(handle)?;
    let reason = *outcome(&file)?.as_ref().err()?;
    Some(FileError::Load { path: file.path(), reason })
}

/// Returns the outcome, once the state says that there is one: all queries of a file agree.
fn outcome<'a>(file: &'a SlabGuard<'_, AsyncFile>) -> Option<&'a Load> {
    if !protocol::is_finished(file.entry_state().state) {
        return None;
    }
    // SAFETY: written before the state said so, and not written any more. The guard keeps it alive.
    file.outcome.with(|outcome| unsafe { (*outcome).as_ref() })
}

/// Ends the file: its handle becomes stale and the address of its bytes invalid. A load in progress
/// stops after its current step, and the file is released; a wait in progress returns
/// [`FileError::Closed`].
pub fn close(handle: Handle) -> Result<(), FileError> {
    let state = FILES.take(handle).ok_or(FileError::BadHandle)?;
    wake(protocol::sleepers(state), handle);
    Ok(())
}

/// Loads a file from the loaders' queue, unless it has been closed or claimed meanwhile.
pub(super) fn load_queued(handle: Handle) {
    if let Some(file) = FILES.get(handle) {
        load_if_unclaimed(&file, handle, &stats::LOADS_BY_LOADERS);
    }
}

/// True if a queue's entry still waits for a loader.
pub(super) fn is_wanted(handle: Handle) -> bool {
    FILES.get(handle).is_some_and(|file| {
        let state = file.entry_state().state;
        protocol::is_queued(state) || file.is_left_behind() && protocol::is_unfinished(state)
    })
}

/// Loads the file unless it was claimed. True if this thread claimed it, and so loaded it.
fn load_if_unclaimed(file: &SlabGuard<'_, AsyncFile>, handle: Handle, counter: &Counter) -> bool {
    let adopted = protocol::adopt(file, &file.owner, Process::number());
    if !adopted && !protocol::claim(file) {
        return false;
    }
    count(counter);
    let mut claim = Claim { file, handle, load: Err(LoadError::Panicked) };
    let wanted = || !file.entry_state().removed;
    claim.load = Mapping::load_c(&file.path, file.flags, file.strategy, &wanted);
    true
}

/// A file being loaded. Dropping it ends the load, even if loading panicked.
struct Claim<'a> {
    file: &'a SlabGuard<'a, AsyncFile>,
    handle: Handle,
    load: Load,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let load = std::mem::replace(&mut self.load, Err(LoadError::Panicked));
        let outcome = if load.is_ok() { Outcome::Ready } else { Outcome::Failed };
        // SAFETY: this is the only claimant of this process, and nobody reads before the state says
        // so.
        self.file.outcome.with_mut(|place| unsafe { place.write(Some(load)) });
        wake(protocol::finish(self.file, outcome), self.handle);
    }
}

fn wake(sleepers: Sleepers, handle: Handle) {
    if sleepers == Sleepers::Maybe {
        Process::current().waiters.wake_all(key(handle));
    }
}

/// Returns the key of the file's waiters in the table, which ignores the lowest bits.
fn key(handle: Handle) -> usize {
    (handle.to_raw() as usize) << 4
}
