//! A lock whose holder leaves without a barrier, where a barrier follows anyway.
//!
//! Leaving an ordinary lock takes an atomic exchange, which shows whether a thread waits. On most
//! processors that is a full barrier, and costs as much as the rest of a push. Here the holder
//! leaves with a plain store. It checks for waiting threads after the next SeqCst fence, which may
//! be one that it needs for another purpose.
//!
//! * A thread that leaves stores OPEN (Release), makes a SeqCst fence, and wakes a waiting thread
//!   if there is one.
//! * A thread that finds the gate shut, after a spin, enters itself in the list of waiting threads,
//!   makes a SeqCst fence, tries once more, and sleeps if the gate is still shut. When woken, it
//!   starts again.
//!
//! No thread sleeps beside an open gate: of the two fences, the second is followed by a check that
//! sees what was done before the first. Each thread that passes wakes the next when it leaves. This
//! pays only for locks that are held for a few instructions; the lists are for the rare case.

use super::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use super::parker::Parker;
use super::{Arc, Lock, UnsafeCell, hint};

/// Checks before a thread sleeps.
const LOOKS: u32 = if cfg!(loom) { 0 } else { 100 / PAUSES };
/// Pauses before each check. A check takes the cache line away from the thread that has shut the
/// gate; during the pauses one thread passes several times, at full speed.
const PAUSES: u32 = 8;

#[repr(C)]
pub(crate) struct Gate<T> {
    is_shut: AtomicBool,
    waiting: AtomicUsize,
    value: UnsafeCell<T>,
    sleepers: Lock<Vec<Arc<Parker>>>,
}

// SAFETY: only one thread at a time reaches the value: the one that has passed the gate.
unsafe impl<T: Send> Sync for Gate<T> {}

impl<T> Gate<T> {
    #[cfg(not(loom))]
    pub(crate) const fn new(value: T) -> Self {
        Self {
            is_shut: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            value: UnsafeCell::new(value),
            sleepers: Lock::new(Vec::new()),
        }
    }

    #[cfg(loom)]
    pub(crate) fn new(value: T) -> Self {
        Self {
            is_shut: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            value: UnsafeCell::new(value),
            sleepers: Lock::new(Vec::new()),
        }
    }

    /// Runs `f` with the value. `f` must not panic: the gate would stay shut.
    #[inline]
    pub(crate) fn pass<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let result = self.pass_before_fence(f);
        fence(Ordering::SeqCst);
        self.wake_next();
        result
    }

    /// As [`pass`](Self::pass). The caller soon makes a SeqCst fence, and then calls
    /// [`wake_next`](Self::wake_next).
    #[inline]
    pub(crate) fn pass_before_fence<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        if !self.try_to_shut() {
            self.wait();
        }
        // SAFETY: this call has shut the gate, and the previous holder has opened it since.
        let result = self.value.with_mut(|value| f(unsafe { &mut *value }));
        self.is_shut.store(false, Ordering::Release);
        result
    }

    /// Called after the fence that follows a [`pass_before_fence`](Self::pass_before_fence).
    #[inline]
    pub(crate) fn wake_next(&self) {
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.wake_one();
        }
    }

    #[inline]
    fn try_to_shut(&self) -> bool {
        self.is_shut.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Shuts the gate as soon as it is open.
    #[cold]
    fn wait(&self) {
        for _ in 0..LOOKS {
            for _ in 0..PAUSES {
                hint::spin_loop();
            }
            if !self.is_shut.load(Ordering::Relaxed) && self.try_to_shut() {
                return;
            }
        }
        loop {
            let parker = Arc::new(Parker::new());
            self.enter(&parker);
            fence(Ordering::SeqCst);
            if self.try_to_shut() {
                return self.leave(&parker);
            }
            parker.sleep(None);
            if self.try_to_shut() {
                return;
            }
        }
    }

    fn enter(&self, parker: &Arc<Parker>) {
        self.sleepers.lock().push(parker.clone());
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes the parker out of the list, unless it has already been called. That call was not
    /// needed then; the next waiting thread is woken when this one leaves the gate.
    fn leave(&self, parker: &Arc<Parker>) {
        let mut sleepers = self.sleepers.lock();
        if let Some(place) = sleepers.iter().position(|other| Arc::ptr_eq(other, parker)) {
            sleepers.remove(place);
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }

    #[cold]
    fn wake_one(&self) {
        let longest = {
            let mut sleepers = self.sleepers.lock();
            if sleepers.is_empty() {
                return;
            }
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            sleepers.remove(0)
        };
        longest.call();
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::super::thread;
    use super::*;

    /// Threads that pass by calling `pass`, against this thread, which passes correctly.
    fn check(threads: usize, pass: fn(&Gate<usize>)) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(move || {
            let gate = Arc::new(Gate::new(0));
            let start = |_| {
                let gate = gate.clone();
                thread::spawn(move || pass(&gate))
            };
            let others: Vec<_> = (0..threads).map(start).collect();
            gate.pass(|count| *count += 1);
            for other in others {
                other.join().unwrap();
            }
            // Loom checks that only one thread reaches the value at a time.
            assert_eq!(gate.pass(|count| *count), 1 + threads);
        });
    }

    #[test]
    fn one_passes_at_a_time_and_all_in_the_end() {
        check(2, |gate| gate.pass(|count| *count += 1));
    }

    /// Without the fence this thread sleeps beside an open gate.
    #[test]
    #[should_panic(expected = "deadlock")]
    fn without_the_fence_one_sleeps_for_ever() {
        check(1, |gate| {
            gate.pass_before_fence(|count| *count += 1);
            gate.wake_next();
        });
    }
}
