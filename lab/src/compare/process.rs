//! One process: timed from its start to its end, its output hashed, killed if it does not end.
//!
//! Output goes to unnamed files: a pipe would have this program work beside the measured one, and
//! would stay open until every process that it left behind has ended.

use super::command::Measured;
use super::fault::{Asked, Fault};
use super::stats::Stats;
use crate::console::interrupt::interrupted;
use crate::owned::{self, Child, Usage};
use crate::programs::{Failed, scratch, text_of};
use crate::say;
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use simple_records::harmless;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Most bytes that a process may print; more would fill the disk.
const MOST_OUTPUT_BYTES: u64 = 1 << 30;
/// Bytes at the end of a complaint that are looked at.
const COMPLAINT_BYTES: u64 = 4096;
/// Time between two looks at how much a process has printed.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Treatment of what processes print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Printed {
    /// It is hashed, and compared.
    Compared,
    /// It is thrown away.
    Ignored,
}

/// Treatment of processes that fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failures {
    /// They end the measurement.
    End,
    /// They are measured as any others.
    Measured,
}

/// Rules for all processes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Treatment {
    pub(crate) printed: Printed,
    pub(crate) failures: Failures,
    /// Time after which a process is killed.
    pub(crate) timeout: Duration,
    pub(crate) asked: Asked,
}

/// Length and hash of what a process printed to its standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) bytes: u64,
    pub(crate) sha256: [u8; 32],
}

/// A process that has ended.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    /// From before its start to after its end, in ns.
    pub(crate) wall_ns: f64,
    pub(crate) usage: Usage,
    pub(crate) status: ExitStatus,
    /// `None` if it was thrown away.
    pub(crate) output: Option<Output>,
    /// Counters that the runtime wrote; `None` if none were asked for, or it wrote none.
    pub(crate) stats: Option<Stats>,
}

/// Runs processes one after the other, with files for their output.
#[derive(Debug)]
pub(crate) struct Runner {
    pub(crate) treatment: Treatment,
    /// The file into which the runtime writes its counters; `None` if they are not asked for.
    pub(crate) stats: Option<PathBuf>,
    stdout: File,
    stderr: File,
}

impl Runner {
    pub(crate) fn new(treatment: Treatment) -> Result<Self> {
        Ok(Self { treatment, stats: None, stdout: scratch()?, stderr: scratch()? })
    }

    /// Runs a command once.
    ///
    /// # Errors
    /// If it cannot be started, does not end in time, prints too much, or fails where failures end
    /// the measurement. The message names `name`.
    pub(crate) fn run(
        &mut self,
        measured: &Measured,
        name: &str,
        random: &mut fastrand::Rng,
    ) -> Result<Finished> {
        let command = measured.command(random)?;
        self.run_process(command, measured.program(), name)
    }

