//! Running other programs, and what they complain of in words that help.

use anyhow::{Context, Result, bail};
use std::fs;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;
use wait_timeout::ChildExt;

/// Longer than any profiler takes for any workload, beside the time for which it is to run it:
/// something hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// Who looks makes a workload slower, and what makes iterations' conditions takes time as well.
const SLOWER: u32 = 20;

/// Lines that a failed program's complaint is cut to.
const SHOWN_LINES: usize = 6;

/// Runs a program, which is to run something for so long, to its end; its complaint, if it fails.
pub fn run(command: Command, time: Duration) -> Result<String> {
    let (status, said) = run_anyhow(command, PATIENCE + time * SLOWER)?;
    if !status.success() {
        let said = last_lines(&said);
        bail!("{}", if said.is_empty() { format!("it ended with {status}") } else { said });
    }
    Ok(said)
}

/// Runs a program to its end and answers what it printed to the standard error.
fn run_anyhow(mut command: Command, patience: Duration) -> Result<(ExitStatus, String)> {
    let name = command.get_program().to_string_lossy().into_owned();
    let log = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
    // What a failed workload says of itself is enough.
    command.env("RUST_BACKTRACE", "0");
    command.stdin(Stdio::null()).stderr(log.reopen()?);
    let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let Some(status) = child.wait_timeout(patience)? else {
        child.kill()?;
        child.wait()?;
        bail!("{name} hung: killed after {} seconds", patience.as_secs());
    };
    Ok((status, String::from_utf8_lossy(&fs::read(log.path())?).into_owned()))
}

fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("; ")
}

/// Whether a program can be started.
pub fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// What perf is asked to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Processor time of a process of ours.
    Time,
    /// Tracepoints of the kernel.
    Tracepoint,
}

/// Why perf cannot be used, and what to do, in one line.
pub fn perf_advice(complaint: &str, event: Event) -> String {
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
    match event {
        Event::Time => format!(
            "perf may not be used here: run as root, or `sysctl kernel.perf_event_paranoid=1`{level}"
        ),
        Event::Tracepoint => format!(
            "perf may not see the kernel's tracepoints here: run as root, or `sysctl \
             kernel.perf_event_paranoid=-1`{level} and make /sys/kernel/tracing readable"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_program_is_quoted() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo first >&2; echo 'the reason' >&2; exit 3"]);
        let run = |command| run(command, Duration::ZERO);
        let error = run(command).unwrap_err().to_string();
        assert_eq!(error, "first; the reason");
        let mut silent = Command::new("sh");
        silent.args(["-c", "exit 3"]);
        assert!(run(silent).unwrap_err().to_string().contains('3'));
        assert!(run(Command::new("no-such-program")).unwrap_err().to_string().contains("no-such"));
    }

    #[test]
    fn a_refusal_comes_with_advice() {
        let refusal = "Access to performance monitoring is limited";
        let advice = perf_advice(refusal, Event::Time);
        assert!(advice.contains("perf_event_paranoid=1"), "{advice}");
        let advice = perf_advice(refusal, Event::Tracepoint);
        assert!(advice.contains("/sys/kernel/tracing"), "{advice}");
        assert!(perf_advice("disk full", Event::Time).contains("disk full"));
    }
}
