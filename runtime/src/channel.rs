//! Channels: unbounded, many senders, many receivers.
//!
//! A channel is a heap object ([`Value::channel`]) that isolated threads share. Sending
//! never blocks; receiving blocks until there is a value or the channel is closed. After
//! closing, the values already sent are still received.

use crate::executor::blocking_until;
use crate::slowdown::{self, Site};
use crate::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use crate::sync::{Condvar, Mutex, MutexGuard, Spin};
use crate::value::Value;
use crate::value::heap::{Header, HeapKind, HeapObject, allocate, view};
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use thiserror::Error;

static NEXT_ID: AtomicI64 = AtomicI64::new(1);

#[repr(C)]
pub(crate) struct ChannelObject {
    header: Header,
    id: i64,
    /// How many values wait and whether the channel is closed, for looks without the lock:
    /// changed under the lock only.
    waiting: AtomicUsize,
    closed: AtomicBool,
    queue: Mutex<Queue>,
    arrival: Condvar,
}

#[derive(Default)]
struct Queue {
    values: VecDeque<Value>,
    sleepers: usize,
}

// SAFETY: `repr(C)`, and the header comes first, with kind Channel.
unsafe impl HeapObject for ChannelObject {
    const KIND: HeapKind = HeapKind::Channel;

    fn give_up(self, children: &mut Vec<Value>) {
        children.extend(self.queue.into_inner().values);
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
    /// A new, open channel.
    pub fn channel() -> Self {
        allocate(ChannelObject {
            header: Header::new(HeapKind::Channel, size_of::<ChannelObject>(), 0),
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            waiting: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            queue: Mutex::default(),
            arrival: Condvar::new(),
        })
    }

    /// This value as a channel.
    pub fn as_channel(&self) -> Option<Channel<'_>> {
        view::<ChannelObject>(self).map(Channel)
    }
}

impl Channel<'_> {
    /// A number greater than zero that no other channel of the process has or had.
    pub fn id(self) -> i64 {
        self.0.id
    }

    /// Adds a value; gives it back when the channel is closed.
    pub fn send(self, value: Value) -> Result<(), Value> {
        slowdown::at(Site::ChannelSend);
        let mut queue = self.0.queue.lock();
        if self.is_closed() {
            return Err(value);
        }
        queue.values.push_back(value);
        self.0.waiting.store(queue.values.len(), Ordering::Release);
        let anyone_asleep = queue.sleepers > 0;
        drop(queue);
        if anyone_asleep {
            self.0.arrival.notify_one();
        }
        Ok(())
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

    /// The oldest value, waited for at the most for `limit`.
    pub fn recv_timeout(self, limit: Duration) -> Result<Value, Nothing> {
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
        let was_open = !self.0.closed.swap(true, Ordering::AcqRel);
        drop(queue);
        self.0.arrival.notify_all();
        was_open
    }

    /// Whether [`close`](Self::close) has been called.
    pub fn is_closed(self) -> bool {
        self.0.closed.load(Ordering::Acquire)
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
        let mut queue = self.0.queue.lock();
        let mut timed_out = false;
        loop {
            match self.take(&mut queue) {
                Err(Nothing::Empty) if !timed_out => {}
                result => return result,
            }
            queue.sleepers += 1;
            timed_out = match deadline {
                None => {
                    self.0.arrival.wait(&mut queue);
                    false
                }
                Some(deadline) => self.0.arrival.wait_until(&mut queue, deadline).timed_out(),
            };
            queue.sleepers -= 1;
        }
    }

    /// Whether looking under the lock would show a value or the end.
    fn worth_locking(self) -> bool {
        self.0.waiting.load(Ordering::Acquire) > 0 || self.is_closed()
    }

    fn take(self, queue: &mut MutexGuard<'_, Queue>) -> Result<Value, Nothing> {
        let Some(value) = queue.values.pop_front() else {
            return Err(if self.is_closed() { Nothing::Closed } else { Nothing::Empty });
        };
        self.0.waiting.store(queue.values.len(), Ordering::Relaxed);
        Ok(value)
    }
}
