//! When a thread ends that has called the runtime, whoever made it.
//!
//! Not by destructors of thread-local variables: when those of POSIX keys run, which may call us
//! as any code may, the former have run, and what would be kept then is lost. So the call comes
//! from a key of our own. A system calls the destructors of a thread's keys in rounds, as long as
//! a key has a value. Each call of ours gives away all that the thread has; a key that comes
//! later may have it take things anew, which the next round gives away.

use super::local;
use crate::sync::thread_end::{Key, call};
use std::cell::Cell;
use std::ffi::c_void;

/// Rounds that every system makes at the least (POSIX: `_POSIX_THREAD_DESTRUCTOR_ITERATIONS`).
const ROUNDS: u32 = 4;

static KEY: Key = Key::new(at_end);

/// Has the calling thread's end told to it, after so many times, and notes that it will be. False
/// in the last round, and where the system has no key left.
#[cold]
pub(super) fn watch(ends: u32, is_watched: &Cell<bool>) -> bool {
    is_watched.set(ends < ROUNDS && call(&KEY));
    is_watched.get()
}

extern "C" fn at_end(_value: *mut c_void) {
    local::with(|local| local.clear());
    crate::error::forget();
}
