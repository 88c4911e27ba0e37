//! A lock whose holder may leave without a barrier of its own, where one follows anyway.
//!
//! To leave an ordinary lock takes an atomic exchange, which shows whether anybody waits; on most
//! processors that is a full barrier, and costs as much as all else that a push does. Here the
//! holder leaves with a plain store. Whether anybody waits it looks up after the next SeqCst
//! fence, which may be one that it needs for another purpose.
//!
//! * whoever leaves: stores OPEN (Release); SeqCst fence; if somebody waits, wakes one;
//! * whoever finds the gate shut, after a spin: enters itself among those who wait; SeqCst fence;
//!   tries once more, and sleeps if it is still shut. Woken, it begins anew.
//!
//! Nobody sleeps beside an open gate: of the two fences, the one that comes second is followed by
//! a look that sees what was done before the first. Each one who passes wakes the next when it
//! leaves. What is held for some instructions only is worth this; the lists are for the rare case.

use super::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use super::parker::Parker;
use super::{Arc, Lock, UnsafeCell, hint};

/// Looks before a thread sleeps.
const LOOKS: u32 = if cfg!(loom) { 0 } else { 100 / PAUSES };
/// Pauses before each look, which takes the line of the cache away from whoever has shut the gate:
/// in the meantime one thread passes several times, at its own speed.
const PAUSES: u32 = 8;

#[repr(C)]
pub(crate) struct Gate<T> {
    is_shut: AtomicBool,
    waiting: AtomicUsize,
    value: UnsafeCell<T>,
    sleepers: Lock<Vec<Arc<Parker>>>,
}

// SAFETY: the value is reached by one thread at a time, which has passed the gate.
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

    /// Runs `f` with the value, which must not panic: the gate would stay shut.
    #[inline]
    pub(crate) fn pass<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let result = self.pass_before_fence(f);
        fence(Ordering::SeqCst);
        self.wake_next();
        result
    }

    /// As [`pass`](Self::pass). The caller makes a SeqCst fence soon, and then calls
    /// [`wake_next`](Self::wake_next).
    #[inline]
    pub(crate) fn pass_before_fence<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        if !self.try_to_shut() {
            self.wait();
        }
        // SAFETY: we have shut the gate, and whoever did so before has opened it since.
        let result = self.value.with_mut(|value| f(unsafe { &mut *value }));
        self.is_shut.store(false, Ordering::Release);
        result
    }

    /// After the fence behind a [`pass_before_fence`](Self::pass_before_fence).
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

    /// Unless somebody has called it already: then the call was for nothing, and whoever waits is
    /// woken when the caller leaves the gate.
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

    /// Threads that do as `pass` says, against this one, which does as it should.
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
            // Loom checks that nobody reaches the value beside another.
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
