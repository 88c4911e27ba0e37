//! A lock whose readers do not exclude each other, and that costs a lone thread no more than a
//! plain lock.
//!
//! After BRAVO (D. Dice, A. Kogan, *BRAVO: Biased Locking for Reader-Writer Locks*, 2019). Until
//! readers are seen to meet, a reader briefly takes the underlying lock, like a writer. Then the
//! lock is *biased*: readers leave it alone, and record that they are inside, each in a slot of its
//! own, in a table for all locks.
//!
//! | state | readers | a writer |
//! |---|---|---|
//! | plain | take the lock | takes the lock |
//! | biased | write the lock's key into their slot, read the bias again, read, clear the slot | takes the lock, ends the bias, waits until no slot holds the key |
//!
//! * The bias begins under the lock, so never while a writer is inside.
//! * A reader writes its slot and then reads the bias; a writer ends the bias and then reads the
//!   slots; all of that is sequentially consistent. So one of them sees the other: the reader goes
//!   to the lock, or the writer waits.
//! * A reader's read happens before the writer's change, through the clearing (Release) that the
//!   writer has seen (Acquire). A change happens before later readers' reads, through the lock,
//!   under which the bias began again.
//!
//! Ending a bias costs a read of every slot, so the more often it was ended, the more often readers
//! must meet before it begins again.
//!
//! In a forked child: a key contains the [generation](super::fork::generation), so slots left
//! behind by the parent's readers are ignored, and the underlying lock is a [`ForkMutex`].

use super::atomic::{AtomicU32, AtomicU64, Ordering};
use super::fork_mutex::{AnyMomentConsistent, ForkGuard, ForkMutex};
use super::{CachePadded, hint, thread};
use std::time::Duration;

const SLOTS: usize = if cfg!(loom) { 2 } else { 64 };
/// Meetings of readers before the first bias, and the most before any bias.
const FIRST_PATIENCE: u32 = if cfg!(loom) { 0 } else { 8 };
const LONGEST_PATIENCE: u32 = 1 << 12;
const ADDRESS_BITS: u32 = 48;
/// Checks of a slot before a writer sleeps until its reader has gone.
const LOOKS: u32 = 100;
const NAP: Duration = Duration::from_micros(20);

/// The slots in which readers record that they are inside.
pub(crate) struct Readers([CachePadded<AtomicU64>; SLOTS]);

/// The table for all locks of the process.
#[cfg(not(loom))]
static READERS: Readers = Readers([const { CachePadded(AtomicU64::new(0)) }; SLOTS]);

/// A value that many threads may read at once, or one may change.
#[derive(Debug)]
pub(crate) struct Biased<T> {
    bias: AtomicU32,
    /// Readers that met, and meetings before the next bias. Changed under the lock.
    met: AtomicU32,
    patience: AtomicU32,
    lock: ForkMutex<T>,
}

// SAFETY: readers share the value, and a writer has it alone (see above).
unsafe impl<T: Send + Sync> Sync for Biased<T> {}

/// The value, for a writer.
pub(crate) type Writing<'a, T> = ForkGuard<'a, T>;

