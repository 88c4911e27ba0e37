//! The thread's last error: what a failing call of the C interface leaves behind.
//!
//! Every call that answers its error value because of bad input or of the system stores a
//! message here; "not yet", "empty" and "timed out" are answers and store nothing. The
//! message belongs to the calling thread and is valid until the next failing call on it.

use crate::executor::local;
use std::cell::Cell;
use std::ffi::{CStr, CString, c_char};
use std::fmt::Display;
use std::io::Write;
use std::ptr;

thread_local! {
    // From a `CString`, or null. Without a destructor, so that the last error can be read in the
    // destructors of a thread as before; see `executor/thread_end.rs`.
    static LAST: Cell<*mut c_char> = const { Cell::new(ptr::null_mut()) };
}

/// Stores `message` as the calling thread's last error.
///
/// With `SIMPLE_RT_LOG` set in the environment the message also goes to standard error;
/// otherwise the runtime prints nothing.
#[cold]
pub fn set_last_error(message: impl Display) {
    let text = message.to_string().replace('\0', "\u{fffd}");
    log(&text);
    store(CString::new(text).unwrap_or_default().into_raw());
    // Where nobody notices the end, the last message of the thread is leaked.
    local::with(|local| local.watch_end());
}

fn store(message: *mut c_char) {
    let before = LAST.replace(message);
    if !before.is_null() {
        // SAFETY: from `CString::into_raw`, and just taken out.
        drop(unsafe { CString::from_raw(before) });
    }
}

/// The thread ends.
pub(crate) fn forget() {
    store(ptr::null_mut());
}

/// The calling thread's last error, or `None` if no call has failed on it.
pub fn last_error() -> Option<String> {
    let message = LAST.get();
    // SAFETY: from a `CString`, which stays until the thread's next failing call.
    (!message.is_null()).then(|| unsafe { CStr::from_ptr(message) }.to_string_lossy().into_owned())
}

/// The last error as C sees it: NUL-terminated, empty if there was none, valid until the
/// next failing call on this thread.
pub(crate) fn last_error_ptr() -> *const c_char {
    let message = LAST.get();
    if message.is_null() { c"".as_ptr() } else { message }
}

/// Writes a line to standard error, if `SIMPLE_RT_LOG` asks for messages.
pub(crate) fn log(text: &str) {
    if log_is_on() {
        // Not `eprintln!`, which panics where standard error cannot be written to. One write
        // for the line, so that other threads' lines, and panics, do not fall into it.
        let line = format!("simple-runtime: {text}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

/// Whether `SIMPLE_RT_LOG` asks for messages on standard error.
pub(crate) fn log_is_on() -> bool {
    use std::sync::OnceLock;
    static ASKED: OnceLock<bool> = OnceLock::new();
    *ASKED.get_or_init(|| {
        std::env::var_os("SIMPLE_RT_LOG").is_some_and(|v| !v.is_empty() && v != "0")
    })
}
