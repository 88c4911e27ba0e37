//! Running what is looked at, and what perf complains of in words that help.

use crate::programs;
use anyhow::Result;
use std::fs;
use std::process::Command;
use std::time::Duration;

/// Longer than any profiler takes for any workload, beside the time for which it is to run it:
/// something hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// Factor by which a profiler may slow a workload down; what makes iterations' conditions takes
/// time as well.
const SLOWER: u32 = 20;

/// Runs a program, which is to run something for this time, to its end.
///
/// # Errors
/// The program's complaint, if it fails; that it hung, if it takes far too long.
pub fn run(command: Command, time: Duration) -> Result<String> {
    programs::run(command, PATIENCE + time * SLOWER)
}

/// The part of the machine that perf is asked to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Processor time of a process of ours.
    Time,
    /// Tracepoints of the kernel.
    Tracepoint,
}

/// Who is refused. Root is refused only where something beside the kernel's own setting forbids
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum User {
    Root,
    Other,
}

impl User {
    fn current() -> Self {
        // SAFETY: it only returns a number.
        if unsafe { libc::geteuid() } == 0 { Self::Root } else { Self::Other }
    }
}

/// The reason why perf cannot be used, and what to do, in one line.
pub fn perf_advice(complaint: &str, event: Event) -> String {
    advice(complaint, event, User::current())
}

fn advice(complaint: &str, event: Event, user: User) -> String {
    const REFUSALS: [&str; 6] = [
        "perf_event_paranoid",
        "Access to performance monitoring",
        "No permission",
        "you may not have permission",
        "Permission denied",
        "Operation not permitted",
    ];
    if !REFUSALS.iter().any(|refusal| complaint.contains(refusal)) {
        return format!("perf failed: {complaint}");
    }
    let level = fs::read_to_string("/proc/sys/kernel/perf_event_paranoid");
    let level = level.map_or_else(|_| String::new(), |level| format!(" (is {})", level.trim()));
    match (user, event) {
        (User::Root, Event::Time) => "perf may not be used here, not even by root: a container \
             must be given the capability CAP_PERFMON (or CAP_SYS_ADMIN) and a seccomp profile \
             that allows perf_event_open (docker run --cap-add PERFMON --security-opt \
             seccomp=PROFILE)"
            .to_owned(),
        (User::Root, Event::Tracepoint) => "perf may not see the kernel's tracepoints here, not \
             even as root: a container must be given CAP_PERFMON, a seccomp profile that allows \
             perf_event_open, and /sys/kernel/tracing"
            .to_owned(),
        (User::Other, Event::Time) => format!(
            "perf may not be used here: run as root, or `sysctl kernel.perf_event_paranoid=1`{level}"
        ),
        (User::Other, Event::Tracepoint) => format!(
            "perf may not see the kernel's tracepoints here: run as root, or `sysctl \
             kernel.perf_event_paranoid=-1`{level} and make /sys/kernel/tracing readable"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSAL: &str = "Access to performance monitoring is limited";

    #[test]
    fn a_refusal_comes_with_advice() {
        let advice = |event| advice(REFUSAL, event, User::Other);
        let of_time = advice(Event::Time);
        assert!(of_time.contains("perf_event_paranoid=1"), "{of_time}");
        let of_tracepoints = advice(Event::Tracepoint);
        assert!(of_tracepoints.contains("/sys/kernel/tracing"), "{of_tracepoints}");
        assert!(perf_advice("disk full", Event::Time).contains("disk full"));
    }

    #[test]
    fn root_is_not_told_to_be_root() {
        for event in [Event::Time, Event::Tracepoint] {
            let advice = advice(REFUSAL, event, User::Root);
            assert!(advice.contains("CAP_PERFMON") && advice.contains("seccomp"), "{advice}");
            assert!(!advice.contains("run as root"), "{advice}");
        }
    }
}
