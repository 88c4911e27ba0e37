//! The thread's last error: what a failing call of the C interface leaves behind.
//!
//! Every call that answers its error value because of bad input or of the system stores a
//! message here; "not yet", "empty" and "timed out" are answers and store nothing. The
//! message belongs to the calling thread and is valid until the next failing call on it.

use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::fmt::Display;
use std::io::Write;

thread_local! {
    static LAST: RefCell<Option<CString>> = const { RefCell::new(None) };
}

/// Stores `message` as the calling thread's last error.
///
/// With `SIMPLE_RT_LOG` set in the environment the message also goes to standard error;
/// otherwise the runtime prints nothing.
#[cold]
pub fn set_last_error(message: impl Display) {
    let text = message.to_string().replace('\0', "\u{fffd}");
    log(&text);
    let message = CString::new(text).unwrap_or_default();
    // A call that fails while the thread's storage is being torn down has nobody left to read it.
    let _ = LAST.try_with(|last| *last.borrow_mut() = Some(message));
}

/// The calling thread's last error, or `None` if no call has failed on it.
pub fn last_error() -> Option<String> {
    let text = |last: &RefCell<Option<CString>>| {
        last.borrow().as_ref().map(|message| message.to_string_lossy().into_owned())
    };
    // In the destructors of thread-locals the storage may be gone: then there is none.
    LAST.try_with(text).ok().flatten()
}

/// The last error as C sees it: NUL-terminated, empty if there was none, valid until the
/// next failing call on this thread.
pub(crate) fn last_error_ptr() -> *const c_char {
    LAST.try_with(|last| last.borrow().as_ref().map_or(c"".as_ptr(), |message| message.as_ptr()))
        .unwrap_or(c"".as_ptr())
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
