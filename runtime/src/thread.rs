//! Isolated threads: OS threads that get a deep copy of their data and share nothing else
//! with their maker than futures and channels. They keep their maker's signal mask.
//!
//! In a forked process the handles of its ancestors' threads are stale: those threads do not
//! exist there. Each entry says which process it belongs to; what one of another process holds
//! is left alone, never locked, joined or dropped.

use crate::executor::{blocking, joining, napping};
use crate::registry::{Handle, Kind, Registry, Slab, SlabGuard};
use crate::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use crate::sync::os_thread::{self, Name, OsThread};
use crate::sync::{CachePadded, Counted, Lock, fork, processors, thread};
use crate::unwind;
use crate::value::{RuntimeValue, Value};
use std::cell::Cell;
use std::time::Duration;
use thiserror::Error;

pub use crate::sync::os_thread::NoThread;

static THREADS: Slab<IsolatedThread> = Slab::of(Kind::Thread);
static NEXT_ID: CachePadded<AtomicI64> = CachePadded(AtomicI64::new(1));

thread_local! {
    /// The id of the isolated thread that this thread is, or 0.
    static CURRENT: Cell<i64> = const { Cell::new(0) };
}

type Answer = Result<Value, String>;

struct IsolatedThread {
    id: i64,
    /// The number of the process that the thread runs in.
    process: u32,
    shared: Counted<Shared>,
}

/// Shared by a thread and its entry.
struct Shared {
    done: AtomicBool,
    /// Set by the thread, taken by whoever has joined it.
    answer: Lock<Option<Answer>>,
    join: Lock<Join>,
}

/// The thread to join, if there is one.
enum Join {
    /// The entry is there before its thread; nobody has the handle yet.
    NotYet,
    Thread(OsThread),
    /// The one join that gets the result has come.
    Taken,
}

/// The code of an isolated thread that gets a channel: as [`Body`](crate::future::Body),
/// with both arguments borrowed.
pub type BodyWithChannel = extern "C-unwind" fn(data: RuntimeValue, channel: RuntimeValue) -> Value;

/// Why a call on a thread gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ThreadError {
    /// The handle names no thread: stale, forged, of something else, zero or negative.
    #[error("no such thread handle")]
    BadHandle,
    /// The thread does not exist in this process, which was forked from the thread's.
    #[error("the thread belongs to the process that this one was forked from")]
    OfParent,
    /// The result was taken by an earlier join.
    #[error("the thread has been joined already")]
    AlreadyJoined,
    /// Waiting for oneself is for ever.
    #[error("a thread cannot join itself")]
    JoinsItself,
    /// It is in a shutdown of the executor, which waits for the task that joins it.
    #[error("the thread shuts the executor down, and so waits for the task that would join it")]
    WaitsForCaller,
    /// The body panicked.
    #[error("the thread panicked: {0}")]
    Panicked(String),
    /// The system gave no thread.
    #[error("cannot start a thread: {0}")]
    NoThread(NoThread),
    /// The data could not be copied.
    #[error("not enough memory for a copy of the data")]
    NoMemory,
    /// No handle, or no memory for one, is left.
    #[error("too many threads")]
    TooManyThreads,
}

/// Runs `body` on a new thread. What it needs of the caller's data it must have copied
/// ([`Value::deep_copy`]), as [`spawn_isolated`] does. Without a handle, or a thread, to be had
/// `body` does not run.
pub fn spawn(body: impl FnOnce() -> Value + Send + 'static) -> Result<Handle, ThreadError> {
    spawn_in(&THREADS, body)
}

fn spawn_in(
    threads: &Slab<IsolatedThread>,
    body: impl FnOnce() -> Value + Send + 'static,
) -> Result<Handle, ThreadError> {
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    let (done, answer, join) = (AtomicBool::new(false), Lock::new(None), Lock::new(Join::NotYet));
    let shared = Counted::try_new(Shared { done, answer, join })
        .ok_or(ThreadError::NoThread(NoThread::NO_MEMORY))?;
    let entry = IsolatedThread { id, process: fork::generation(), shared: shared.clone() };
    // Before the thread: one that runs cannot be taken back.
    let handle = threads.insert(entry).ok_or(ThreadError::TooManyThreads)?;
    let finished = shared.clone();
    let run = move || {
        CURRENT.set(id);
        // A body of the user's may have returned any word.
        let answer = unwind::catch(body).map(Value::checked);
        *finished.answer.lock() = Some(answer);
        finished.done.store(true, Ordering::Release);
        // What nobody joins is dropped here; a destructor of the user's may panic.
        drop(unwind::catch(|| drop(finished)));
    };
    match os_thread::start(Name::NONE, run) {
        Ok(thread) => {
            *shared.join.lock() = Join::Thread(thread);
            Ok(handle)
        }
        Err(error) => {
            threads.remove(handle);
            Err(ThreadError::NoThread(error))
        }
    }
}

