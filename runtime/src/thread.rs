//! Isolated threads: OS threads that get a deep copy of their data and share nothing else
//! with their maker than futures and channels.

use crate::executor::{blocking, joining, napping};
use crate::registry::{Handle, Registry, Slab};
use crate::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use crate::sync::{Arc, Mutex, thread};
use crate::unwind;
use crate::value::{RuntimeValue, Value};
use std::cell::Cell;
use std::time::Duration;
use thiserror::Error;

static THREADS: Slab<IsolatedThread> = Slab::new();
static NEXT_ID: AtomicI64 = AtomicI64::new(1);

thread_local! {
    /// The id of the isolated thread that this thread is, or 0.
    static CURRENT: Cell<i64> = const { Cell::new(0) };
}

type Answer = Result<Value, String>;

struct IsolatedThread {
    id: i64,
    done: Arc<AtomicBool>,
    /// Taken by the one join that gets the result.
    join: Mutex<Option<thread::JoinHandle<Answer>>>,
}

/// The code of an isolated thread that gets a channel: as [`Body`](crate::future::Body),
/// with both arguments borrowed.
pub type BodyWithChannel = extern "C-unwind" fn(data: RuntimeValue, channel: RuntimeValue) -> Value;

/// Why a call on a thread gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ThreadError {
    /// The handle names no thread: stale, forged, zero or negative.
    #[error("no such thread handle")]
    BadHandle,
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
    NoThread(String),
    /// No handle, or no memory for one, is left.
    #[error("too many threads")]
    TooManyThreads,
}

/// Runs `body` on a new thread. What it needs of the caller's data it must have copied
/// ([`Value::deep_copy`]), as [`spawn_isolated`] does.
pub fn spawn(body: impl FnOnce() -> Value + Send + 'static) -> Result<Handle, ThreadError> {
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    let done = Arc::new(AtomicBool::new(false));
    let finished = done.clone();
    let run = move || {
        CURRENT.set(id);
        let answer = unwind::catch(body);
        finished.store(true, Ordering::Release);
        answer
    };
    let join = thread::Builder::new()
        .spawn(run)
        .map_err(|error| ThreadError::NoThread(error.to_string()))?;
    let entry = IsolatedThread { id, done, join: Mutex::new(Some(join)) };
    THREADS.insert(entry).ok_or(ThreadError::TooManyThreads)
}

/// Runs `body` with a deep copy of `data` on a new thread.
pub fn spawn_isolated(body: crate::future::Body, data: &Value) -> Result<Handle, ThreadError> {
    let data = data.deep_copy();
    spawn(move || body(data.raw()))
}

/// As [`spawn_isolated`], with a second argument. Channels and futures are shared, not
/// copied, here as wherever they stand inside of the data.
pub fn spawn_isolated_with_channel(
    body: BodyWithChannel,
    data: &Value,
    channel: &Value,
) -> Result<Handle, ThreadError> {
    let (data, channel) = (data.deep_copy(), channel.deep_copy());
    spawn(move || body(data.raw(), channel.raw()))
}

/// Waits for the thread and takes its result, which exactly one join gets.
pub fn join(handle: Handle) -> Result<Value, ThreadError> {
    let entry = THREADS.get(handle).ok_or(ThreadError::BadHandle)?;
    if entry.id == CURRENT.get() {
        return Err(ThreadError::JoinsItself);
    }
    let id = entry.id;
    joining(current_id(), id, || {
        let join = entry.join.lock().take().ok_or(ThreadError::AlreadyJoined)?;
        // The entry may be freed meanwhile; the thread is ours.
        drop(entry);
        match blocking(|| join.join()) {
            Ok(answer) => answer.map_err(ThreadError::Panicked),
            // Only the destructors of its thread-locals run outside of `catch`.
            Err(_) => Err(ThreadError::Panicked("in a destructor".to_owned())),
        }
    })
    .unwrap_or(Err(ThreadError::WaitsForCaller))
}

/// The id of the isolated thread that the calling thread is, or 0.
pub(crate) fn current_id() -> i64 {
    CURRENT.get()
}

/// Whether the thread's body has ended.
pub fn is_done(handle: Handle) -> Option<bool> {
    THREADS.get(handle).map(|entry| entry.done.load(Ordering::Acquire))
}

/// A number greater than zero that no other isolated thread of the process has or had.
pub fn id(handle: Handle) -> Option<i64> {
    THREADS.get(handle).map(|entry| entry.id)
}

/// Ends the handle; a running thread goes on, detached. False for a bad handle.
pub fn free(handle: Handle) -> bool {
    THREADS.remove(handle)
}

/// How many threads can run at once here: what cgroup quotas and affinity leave of the
/// processors.
pub fn available_parallelism() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Sleeps. A worker that does runs no other task meanwhile.
pub fn sleep(time: Duration) {
    napping(|| thread::sleep(time));
}

/// Gives the processor to another thread, if one wants it.
pub fn yield_now() {
    thread::yield_now();
}
