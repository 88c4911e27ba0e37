//! perf(1) on a process of the harness: its command lines, and advice where it refuses.

use super::Client;
use super::patience::watched;
use crate::owned::{self, Scratch};
use crate::programs;
use anyhow::{Context, Result, bail, ensure};
use simple_records::harness::{Amount, Repeat, Repeated};
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Advice if perf is missing.
pub const MISSING: &str =
    "perf is missing (Debian: apt-get install linux-perf; Ubuntu: linux-tools-generic)";

/// The file that perf records to.
pub const DATA: &str = "perf.data";

/// The kind of event that perf records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Processor time of a process of ours.
    Time,
    /// Tracepoints of the kernel.
    Tracepoint,
}

/// A workload that ran under perf, and its recording.
#[derive(Debug)]
pub struct Recording {
    folder: Scratch,
    time: Duration,
    /// The report of the process.
    pub repeated: Repeated,
}

impl Recording {
    /// Runs a workload for `time` under `perf record` with these options. Files of perf are kept
    /// below `place`, files that workloads read in `data`.
    ///
    /// # Errors
    /// If perf is missing or refuses, or the workload fails.
    pub fn make(
        program: &Path,
        workload: &str,
        (place, data): (&Path, &Path),
        (time, event): (Duration, Event),
        options: &[&str],
    ) -> Result<Self> {
        ensure!(programs::is_there("perf"), MISSING);
        let folder = owned::scratch_in(place)?;
        let mut command = record(&folder.path().join(DATA), options);
        command.arg(program);
        let repeat = || -> Result<Repeated> {
            let mut client = Client::prepared(command, workload, data, None)?;
            let repeated = client.repeat(for_time(time))?;
            client.finish()?;
            Ok(repeated)
        };
        match repeat() {
            Ok(repeated) => Ok(Self { folder, time, repeated }),
            Err(error) => bail!("{}", refusal(&format!("{error:#}"), event)),
        }
    }

    /// The output of `perf script`; see [`script`].
    ///
    /// # Errors
    /// If perf cannot read what it recorded.
    pub fn script(&self, options: &[&str], fields: &str) -> Result<BufReader<File>> {
        script(self.folder.path(), options, fields, watched(self.time))
    }
}

/// The output of `perf script` with these options and fields, of the recording [`DATA`] in `folder`.
///
/// New versions print addresses, and print offsets into files, which symbols need, only with `dsoff`;
/// old versions print offsets and do not know that field.
///
/// # Errors
/// If perf cannot read what it recorded, or takes longer than `patience`.
pub fn script(
    folder: &Path,
    options: &[&str],
    fields: &str,
    patience: Duration,
) -> Result<BufReader<File>> {
    match script_with(folder, options, &format!("{fields},dsoff"), patience) {
        Err(error) if format!("{error:#}").contains("field") => {
            script_with(folder, options, fields, patience)
        }
        done => done,
    }
}

fn script_with(
    folder: &Path,
    options: &[&str],
    fields: &str,
    patience: Duration,
) -> Result<BufReader<File>> {
    let path = folder.join("perf.txt");
    let text = File::create(&path).context("cannot make a temporary file")?;
    let mut command = programs::perf();
    command
        // The recording is our own even if, under sudo, another user owns the file.
        .args(["script", "--force", "--ns", "--no-inline", "--max-stack", "1024"])
        .args(options)
        .args(["-F", fields])
        .arg("-i")
        .arg(folder.join(DATA))
        .stdout(text);
    programs::run(command, patience).context("perf cannot read what it recorded")?;
    Ok(BufReader::new(File::open(&path)?))
}

/// A request to run a workload for a time.
pub fn for_time(time: Duration) -> Repeat {
    let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Repeat { amount: Amount::ForMs(ms), sample_hz: None, timeline: None }
}

/// Returns whether perf is installed and permitted.
pub fn works() -> bool {
    let Ok(folder) = owned::scratch() else { return false };
    let mut command = record(&folder.path().join(DATA), &["-e", "cycles"]);
    command.arg("true").stdout(Stdio::null());
    programs::run(command, watched(Duration::ZERO)).is_ok()
}

/// `perf record` by the clock of the harness's windows. The program is to follow.
fn record(out: &Path, options: &[&str]) -> Command {
    let mut command = programs::perf();
    command.args(["record", "-k", "CLOCK_MONOTONIC"]).args(options).arg("-o").arg(out).arg("--");
    command
}

/// A user who is refused. Root is refused only if something other than the kernel's setting forbids it.
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

/// The reason why perf cannot be used, from its complaint, and what to do, in one line.
pub fn refusal(complaint: &str, event: Event) -> String {
    advice(complaint, event, User::current())
}

/// The reason why perf cannot be used by a user, and what to do, in one line.
fn advice(complaint: &str, event: Event, user: User) -> String {
    const REFUSALS: [&str; 6] = [
        "perf_event_paranoid",
        "Access to performance monitoring",
        "No permission",
        "you may not have permission",
        "Permission denied",
        "Operation not permitted",
    ];
    if complaint.trim().is_empty() {
        return "perf failed and did not say why".to_owned();
    }
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
        let of_time = advice(REFUSAL, Event::Time, User::Other);
        assert!(of_time.contains("perf_event_paranoid=1"), "{of_time}");
        let of_tracepoints = advice(REFUSAL, Event::Tracepoint, User::Other);
        assert!(of_tracepoints.contains("/sys/kernel/tracing"), "{of_tracepoints}");
        assert!(advice("disk full", Event::Time, User::Root).contains("disk full"));
        assert!(advice("\n", Event::Time, User::Root).contains("did not say why"));
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