/// Runs `body` with a deep copy of `data` on a new thread.
pub fn spawn_isolated(body: crate::future::Body, data: &Value) -> Result<Handle, ThreadError> {
    let data = copy(data)?;
    spawn(move || body(data.raw()))
}

fn copy(data: &Value) -> Result<Value, ThreadError> {
    data.try_deep_copy().ok_or(ThreadError::NoMemory)
}

/// As [`spawn_isolated`], with a second argument. Channels and futures are shared, not
/// copied, here as wherever they stand inside of the data.
pub fn spawn_isolated_with_channel(
    body: BodyWithChannel,
    data: &Value,
    channel: &Value,
) -> Result<Handle, ThreadError> {
    let (data, channel) = (copy(data)?, copy(channel)?);
    spawn(move || body(data.raw(), channel.raw()))
}

/// The entry of a thread of this process.
fn find(handle: Handle) -> Result<SlabGuard<'static, IsolatedThread>, ThreadError> {
    let entry = THREADS.get(handle).ok_or(ThreadError::BadHandle)?;
    if entry.process == fork::generation() { Ok(entry) } else { Err(ThreadError::OfParent) }
}

/// Part of the entry of a thread of this process. Cheaper than [`find`]: the entry is let go
/// before anything is decided.
#[inline]
fn look<R>(handle: Handle, part: impl FnOnce(&IsolatedThread) -> R) -> Option<R> {
    let (process, part) = {
        let entry = THREADS.get(handle)?;
        (entry.process, part(&entry))
    };
    (process == fork::generation()).then_some(part)
}

/// Waits for the thread and takes its result, which exactly one join gets.
pub fn join(handle: Handle) -> Result<Value, ThreadError> {
    let entry = find(handle)?;
    if entry.id == CURRENT.get() {
        return Err(ThreadError::JoinsItself);
    }
    let (id, shared) = (entry.id, entry.shared.clone());
    // The entry may be freed meanwhile; the thread is ours.
    drop(entry);
    joining(current_id(), id, || {
        let taken = std::mem::replace(&mut *shared.join.lock(), Join::Taken);
        let Join::Thread(thread) = taken else { return Err(ThreadError::AlreadyJoined) };
        blocking(|| thread.join());
        let answer = shared.answer.lock().take();
        answer.expect("a thread that has ended has answered").map_err(ThreadError::Panicked)
    })
    .unwrap_or(Err(ThreadError::WaitsForCaller))
}

/// The id of the isolated thread that the calling thread is, or 0.
pub(crate) fn current_id() -> i64 {
    CURRENT.get()
}

/// Fails, with the reason, if the handle names no thread of this process.
pub fn check(handle: Handle) -> Result<(), ThreadError> {
    find(handle).map(drop)
}

/// True once the thread's body has ended. `None` for a bad handle: see [`check`].
pub fn is_done(handle: Handle) -> Option<bool> {
    look(handle, |entry| entry.shared.done.load(Ordering::Acquire))
}

/// A number greater than zero that no other isolated thread of the process has or had. `None`
/// for a bad handle.
pub fn id(handle: Handle) -> Option<i64> {
    look(handle, |entry| entry.id)
}

/// Ends the handle; a running thread goes on, detached. False for a bad handle.
pub fn free(handle: Handle) -> bool {
    check(handle).is_ok() && THREADS.remove(handle)
}

/// How many threads can run at once here: what cgroup quotas and affinity leave of the
/// processors; 1 without memory to find out.
pub fn available_parallelism() -> usize {
    processors().unwrap_or(1)
}

/// Sleeps. A worker that does runs no other task meanwhile.
pub fn sleep(time: Duration) {
    napping(|| thread::sleep(time));
}

/// Gives the processor to another thread, if one wants it.
pub fn yield_now() {
    thread::yield_now();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::Arc;

    #[test]
    fn without_a_handle_to_be_had_nothing_runs() {
        let threads = Slab::with_limit(Kind::Thread, 1);
        let (used, unused) = (Arc::new(()), Arc::new(AtomicBool::new(false)));
        let hold = |held: &Arc<()>| {
            let held = held.clone();
            move || {
                drop(held);
                Value::int(7)
            }
        };
        let first = spawn_in(&threads, hold(&used)).unwrap();
        let ran = unused.clone();
        let refused = spawn_in(&threads, move || {
            ran.store(true, Ordering::Relaxed);
            Value::nil()
        });
        assert_eq!(refused, Err(ThreadError::TooManyThreads));
        // Nobody has the body any more, so it cannot run later.
        assert_eq!(Arc::strong_count(&unused), 1);
        assert!(!unused.load(Ordering::Relaxed));
        // Free again, the handle's place is used again.
        assert!(threads.remove(first));
        assert!(spawn_in(&threads, hold(&used)).is_ok());
    }
}
