//! Numbers of the system that are read once.

use super::atomic::{AtomicU64, Ordering};

/// A number that never changes and is expensive to find out.
///
/// Threads that ask at the same moment may each find it out. With a `OnceLock` they would wait for
/// each other, and a forked child for a thread that does not exist.
#[derive(Debug)]
pub(crate) struct Constant {
    /// 0: not known yet.
    known: AtomicU64,
    find_out: fn() -> u64,
}

impl Constant {
    /// `find_out` should not return 0, or it is called every time.
    pub(crate) const fn new(find_out: fn() -> u64) -> Self {
        Self { known: AtomicU64::new(0), find_out }
    }

    #[inline]
    pub(crate) fn get(&self) -> u64 {
        match self.known.load(Ordering::Relaxed) {
            0 => self.ask(),
            known => known,
        }
    }

    #[cold]
    fn ask(&self) -> u64 {
        let number = (self.find_out)();
        self.known.store(number, Ordering::Relaxed);
        number
    }
}
