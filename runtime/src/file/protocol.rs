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

use crate::registry::{EntryState, SlabGuard};
use crate::sync::Spin;
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

/// Whether a file's bytes are there.
#[inline]
pub(super) fn is_ready(state: u8) -> bool {
    state & STATE == READY
}

/// PENDING or QUEUED → LOADING; the one caller that gets true loads the file.
pub(super) fn claim<T>(file: &SlabGuard<'_, T>) -> bool {
    transition(file, |state| state <= QUEUED, LOADING).is_ok()
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
    entry.removed || entry.state & STATE >= READY
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
mod model {
    use super::*;
    use crate::registry::{Handle, Registry, Slab};
    use crate::sync::atomic::{AtomicUsize, Ordering};
    use crate::sync::{Arc, UnsafeCell, thread};

    const KEY: usize = 16;

    struct File {
        loads: AtomicUsize,
        outcome: UnsafeCell<Option<u32>>,
    }

    // SAFETY: what the model checks: the outcome is written before, and read after, the end
    // of the load.
    unsafe impl Sync for File {}

    struct Shared {
        files: Slab<File>,
        table: WaitTable,
    }

    impl Shared {
        fn new() -> (Arc<Self>, Handle) {
            let files = Slab::new();
            let file = File { loads: AtomicUsize::new(0), outcome: UnsafeCell::new(None) };
            let handle = files.insert(file).unwrap();
            (Arc::new(Self { files, table: WaitTable::new() }), handle)
        }

        fn load(&self, file: &SlabGuard<'_, File>) -> bool {
            if !claim(file) {
                return false;
            }
            file.loads.fetch_add(1, Ordering::Relaxed);
            // SAFETY: what the model checks.
            file.outcome.with_mut(|outcome| unsafe { *outcome = Some(7) });
            self.wake(finish(file, Outcome::Ready));
            true
        }

        /// What a loader does with an entry of its queue.
        fn load_queued(&self, handle: Handle) {
            if let Some(file) = self.files.get(handle) {
                self.load(&file);
            }
        }

        fn wait(&self, handle: Handle) -> Option<u32> {
            let file = self.files.get(handle)?;
            if !self.load(&file) {
                wait(&file, &self.table, KEY);
            }
            assert!(file.loads.load(Ordering::Relaxed) <= 1);
            let finished = file.entry_state().state & STATE == READY;
            // SAFETY: what the model checks.
            finished.then(|| file.outcome.with(|outcome| unsafe { *outcome }.unwrap()))
        }

        fn close(&self, handle: Handle) -> bool {
            let state = self.files.take(handle);
            if let Some(state) = state {
                self.wake(sleepers(state));
            }
            state.is_some()
        }

        fn wake(&self, sleepers: Sleepers) {
            if sleepers == Sleepers::Maybe {
                self.table.wake_all(KEY);
            }
        }
    }

    /// A queued file, a loader and two waiters: it is loaded once and all see the bytes.
    #[test]
    fn loaded_once_and_seen_by_all() {
        loom::model(|| {
            let (shared, handle) = Shared::new();
            assert!(enqueue(&shared.files.get(handle).unwrap()));
            let loader = {
                let shared = shared.clone();
                thread::spawn(move || shared.load_queued(handle))
            };
            assert_eq!(shared.wait(handle), Some(7));
            loader.join().unwrap();
            assert_eq!(shared.wait(handle), Some(7));
            assert_eq!(shared.files.get(handle).unwrap().loads.load(Ordering::Relaxed), 1);
        });
    }

    /// A file is closed while one thread loads it and another waits: nobody sleeps for
    /// ever, and the bytes are dropped after both let go.
    #[test]
    fn closing_ends_a_wait() {
        // Three threads with a lock between them: all interleavings would take hours, those
        // with this many preemptions seconds.
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model.check(|| {
            let (shared, handle) = Shared::new();
            assert!(enqueue(&shared.files.get(handle).unwrap()));
            let loader = {
                let shared = shared.clone();
                thread::spawn(move || shared.load_queued(handle))
            };
            let waiter = {
                let shared = shared.clone();
                thread::spawn(move || shared.wait(handle))
            };
            assert!(shared.close(handle));
            assert!(matches!(waiter.join().unwrap(), None | Some(7)));
            loader.join().unwrap();
            assert!(shared.files.get(handle).is_none());
            assert!(!shared.close(handle));
        });
    }

    /// A loader that never finishes does not keep a waiter of a closed file.
    #[test]
    fn closing_wakes_a_waiter_of_an_unfinished_load() {
        loom::model(|| {
            let (shared, handle) = Shared::new();
            let stuck = shared.files.get(handle).unwrap();
            assert!(claim(&stuck));
            let waiter = {
                let shared = shared.clone();
                thread::spawn(move || shared.wait(handle))
            };
            assert!(shared.close(handle));
            assert_eq!(waiter.join().unwrap(), None);
            drop(stuck);
        });
    }

    /// Two starts queue a file once.
    #[test]
    fn queued_once() {
        loom::model(|| {
            let (shared, handle) = Shared::new();
            let other = {
                let shared = shared.clone();
                thread::spawn(move || enqueue(&shared.files.get(handle).unwrap()))
            };
            let ours = enqueue(&shared.files.get(handle).unwrap());
            assert!(ours != other.join().unwrap());
        });
    }
}
