//! The thread's last error: the message that a failing call of the C interface leaves behind.
//!
//! Every call that returns its error value because of bad input or of the system stores a message
//! here. "Not yet", "empty" and "timed out" are results and store nothing. The message belongs to
//! the calling thread and is valid until the next failing call on it.
//!
//! Every message is stored. Without memory, and in destructors that run when the thread's storage
//! is gone, its beginning goes into a small buffer that every thread has.

use crate::executor::local;
use crate::log::log;
use std::alloc::{Layout, alloc, dealloc};
use std::cell::{Cell, UnsafeCell};
use std::ffi::{CStr, c_char};
use std::fmt::{self, Display, Write};
use std::ptr;

/// Bytes kept of a message for which there is no memory.
const SHORT_BYTES: usize = 256;
/// Size of the first allocation: most messages fit.
const FIRST_BYTES: usize = 256;

/// A thread's message. It has no destructor, so it can be used as long as the thread lives.
struct Last {
    /// The text, in one of the two buffers; null if no call has failed.
    text: Cell<*const c_char>,
    long: Cell<*mut u8>,
    long_bytes: Cell<usize>,
    short: UnsafeCell<[u8; SHORT_BYTES]>,
}

thread_local! {
    static LAST: Last = const {
        Last {
            text: Cell::new(ptr::null()),
            long: Cell::new(ptr::null_mut()),
            long_bytes: Cell::new(0),
            short: UnsafeCell::new([0; SHORT_BYTES]),
        }
    };
}

/// Stores `message` as the calling thread's last error. Without memory for it, stores its first 255
/// bytes.
///
/// With `SIMPLE_RT_LOG` set in the environment the message also goes to standard error;
/// otherwise the runtime prints nothing.
#[cold]
pub fn set_last_error(message: impl Display) {
    LAST.with(|last| last.set(&message));
    log(&message);
}

/// Frees the thread's long message, because the thread ends.
pub(crate) fn forget() {
    LAST.with(Last::free);
}

/// Returns the calling thread's last error, or `None` if no call has failed on it.
pub fn last_error() -> Option<String> {
    let text = LAST.with(|last| last.text.get());
    // SAFETY: a text with a NUL at its end, which only this thread changes, and not now.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

/// Returns the last error as C sees it: NUL-terminated, empty if there was none, valid until the
/// next failing call on this thread.
pub(crate) fn last_error_ptr() -> *const c_char {
    let text = LAST.with(|last| last.text.get());
    if text.is_null() { c"".as_ptr() } else { text }
}

impl Last {
    fn set(&self, message: &dyn Display) {
        // SAFETY: the buffer is this thread's, and empty or of that length.
        let mut needed = unsafe { written(message, self.long.get(), self.long_bytes.get()) };
        if needed > self.long_bytes.get() && self.grow(needed) {
            // SAFETY: as above.
            needed = unsafe { written(message, self.long.get(), self.long_bytes.get()) };
        }
        let is_whole = needed <= self.long_bytes.get();
        if is_whole {
            self.text.set(self.long.get().cast());
        } else {
            let short = self.short.get().cast();
            // SAFETY: the buffer is this thread's, and of that length.
            unsafe { written(message, short, SHORT_BYTES) };
            self.text.set(short.cast());
        }
    }

    /// Makes room for a long message. False if there is no memory, or if the thread's end is not
    /// noticed, so that nothing would free it.
    fn grow(&self, needed: usize) -> bool {
        let bytes = needed.max(FIRST_BYTES);
        let Ok(layout) = Layout::array::<u8>(bytes) else { return false };
        // SAFETY: not of size zero.
        let new = unsafe { alloc(layout) };
        if new.is_null() {
            return false;
        }
        if !local::with(|local| local.watch_end()) {
            // SAFETY: allocated above with this layout.
            unsafe { dealloc(new, layout) };
            return false;
        }
        self.free();
        self.long.set(new);
        self.long_bytes.set(bytes);
        true
    }

    fn free(&self) {
        let long = self.long.replace(ptr::null_mut());
        let bytes = self.long_bytes.replace(0);
        if self.text.get() == long.cast() {
            self.text.set(ptr::null());
        }
        if !long.is_null() {
            let layout = Layout::array::<u8>(bytes).expect("it was allocated");
            // SAFETY: allocated by `grow` with this layout, and not used any more.
            unsafe { dealloc(long, layout) };
        }
    }
}

/// Writes a message and a NUL to a buffer, as far as they fit, and returns the number of bytes they
/// need. A message that does not fit is cut at a whole character.
///
/// # Safety
///
/// `bytes` bytes can be written to `buffer`, and nothing else accesses it.
unsafe fn written(message: &dyn Display, buffer: *mut u8, bytes: usize) -> usize {
    let mut text = Text { buffer, room: bytes.saturating_sub(1), len: 0, needed: 1 };
    // The buffer never fails, but a message's own code may report an error: then the message ends
    // here.
    let _ = write!(text, "{message}");
    if bytes > 0 {
        // SAFETY: there is room for one byte more than for the text.
        unsafe { buffer.add(text.len).write(0) };
    }
    text.needed
}

/// A buffer that takes what fits, and counts the rest.
struct Text {
    buffer: *mut u8,
    room: usize,
    len: usize,
    needed: usize,
}

impl Write for Text {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if !part.as_bytes().contains(&0) && self.push(part) {
            return Ok(());
        }
        for letter in part.chars() {
            // A NUL would end the text.
            let letter = if letter == '\0' { char::REPLACEMENT_CHARACTER } else { letter };
            if !self.push(letter.encode_utf8(&mut [0; 4])) {
                self.needed += letter.len_utf8();
            }
        }
        Ok(())
    }
}

