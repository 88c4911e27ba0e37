//! A lock that does not outlive its holder in a forked child.
//!
//! A child has only the forking thread. A lock that another thread held at that moment would stay
//! taken in the child for ever, so the word of this lock says in which process it was taken:
//!
//! | bits | meaning |
//! |---|---|
//! | 0 | HELD: a thread is inside |
//! | 1 | SLEEPERS: a thread may be asleep, so the holder wakes one when it leaves |
//! | 2.. | the holder's [`generation`](super::fork::generation) |
//!
//! A word of an earlier generation is as good as 0: its holder does not exist, and the thread that
//! finds it takes the lock over. So the content of such a lock must be consistent after *each
//! single store* to it, in program order: a fork copies memory as it is between two of them. (If a
//! child sees a store of a thread, it sees that thread's earlier stores too: between copying one
//! page and copying another, the system lets no thread write to the first.) Types kept in such a
//! lock declare that with [`AnyMomentConsistent`].
//!
//! Sleeping is done by [`super::futex`]. The lock spins briefly, then sleeps, so that a thread of
//! high priority gives way to the holder.

use super::atomic::{AtomicU32, Ordering};
use super::{UnsafeCell, futex};

const HELD: u32 = 1;
const SLEEPERS: u32 = 2;
const GENERATION_SHIFT: u32 = 2;
/// Checks before a thread sleeps: critical sections are short.
const LOOKS: u32 = if cfg!(loom) { 0 } else { 100 };

/// Types that a forked child can go on using, whatever a thread of the parent was doing with them.
///
/// # Safety
///
/// After each single store that the type's methods make, in program order (atomic, at least
/// `Release`, where order matters), the methods can work with the value, and it owns nothing that
/// is freed or not yet made. Other things that it owns may be lost.
pub(crate) unsafe trait AnyMomentConsistent {}

// SAFETY: it has no content. What such a lock guards is kept beside it.
unsafe impl AnyMomentConsistent for () {}

/// The lock described above.
#[derive(Debug)]
pub(crate) struct ForkMutex<T> {
    word: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: only one thread at a time reaches the value.
unsafe impl<T: Send> Sync for ForkMutex<T> {}
// SAFETY: sent with its value.
unsafe impl<T: Send> Send for ForkMutex<T> {}

/// The right to use the value, while the lock is held.
pub(crate) struct ForkGuard<'a, T>(&'a ForkMutex<T>);

fn held_by_this_process() -> u32 {
    #[cfg(not(loom))]
    let generation = super::fork::generation();
    #[cfg(loom)]
    let generation = 0;
    generation << GENERATION_SHIFT | HELD
}

impl<T: AnyMomentConsistent> ForkMutex<T> {
    #[cfg(not(loom))]
    pub(crate) const fn new(value: T) -> Self {
        Self { word: AtomicU32::new(0), value: UnsafeCell::new(value) }
    }

    #[cfg(loom)]
    pub(crate) fn new(value: T) -> Self {
        Self { word: AtomicU32::new(0), value: UnsafeCell::new(value) }
    }

    #[inline]
    pub(crate) fn lock(&self) -> ForkGuard<'_, T> {
        self.try_lock().unwrap_or_else(|| self.lock_slowly(held_by_this_process()))
    }

    /// Locks it, if it is free. (A lock held by a parent's thread counts as held.)
    #[inline]
    pub(crate) fn try_lock(&self) -> Option<ForkGuard<'_, T>> {
        let held = held_by_this_process();
        self.word
            .compare_exchange(0, held, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
            .then(|| ForkGuard(self))
    }

    #[cold]
    fn lock_slowly(&self, held: u32) -> ForkGuard<'_, T> {
        let mut looks = LOOKS;
        // A thread that has slept does not know whether others are asleep.
        let mut taken = held;
        loop {
            let seen = self.word.load(Ordering::Relaxed);
            let is_free = seen == 0 || seen >> GENERATION_SHIFT != held >> GENERATION_SHIFT;
            if is_free {
                let exchanged =
                    self.word.compare_exchange(seen, taken, Ordering::Acquire, Ordering::Relaxed);
                if exchanged.is_ok() {
                    return ForkGuard(self);
                }
            } else if looks > 0 {
                looks -= 1;
                super::hint::spin_loop();
            } else {
                taken = held | SLEEPERS;
                if seen & SLEEPERS != 0 || self.announce_sleeper(seen) {
                    futex::wait(&self.word, seen | SLEEPERS, None);
                }
            }
        }
    }

    fn announce_sleeper(&self, seen: u32) -> bool {
        let with_sleepers = seen | SLEEPERS;
        self.word
            .compare_exchange(seen, with_sleepers, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }

    /// Returns the value, for access that something other than the lock makes safe.
    #[inline]
    pub(super) fn value(&self) -> &UnsafeCell<T> {
        &self.value
    }

    pub(crate) fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

#[cfg(not(loom))]
impl<T> std::ops::Deref for ForkGuard<'_, T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        self.0.value.with(|value| unsafe { &*value })
    }
}

#[cfg(not(loom))]
impl<T> std::ops::DerefMut for ForkGuard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held, by this guard alone.
        self.0.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T> Drop for ForkGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let word = &raw const self.0.word;
        if self.0.word.swap(0, Ordering::Release) & SLEEPERS != 0 {
            futex::wake_one(word);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::Arc;

    struct Number {
        n: u32,
    }

    // SAFETY: one word.
    unsafe impl AnyMomentConsistent for Number {}

    #[test]
    fn one_thread_at_a_time_is_inside() {
        const TURNS: u32 = 20_000;
        let number = Arc::new(ForkMutex::new(Number { n: 0 }));
        let count = |number: Arc<ForkMutex<Number>>| (0..TURNS).for_each(|_| number.lock().n += 1);
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let number = number.clone();
                std::thread::spawn(move || count(number))
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(number.lock().n, 4 * TURNS);
    }

    #[test]
    fn a_sleeper_is_woken_when_the_holder_leaves() {
        let number = Arc::new(ForkMutex::new(Number { n: 1 }));
        let guard = number.lock();
        let other = number.clone();
        let thread = std::thread::spawn(move || other.lock().n);
        while number.word.load(Ordering::Relaxed) & SLEEPERS == 0 {
            std::thread::yield_now();
        }
        drop(guard);
        assert_eq!(thread.join().unwrap(), 1);
    }

    #[test]
    fn a_lock_of_an_earlier_process_is_taken_over() {
        let number = ForkMutex::new(Number { n: 7 });
        std::mem::forget(number.lock());
        assert!(number.try_lock().is_none());
        let child = held_by_this_process() + (1 << GENERATION_SHIFT);
        assert_eq!(number.lock_slowly(child).n, 7);
        assert_eq!(number.word.load(Ordering::Relaxed), 0, "and is free afterwards");
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::{Arc, thread};

    struct Number(u32);

    // SAFETY: one word.
    unsafe impl AnyMomentConsistent for Number {}

    fn add(mutex: &ForkMutex<Number>) {
        let guard = mutex.lock();
        // SAFETY: loom checks it: two inside at the same time fail the model.
        mutex.value.with_mut(|number| unsafe { (*number).0 += 1 });
        drop(guard);
    }

    #[test]
    fn one_thread_at_a_time_is_inside() {
        loom::model(|| {
            let mutex = Arc::new(ForkMutex::new(Number(0)));
            let other = mutex.clone();
            let thread = thread::spawn(move || add(&other));
            add(&mutex);
            thread.join().unwrap();
            // SAFETY: all threads are done.
            assert_eq!(mutex.value.with(|number| unsafe { (*number).0 }), 2);
        });
    }
}
