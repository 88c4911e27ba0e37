//! What stands in a channel: a ring that senders fill at its back and receivers empty at its
//! front, each under a lock of their own.
//!
//! | state | changed by | read besides by |
//! |---|---|---|
//! | `sent`: twice the number of items ever sent, and CLOSED | whoever holds the back | anybody |
//! | `limit`: where the back must look for room | whoever holds the back | |
//! | `head`: the number of items ever taken | whoever holds the front | anybody |
//! | `known`: items sent, when the front last looked | whoever holds the front | |
//! | the places, and how many there are | whoever holds both | holders of either |
//!
//! * Item `p` stands at `p` modulo the capacity. A sender writes it and then stores `sent`
//!   (Release); a receiver that sees the store (Acquire) reads it and then stores `head`
//!   (Release); a sender that sees that (Acquire) may use the place again.
//! * Each side looks at the other's word only when what it knows is used up. So while there is
//!   something in the queue, senders and receivers write to no line that the others read.
//! * Whoever needs both locks takes the front first. A sender without room gives its lock back
//!   before that.
//! * Who is about to sleep says so while it holds the back, so whoever sends later sees it.
//!
//! A process may fork while threads are inside, and the child takes their locks over. Each of
//! the stores above leaves a queue that can be used. Before the places get fewer, `limit`
//! becomes the tail: a child's sender looks for room before it writes.

use crate::sync::ForkMutex;
use crate::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::sync::futex::{self, Slept};
use std::time::Instant;
use thiserror::Error;

/// A bit of `sent`.
const CLOSED: u64 = 1;
const ONE_SENT: u64 = 2;

/// A bit of `arrivals`: somebody may sleep. Set under the lock by who is about to, and cleared
/// by a sender that woke nobody, if the word is still what it made of it. Both change the count:
/// who said so before the sender did does not fall asleep, and who says so after it keeps the
/// bit. So a child that finds it set by its parent's threads clears it, too.
const SLEEPERS: u32 = 1;
const ONE_CHANGE: u32 = 2;

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

/// Places for items, by position: as many one after another as the capacity are different.
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
    /// There are places, and nobody else uses this one.
    unsafe fn write(&self, position: u64, item: Self::Item);

    /// Takes the item out of its place.
    ///
    /// # Safety
    ///
    /// There is an item, and nobody else uses this place.
    unsafe fn read(&self, position: u64) -> Self::Item;

    /// Makes more places.
    ///
    /// # Safety
    ///
    /// The items are those from `head` to `tail`, and nobody else uses any place.
    unsafe fn grow(&self, head: u64, tail: u64) -> Result<(), NotSent>;

    /// True if places for `len` items could be far fewer.
    fn are_far_too_many(&self, len: u64) -> bool;

    /// Makes far fewer places, with memory for them.
    ///
    /// # Safety
    ///
    /// As [`grow`](Self::grow); they are far too many.
    unsafe fn shrink(&self, head: u64, tail: u64);

    /// Frees the memory.
    ///
    /// # Safety
    ///
    /// Nobody uses a place from now on.
    unsafe fn free(&mut self);
}

/// The senders' cache line.
#[repr(C)]
struct Back {
    lock: ForkMutex<()>,
    /// What receivers sleep on: a count of changes, and SLEEPERS.
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

/// See above. Its first word shares a line with what stands before it, which must be 32 bytes
/// up to the next line (with that word) and is read by both sides.
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
            // Under the lock, and so after who sleeps has said so.
            let arrivals = self.back.arrivals.load(Ordering::Relaxed);
            drop(held);
            if arrivals & SLEEPERS != 0 {
                self.wake_one();
            }
            return Ok(());
        }
    }

    /// Notes how far the back may write; false where there is no room. The back is held.
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

    /// Takes the first item. Always inlined: through memory a result costs as much as a lock.
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

    /// The front is held, and knows of few items.
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

    /// What [`pop`](Self::pop) would find, without a lock: `None` for an item. The head first, so
    /// that both are of one moment if they are the same.
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

    /// Ends sending; false if it had ended before.
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
            // Should it fail, another sender's is the word, and the rest.
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

    /// The word to sleep on. The back is held: whoever sends from now on sees a sleeper.
    fn announce_sleeper(&self) -> u32 {
        let arrivals = &self.back.arrivals;
        arrivals.fetch_add(ONE_CHANGE, Ordering::Relaxed);
        arrivals.fetch_or(SLEEPERS, Ordering::Relaxed) | SLEEPERS
    }

    /// Takes all items, from the last to the first.
    pub(super) fn drain_back(mut self, mut f: impl FnMut(P::Item)) {
        let head = self.front.head.load(Ordering::Relaxed);
        for position in (head..self.tail()).rev() {
            // SAFETY: there is an item, and nobody else has the queue.
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
