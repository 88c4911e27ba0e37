//! The atomic word of a heap object: the reference count is in its upper half; the 32 bits of its
//! lower half belong to the object's type.
//!
//! A future keeps its state in the lower half. So handing it to the executor (a state change and a
//! reference) is one atomic operation, and so is finishing it (a state change and a release).
//!
//! The count follows Arc's protocol. Retaining is relaxed, because the caller already holds a
//! reference. Releasing is Release, and the last release acquires everything that all other holders
//! did before theirs.

use crate::sync::atomic::{AtomicU64, Ordering, fence};

/// One reference, in the count's half of the word.
pub(crate) const ONE_REFERENCE: u64 = 1 << 32;
/// Counts from here on are saturated: the object is never freed (as with Linux's `refcount_t`),
/// because a leak is better than a wrapped count.
const SATURATED: u64 = 1 << 63;
/// The value that a saturated count is set to: the middle of the saturated range. Threads that read
/// the count before may still add and subtract, and a queue may release references with a future's
/// last transition; neither can leave the range on either side.
const DEEPLY_SATURATED: u64 = SATURATED | 1 << 62;

/// Reference count and type-specific state.
#[derive(Debug)]
pub(crate) struct CountedWord(AtomicU64);

impl std::ops::Deref for CountedWord {
    type Target = AtomicU64;
    #[inline(always)]
    fn deref(&self) -> &AtomicU64 {
        &self.0
    }
}

impl CountedWord {
    /// Creates a word with one reference, and `state` in the lower half.
    #[inline]
    pub(crate) fn new(state: u32) -> Self {
        Self(AtomicU64::new(ONE_REFERENCE | u64::from(state)))
    }

    /// Takes one more reference.
    #[inline]
    pub(crate) fn retain(&self) {
        let before = self.0.fetch_add(ONE_REFERENCE, Ordering::Relaxed);
        if before >= SATURATED - ONE_REFERENCE {
            self.saturate();
        }
    }

    #[cold]
    fn saturate(&self) {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let saturated = DEEPLY_SATURATED | word & (ONE_REFERENCE - 1);
            match self.0.compare_exchange_weak(
                word,
                saturated,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(seen) => word = seen,
            }
        }
    }

    /// Releases one reference; true if it was the last.
    #[inline]
    pub(crate) fn release(&self) -> bool {
        let word = self.0.load(Ordering::Acquire);
        if word < 2 * ONE_REFERENCE {
            // This is the only reference: nobody can retain meanwhile, and Acquire makes visible
            // everything that previous holders did before their releases.
            return true;
        }
        if word & SATURATED != 0 {
            return false;
        }
        let before = self.0.fetch_sub(ONE_REFERENCE, Ordering::Release);
        if before >= 2 * ONE_REFERENCE {
            return false;
        }
        fence(Ordering::Acquire);
        true
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    const STATE: u32 = 0xdead_beef;
    /// More threads than can have read the count without having acted on it yet.
    const LATE: u64 = 1 << 22;

    /// Returns a count that has had one reference too many, and then a few more.
    fn saturated() -> CountedWord {
        let word = CountedWord(AtomicU64::new((SATURATED - ONE_REFERENCE) | u64::from(STATE)));
        for _ in 0..3 {
            word.retain();
        }
        word
    }

    #[test]
    fn a_saturated_count_frees_nothing_whatever_is_given_back() {
        let word = saturated();
        // Releases that read the count before it was saturated, and ends of queued futures.
        word.fetch_sub(LATE * ONE_REFERENCE, Ordering::Relaxed);
        for _ in 0..1000 {
            assert!(!word.release());
        }
        assert!(word.load(Ordering::Relaxed) >= SATURATED);
    }

    #[test]
    fn a_saturated_count_does_not_wrap() {
        let word = saturated();
        word.fetch_add(LATE * ONE_REFERENCE, Ordering::Relaxed);
        for _ in 0..1000 {
            word.retain();
        }
        assert!(word.load(Ordering::Relaxed) >= SATURATED);
        assert_eq!(word.load(Ordering::Relaxed) as u32, STATE);
    }

    #[test]
    fn the_count_below_saturation_is_exact() {
        let word = CountedWord::new(STATE);
        for _ in 0..1000 {
            word.retain();
        }
        for _ in 0..1000 {
            assert!(!word.release());
        }
        assert_eq!(word.load(Ordering::Relaxed) as u32, STATE);
        assert!(word.release());
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::{Arc, UnsafeCell, thread};

    /// Of three holders that release, exactly one frees, after the others' last accesses.
    #[test]
    fn the_last_release_frees_once() {
        loom::model(|| {
            let shared = Arc::new((CountedWord::new(0), UnsafeCell::new(0)));
            shared.0.retain();
            shared.0.retain();
            let let_go = |shared: &(CountedWord, UnsafeCell<u32>)| {
                // SAFETY: loom checks it: a read concurrent with the write below fails the model.
                shared.1.with(|cell| unsafe { *cell });
                let last = shared.0.release();
                if last {
                    // SAFETY: loom checks it: the last holder is alone.
                    shared.1.with_mut(|cell| unsafe { *cell += 1 });
                }
                last
            };
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    let shared = shared.clone();
                    thread::spawn(move || let_go(&shared))
                })
                .collect();
            let mut last = usize::from(let_go(&shared));
            for thread in threads {
                last += usize::from(thread.join().unwrap());
            }
            assert_eq!(last, 1);
        });
    }
}
