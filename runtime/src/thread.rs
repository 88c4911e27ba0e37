//! Isolated threads: OS threads that get a deep copy of their data, and share only futures and
//! channels with their maker. They keep their maker's signal mask.
//!
//! In a forked process the handles of its ancestors' threads are stale: those threads do not exist
//! there. Each entry says which process it belongs to. The contents of another process's entry are
//! left alone, never locked, joined or dropped.

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
    /// The id of this isolated thread, or 0 on any other thread.
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
    /// Set by the thread, taken by the thread that has joined it.
    answer: Lock<Option<Answer>>,
    join: Lock<Join>,
}

/// The thread to join, if there is one.
enum Join {
    /// The entry is made before its thread; the handle has not been given out yet.
    NotYet,
    Thread(OsThread),
    /// The one join that gets the result has begun.
    Taken,
}

/// The code of an isolated thread that gets a channel: as [`Body`](crate::future::Body),
/// with both arguments borrowed.
pub type BodyWithChannel = extern "C-unwind" fn(data: RuntimeValue, channel: RuntimeValue) -> Value;

/// Reason why a call on a thread failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ThreadError {
    /// The handle names no thread: it is stale, forged, of another kind, zero or negative.
    #[error("no such thread handle")]
    BadHandle,
    /// The thread does not exist in this process, which was forked from the thread's.
    #[error("the thread belongs to the process that this one was forked from")]
    OfParent,
    /// The result was taken by an earlier join.
    #[error("the thread has been joined already")]
    AlreadyJoined,
    /// A thread that waited for itself would wait for ever.
    #[error("a thread cannot join itself")]
    JoinsItself,
    /// The thread is in a shutdown of the executor, which waits for the task that joins it.
    #[error("the thread shuts the executor down, and so waits for the task that would join it")]
    WaitsForCaller,
    /// The body panicked.
    #[error("the thread panicked: {0}")]
    Panicked(String),
    /// The system provided no thread.
    #[error("cannot start a thread: {0}")]
    NoThread(NoThread),
    /// The data could not be copied.
    #[error("not enough memory for a copy of the data")]
    NoMemory,
    /// No handle is left, or no memory for one.
    #[error("too many threads")]
    TooManyThreads,
}

/// Runs `body` on a new thread. The data it needs from the caller must have been copied
/// ([`Value::deep_copy`]), as [`spawn_isolated`] does. If no handle or no thread is available
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
        // A user's body may have returned any word.
        let answer = unwind::catch(body).map(Value::checked);
        *finished.answer.lock() = Some(answer);
        finished.done.store(true, Ordering::Release);
        // A result that is never joined is dropped here; a user's destructor may panic.
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

/// As [`spawn_isolated`], with a second argument. Channels and futures are shared, not copied, here
/// as anywhere inside the data.
pub fn spawn_isolated_with_channel(
    body: BodyWithChannel,
    data: &Value,
    channel: &Value,
) -> Result<Handle, ThreadError> {
    let (data, channel) = (copy(data)?, copy(channel)?);
    spawn(move || body(data.raw(), channel.raw()))
}

/// Returns the entry of a thread of this process.
fn find(handle: Handle) -> Result<SlabGuard<'static, IsolatedThread>, ThreadError> {
    let entry = THREADS.get(handle).ok_or(ThreadError::BadHandle)?;
    if entry.process == fork::generation() { Ok(entry) } else { Err(ThreadError::OfParent) }
}

/// Returns part of the entry of a thread of this process. Cheaper than [`find`]: the entry is
/// released before the process is compared.
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
    // The entry may be freed meanwhile; `shared` keeps the thread.
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

/// Returns the id of the isolated thread that is calling, or 0 on any other thread.
pub(crate) fn current_id() -> i64 {
    CURRENT.get()
}

/// Fails, with the reason, if the handle names no thread of this process.
pub fn check(handle: Handle) -> Result<(), ThreadError> {
    find(handle).map(drop)
}

/// Returns true once the thread's body has ended; `None` for a bad handle: see [`check`].
pub fn is_done(handle: Handle) -> Option<bool> {
    look(handle, |entry| entry.shared.done.load(Ordering::Acquire))
}

/// Returns a number greater than zero that no other isolated thread of the process has or had;
/// `None` for a bad handle.
pub fn id(handle: Handle) -> Option<i64> {
    look(handle, |entry| entry.id)
}

/// Ends the handle; a running thread continues, detached. False for a bad handle.
pub fn free(handle: Handle) -> bool {
    check(handle).is_ok() && THREADS.remove(handle)
}

/// Returns the number of threads that can run at once here: the processors that cgroup quotas and
/// affinity allow. Returns 1 if there is no memory to find out.
pub fn available_parallelism() -> usize {
    processors().unwrap_or(1)
}

/// Sleeps. A sleeping worker runs no other task.
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
        // Nothing holds the body any more, so it cannot run later.
        assert_eq!(Arc::strong_count(&unused), 1);
        assert!(!unused.load(Ordering::Relaxed));
        // Once freed, the handle's place is reused.
        assert!(threads.remove(first));
        assert!(spawn_in(&threads, hold(&used)).is_ok());
    }
}
