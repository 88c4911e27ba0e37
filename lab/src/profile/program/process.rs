//! One process of a program, under a tool: watched, stopped in time, its output in a file.

use super::growing::Growing;
use crate::console::interrupt::interrupted;
use crate::owned::{self, Child, Receiver, Usage};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

/// Time between two looks at what a process has written.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Time between two looks at whether perf records already.
const LOOK_SOON: Duration = Duration::from_millis(10);
/// Time that perf gets to begin, after which it counts as begun.
const BEGINNING: Duration = Duration::from_secs(60);
/// Time that a program gets to end in good order.
const GRACE: Duration = Duration::from_secs(2);
/// The same under valgrind, where it is many times slower, and what was counted is written then.
const SLOW_GRACE: Duration = Duration::from_secs(10);
/// Time that perf gets to write the rest of a recording.
const WRITING: Duration = Duration::from_secs(120);
/// Most bytes that a process may print; more would fill the disk.
const MOST_OUTPUT_BYTES: u64 = 1 << 30;

/// The way to end a process before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// An interrupt for perf, which ends the program that it started, and writes its recording.
    Perf,
    /// A request to all of them to end.
    Group,
    /// The same, and time for valgrind to write what it has.
    Valgrind,
}

impl Stop {
    fn grace(self) -> Duration {
        match self {
            Self::Perf | Self::Group => GRACE,
            Self::Valgrind => SLOW_GRACE,
        }
    }
}

/// The end of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It ended with this, by itself or by a foreign signal.
    Itself(ExitStatus),
    /// It was stopped: its time was up, it printed too much, or there was an interrupt.
    Stopped(Stopped),
}

/// The way in which a process was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    /// It ended when it was asked to.
    Asked,
    /// It did not, and was killed after this time.
    Killed(Duration),
    /// It printed too much.
    Talkative,
}

impl Stopped {
    /// A note for readers on a process that had run for this time.
    pub(super) fn note(self, ran: Duration) -> String {
        let ran = ran.as_secs_f64();
        match self {
            Self::Asked => format!("It was stopped after {ran:.1} s."),
            Self::Killed(grace) => format!(
                "It was stopped after {ran:.1} s: it did not end when it was asked to, and was killed \
                 {} s later.",
                grace.as_secs()
            ),
            Self::Talkative => {
                format!("It printed more than {} MiB and was stopped.", MOST_OUTPUT_BYTES >> 20)
            }
        }
    }
}

/// A process that has ended.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) end: End,
    /// From before the start of its tool to after its end.
    pub(super) lasted: Duration,
    /// From when it began itself until it was stopped; `None` if it was not, because perf goes on
    /// working for an unknown time when its program has ended.
    pub(super) recorded: Option<Duration>,
    pub(super) usage: Usage,
    /// Remarks for readers, in sentences.
    pub(super) notes: Vec<String>,
}

impl Ran {
    /// The time for which it was recorded, in ns, if that is known.
    pub(super) fn recorded_ns(&self) -> Option<u64> {
        u64::try_from(self.recorded?.as_nanos()).ok()
    }
}

/// Rules for a process.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    /// Time after which it is stopped.
    pub(super) limit: Option<Duration>,
    pub(super) stop: Stop,
    /// The recording that it writes.
    pub(super) growing: Option<&'a Growing>,
    /// The file for both of its outputs.
    pub(super) output: &'a Path,
}

/// The course of a process so far.
struct Course {
    stopped: Option<Stopped>,
    notes: Vec<String>,
    started: Option<Instant>,
    recorded: Option<Duration>,
}

