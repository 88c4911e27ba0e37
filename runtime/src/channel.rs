//! Channels: unbounded, many senders, many receivers.
//!
//! A channel is a heap object ([`Value::channel`]) that isolated threads share. Sending
//! never blocks; receiving blocks until there is a value or the channel is closed. After
//! closing, the values already sent are still received.

use crate::executor::blocking_until;
use crate::slowdown::{self, Site};
use crate::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use crate::sync::futex::{self, Slept};
use crate::sync::{CachePadded, ForkMutex, Spin};
use crate::value::heap::{Dying, Header, HeapKind, HeapObject, allocate, try_allocate, view};
use crate::value::{Sequence, Value};
use std::time::{Duration, Instant};
use thiserror::Error;

static NEXT_ID: CachePadded<AtomicI64> = CachePadded(AtomicI64::new(1));

#[repr(C)]
pub(crate) struct ChannelObject {
    header: Header,
    id: i64,
    queue: ForkMutex<Sequence>,
    /// Twice the number of values that wait (or of one more, for a moment), and CLOSED: for looks
    /// without the lock. Changed under the lock only.
    look: AtomicU32,
    /// What receivers sleep on: a count of wake-ups, and SLEEPERS.
    arrivals: AtomicU32,
}

/// A bit of `look`.
const CLOSED: u32 = 1;
/// More values than this may wait without being told apart.
const MOST_COUNTED: u64 = (u32::MAX >> 1) as u64;
/// A bit of `arrivals`: somebody may sleep. Set under the lock by who is about to, and cleared
/// by a sender that woke nobody; then the word is another, and who was about to sleep does not.
/// So a child that finds it set by its parent's threads clears it, too.
const SLEEPERS: u32 = 1;
const ONE_WAKE_UP: u32 = 2;

// SAFETY: `repr(C)`, and the header comes first, with kind Channel.
unsafe impl HeapObject for ChannelObject {
    const KIND: HeapKind = HeapKind::Channel;

    fn give_up(self, children: &mut Dying) {
        self.queue.into_inner().drain_back(|value| children.push(value));
    }
}

/// What a receiver without a value gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Nothing {
    /// Nothing has been sent, or others have received it.
    #[error("the channel is empty")]
    Empty,
    /// The channel is closed and all values have been received.
    #[error("the channel is closed")]
    Closed,
}

/// A view of a channel value. All methods may be called by any number of threads at once.
#[derive(Clone, Copy)]
pub struct Channel<'a>(&'a ChannelObject);

impl std::fmt::Debug for Channel<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Channel({})", self.id())
    }
}

impl Value {
    /// A new, open channel. Aborts the process without memory.
    pub fn channel() -> Self {
        allocate(ChannelObject::new())
    }

    /// A new, open channel; `None` without memory.
    pub fn try_channel() -> Option<Self> {
        try_allocate(ChannelObject::new()).ok()
    }

    /// This value as a channel.
    pub fn as_channel(&self) -> Option<Channel<'_>> {
        view::<ChannelObject>(self).map(Channel)
    }
}

impl ChannelObject {
    fn new() -> Self {
        Self {
            header: Header::new(HeapKind::Channel, size_of::<Self>(), 0),
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            queue: ForkMutex::new(Sequence::new()),
            look: AtomicU32::new(0),
            arrivals: AtomicU32::new(0),
        }
    }
}

/// Why a channel did not take a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotSent {
    /// The channel is closed.
    #[error("the channel is closed")]
    Closed,
    /// There is no memory for one value more.
    #[error("not enough memory")]
    NoMemory,
}

