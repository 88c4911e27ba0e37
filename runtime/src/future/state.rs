//! The state word of a future, and all its transitions.
//!
//! The lower half of the object's word (see [`crate::value::heap`]) holds the state; the
//! upper half is the reference count, so a transition can take or give a reference in the
//! same atomic operation.
//!
//! | state | set by | excludes |
//! |---|---|---|
//! | PENDING | `new` | no thread runs it, no queue holds it |
//! | QUEUED | [`enqueue`], once, taking the queue's reference | a second entry in a queue |
//! | RUNNING | [`claim`], by the thread that runs it | every other claim: the body runs once |
//! | FULFILLED, REJECTED | [`finish`], by the claimant | every later change |
//!
//! PENDING → QUEUED → RUNNING → FULFILLED | REJECTED; QUEUED may be skipped. Cancelling is a claim
//! that finishes without running the body. Three flags accompany the state:
//!
//! * MANUAL: set with QUEUED when the queue is polled by hand. Tells the claimant to subtract the
//!   entry from the number of tasks that a poll would run.
//! * WAITERS: set by [`announce_waiter`] while unfinished. Tells the finisher to wake sleepers
//!   (protocol in [`crate::sync::wait_table`]). Never cleared.
//! * RING: set by the thread that runs the body, when it finds itself awaiting its own future. The
//!   result is discarded and the future rejected.
//!
//! The bits above hold the number, among its ancestors ([`fork::generation`]), of the process that
//! queued or claimed the future last. A forked child has none of its parent's threads and queues.
//! To it, a future that was QUEUED there is as good as PENDING, and one that was RUNNING never ends
//! ([`is_lost`]). The exceptions are the bodies on the stack that the child has inherited, which it
//! takes over ([`inherit`]). They get a fourth flag, INHERITED, which distinguishes them from the
//! child's own.
//!
//! The claimant's writes before [`finish`] (Release) are visible to a thread that reads a finished
//! state (Acquire). The context and the result share one cell: it belongs to the creator before the
//! claim and to the claimant until it finishes, and is constant after that.

use crate::sync::atomic::{AtomicU64, Ordering};
#[cfg(not(loom))]
use crate::sync::fork;
use crate::value::counted_word::ONE_REFERENCE;

const STATE_MASK: u64 = 0b111;
const WAITERS: u64 = 1 << 3;
const RING: u64 = 1 << 4;
const MANUAL: u64 = 1 << 5;
const INHERITED: u64 = 1 << 6;
/// All bits that are left: no two living processes of a family are that far apart.
const PROCESS_MASK: u64 = (ONE_REFERENCE - 1) & !(STATE_MASK | WAITERS | RING | MANUAL | INHERITED);
const ONE_PROCESS: u64 = 1 << 7;

/// State of a future; the numbers are those of `rt_future_state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum FutureState {
    /// Its body has not begun and it has not been started.
    Pending = 0,
    /// Handed to the executor.
    Queued = 1,
    /// Its body runs.
    Running = 2,
    /// Finished with a result.
    Fulfilled = 3,
    /// Finished with an error: a panic, a cancellation, a ring, or made by `reject`.
    Rejected = 4,
}

impl FutureState {
    /// True if neither an executor nor an awaiter has begun it.
    pub fn is_unbegun(self) -> bool {
        self < Self::Running
    }

    /// True if it is fulfilled or rejected.
    pub fn is_finished(self) -> bool {
        self > Self::Running
    }

    fn of(word: u64) -> Self {
        match word & STATE_MASK {
            0 => Self::Pending,
            1 => Self::Queued,
            2 => Self::Running,
            3 => Self::Fulfilled,
            _ => Self::Rejected,
        }
    }
}

/// The kind of queue that a future is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Emptied by the workers of the pool.
    Pool,
    /// Emptied by the threads that poll.
    Manual,
}

/// State of a claimed future before the claim. If it was queued its entry stays behind, with a
/// reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unbegun {
    Pending,
    Queued(Queue),
}

/// Result of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Fulfilled,
    Rejected,
}

/// Result of finishing a future.
pub(crate) struct Finished {
    /// A thread may be asleep until this moment.
    pub(crate) waiters: bool,
    /// The reference given back with the transition was the last: free the object.
    pub(crate) last_reference: bool,
}

