//! Printing that never ends a program.
//!
//! A reader that stops early (`| head`) ends the printing and nothing else; any other failure is reported
//! once. Neither changes the result, and so the exit code.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicU8, Ordering};

/// State of the standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// All was printed.
    Open,
    /// Its reader has closed it.
    Closed,
    /// Something could not be printed, and a message says so.
    Failed,
}

/// An [`Output`] as a number.
static OUTPUT: AtomicU8 = AtomicU8::new(Output::Open as u8);

/// Prints a line to the standard output, as `println!` does.
#[macro_export]
macro_rules! out {
    ($($text:tt)*) => { $crate::console::print::line_out(format_args!($($text)*)) };
}

/// Prints a line to the standard error, as `eprintln!` does.
#[macro_export]
macro_rules! say {
    ($($text:tt)*) => { $crate::console::print::line_err(format_args!($($text)*)) };
}

/// Prints a line to the standard output; see [`out!`](crate::out).
pub fn line_out(line: Arguments<'_>) {
    text_out(&format!("{line}\n"));
}

/// Prints text to the standard output as it is.
pub fn text_out(text: &str) {
    if output() != Output::Open {
        return;
    }
    let mut out = io::stdout().lock();
    let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    drop(out);
    if let Err(error) = printed {
        let output = after(&error);
        OUTPUT.store(output as u8, Ordering::Relaxed);
        if output == Output::Failed {
            line_err(format_args!("error: cannot write to the standard output: {error}"));
        }
    }
}

/// Prints a line to the standard error; see [`say!`](crate::say). A failure cannot be
/// reported anywhere.
pub fn line_err(line: Arguments<'_>) {
    // One write a line: lines of several processes do not mix.
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Returns the state of the standard output, for verbs that do nothing but print.
pub fn output() -> Output {
    match OUTPUT.load(Ordering::Relaxed) {
        number if number == Output::Closed as u8 => Output::Closed,
        number if number == Output::Failed as u8 => Output::Failed,
        _ => Output::Open,
    }
}

fn after(error: &io::Error) -> Output {
    if error.kind() == ErrorKind::BrokenPipe { Output::Closed } else { Output::Failed }
}

/// `1 workload`, `2 workloads`.
pub fn number_of(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::OpenOptions;

    #[test]
    fn a_closed_reader_is_no_failure() {
        assert_eq!(after(&ErrorKind::BrokenPipe.into()), Output::Closed);
        let mut full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        assert_eq!(after(&full.write_all(b"a").unwrap_err()), Output::Failed);
    }
}
