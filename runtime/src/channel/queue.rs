//! The queue of a channel: a ring that senders fill at its back and receivers empty at its front.
//! Each end has its own lock.
//!
//! | state | changed by | also read by |
//! |---|---|---|
//! | `sent`: twice the number of items ever sent, and CLOSED | holder of the back | any thread |
//! | `limit`: the position where the back must look for room | holder of the back | |
//! | `head`: the number of items ever taken | holder of the front | any thread |
//! | `known`: items sent, at the front's last check | holder of the front | |
//! | the places, and their number | holder of both | holder of either |
//!
//! * Item `p` is at `p` modulo the capacity. A sender writes it and then stores `sent` (Release); a
//!   receiver that sees the store (Acquire) reads it and then stores `head` (Release); a sender
//!   that sees that (Acquire) may use the place again.
//! * Each side reads the other's word only when what it knows is used up. So while there is
//!   something in the queue, senders and receivers write to no cache line that the others read.
//! * A thread that needs both locks takes the front first. A sender without room gives its lock
//!   back before that.
//! * A receiver that is about to sleep announces it while it holds the back, so later senders see
//!   it.
//!
//! A process may fork while threads are inside, and the child takes their locks over. Each of the
//! stores above leaves a usable queue. Before the number of places is reduced, `limit` becomes the
//! tail: a child's sender looks for room before it writes.

use crate::sync::ForkMutex;
use crate::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::sync::futex::{self, Slept};
use std::time::Instant;
use thiserror::Error;

/// Bit of `sent`: the channel is closed.
const CLOSED: u64 = 1;
const ONE_SENT: u64 = 2;

/// Bit of `arrivals`: a receiver may be asleep. Set under the lock by a receiver that is about to
/// sleep. Cleared by a sender that woke no receiver, if the word is still as its change left it.
/// Receiver and sender both change the count: a receiver that set the bit before the sender's
/// change does not fall asleep, and one that sets it after keeps it set. So a child that finds the
/// bit set by its parent's threads clears it, too.
const SLEEPERS: u32 = 1;
const ONE_CHANGE: u32 = 2;

/// Reason why a receiver got no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Nothing {
    /// Nothing has been sent, or others have received it.
    #[error("the channel is empty")]
    Empty,
    /// The channel is closed and all values have been received.
    #[error("the channel is closed")]
    Closed,
}

/// Reason why a channel did not take a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotSent {
    /// The channel is closed.
    #[error("the channel is closed")]
    Closed,
    /// There is no memory for one more value.
    #[error("not enough memory")]
    NoMemory,
}

/// Places for items, by position. Consecutive positions, up to the capacity, have different places.
///
/// # Safety
///
/// A change of the capacity is one store, and keeps the items from `head` to `tail`.
pub(super) unsafe trait Places: Default {
    type Item;

    fn capacity(&self) -> u64;

    /// Puts an item into an empty place.
    ///
    /// # Safety
    ///
    /// There are places, and no other thread uses this one.
    unsafe fn write(&self, position: u64, item: Self::Item);

    /// Takes the item out of its place.
    ///
    /// # Safety
    ///
    /// There is an item, and no other thread uses this place.
    unsafe fn read(&self, position: u64) -> Self::Item;

    /// Makes more places.
    ///
    /// # Safety
    ///
    /// The items are those from `head` to `tail`, and no other thread uses any place.
    unsafe fn grow(&self, head: u64, tail: u64) -> Result<(), NotSent>;

    /// True if places for `len` items could be far fewer.
    fn are_far_too_many(&self, len: u64) -> bool;

    /// Makes far fewer places, if there is memory for them.
    ///
    /// # Safety
    ///
    /// As [`grow`](Self::grow), and there are far too many places.
    unsafe fn shrink(&self, head: u64, tail: u64);

    /// Frees the memory.
    ///
    /// # Safety
    ///
    /// No thread uses a place from now on.
    unsafe fn free(&mut self);
}

/// The senders' cache line.
#[repr(C)]
struct Back {
    lock: ForkMutex<()>,
    /// The word that receivers sleep on: a count of changes, and SLEEPERS.
    arrivals: AtomicU32,
    sent: AtomicU64,
    limit: AtomicU64,
    rest: [u64; 5],
}

/// The receivers' cache line.
#[repr(C)]
struct Front {
    lock: ForkMutex<()>,
    head: AtomicU64,
    known: AtomicU64,
}

/// The queue described above. Its first word shares a cache line with the fields before it, which
/// both sides read. Those fields and that word must take 32 bytes: `rest` fills the line.
#[repr(C)]
pub(super) struct Queue<P: Places> {
    places: P,
    rest: [u64; 4],
    back: Back,
    front: Front,
}

impl<P: Places> Queue<P> {
    pub(super) fn new() -> Self {
        Self {
            places: P::default(),
            rest: [0; 4],
            back: Back {
                lock: ForkMutex::new(()),
                arrivals: AtomicU32::new(0),
                sent: AtomicU64::new(0),
                limit: AtomicU64::new(0),
                rest: [0; 5],
            },
            front: Front {
                lock: ForkMutex::new(()),
                head: AtomicU64::new(0),
                known: AtomicU64::new(0),
            },
        }
    }

