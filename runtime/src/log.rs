//! Messages on standard error, if `SIMPLE_RT_LOG` asks for them.
//!
//! They bypass the standard library, whose lock may be taken in a forked process, and whose macros
//! panic if nothing can be written. No memory is allocated.

use crate::sys;
use std::fmt::{self, Display, Write};
use std::io::{Error, ErrorKind};
use std::sync::OnceLock;

/// Writes a line to standard error, if `SIMPLE_RT_LOG` asks for messages.
pub(crate) fn log(message: &dyn Display) {
    if log_is_on() {
        let mut line = Line { bytes: [0; LINE_BYTES], len: 0 };
        // The buffer never fails, but a message's own code may report an error: then the message
        // ends there.
        let _ = write!(line, "simple-runtime: {message}");
        line.push(b"\n");
        line.write();
    }
}

/// True if `SIMPLE_RT_LOG` asks for messages on standard error.
pub(crate) fn log_is_on() -> bool {
    static ASKED: OnceLock<bool> = OnceLock::new();
    *ASKED.get_or_init(|| {
        std::env::var_os("SIMPLE_RT_LOG").is_some_and(|v| !v.is_empty() && v != "0")
    })
}

/// A longer line is written in pieces, and lines of other threads may come between them.
const LINE_BYTES: usize = 1024;

/// The part of a line that has not been written yet.
struct Line {
    bytes: [u8; LINE_BYTES],
    len: usize,
}

impl Line {
    fn push(&mut self, mut part: &[u8]) {
        while !part.is_empty() {
            if self.len == LINE_BYTES {
                self.write();
            }
            let (taken, rest) = part.split_at(part.len().min(LINE_BYTES - self.len));
            self.bytes[self.len..][..taken.len()].copy_from_slice(taken);
            self.len += taken.len();
            part = rest;
        }
    }

    fn write(&mut self) {
        let mut rest = &self.bytes[..self.len];
        while !rest.is_empty() {
            match usize::try_from(sys::write(libc::STDERR_FILENO, rest)) {
                Ok(wrote) if wrote > 0 => rest = &rest[wrote..],
                _ if Error::last_os_error().kind() == ErrorKind::Interrupted => {}
                // There is no way to report it.
                _ => break,
            }
        }
        self.len = 0;
    }
}

impl Write for Line {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.push(part.as_bytes());
        Ok(())
    }
}