/// Returns the calling process's number, at its place in the word.
#[inline(always)]
fn this_process() -> u64 {
    #[cfg(not(loom))]
    let number = fork::generation();
    #[cfg(loom)]
    let number = 0_u32;
    (u64::from(number) * ONE_PROCESS) & PROCESS_MASK
}

fn is_of(word: u64, process: u64) -> bool {
    word & PROCESS_MASK == process
}

#[inline]
pub(crate) fn state(word: &AtomicU64) -> FutureState {
    FutureState::of(word.load(Ordering::Acquire))
}

/// Returns the state. A future in a parent's queue is pending in this process.
pub(crate) fn state_here(word: &AtomicU64) -> FutureState {
    let word = word.load(Ordering::Acquire);
    match FutureState::of(word) {
        FutureState::Queued if !is_of(word, this_process()) => FutureState::Pending,
        state => state,
    }
}

/// True if it was left running in a parent of this process, and so never ends here.
pub(crate) fn is_lost(word: &AtomicU64) -> bool {
    let word = word.load(Ordering::Acquire);
    FutureState::of(word) == FutureState::Running && !is_of(word, this_process())
}

/// Called in a forked child: its thread goes on with the body.
pub(crate) fn inherit(word: &AtomicU64) {
    let next = |word| Some(word & !PROCESS_MASK | this_process() | INHERITED);
    // No other thread is there to change it.
    let _ = word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
}

/// True if [`inherit`] was called. Only the thread that called it asks.
pub(crate) fn is_inherited(word: &AtomicU64) -> bool {
    word.load(Ordering::Relaxed) & INHERITED != 0
}

/// PENDING → QUEUED, taking a reference for the queue. True for exactly one caller.
#[inline]
pub(crate) fn enqueue(word: &AtomicU64, queue: Queue) -> bool {
    let flag = if queue == Queue::Manual { MANUAL } else { 0 };
    let process = this_process();
    transition(
        word,
        |word| match FutureState::of(word) {
            FutureState::Pending => true,
            // The parent's entry, and the reference that belongs to it, are left to the parent.
            FutureState::Queued => !is_of(word, process),
            _ => false,
        },
        |word| {
            let queued = with_state(word, FutureState::Queued, process) & !MANUAL | flag;
            queued + ONE_REFERENCE
        },
    )
    .is_some()
}

/// PENDING or QUEUED → RUNNING. The one caller that gets the previous state runs the body.
#[inline]
pub(crate) fn claim(word: &AtomicU64) -> Option<Unbegun> {
    let process = this_process();
    let before = transition(
        word,
        |word| FutureState::of(word).is_unbegun(),
        |word| with_state(word, FutureState::Running, process),
    )?;
    Some(match FutureState::of(before) {
        FutureState::Pending => Unbegun::Pending,
        // It is in no queue of this process.
        _ if !is_of(before, process) => Unbegun::Pending,
        _ if before & MANUAL != 0 => Unbegun::Queued(Queue::Manual),
        _ => Unbegun::Queued(Queue::Pool),
    })
}

/// Returns the queue that a future was put into, even after it has left the queue.
pub(crate) fn queue(word: &AtomicU64) -> Queue {
    if word.load(Ordering::Relaxed) & MANUAL != 0 { Queue::Manual } else { Queue::Pool }
}

/// The claimant's last step: RUNNING → `outcome`, giving back `references` references.
///
/// Unless the claimant holds another reference, the object may be gone when this returns.
#[inline]
pub(crate) fn finish(word: &AtomicU64, outcome: Outcome, references: u64) -> Finished {
    let step = match outcome {
        Outcome::Fulfilled => FutureState::Fulfilled as u64 - FutureState::Running as u64,
        Outcome::Rejected => FutureState::Rejected as u64 - FutureState::Running as u64,
    };
    let given_back = references * ONE_REFERENCE;
    // One addition moves the state up and the count down: the state field cannot overflow,
    // and a wrapping add of a negated count is a subtraction.
    let before = word.fetch_add(step.wrapping_sub(given_back), Ordering::AcqRel);
    Finished {
        waiters: before & WAITERS != 0,
        last_reference: references > 0 && before < given_back + ONE_REFERENCE,
    }
}

