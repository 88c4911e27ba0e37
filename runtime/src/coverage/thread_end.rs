//! The end of a thread that has counted.
//!
//! It is not when the destructors of its thread-local variables run: other such destructors, and
//! those of POSIX keys after them, may still call probes. So the call comes from the runtime's own
//! POSIX key. A system calls the destructors of a thread's keys in rounds, up to four, as long as a
//! key has a value. The first round is skipped by setting the value again.
//!
//! | rest of the thread | its probes |
//! |---|---|
//! | everything; or destructors of thread-local variables, or those of POSIX keys in the first round | are remembered together |
//! | destructors of keys in the second round, or later | those before the turn of the runtime's key are remembered as before; each later one is on its own: it counts, but gives neither path nor vector |
//!
//! Without a key (a system has about 1024) threads are never over: their counts stay as those of
//! live threads do, and so does their memory. The same holds for a thread whose very first probe is
//! called by a destructor in the third round or later.

use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sys;
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;

/// The progress of the calling thread's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running,
    /// The first round of destructors has come to the runtime's key.
    Ending,
    /// The remembered data has been given away.
    Over,
}

thread_local! {
    // Without a destructor, so that it can be used as long as the thread lives.
    static STAGE: Cell<Stage> = const { Cell::new(Stage::Running) };
}

/// True if this thread is over: [`watch`] would come too late.
pub(super) fn is_over() -> bool {
    STAGE.get() == Stage::Over
}

/// Registers a call of [`super::local::end`] on this thread for when it is over.
pub(super) fn watch() {
    // If this fails, the thread is never over: see above.
    set();
}

/// The destructor that the system calls in each round, for a thread that has set the key.
extern "C" fn round(_value: *mut c_void) {
    if STAGE.replace(Stage::Ending) == Stage::Running && set() {
        return;
    }
    STAGE.set(Stage::Over);
    super::local::end();
}

/// Requests the next round on this thread.
fn set() -> bool {
    let Some(key) = key() else { return false };
    // Any value except NULL works.
    let value = ptr::from_ref(&KEY).cast();
    // SAFETY: a key that is never deleted.
    unsafe { sys::pthread_setspecific(key, value) == 0 }
}

/// The key, once there is one; or one of the two constants.
static KEY: AtomicU64 = AtomicU64::new(NOT_YET);
const NOT_YET: u64 = u64::MAX;
const NEVER: u64 = u64::MAX - 1;

/// Returns the key. Threads that first call this at the same time may each create a key, of which
/// one is kept. A lock would stay locked in a process forked meanwhile.
fn key() -> Option<libc::pthread_key_t> {
    let mut key = KEY.load(Ordering::Acquire);
    if key == NOT_YET {
        let ours = new_key().map_or(NEVER, u64::from);
        key = match KEY.compare_exchange(NOT_YET, ours, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => ours,
            Err(theirs) => {
                if let Ok(ours) = libc::pthread_key_t::try_from(ours) {
                    // SAFETY: a key that no thread has set.
                    unsafe { libc::pthread_key_delete(ours) };
                }
                theirs
            }
        };
    }
    libc::pthread_key_t::try_from(key).ok()
}

fn new_key() -> Option<libc::pthread_key_t> {
    let mut key = 0;
    // SAFETY: a place to write to; a function of the required type, which stays loaded
    // (`sync/stay_loaded.rs`).
    let made = unsafe { sys::pthread_key_create(&mut key, round) };
    (made == 0).then_some(key)
}