impl Watch<'_> {
    /// Runs a command to its end. An interrupt of this program ends it, too.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn run(&self, mut command: Command) -> Result<Ran> {
        let printed = File::create(self.output)
            .with_context(|| format!("cannot write {}", self.output.display()))?;
        command.stdout(printed.try_clone()?).stderr(printed.try_clone()?);
        let name = command.get_program().display().to_string();
        let before = owned::orphans();
        let began = Instant::now();
        let mut child = owned::spawn(&mut command)
            .with_context(|| format!("cannot start {name}: is it installed?"))?;
        let mut course = Course { stopped: None, notes: Vec::new(), started: None, recorded: None };
        self.follow(&child, &printed, began, &mut course)?;
        let status = child.wait()?;
        course.notes.extend(note_of_left(&owned::left_behind(child.id(), &before)));
        let by_interrupt = interrupted().map(|_| Stopped::Asked);
        let end = course.stopped.or(by_interrupt).map_or(End::Itself(status), End::Stopped);
        let recorded = course.recorded;
        let usage = child.usage().unwrap_or_default();
        Ok(Ran { end, lasted: began.elapsed(), recorded, usage, notes: course.notes })
    }

    /// Waits for the end of a process, or brings it about.
    fn follow(
        &self,
        child: &Child,
        printed: &File,
        began: Instant,
        course: &mut Course,
    ) -> Result<()> {
        let mut is_paused = false;
        loop {
            if course.started.is_none() && self.has_begun(began) {
                course.started = Some(Instant::now());
            }
            let left = self.left(course.started);
            let look = if course.started.is_some() { LOOK_EVERY } else { LOOK_SOON };
            if child.ends_within(left.unwrap_or(look).min(look))? {
                return Ok(());
            }
            let is_too_long = printed.metadata()?.len() > MOST_OUTPUT_BYTES;
            if is_too_long || left.is_some_and(|left| left.is_zero()) {
                course.recorded = course.started.map(|started| started.elapsed());
                let how = self.stop(child)?;
                course.stopped = Some(if is_too_long { Stopped::Talkative } else { how });
                return Ok(());
            }
            if let Some(growing) = self.growing.filter(|growing| !is_paused && growing.is_full()) {
                is_paused = true;
                growing.pause().context("perf cannot be told to pause")?;
                course.notes.push(format!(
                    "Only its first {:.1} s are shown: then the recording had {} MiB. Ask for less \
                     of it with --for or --hz.",
                    course.started.unwrap_or(began).elapsed().as_secs_f64(),
                    growing.most_bytes >> 20
                ));
            }
        }
    }

    /// Returns whether the program runs by now: perf takes a while before it starts it.
    fn has_begun(&self, began: Instant) -> bool {
        self.growing.is_none_or(Growing::has_begun) || began.elapsed() > BEGINNING
    }

    /// The time that it still gets; `None` if it has no limit, or has not begun.
    fn left(&self, started: Option<Instant>) -> Option<Duration> {
        Some(self.limit?.saturating_sub(started?.elapsed()))
    }

    /// Asks the program to end, and kills it if it does not.
    fn stop(&self, child: &Child) -> Result<Stopped> {
        match self.stop {
            Stop::Perf => child.signal(libc::SIGINT, Receiver::Leader),
            Stop::Group | Stop::Valgrind => child.signal(libc::SIGTERM, Receiver::Group),
        }
        let killed = Stopped::Killed(self.stop.grace());
        if child.ends_within(self.stop.grace())? {
            return Ok(Stopped::Asked);
        }
        // It does not listen.
        if self.stop == Stop::Perf {
            // Perf may have no program any more, and only be busy writing.
            let how = if kill_children_of(child.id()) { killed } else { Stopped::Asked };
            if child.ends_within(WRITING)? {
                return Ok(how);
            }
        }
        child.signal(libc::SIGKILL, Receiver::Group);
        Ok(killed)
    }
}

/// Names the processes that a program left behind in sessions of their own.
fn note_of_left(left: &BTreeSet<i32>) -> Option<String> {
    let numbers: Vec<String> = left.iter().map(i32::to_string).collect();
    (!numbers.is_empty()).then(|| {
        format!(
            "It left processes behind that go on, and are seen only until it ended: `kill {}` ends \
             them.",
            numbers.join(" ")
        )
    })
}

/// Kills the children of a process of ours that has not ended: of perf, the program that it started.
/// Returns whether there were any.
fn kill_children_of(parent: u32) -> bool {
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let mut any = false;
    for child in numbers.filter(|number| parent_of(*number) == Some(parent)) {
        any = true;
        // SAFETY: it sends a signal. Perf has not ended and reaps its child only when that has ended,
        // so the number is still the child's.
        unsafe { libc::kill(child, libc::SIGKILL) };
    }
    any
}

fn parent_of(process: i32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in brackets, may contain anything.
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::sh;

    fn run(script: &str, limit: Option<Duration>) -> (Ran, String) {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("output");
        let watch = Watch { limit, stop: Stop::Group, growing: None, output: &output };
        let ran = watch.run(sh(script)).unwrap();
        (ran, fs::read_to_string(&output).unwrap())
    }

    #[test]
    fn output_and_exit_code_are_those_of_the_process() {
        let (ran, printed) = run("echo one; echo two >&2; exit 3", None);
        assert!(matches!(ran.end, End::Itself(status) if status.code() == Some(3)), "{ran:?}");
        assert_eq!(printed, "one\ntwo\n");
        assert!(ran.recorded.is_none() && ran.notes.is_empty());
    }

    #[test]
    fn a_process_that_does_not_end_is_stopped() {
        let (ran, _) = run("sleep 1000 & sleep 1000", Some(Duration::from_millis(30)));
        assert_eq!(ran.end, End::Stopped(Stopped::Asked));
        assert!(ran.recorded.unwrap() >= Duration::from_millis(30));
    }

    #[test]
    fn a_process_that_does_not_listen_is_killed_and_that_is_told() {
        let script = "trap '' TERM INT; sleep 1000 & while :; do wait; done";
        let (ran, _) = run(script, Some(Duration::from_secs(1)));
        let End::Stopped(how) = ran.end else { panic!("{ran:?}") };
        let note = how.note(ran.recorded.unwrap());
        assert!(
            note.contains("did not end when it was asked to, and was killed 2 s later"),
            "{note}"
        );
    }

    #[test]
    fn a_parent_is_known() {
        let this = i32::try_from(std::process::id()).unwrap();
        assert_eq!(parent_of(this), Some(std::os::unix::process::parent_id()));
    }
}