impl Text {
    /// Adds a piece if it fits, and everything before it did.
    fn push(&mut self, piece: &str) -> bool {
        let has_room = self.needed - 1 == self.len && piece.len() <= self.room - self.len;
        if has_room {
            // SAFETY: there is room for that many bytes.
            unsafe {
                let end = self.buffer.add(self.len);
                ptr::copy_nonoverlapping(piece.as_ptr(), end, piece.len());
            }
            self.len += piece.len();
            self.needed += piece.len();
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is written of a message to a buffer of `bytes` bytes, and the number it needs.
    fn written_to(bytes: usize, message: &str) -> (Vec<u8>, usize) {
        let mut buffer = vec![b'#'; bytes + 1];
        // SAFETY: the buffer is larger.
        let needed = unsafe { written(&message, buffer.as_mut_ptr(), bytes) };
        assert_eq!(buffer.pop(), Some(b'#'), "written beyond the end");
        (buffer, needed)
    }

    #[test]
    fn what_fits_is_written_whole() {
        assert_eq!(written_to(4, "abc"), (b"abc\0".to_vec(), 4));
        assert_eq!(written_to(6, "abc"), (b"abc\0##".to_vec(), 4));
        assert_eq!(written_to(1, ""), (b"\0".to_vec(), 1));
    }

    #[test]
    fn what_does_not_fit_ends_at_a_whole_character() {
        assert_eq!(written_to(3, "abc"), (b"ab\0".to_vec(), 4));
        assert_eq!(written_to(0, "abc"), (vec![], 4));
        // The e would fit after the umlaut that does not.
        assert_eq!(written_to(3, "aü e"), (b"a\0#".to_vec(), 6));
    }

    #[test]
    fn a_nul_becomes_a_replacement_character() {
        assert_eq!(written_to(6, "a\0b"), ("a\u{fffd}b\0".as_bytes().to_vec(), 6));
    }

    #[test]
    fn long_and_short_messages_follow_each_other() {
        for len in [10, 10_000, 0, 300, 200] {
            let message = "x".repeat(len);
            set_last_error(&message);
            assert_eq!(last_error(), Some(message));
        }
    }
}