impl Channel<'_> {
    /// A number greater than zero that no other channel of the process has or had.
    pub fn id(self) -> i64 {
        self.0.id
    }

    /// Adds a value.
    pub fn send(self, value: Value) -> Result<(), NotSent> {
        slowdown::at(Site::ChannelSend);
        let mut queue = self.0.queue.lock();
        if self.is_closed() {
            return Err(NotSent::Closed);
        }
        // Before it is there: a child that is forked between both must not overlook it.
        self.note(queue.len() + 1);
        if let Err(value) = queue.push_back(value) {
            self.note(queue.len());
            drop(queue);
            // Outside of the lock: the last reference may take a long chain of objects along.
            drop(value);
            return Err(NotSent::NoMemory);
        }
        // Under the lock, and so after who sleeps has said so.
        let arrivals = self.0.arrivals.load(Ordering::Relaxed);
        drop(queue);
        if arrivals & SLEEPERS != 0 {
            self.wake_one();
        }
        Ok(())
    }

    /// Notes how many values wait; the lock is held, and the channel open unless it is empty.
    #[inline]
    fn note(self, waiting: u64) {
        let closed = self.0.look.load(Ordering::Relaxed) & CLOSED;
        let count = waiting.min(MOST_COUNTED) as u32;
        self.0.look.store(count << 1 | closed, Ordering::Release);
    }

    #[cold]
    fn wake_one(self) {
        let arrivals = &self.0.arrivals;
        let now = arrivals.fetch_add(ONE_WAKE_UP, Ordering::Release).wrapping_add(ONE_WAKE_UP);
        if !futex::wake_one(arrivals) {
            let nobody = now & !SLEEPERS;
            // Should it fail, another sender's is the word, and the rest.
            let _ = arrivals.compare_exchange(now, nobody, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// The oldest value, if there is one now.
    pub fn try_recv(self) -> Result<Value, Nothing> {
        if !self.worth_locking() {
            return Err(Nothing::Empty);
        }
        self.take(&mut self.0.queue.lock())
    }

    /// The oldest value, waited for; `None` when the channel is closed and empty.
    pub fn recv(self) -> Option<Value> {
        self.recv_until(None).ok()
    }

    /// The oldest value, waited for at the most for `limit`; a limit of zero is a look.
    pub fn recv_timeout(self, limit: Duration) -> Result<Value, Nothing> {
        if limit.is_zero() {
            return self.try_recv();
        }
        // A limit beyond the clock's end is none.
        match Instant::now().checked_add(limit) {
            Some(deadline) => self.recv_until(Some(deadline)),
            None => self.recv_until(None),
        }
    }

    /// No more values can be sent; those that were are still received. False if the channel
    /// was closed before.
    pub fn close(self) -> bool {
        let queue = self.0.queue.lock();
        let was_open = self.0.look.fetch_or(CLOSED, Ordering::AcqRel) & CLOSED == 0;
        drop(queue);
        self.0.arrivals.fetch_add(ONE_WAKE_UP, Ordering::Release);
        futex::wake_all(&self.0.arrivals);
        was_open
    }

    /// Whether [`close`](Self::close) has been called.
    #[inline]
    pub fn is_closed(self) -> bool {
        self.0.look.load(Ordering::Acquire) & CLOSED != 0
    }

    fn recv_until(self, deadline: Option<Instant>) -> Result<Value, Nothing> {
        let mut spin = Spin::new();
        loop {
            if self.worth_locking() {
                match self.take(&mut self.0.queue.lock()) {
                    Err(Nothing::Empty) => {}
                    result => return result,
                }
            }
            if !spin.again() {
                return blocking_until(deadline, || self.sleep(deadline));
            }
        }
    }

    fn sleep(self, deadline: Option<Instant>) -> Result<Value, Nothing> {
        let mut slept = Slept::Woken;
        loop {
            let mut queue = self.0.queue.lock();
            match self.take(&mut queue) {
                Err(Nothing::Empty) if slept == Slept::Woken => {}
                result => return result,
            }
            // Read under the lock: whoever sends from now on sees a sleeper, and changes it.
            let arrivals = self.0.arrivals.fetch_or(SLEEPERS, Ordering::Relaxed) | SLEEPERS;
            drop(queue);
            slept = futex::wait(&self.0.arrivals, arrivals, deadline);
        }
    }

    /// Whether looking under the lock would show a value or the end.
    #[inline]
    fn worth_locking(self) -> bool {
        self.0.look.load(Ordering::Acquire) != 0
    }

    #[inline]
    fn take(self, queue: &mut Sequence) -> Result<Value, Nothing> {
        let value = queue.pop_front();
        self.note(queue.len());
        match value {
            Some(value) => Ok(value),
            None if self.is_closed() => Err(Nothing::Closed),
            None => Err(Nothing::Empty),
        }
    }
}
