//! The ends of the stack that the system has given to a thread.

use super::NEEDED_BYTES;
#[cfg(all(target_os = "linux", not(miri)))]
use crate::sys;
use std::cell::Cell;

/// Most of a main thread's stack that is relied on. The system promises what the limit says, but
/// other things may be mapped there if the limit is high or absent.
const MOST_OF_MAIN_BYTES: usize = 8 << 20;

/// Part of each thread's state; empty until [`learn`](Self::learn).
#[derive(Debug)]
pub(crate) struct OwnStack {
    /// The lowest address, and the number of bytes from there.
    low: Cell<usize>,
    bytes: Cell<usize>,
    /// The lowest stack pointer that leaves room for a body, and the number of bytes from there.
    lowest: Cell<usize>,
    ample_bytes: Cell<usize>,
    is_known: Cell<bool>,
}

impl OwnStack {
    pub(crate) const fn new() -> Self {
        Self {
            low: Cell::new(0),
            bytes: Cell::new(0),
            lowest: Cell::new(0),
            ample_bytes: Cell::new(0),
            is_known: Cell::new(false),
        }
    }

    /// True if the stack pointer lies in it.
    #[inline(always)]
    pub(super) fn holds(&self, sp: usize) -> bool {
        sp.wrapping_sub(self.low.get()) < self.bytes.get()
    }

    /// True if the stack pointer lies in it with room for a body below.
    #[inline(always)]
    pub(super) fn has_room(&self, sp: usize) -> bool {
        sp.wrapping_sub(self.lowest.get()) < self.ample_bytes.get()
    }

    /// Asks the system, once.
    #[inline]
    pub(super) fn learn(&self) {
        if !self.is_known.get() {
            self.ask();
        }
    }

    #[cold]
    fn ask(&self) {
        self.is_known.set(true);
        // Otherwise every stack is foreign, which is only slower.
        if let Some((low, high)) = ends() {
            self.low.set(low);
            self.bytes.set(high - low);
            let lowest = high.min(low + NEEDED_BYTES);
            self.lowest.set(lowest);
            self.ample_bytes.set(high - lowest);
        }
    }
}

/// Returns the lowest address of the calling thread's stack, without its guard, and the end.
#[cfg(all(target_os = "linux", not(miri)))]
fn ends() -> Option<(usize, usize)> {
    let mut attributes = std::mem::MaybeUninit::uninit();
    // SAFETY: a place to write to.
    if unsafe { sys::own_attributes(attributes.as_mut_ptr()) } != 0 {
        return None;
    }
    let (mut low, mut bytes) = (std::ptr::null_mut(), 0);
    // SAFETY: filled above, and destroyed once.
    let status = unsafe {
        let status = libc::pthread_attr_getstack(attributes.as_ptr(), &mut low, &mut bytes);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        status
    };
    if status != 0 {
        return None;
    }
    let high = low.addr() + bytes;
    // SAFETY: both take nothing and cannot fail.
    let is_main = unsafe { libc::getpid() == libc::gettid() };
    let most = if is_main { bytes.min(MOST_OF_MAIN_BYTES) } else { bytes };
    Some((high - most, high))
}

/// Under an interpreter a stack has no ends.
#[cfg(miri)]
fn ends() -> Option<(usize, usize)> {
    Some((0, usize::MAX))
}

#[cfg(not(any(target_os = "linux", miri)))]
fn ends() -> Option<(usize, usize)> {
    None
}