    /// Adds an item, unless the queue is closed or there is no memory.
    #[inline]
    pub(super) fn push(&self, item: P::Item) -> Result<(), NotSent> {
        loop {
            let held = self.back.lock.lock();
            let sent = self.back.sent.load(Ordering::Relaxed);
            if sent & CLOSED != 0 {
                return Err(NotSent::Closed);
            }
            let tail = sent / ONE_SENT;
            if tail == self.back.limit.load(Ordering::Relaxed) && !self.look_for_room(tail) {
                drop(held);
                self.make_room()?;
                continue;
            }
            // SAFETY: the place at the tail is empty, below the limit, and the back is held.
            unsafe { self.places.write(tail, item) };
            self.back.sent.store(sent + ONE_SENT, Ordering::Release);
            // Read under the lock, and so after a sleeper has announced itself.
            let arrivals = self.back.arrivals.load(Ordering::Relaxed);
            drop(held);
            if arrivals & SLEEPERS != 0 {
                self.wake_one();
            }
            return Ok(());
        }
    }

    /// Sets how far the back may write. False if there is no room. The back is held.
    #[inline]
    fn look_for_room(&self, tail: u64) -> bool {
        let limit = self.front.head.load(Ordering::Acquire) + self.places.capacity();
        self.back.limit.store(limit, Ordering::Release);
        limit != tail
    }

    #[cold]
    fn make_room(&self) -> Result<(), NotSent> {
        let _front = self.front.lock.lock();
        let _back = self.back.lock.lock();
        let tail = self.tail();
        if self.look_for_room(tail) {
            return Ok(());
        }
        // SAFETY: both sides are held, and the limit is the tail.
        unsafe { self.places.grow(self.front.head.load(Ordering::Relaxed), tail) }
    }

    /// Takes the first item. Always inlined: a result through memory costs as much as a lock.
    #[inline(always)]
    pub(super) fn pop(&self) -> Result<P::Item, Nothing> {
        let _front = self.front.lock.lock();
        let head = self.front.head.load(Ordering::Relaxed);
        let mut known = self.front.known.load(Ordering::Relaxed);
        if head == known {
            let sent = self.back.sent.load(Ordering::Acquire);
            known = sent / ONE_SENT;
            if head == known {
                return Err(nothing(sent));
            }
            self.front.known.store(known, Ordering::Relaxed);
        }
        // SAFETY: an item has been sent to this place, and the front is held.
        let item = unsafe { self.places.read(head) };
        self.front.head.store(head + 1, Ordering::Release);
        if self.places.are_far_too_many(known - (head + 1)) {
            self.shrink(head + 1);
        }
        Ok(item)
    }

    /// Reduces the places if there are far too many. The front is held, and knows of few items.
    #[cold]
    fn shrink(&self, head: u64) {
        let known = self.back.sent.load(Ordering::Acquire) / ONE_SENT;
        self.front.known.store(known, Ordering::Relaxed);
        if !self.places.are_far_too_many(known - head) {
            return;
        }
        let _back = self.back.lock.lock();
        let tail = self.tail();
        if self.places.are_far_too_many(tail - head) {
            self.back.limit.store(tail, Ordering::Release);
            // SAFETY: both sides are held, and the limit is the tail.
            unsafe { self.places.shrink(head, tail) };
        }
    }

    fn tail(&self) -> u64 {
        self.back.sent.load(Ordering::Relaxed) / ONE_SENT
    }

    /// Returns what [`pop`](Self::pop) would find, without a lock: `None` for an item. It reads the
    /// head first: if both are the same, they are from one moment.
    #[inline]
    pub(super) fn look(&self) -> Option<Nothing> {
        let head = self.front.head.load(Ordering::Acquire);
        let sent = self.back.sent.load(Ordering::Acquire);
        (head == sent / ONE_SENT).then(|| nothing(sent))
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.back.sent.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Ends sending. False if it had ended before.
    pub(super) fn close(&self) -> bool {
        let held = self.back.lock.lock();
        let sent = self.back.sent.load(Ordering::Relaxed);
        self.back.sent.store(sent | CLOSED, Ordering::Release);
        let arrivals = self.back.arrivals.load(Ordering::Relaxed);
        drop(held);
        if arrivals & SLEEPERS != 0 {
            self.back.arrivals.fetch_add(ONE_CHANGE, Ordering::Release);
            futex::wake_all(&self.back.arrivals);
        }
        sent & CLOSED == 0
    }

    #[cold]
    fn wake_one(&self) {
        let arrivals = &self.back.arrivals;
        let now = arrivals.fetch_add(ONE_CHANGE, Ordering::Release).wrapping_add(ONE_CHANGE);
        if !futex::wake_one(arrivals) {
            let nobody = now & !SLEEPERS;
            // If it fails, another sender has changed the word, and does the rest.
            let _ = arrivals.compare_exchange(now, nobody, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Sleeps until something is sent, or the queue is closed, or the deadline has passed.
    pub(super) fn sleep(&self, deadline: Option<Instant>) -> Slept {
        let held = self.back.lock.lock();
        if self.look() != Some(Nothing::Empty) {
            return Slept::Woken;
        }
        let expected = self.announce_sleeper();
        drop(held);
        futex::wait(&self.back.arrivals, expected, deadline)
    }

    /// Returns the word to sleep on. The back is held: later senders see a sleeper.
    fn announce_sleeper(&self) -> u32 {
        let arrivals = &self.back.arrivals;
        arrivals.fetch_add(ONE_CHANGE, Ordering::Relaxed);
        arrivals.fetch_or(SLEEPERS, Ordering::Relaxed) | SLEEPERS
    }

    /// Takes all items, from the last to the first.
    pub(super) fn drain_back(mut self, mut f: impl FnMut(P::Item)) {
        let head = self.front.head.load(Ordering::Relaxed);
        for position in (head..self.tail()).rev() {
            // SAFETY: there is an item, and no other thread has the queue.
            f(unsafe { self.places.read(position) });
        }
        // SAFETY: the queue ends here.
        unsafe { self.places.free() };
    }
}

fn nothing(sent: u64) -> Nothing {
    if sent & CLOSED != 0 { Nothing::Closed } else { Nothing::Empty }
}

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;
