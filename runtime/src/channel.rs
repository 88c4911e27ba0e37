//! Channels: unbounded, many senders, many receivers.
//!
//! A channel is a heap object ([`Value::channel`]) that isolated threads share. Sending
//! never blocks; receiving blocks until there is a value or the channel is closed. After
//! closing, the values already sent are still received.

use crate::executor::blocking_until;
use crate::slowdown::{self, Site};
use crate::sync::atomic::{AtomicI64, Ordering};
use crate::sync::futex::Slept;
use crate::sync::{CachePadded, Spin};
use crate::value::Value;
use crate::value::heap::{Dying, Header, HeapKind, HeapObject, allocate, try_allocate, view};
use items::Items;
use queue::Queue;
pub use queue::{NotSent, Nothing};
use std::time::{Duration, Instant};

mod items;
mod queue;

static NEXT_ID: CachePadded<AtomicI64> = CachePadded(AtomicI64::new(1));

#[repr(C)]
pub(crate) struct ChannelObject {
    header: Header,
    id: i64,
    queue: Queue<Items>,
}

// SAFETY: `repr(C)`, and the header comes first, with kind Channel.
unsafe impl HeapObject for ChannelObject {
    const KIND: HeapKind = HeapKind::Channel;

    fn give_up(self, children: &mut Dying) {
        self.queue.drain_back(|value| children.push(value));
    }
}

/// A view of a channel value. Any number of threads may call its methods at once.
#[derive(Clone, Copy)]
pub struct Channel<'a>(&'a ChannelObject);

impl std::fmt::Debug for Channel<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Channel({})", self.id())
    }
}

impl Value {
    /// Returns a new, open channel. Aborts the process without memory.
    pub fn channel() -> Self {
        allocate(ChannelObject::new())
    }

    /// Returns a new, open channel; `None` without memory.
    pub fn try_channel() -> Option<Self> {
        try_allocate(ChannelObject::new()).ok()
    }

    /// Returns this value as a channel.
    pub fn as_channel(&self) -> Option<Channel<'_>> {
        view::<ChannelObject>(self).map(Channel)
    }
}

impl ChannelObject {
    fn new() -> Self {
        Self {
            header: Header::new(HeapKind::Channel, size_of::<Self>(), 0),
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            queue: Queue::new(),
        }
    }
}

impl Channel<'_> {
    /// Returns a number greater than zero that no other channel of the process has or had.
    pub fn id(self) -> i64 {
        self.0.id
    }

    /// Adds a value.
    #[inline]
    pub fn send(self, value: Value) -> Result<(), NotSent> {
        slowdown::at(Site::ChannelSend);
        self.0.queue.push(value)
    }

    /// Returns the oldest value, if there is one now.
    #[inline]
    pub fn try_recv(self) -> Result<Value, Nothing> {
        match self.0.queue.look() {
            Some(nothing) => Err(nothing),
            None => self.0.queue.pop(),
        }
    }

    /// Waits for the oldest value and returns it; `None` when the channel is closed and empty.
    #[inline]
    pub fn recv(self) -> Option<Value> {
        match self.0.queue.pop() {
            Ok(value) => Some(value),
            Err(Nothing::Closed) => None,
            Err(Nothing::Empty) => self.wait(None).ok(),
        }
    }

    /// Waits for the oldest value for at most `limit`. With a limit of zero it only checks.
    pub fn recv_timeout(self, limit: Duration) -> Result<Value, Nothing> {
        if limit.is_zero() {
            return self.try_recv();
        }
        // A limit beyond the clock's end is no limit.
        match self.0.queue.pop() {
            Err(Nothing::Empty) => self.wait(Instant::now().checked_add(limit)),
            result => result,
        }
    }

    /// Closes the channel: no more values can be sent, and those already sent are still received.
    /// False if the channel was closed before.
    pub fn close(self) -> bool {
        self.0.queue.close()
    }

    /// True once [`close`](Self::close) has been called.
    #[inline]
    pub fn is_closed(self) -> bool {
        self.0.queue.is_closed()
    }

    #[cold]
    #[inline(never)]
    fn wait(self, deadline: Option<Instant>) -> Result<Value, Nothing> {
        let mut spin = Spin::new();
        while spin.again() {
            match self.try_recv() {
                Err(Nothing::Empty) => {}
                result => return result,
            }
        }
        blocking_until(deadline, || self.sleep(deadline))
    }

    fn sleep(self, deadline: Option<Instant>) -> Result<Value, Nothing> {
        loop {
            let slept = self.0.queue.sleep(deadline);
            match self.try_recv() {
                Err(Nothing::Empty) if slept == Slept::Woken => {}
                result => return result,
            }
        }
    }
}
