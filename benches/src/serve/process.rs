//! The process: its command line, its standard output, its end.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// Longer than the path of a program and a word.
const COMMAND_LINE_BYTES: usize = 1 << 13;

/// Returns the first argument of this program; nothing if there is none.
///
/// `std::env::args` copies all arguments to the heap, with the program's path: where a program
/// lies must not have an effect on counts.
pub fn first_word() -> Option<String> {
    let mut line = [0_u8; COMMAND_LINE_BYTES];
    let read = File::open("/proc/self/cmdline").and_then(|mut file| file.read(&mut line)).ok()?;
    let word = line[..read].split(|byte| *byte == 0).nth(1)?;
    (!word.is_empty()).then(|| String::from_utf8_lossy(word).into_owned())
}

/// Keeps the standard output for replies. Whatever else is printed goes to the standard error.
///
/// # Errors
/// If the system has no descriptor left.
pub(super) fn take_standard_output() -> io::Result<File> {
    let (output, error) = (io::stdout().as_raw_fd(), io::stderr().as_raw_fd());
    // SAFETY: the call reads no memory; both descriptors are open for the life of the process.
    let kept = unsafe { libc::fcntl(output, libc::F_DUPFD_CLOEXEC, 3) };
    if kept < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just made, and nobody else knows it.
    let kept = unsafe { OwnedFd::from_raw_fd(kept) };
    // SAFETY: as above; what was the standard output lives on under its new number.
    if unsafe { libc::dup2(error, output) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(kept.into())
}

/// Has the kernel kill this process when the thread ends that started it: a workload that nobody
/// waits for must not keep a processor busy.
pub(super) fn end_with_parent() {
    // SAFETY: it only tells the kernel which signal this process gets when its parent ends.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_the_one_that_std_finds() {
        assert_eq!(first_word(), std::env::args().nth(1));
    }
}