impl<T: AnyMomentConsistent> Biased<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            bias: AtomicU32::new(0),
            met: AtomicU32::new(0),
            patience: AtomicU32::new(FIRST_PATIENCE),
            lock: ForkMutex::new(value),
        }
    }

    pub(crate) fn into_inner(self) -> T {
        self.lock.into_inner()
    }

    /// Runs `f` on the value. `f` must not call this lock again.
    #[cfg(not(loom))]
    #[inline]
    pub(crate) fn read<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        // SAFETY: no writer is inside while `f` runs.
        self.read_at(&READERS, place, |value| f(unsafe { &*value }))
    }

    /// Returns exclusive access to the value.
    #[cfg(not(loom))]
    #[inline]
    pub(crate) fn write(&self) -> Writing<'_, T> {
        self.write_at(&READERS)
    }

    #[inline]
    fn read_at<R>(
        &self,
        readers: &Readers,
        place: impl FnOnce() -> usize,
        f: impl FnOnce(*const T) -> R,
    ) -> R {
        if self.bias.load(Ordering::Relaxed) == 0 {
            return match self.lock.try_lock() {
                Some(guard) => self.read_locked(guard, f),
                None => self.read_meeting(f),
            };
        }
        self.read_biased(readers, place, f)
    }

    #[inline(always)]
    fn read_locked<R>(&self, guard: ForkGuard<'_, T>, f: impl FnOnce(*const T) -> R) -> R {
        let result = self.lock.value().with(f);
        drop(guard);
        result
    }

    // Out of line, like all that follows: if it were inlined, a lone reader would pay for its
    // registers.
    #[inline(never)]
    fn read_biased<R>(
        &self,
        readers: &Readers,
        place: impl FnOnce() -> usize,
        f: impl FnOnce(*const T) -> R,
    ) -> R {
        if let Some(inside) = readers.enter(place(), self.key()) {
            order_for_loom();
            if self.bias.load(Ordering::SeqCst) != 0 {
                let result = self.lock.value().with(f);
                drop(inside);
                return result;
            }
            drop(inside);
        }
        let guard = self.lock.try_lock().unwrap_or_else(|| self.meet());
        self.read_locked(guard, f)
    }

    #[cold]
    #[inline(never)]
    fn read_meeting<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        self.read_locked(self.meet(), f)
    }

    /// Takes the lock, for a reader that found it held.
    fn meet(&self) -> ForkGuard<'_, T> {
        let guard = self.lock.lock();
        let met = self.met.load(Ordering::Relaxed) + 1;
        let patience = self.patience.load(Ordering::Relaxed);
        let begin = met > patience;
        self.met.store(if begin { 0 } else { met }, Ordering::Relaxed);
        if begin {
            self.patience.store((2 * patience).min(LONGEST_PATIENCE), Ordering::Relaxed);
            self.bias.store(1, Ordering::Release);
        }
        guard
    }

    #[inline]
    fn write_at(&self, readers: &Readers) -> ForkGuard<'_, T> {
        let guard = self.lock.lock();
        // Relaxed: it changes only under the lock.
        if self.bias.load(Ordering::Relaxed) != 0 {
            self.end_bias(readers);
        }
        guard
    }

    #[cold]
    #[inline(never)]
    fn end_bias(&self, readers: &Readers) {
        self.bias.swap(0, Ordering::SeqCst);
        order_for_loom();
        readers.wait_until_gone(self.key());
    }

    fn key(&self) -> u64 {
        std::ptr::from_ref(self).addr() as u64 | u64::from(generation()) << ADDRESS_BITS
    }
}

/// Loom treats sequentially consistent operations as acquire and release, and knows only the order
/// of fences. Elsewhere a fence would only add cost.
#[inline(always)]
fn order_for_loom() {
    #[cfg(loom)]
    super::atomic::fence(Ordering::SeqCst);
}

/// Returns the last bits of the number of forks: an old key must not equal a new reader's.
fn generation() -> u16 {
    #[cfg(not(loom))]
    let generation = super::fork::generation() as u16;
    #[cfg(loom)]
    let generation = 0;
    generation
}

/// A reader inside.
struct Inside<'a>(&'a AtomicU64);

impl Drop for Inside<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.store(0, Ordering::Release);
    }
}

impl Readers {
    /// Records that a reader with this key is inside. `None` if another thread has the place.
    #[inline]
    fn enter(&self, place: usize, key: u64) -> Option<Inside<'_>> {
        let slot = &self.0[place % SLOTS];
        let seen = slot.load(Ordering::Relaxed);
        let is_free = seen == 0 || seen >> ADDRESS_BITS != u64::from(generation());
        (is_free && slot.compare_exchange(seen, key, Ordering::SeqCst, Ordering::Relaxed).is_ok())
            .then_some(Inside(slot))
    }

    fn wait_until_gone(&self, key: u64) {
        for slot in &self.0 {
            let mut looks = 0;
            while slot.load(Ordering::SeqCst) == key {
                looks += 1;
                give_way(looks);
            }
        }
    }
}

/// A reader leaves soon, unless it has lost its processor: then it may need the caller's.
fn give_way(looks: u32) {
    if cfg!(loom) {
        thread::yield_now();
    } else if looks < LOOKS {
        hint::spin_loop();
    } else {
        #[cfg(not(loom))]
        thread::sleep(NAP);
    }
}

/// Returns the calling thread's place in the table. Threads that live at the same time have
/// different places, up to the size of the table.
#[cfg(not(loom))]
fn place() -> usize {
    use super::atomic::AtomicUsize;
    use std::cell::Cell;
    static NEXT: CachePadded<AtomicUsize> = CachePadded(AtomicUsize::new(1));
    thread_local! {
        static PLACE: Cell<usize> = const { Cell::new(0) };
    }
    match PLACE.get() {
        0 => {
            let place = NEXT.fetch_add(1, Ordering::Relaxed);
            PLACE.set(place);
            place
        }
        place => place,
    }
}

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;
