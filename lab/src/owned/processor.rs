//! The processor that a process stays on.

use super::Child;
use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::io;

/// Processors that this process may run on; none where the system does not say.
pub fn processors() -> Vec<usize> {
    let Ok(allowed) = sched_getaffinity(None) else { return Vec::new() };
    (0..CpuSet::MAX_CPU).filter(|processor| allowed.is_set(*processor)).collect()
}

/// Has a child's first thread, and all that it starts from now on, stay on a processor.
///
/// # Errors
/// If the system refuses, or there is no such processor.
pub fn keep_on(child: &Child, processor: usize) -> io::Result<()> {
    if processor >= CpuSet::MAX_CPU {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut only = CpuSet::new();
    only.set(processor);
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    Ok(sched_setaffinity(Some(pid.ok_or(io::ErrorKind::InvalidInput)?), &only)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owned::spawn;
    use std::process::{Command, Stdio};

    #[test]
    fn a_child_stays_on_each_processor_that_there_is() {
        let all = processors();
        assert!(!all.is_empty());
        let mut child = spawn(Command::new("cat").stdin(Stdio::piped())).unwrap();
        let pid = Pid::from_raw(child.id() as i32).unwrap();
        for processor in all {
            keep_on(&child, processor).unwrap();
            let set = sched_getaffinity(Some(pid)).unwrap();
            assert!(set.is_set(processor) && set.count() == 1);
        }
        assert!(keep_on(&child, CpuSet::MAX_CPU).is_err());
        child.kill().unwrap();
    }
}
