//! The resources that a process used, from the kernel's own accounts.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// Resources of a process that has ended, and of those that it started and waited for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Processor time, in the program and in the kernel for it, in ns.
    pub processor_time_ns: u64,
    /// Memory that the largest of the processes had at once, in bytes. What this program occupied when
    /// it started the process is counted as its memory.
    pub peak_memory_bytes: u64,
    /// Page faults without reading from a disk.
    pub page_faults_minor: u64,
    /// Page faults with it.
    pub page_faults_major: u64,
    /// Context switches because it waited.
    pub switches_voluntary: u64,
    /// Context switches because something else got its processor.
    pub switches_involuntary: u64,
}

impl Usage {
    fn of(usage: &libc::rusage) -> Self {
        let number = |count: i64| u64::try_from(count).unwrap_or(0);
        let ns = |time: libc::timeval| {
            number(time.tv_sec).saturating_mul(1_000_000_000) + number(time.tv_usec) * 1000
        };
        Self {
            processor_time_ns: ns(usage.ru_utime) + ns(usage.ru_stime),
            // The kernel counts in KiB.
            peak_memory_bytes: number(usage.ru_maxrss).saturating_mul(1024),
            page_faults_minor: number(usage.ru_minflt),
            page_faults_major: number(usage.ru_majflt),
            switches_voluntary: number(usage.ru_nvcsw),
            switches_involuntary: number(usage.ru_nivcsw),
        }
    }

    /// The resources that this program has used so far.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn own() -> io::Result<Self> {
        // SAFETY: all zeros are a value of this type, which consists of numbers.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: `usage` is there to be written to.
        match unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) } {
            0 => Ok(Self::of(&usage)),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

/// Has the kernel forget a child that has ended, and returns what it knew of it.
pub(super) fn reap(child: i32) -> io::Result<(ExitStatus, Usage)> {
    // SAFETY: all zeros are a value of this type, which consists of numbers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let mut status = 0;
    loop {
        // SAFETY: `status` and `usage` are there to be written to.
        let done = unsafe { libc::wait4(child, &mut status, 0, &mut usage) };
        let error = io::Error::last_os_error();
        match done {
            _ if done == child => return Ok((ExitStatus::from_raw(status), Usage::of(&usage))),
            _ if error.kind() == io::ErrorKind::Interrupted => {}
            _ => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owned::spawn;
    use std::process::Command;

    #[test]
    fn a_process_that_touches_memory_and_computes_is_charged_for_it() {
        let mut command = Command::new("sh");
        command.args(["-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"]);
        let mut child = spawn(&mut command).unwrap();
        assert_eq!(child.usage(), None);
        assert!(child.wait().unwrap().success());
        let usage = child.usage().unwrap();
        assert!(usage.processor_time_ns > 0 && usage.page_faults_minor > 0, "{usage:?}");
        assert!(usage.peak_memory_bytes > 4096, "{usage:?}");
        assert!(Usage::own().unwrap().processor_time_ns > 0);
    }
}
