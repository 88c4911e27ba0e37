//! The process: its standard output, its end, and what the kernel counts of it.

use anyhow::{Context, Result};
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd};
use std::{io, mem};

/// Sets the standard output aside for replies and the standard input for requests; workloads print to
/// the standard error, and read nothing. The process ends with the thread that started it.
pub(crate) fn take_streams() -> Result<(File, File)> {
    // SAFETY: it takes numbers alone.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    let replies = io::stdout().as_fd().try_clone_to_owned().context("no standard output")?;
    // SAFETY: both descriptors are open for as long as the process runs.
    if unsafe { libc::dup2(io::stderr().as_raw_fd(), libc::STDOUT_FILENO) } < 0 {
        return Err(io::Error::last_os_error()).context("the standard output cannot be set aside");
    }
    let requests = io::stdin().as_fd().try_clone_to_owned().context("no standard input")?;
    let nothing = File::open("/dev/null").context("/dev/null cannot be read")?;
    // SAFETY: both descriptors are open, and nobody has read from the standard input yet.
    if unsafe { libc::dup2(nothing.as_raw_fd(), libc::STDIN_FILENO) } < 0 {
        return Err(io::Error::last_os_error()).context("the standard input cannot be set aside");
    }
    Ok((File::from(requests), File::from(replies)))
}

fn usage() -> libc::rusage {
    // SAFETY: all zeros are a value of it, and the kernel writes to this one alone.
    unsafe {
        let mut usage: libc::rusage = mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    }
}

/// Page faults without input or output.
pub(crate) fn minor_faults() -> u64 {
    usage().ru_minflt.unsigned_abs()
}

/// Number of times that the process lost its processor without having asked.
pub(crate) fn involuntary_switches() -> u64 {
    usage().ru_nivcsw.unsigned_abs()
}

/// Time of `CLOCK_MONOTONIC` in ns.
pub(crate) fn monotonic_ns() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes to `now` alone.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs()
}
