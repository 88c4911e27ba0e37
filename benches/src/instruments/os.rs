//! Counters of the kernel: page faults and context switches, by getrusage(2).

use crate::Prepared;
use anyhow::Result;
use simple_records::harness::Outcome;
use std::collections::BTreeMap;

/// Iterations over which the counts are averaged: few, for a file of many pages is slow.
const ITERATIONS: u64 = 8;

/// Counters of getrusage(2) for this process with all its threads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    pub(super) page_faults_minor: i64,
    pub(super) page_faults_major: i64,
    pub(super) switches_voluntary: i64,
    pub(super) switches_involuntary: i64,
}

impl Usage {
    pub(super) fn now() -> Self {
        let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
        // SAFETY: the pointer is to a `rusage` of ours, which the call fills in; it cannot
        // fail with these arguments, and if it did, zeros are a valid `rusage` too.
        let usage = unsafe {
            libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
            usage.assume_init()
        };
        Self {
            page_faults_minor: usage.ru_minflt,
            page_faults_major: usage.ru_majflt,
            switches_voluntary: usage.ru_nvcsw,
            switches_involuntary: usage.ru_nivcsw,
        }
    }
}

/// Number of times that this process lost its processor without having asked.
pub(super) fn involuntary_switches() -> u64 {
    Usage::now().switches_involuntary.max(0) as u64
}

/// Number of threads of this process; `None` where the system does not say.
pub(super) fn threads() -> Option<u64> {
    Some(std::fs::read_dir("/proc/self/task").ok()?.count() as u64)
}

/// Runs `run`. Returns its result, its page faults without input or output, and the number of times
/// that the process lost its processor meanwhile.
pub(super) fn faults_and_switches<T>(run: impl FnOnce() -> T) -> (T, u64, u64) {
    let before = Usage::now();
    let done = run();
    let after = Usage::now();
    let faults = after.page_faults_minor - before.page_faults_minor;
    let switches = after.switches_involuntary - before.switches_involuntary;
    (done, faults.max(0) as u64, switches.max(0) as u64)
}

/// Counts an iteration's page faults and context switches.
///
/// A stage is part of what is counted: there is no way to stop these counters. Where that
/// would mislead, the workload does not name this instrument.
pub(super) fn measure(mut prepared: Prepared) -> Result<Outcome> {
    let before = Usage::now();
    prepared.time(ITERATIONS)?;
    let after = Usage::now();
    let mean =
        |count: fn(&Usage) -> i64| (count(&after) - count(&before)) as f64 / ITERATIONS as f64;
    let counts: BTreeMap<String, f64> = [
        ("page_faults_minor", mean(|usage| usage.page_faults_minor)),
        ("page_faults_major", mean(|usage| usage.page_faults_major)),
        ("context_switches_voluntary", mean(|usage| usage.switches_voluntary)),
        ("context_switches_involuntary", mean(|usage| usage.switches_involuntary)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    Ok(Outcome::Counts(counts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_counted_while_they_live() {
        let (end, wait) = std::sync::mpsc::channel::<()>();
        let before = threads().unwrap();
        let one = std::thread::spawn(move || wait.recv());
        // Tests beside this one start and end threads as well.
        assert!(before >= 1 && threads().unwrap() >= 2);
        drop(end);
        one.join().unwrap().unwrap_err();
    }

    /// Each iteration touches fresh pages, and the kernel says so.
    #[test]
    fn fresh_pages_are_counted() {
        const PAGES: usize = 4096;
        let touch = || {
            let memory = vec![1_u8; PAGES * 4096];
            u64::from(std::hint::black_box(&memory)[PAGES])
        };
        let mut prepared = Prepared::new(1, 1, touch);
        prepared.time(1).unwrap();
        let Outcome::Counts(counts) = measure(prepared).unwrap() else {
            panic!("not counts");
        };
        // Large folios may bring many pages with one fault.
        assert!(counts["page_faults_minor"] >= 1.0, "{counts:?}");
        assert!(counts["context_switches_voluntary"] >= 0.0);
    }
}