    /// Runs a process once. `program` is what the user calls its program.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub(crate) fn run_process(
        &mut self,
        command: Command,
        program: &str,
        name: &str,
    ) -> Result<Finished> {
        let finished = self.time(command, program, name)?;
        if !finished.status.success()
            && self.treatment.failures == Failures::End
            && interrupted().is_none()
        {
            let said = Failed::new(finished.status, &end_of(&mut self.stderr)?);
            let status = finished.status;
            let said = if said.said.is_empty() { String::new() } else { format!(": {said}") };
            bail!("{name} fails with {status}{said}: {}", self.treatment.asked.on_failure());
        }
        Ok(finished)
    }

    fn time(&mut self, mut command: Command, program: &str, name: &str) -> Result<Finished> {
        for file in [&mut self.stdout, &mut self.stderr] {
            file.set_len(0)?;
            file.rewind()?;
        }
        match self.treatment.printed {
            Printed::Compared => command.stdout(self.stdout.try_clone()?),
            Printed::Ignored => command.stdout(Stdio::null()),
        };
        command.stderr(self.stderr.try_clone()?);
        if let Some(file) = &self.stats {
            // The runtime writes into no file of another process. Usually there is none.
            let _ = fs::remove_file(file);
        }
        let spared = owned::orphans();
        let began = Instant::now();
        let mut child = owned::spawn(&mut command)
            .map_err(|error| self.treatment.asked.cannot_start(&error, program, name))?;
        let ended = self.watch(&mut child, began, name);
        let wall_ns = began.elapsed().as_nanos() as f64;
        let status = ended.and_then(|()| Ok(child.wait()?));
        for left in owned::end_orphans(&spared) {
            say!("warning: {name} left process {left} behind, which cannot be killed");
        }
        let status = status?;
        let usage = child.usage().unwrap_or_default();
        let output = match self.treatment.printed {
            Printed::Compared => Some(hashed(&mut self.stdout)?),
            Printed::Ignored => None,
        };
        let stats = self.stats.as_deref().map(Stats::take).transpose()?.flatten();
        Ok(Finished { wall_ns, usage, status, output, stats })
    }

    /// Waits for the end of a process, and kills one that takes too long or prints too much.
    fn watch(&self, child: &mut Child, began: Instant, name: &str) -> Result<()> {
        loop {
            let left = self.treatment.timeout.saturating_sub(began.elapsed());
            if child.ends_within(left.min(LOOK_EVERY))? {
                return Ok(());
            }
            if left.is_zero() {
                child.kill()?;
                let seconds = self.treatment.timeout.as_secs_f64();
                bail!(Fault::Hung(format!(
                    "{name} did not end within {seconds} s and was killed, with all that it \
                     started: {}",
                    self.treatment.asked.on_timeout()
                )));
            }
            let printed = self.stdout.metadata()?.len().max(self.stderr.metadata()?.len());
            if printed > MOST_OUTPUT_BYTES {
                child.kill()?;
                bail!(
                    "{name} printed more than {} MiB and was killed: {}",
                    MOST_OUTPUT_BYTES >> 20,
                    self.treatment.asked.on_output()
                );
            }
        }
    }

    /// The first line of the standard error of the newest process that names `word`; `None` if none does.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn complaint_about(&mut self, word: &str) -> Result<Option<String>> {
        let said = text_of(&mut self.stderr)?;
        Ok(said.lines().find(|line| line.contains(word)).map(harmless))
    }
}

/// The hash of a file, read piece by piece.
fn hashed(file: &mut File) -> Result<Output> {
    file.rewind()?;
    let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => {
                hash.update(&piece[..length]);
                bytes += length as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error).context("cannot read what a process printed"),
        }
    }
    Ok(Output { bytes, sha256: hash.finalize().into() })
}

fn end_of(file: &mut File) -> Result<String> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(COMPLAINT_BYTES)))?;
    let mut end = Vec::new();
    file.take(COMPLAINT_BYTES).read_to_end(&mut end)?;
    Ok(String::from_utf8_lossy(&end).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::command::Launch;

    fn runner(timeout: Duration) -> Runner {
        let (printed, failures) = (Printed::Compared, Failures::End);
        Runner::new(Treatment { printed, failures, timeout, asked: Asked::Options }).unwrap()
    }

    fn script(text: &str) -> Measured {
        let launch = Launch::Script(text.to_owned());
        Measured { launch, environment: vec![("GIVEN".to_owned(), "v".to_owned())], input: None }
    }

    fn run(text: &str, timeout: Duration) -> Result<Finished> {
        runner(timeout).run(&script(text), "it", &mut fastrand::Rng::with_seed(1))
    }

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn output_is_known_by_length_and_hash_and_never_that_of_another_process() {
        let mut runner = runner(LONG);
        let mut random = fastrand::Rng::with_seed(1);
        let mut output =
            |text: &str| runner.run(&script(text), "it", &mut random).unwrap().output.unwrap();
        let long = output("echo long; head -c 3000000 /dev/zero");
        assert_eq!(long.bytes, 3_000_005);
        let value = output("printf $GIVEN");
        assert_eq!((value.bytes, &value), (1, &output("printf v")));
        assert_ne!(value, output("printf w"));
    }

    #[test]
    fn a_failure_is_quoted_and_a_process_that_hangs_is_killed() {
        let said = run("echo because >&2; exit 3", LONG).unwrap_err().to_string();
        assert!(said.contains("it fails with exit status: 3: because"), "{said}");
        let said = run("sleep 1000 & sleep 1000", Duration::from_millis(30)).unwrap_err();
        assert!(said.to_string().contains("did not end within 0.03 s"), "{said}");
        // It cannot ask anybody.
        assert!(run("read answer", LONG).is_err());
    }
}
