//! When a thread that has counted is over.
//!
//! Not when the destructors of its thread-local variables run: other such destructors, and
//! those of POSIX keys after them, may still call probes. So the call comes from a POSIX key
//! of our own. A system calls the destructors of a thread's keys in rounds, up to four, as long
//! as a key has a value; the first round is let pass by setting the value again.
//!
//! | what is left of the thread | its probes |
//! |---|---|
//! | everything; or destructors of thread-local variables, or those of POSIX keys in the first round | are remembered together |
//! | destructors of keys in the second round, or later | those before our own turn are remembered as before; each later one stands alone: it counts, but gives neither path nor vector |
//!
//! Without a key (a system has some 1024) threads are never over: their counts stay as those
//! of live threads do, and so does their memory. The same holds for a thread whose very first
//! probe is called by a destructor in the third round or later.

use crate::sync::atomic::{AtomicU64, Ordering};
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;

/// What is known of the calling thread's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running,
    /// The first round of destructors has come to our key.
    Ending,
    /// What was remembered has been given away.
    Over,
}

thread_local! {
    // Without a destructor, so that it can be used as long as the thread lives.
    static STAGE: Cell<Stage> = const { Cell::new(Stage::Running) };
}

/// Whether this thread is over: [`watch`] would come too late.
pub(super) fn is_over() -> bool {
    STAGE.get() == Stage::Over
}

/// Has [`super::local::end`] called on this thread when it is over.
pub(super) fn watch() {
    // Should it fail, the thread is never over: see above.
    set();
}

/// What the system calls in each round, for a thread that has set the key.
extern "C" fn round(_value: *mut c_void) {
    if STAGE.replace(Stage::Ending) == Stage::Running && set() {
        return;
    }
    STAGE.set(Stage::Over);
    super::local::end();
}

/// Asks for the next round on this thread.
fn set() -> bool {
    let Some(key) = key() else { return false };
    // Any value but NULL will do.
    let value = ptr::from_ref(&KEY).cast();
    // SAFETY: a key that is never deleted.
    unsafe { libc::pthread_setspecific(key, value) == 0 }
}

/// The key, once there is one; or these.
static KEY: AtomicU64 = AtomicU64::new(NOT_YET);
const NOT_YET: u64 = u64::MAX;
const NEVER: u64 = u64::MAX - 1;

/// Threads that ask first at the same time may each make a key, of which one is kept. A lock
/// would stay locked in a process forked meanwhile.
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
    // SAFETY: a place to write to; a function of the type asked for, which stays loaded
    // (`sync/stay_loaded.rs`).
    let made = unsafe { libc::pthread_key_create(&mut key, Some(round)) };
    (made == 0).then_some(key)
}
