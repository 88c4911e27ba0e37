//! The states of a file, with every transition in one place.
//!
//! The state is the state byte of the file's entry in the slab, which one atomic word combines with
//! the entry's existence (`registry/README.md`).
//!
//! | state | set by | excludes |
//! |---|---|---|
//! | PENDING | `create` | a queue holds it, somebody loads it |
//! | QUEUED | [`enqueue`], once | a second entry in the queue |
//! | LOADING | [`claim`], by the thread that will load: a loader, or a waiter | every other claim: a file is loaded once |
//! | READY, FAILED | [`finish`], by the claimant | every later change |
//!
//! PENDING → QUEUED → LOADING → READY | FAILED; QUEUED may be skipped. The flag WAITERS is next to
//! the state. A waiter sets it before it sleeps, to request a wake-up from the thread that finishes
//! the load, and from the one that closes the file.
//!
//! Closing removes the entry, and is possible in every state. A queued entry is then skipped. A
//! thread that loads or waits has a guard, so the file outlives the closing until they release it.
//! A wait is over when the file is finished or closed. No wake-up is lost: announcing, finishing
//! and closing are each one atomic step on the same word. So a waiter either announced itself
//! before, and is woken, or finds out that it is too late (`sync/wait_table.rs` argues the sleeping
//! itself).
//!
//! A thread that sees READY or FAILED sees everything that the claimant wrote before [`finish`].
//!
//! # After a fork
//!
//! The child has its parent's files, but not its threads (`process.rs`). A file that is LOADING may
//! have a claimant that does not exist. So each file also stores the process that it belongs to,
//! and before a process claims a file, or waits for one, it [adopts](adopt) it. The thread that
//! adopts it, having seen LOADING before, becomes the claimant: nobody in this process can have
//! claimed the file before, since everybody adopts first.

use crate::registry::{EntryState, SlabGuard};
use crate::sync::Spin;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::wait_table::WaitTable;

const STATE: u8 = 0b111;
const PENDING: u8 = 0;
const QUEUED: u8 = 1;
const LOADING: u8 = 2;
const READY: u8 = 3;
const FAILED: u8 = 4;
const WAITERS: u8 = 1 << 3;

/// The state of a file, with the numbers of the C interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum FileState {
    /// Its bytes have not been requested.
    Pending = 0,
    /// Queued for a loader, or being loaded.
    Loading = 1,
    /// Its bytes are loaded.
    Ready = 2,
    /// Its bytes could not be loaded, or there is no such file.
    Failed = 3,
}

impl FileState {
    pub(super) fn of(state: u8) -> Self {
        match state & STATE {
            PENDING => Self::Pending,
            QUEUED | LOADING => Self::Loading,
            READY => Self::Ready,
            _ => Self::Failed,
        }
    }
}

/// The outcome of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Ready,
    Failed,
}

/// Tells if a sleeping thread may have to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Sleepers {
    Maybe,
    None,
}

/// PENDING → QUEUED; true for exactly one caller.
pub(super) fn enqueue<T>(file: &SlabGuard<'_, T>) -> bool {
    transition(file, |state| state == PENDING, QUEUED).is_ok()
}

/// True if a queue's entry is still valid: an unclaimed file.
pub(super) fn is_queued(state: u8) -> bool {
    state & STATE == QUEUED
}

/// True if a load has an outcome.
pub(super) fn is_finished(state: u8) -> bool {
    state & STATE >= READY
}

/// True if a file's bytes are loaded.
#[inline]
pub(super) fn is_ready(state: u8) -> bool {
    state & STATE == READY
}

/// PENDING or QUEUED → LOADING; the one caller that gets true loads the file.
pub(super) fn claim<T>(file: &SlabGuard<'_, T>) -> bool {
    transition(file, |state| state <= QUEUED, LOADING).is_ok()
}

/// Makes `process` the owner of the file, if its parent was the owner. True for the one caller that
/// finds the file LOADING with no thread that loads it: this caller has claimed the file and loads
/// it.
pub(super) fn adopt<T>(file: &SlabGuard<'_, T>, owner: &AtomicU32, process: u32) -> bool {
    let parent = owner.load(Ordering::Acquire);
    if parent == process {
        return false;
    }
    // Before the file is adopted. Everything that this process does with the file happens after
    // that: the exchange releases, and the load above, in later callers, acquires.
    let seen = file.entry_state().state & STATE;
    let adopted = owner.compare_exchange(parent, process, Ordering::AcqRel, Ordering::Relaxed);
    adopted.is_ok() && seen == LOADING
}

/// True if a file in this state was requested by the process's parent, and possibly no thread will
/// load it.
pub(super) fn is_unfinished(state: u8) -> bool {
    matches!(state & STATE, QUEUED | LOADING)
}

/// Ends the load; the claimant's last step.
pub(super) fn finish<T>(file: &SlabGuard<'_, T>, outcome: Outcome) -> Sleepers {
    let to = match outcome {
        Outcome::Ready => READY,
        Outcome::Failed => FAILED,
    };
    match transition(file, |state| state == LOADING, to) {
        Ok(before) => sleepers(before.state),
        Err(_) => unreachable!("only the claimant leaves LOADING"),
    }
}

/// Returns the sleepers to wake after a removal that found `state`.
pub(super) fn sleepers(state: u8) -> Sleepers {
    if state & WAITERS != 0 { Sleepers::Maybe } else { Sleepers::None }
}

/// Waits until the file is finished or closed: a short spin, then sleep under `key` in `table`.
pub(super) fn wait<T>(file: &SlabGuard<'_, T>, table: &WaitTable, key: usize) {
    let mut spin = Spin::new();
    while !is_over(file.entry_state()) {
        if spin.again() {
            continue;
        }
        table.wait_for(key, None, || announce_waiter(file));
    }
}

/// Requests a wake-up; false if the wait is over already.
fn announce_waiter<T>(file: &SlabGuard<'_, T>) -> bool {
    file.update_state(|entry| (!is_over(entry)).then_some(entry.state | WAITERS)).is_ok()
}

fn is_over(entry: EntryState) -> bool {
    entry.removed || is_finished(entry.state)
}

/// Changes the state to `to` if `from` accepts it, whatever the flag is.
fn transition<T>(
    file: &SlabGuard<'_, T>,
    from: impl Fn(u8) -> bool,
    to: u8,
) -> Result<EntryState, EntryState> {
    file.update_state(|entry| from(entry.state & STATE).then_some(entry.state & !STATE | to))
}

#[cfg(all(test, loom))]
mod model;
