//! The text of an error number, without heap memory: the standard library's takes some, and ends the
//! process if there is none.

use std::ffi::{CStr, c_char, c_int};
use std::fmt::{self, Display, Formatter};

/// An error number of the system's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Errno(pub(crate) c_int);

impl Display for Errno {
    /// As the standard library's errors.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut text = [0_u8; 128];
        // SAFETY: room for that many bytes, and the last byte stays NUL.
        unsafe { libc::strerror_r(self.0, text.as_mut_ptr().cast::<c_char>(), text.len() - 1) };
        let text = CStr::from_bytes_until_nul(&text).unwrap_or_default();
        write!(f, "{} (os error {})", text.to_str().unwrap_or_default(), self.0)
    }
}
