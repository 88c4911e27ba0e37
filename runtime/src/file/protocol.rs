//! The states of a file: every transition there is, in one place.
//!
//! The state is the state byte of the file's entry in the slab, which one atomic word keeps
//! together with the entry's existence (`registry/README.md`).
//!
//! | state | set by | excludes |
//! |---|---|---|
//! | PENDING | `create` | a queue holds it, somebody loads it |
//! | QUEUED | [`enqueue`], once | a second entry in the queue |
//! | LOADING | [`claim`], by whoever will load: a loader, or a waiter | every other claim: a file is loaded once |
//! | READY, FAILED | [`finish`], by the claimant | every later change |
//!
//! PENDING → QUEUED → LOADING → READY | FAILED; QUEUED may be skipped. The flag WAITERS
//! stands beside the state: set by a waiter before it sleeps, it asks whoever finishes the
//! load, and whoever closes the file, to wake sleepers.
//!
//! Closing is the removal of the entry, possible in every state. What is queued is then
//! skipped; who loads or waits has a guard, so the file outlives the closing until they let
//! go. A waiter is over when the file is finished or closed, and no wake-up is lost:
//! announcing, finishing and closing are each one atomic step on the same word, so a waiter
//! either announced itself before, and is woken, or is told that it comes too late
//! (`sync/wait_table.rs` argues the sleeping itself).
//!
//! What the claimant wrote before [`finish`] is seen by whoever sees READY or FAILED.
//!
//! # After a fork
//!
//! The child has its parent's files, but not its threads (`process.rs`). A file that is LOADING
//! may have a claimant that does not exist. So beside the state stands which process the file
//! belongs to, and before a process claims a file, or waits for one, it [adopts](adopt) it. Who
//! does that, and had seen LOADING before, becomes the claimant: nobody in this process can have
//! claimed the file so far, since everybody adopts first.

use crate::registry::{EntryState, SlabGuard};
use crate::sync::Spin;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::wait_table::{WaitTable, Waiter};

const STATE: u8 = 0b111;
const PENDING: u8 = 0;
const QUEUED: u8 = 1;
const LOADING: u8 = 2;
const READY: u8 = 3;
const FAILED: u8 = 4;
const WAITERS: u8 = 1 << 3;

/// Where a file stands, as the C interface numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum FileState {
    /// Nobody has asked for its bytes.
    Pending = 0,
    /// Queued for a loader, or being loaded.
    Loading = 1,
    /// Its bytes are there.
    Ready = 2,
    /// Its bytes could not be had, or there is no such file.
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

/// How a load ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Ready,
    Failed,
}

/// Whether anybody may be asleep who must now be woken.
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

/// Whether a queue's entry still means something: an unclaimed file.
pub(super) fn is_queued(state: u8) -> bool {
    state & STATE == QUEUED
}

/// Whether the outcome of a load is there.
pub(super) fn is_finished(state: u8) -> bool {
    state & STATE >= READY
}

/// Whether a file's bytes are there.
#[inline]
pub(super) fn is_ready(state: u8) -> bool {
    state & STATE == READY
}

/// PENDING or QUEUED → LOADING; the one caller that gets true loads the file.
pub(super) fn claim<T>(file: &SlabGuard<'_, T>) -> bool {
    transition(file, |state| state <= QUEUED, LOADING).is_ok()
}

/// Makes the file one of `process`, if it was its parent's; true for the one caller that finds
/// it being loaded by nobody: it has claimed the file and loads it.
pub(super) fn adopt<T>(file: &SlabGuard<'_, T>, owner: &AtomicU32, process: u32) -> bool {
    let parent = owner.load(Ordering::Acquire);
    if parent == process {
        return false;
    }
    // Before the file is adopted. What this process does with the file happens after that: the
    // exchange releases, and the load above, of whoever comes later, acquires.
    let seen = file.entry_state().state & STATE;
    let adopted = owner.compare_exchange(parent, process, Ordering::AcqRel, Ordering::Relaxed);
    adopted.is_ok() && seen == LOADING
}

/// Whether a file in this state was asked for, and nobody may be about to load it, if it was
/// its process's parent that asked.
pub(super) fn is_unfinished(state: u8) -> bool {
    matches!(state & STATE, QUEUED | LOADING)
}

/// The claimant's last step.
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

/// Who must be woken after a removal that found `state`.
pub(super) fn sleepers(state: u8) -> Sleepers {
    if state & WAITERS != 0 { Sleepers::Maybe } else { Sleepers::None }
}

/// Waits until the file is finished or closed: a short spin, then asleep under `key` in
/// `table`.
pub(super) fn wait<T>(file: &SlabGuard<'_, T>, table: &WaitTable, key: usize) {
    let mut spin = Spin::new();
    while !is_over(file.entry_state()) {
        if spin.again() {
            continue;
        }
        table.wait(&Waiter::current(), &[key], None, |_| announce_waiter(file));
    }
}

/// Asks for a wake-up; false if it is over already.
fn announce_waiter<T>(file: &SlabGuard<'_, T>) -> bool {
    file.update_state(|entry| (!is_over(entry)).then_some(entry.state | WAITERS)).is_ok()
}

fn is_over(entry: EntryState) -> bool {
    entry.removed || is_finished(entry.state)
}

/// Moves the state to `to` if it is one that `from` accepts, whatever the flag does.
fn transition<T>(
    file: &SlabGuard<'_, T>,
    from: impl Fn(u8) -> bool,
    to: u8,
) -> Result<EntryState, EntryState> {
    file.update_state(|entry| from(entry.state & STATE).then_some(entry.state & !STATE | to))
}

#[cfg(all(test, loom))]
mod model;
