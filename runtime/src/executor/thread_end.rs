//! The end of a thread that has called the runtime, whichever code created the thread.
//!
//! The runtime does not use destructors of thread-local variables: destructors of POSIX keys run
//! after them and may call the runtime, as any code may, and what would be kept then is lost. So
//! the call comes from a POSIX key of the runtime's. A system calls the destructors of a thread's
//! keys in rounds, as long as a key has a value. Each call of the runtime's destructor gives away
//! all that the thread has. A key whose destructor comes later may make the thread take things
//! again, which the next round gives away.

use super::local;
use crate::sync::thread_end::{Key, call};
use std::cell::Cell;
use std::ffi::c_void;

/// Minimum number of rounds that every system makes (POSIX: `_POSIX_THREAD_DESTRUCTOR_ITERATIONS`).
const ROUNDS: u32 = 4;

static KEY: Key = Key::new(at_end);

/// Watches for the calling thread's end, of which it has been notified `ends` times, and notes that
/// it is watched. False in the last round, and where the system has no key left.
#[cold]
pub(super) fn watch(ends: u32, is_watched: &Cell<bool>) -> bool {
    is_watched.set(ends < ROUNDS && call(&KEY));
    is_watched.get()
}

extern "C" fn at_end(_value: *mut c_void) {
    local::with(|local| local.clear());
    crate::error::forget();
}
