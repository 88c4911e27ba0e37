//! Code that the system calls when a thread ends.
//!
//! It uses a POSIX key instead of the destructor of a thread-local variable: keys come after those,
//! so most of what a thread does in its destructors is over by then.

use super::atomic::{AtomicU64, Ordering};
use crate::sys;
use std::ffi::c_void;

/// Code to be called at a thread's end. Its key is made when the first thread asks.
pub(crate) struct Key {
    /// The key plus one; 0 before it is made.
    key: AtomicU64,
    code: extern "C" fn(*mut c_void),
}

impl Key {
    pub(crate) const fn new(code: extern "C" fn(*mut c_void)) -> Self {
        Self { key: AtomicU64::new(0), code }
    }

    /// Returns the key. There is no lock, which a fork might leave taken: if several threads make a
    /// key at the same time, the first is kept.
    fn get(&self) -> Option<libc::pthread_key_t> {
        let known = self.key.load(Ordering::Acquire);
        if known != 0 {
            return libc::pthread_key_t::try_from(known - 1).ok();
        }
        let mut key = 0;
        // SAFETY: a place to write to, and a function of the required type.
        if unsafe { sys::pthread_key_create(&mut key, self.code) } != 0 {
            return None;
        }
        let ours = u64::from(key) + 1;
        match self.key.compare_exchange(0, ours, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Some(key),
            Err(theirs) => {
                // SAFETY: made above, and used by no thread.
                unsafe { libc::pthread_key_delete(key) };
                libc::pthread_key_t::try_from(theirs - 1).ok()
            }
        }
    }
}

/// Has `key`'s code called when the calling thread ends. False if the system has no key left (there
/// are about 1024), or no memory.
pub(crate) fn call(key: &'static Key) -> bool {
    let Some(number) = key.get() else { return false };
    // Any value but NULL will do.
    let value = std::ptr::from_ref(key).cast();
    // SAFETY: a key that is never deleted.
    unsafe { sys::pthread_setspecific(number, value) == 0 }
}
