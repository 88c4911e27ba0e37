//! The descriptor of a claim, where a forked child finds it.
//!
//! The child shares the lock of its parent's claim, and must close its copy. It may run this only
//! in a handler of the fork, where no lock may be waited for: so the descriptor is in atomics.

use super::claim::{Claim, identity};
use crate::sync::atomic::{AtomicI32, AtomicU64, Ordering};

/// The descriptor of one claim.
pub(crate) struct Held {
    /// -1 if there is none.
    descriptor: AtomicI32,
    /// Device and number of the file that it refers to.
    claimed: [AtomicU64; 2],
}

impl Held {
    pub(crate) const fn new() -> Self {
        Self { descriptor: AtomicI32::new(-1), claimed: [const { AtomicU64::new(0) }; 2] }
    }

    /// Notes the descriptor of `claim`, in place of an earlier one.
    pub(crate) fn note(&self, claim: &Claim) {
        let (descriptor, (device, number)) = claim.descriptor();
        self.claimed[0].store(device, Ordering::Relaxed);
        self.claimed[1].store(number, Ordering::Relaxed);
        self.descriptor.store(descriptor, Ordering::Relaxed);
    }

    /// Notes that the claim is over.
    pub(crate) fn forget(&self) {
        self.descriptor.store(-1, Ordering::Relaxed);
    }

    /// Closes the descriptor, unless the program has given its number to another file. To be called
    /// by the handler of a fork in the child: it is a swap and two system calls.
    pub(crate) fn close_in_child(&self) {
        let descriptor = self.descriptor.swap(-1, Ordering::Relaxed);
        let claimed =
            (self.claimed[0].load(Ordering::Relaxed), self.claimed[1].load(Ordering::Relaxed));
        if descriptor >= 0 && identity(descriptor) == Some(claimed) {
            // SAFETY: the claim's descriptor, which nobody uses in this process: its state is the
            // parent's.
            unsafe { libc::close(descriptor) };
        }
    }
}