/// Asks the finisher to wake sleepers. False if the future is already finished.
pub(crate) fn announce_waiter(word: &AtomicU64) -> bool {
    !FutureState::of(word.fetch_or(WAITERS, Ordering::AcqRel)).is_finished()
}

/// Notes that the running body awaits its own future.
pub(crate) fn mark_ring(word: &AtomicU64) {
    word.fetch_or(RING, Ordering::Relaxed);
}

/// True if [`mark_ring`] was called. Only the claimant's thread calls it, and only that thread
/// asks.
#[inline]
pub(crate) fn is_ring(word: &AtomicU64) -> bool {
    word.load(Ordering::Relaxed) & RING != 0
}

fn with_state(word: u64, state: FutureState, process: u64) -> u64 {
    word & !(STATE_MASK | PROCESS_MASK) | state as u64 | process
}

/// Compare-and-swap of the state, whatever changes the count and the flags meanwhile. Returns the
/// previous word, or `None` once the word is no longer accepted by `from`.
#[inline]
fn transition(
    word: &AtomicU64,
    from: impl Fn(u64) -> bool,
    next: impl Fn(u64) -> u64,
) -> Option<u64> {
    let mut current = word.load(Ordering::Relaxed);
    while from(current) {
        match word.compare_exchange_weak(
            current,
            next(current),
            Ordering::AcqRel,
            Ordering::Relaxed,
        ) {
            Ok(before) => return Some(before),
            Err(seen) => current = seen,
        }
    }
    None
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::{Arc, UnsafeCell, thread};

    struct Shared {
        word: AtomicU64,
        cell: UnsafeCell<u32>,
    }

    fn run_if_claimed(shared: &Shared, references: u64) -> bool {
        if claim(&shared.word).is_none() {
            return false;
        }
        // SAFETY: loom checks the claim: a second writer or an early reader fails the model.
        shared.cell.with_mut(|cell| unsafe { *cell += 1 });
        finish(&shared.word, Outcome::Fulfilled, references);
        true
    }

    /// Two awaiters and one worker: the body runs once, and a thread that sees it finished sees its
    /// result.
    #[test]
    fn body_runs_once_and_its_result_is_seen() {
        loom::model(|| {
            let shared = Arc::new(Shared {
                word: AtomicU64::new(3 * ONE_REFERENCE),
                cell: UnsafeCell::new(0),
            });
            let queued = enqueue(&shared.word, Queue::Pool);
            assert!(queued);
            let threads: Vec<_> = (0..2)
                .map(|i| {
                    let shared = shared.clone();
                    thread::spawn(move || run_if_claimed(&shared, i))
                })
                .collect();
            run_if_claimed(&shared, 0);
            if state(&shared.word).is_finished() {
                // SAFETY: finished: no thread writes any more.
                assert_eq!(shared.cell.with(|cell| unsafe { *cell }), 1);
            }
            for thread in threads {
                thread.join().unwrap();
            }
            assert_eq!(state(&shared.word), FutureState::Fulfilled);
            // SAFETY: all threads are done.
            assert_eq!(shared.cell.with(|cell| unsafe { *cell }), 1);
        });
    }

    /// Two threads start the same future: it enters the queue once, with one reference.
    #[test]
    fn queued_once() {
        loom::model(|| {
            let word = Arc::new(AtomicU64::new(ONE_REFERENCE));
            let other = word.clone();
            let thread = thread::spawn(move || enqueue(&other, Queue::Pool));
            let mine = enqueue(&word, Queue::Pool);
            let theirs = thread.join().unwrap();
            assert!(mine != theirs);
            assert_eq!(word.load(Ordering::Relaxed) / ONE_REFERENCE, 2);
        });
    }

    /// A waiter that announced itself while unfinished is seen by the finisher.
    #[test]
    fn announced_waiter_is_seen() {
        loom::model(|| {
            let word = Arc::new(AtomicU64::new(ONE_REFERENCE));
            assert!(claim(&word).is_some());
            let other = word.clone();
            let waiter = thread::spawn(move || announce_waiter(&other));
            let finished = finish(&word, Outcome::Rejected, 0);
            assert_eq!(waiter.join().unwrap(), finished.waiters);
        });
    }
}
