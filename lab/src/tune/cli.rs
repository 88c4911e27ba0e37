//! The verb `tune`.

use super::settings::{Axis, STRATEGIES};
use crate::compare::command::{Launch, Measured};
use crate::compare::contest::Contest;
use crate::compare::options::Options;
use crate::compare::record::{Begun, CompareRecord};
use crate::compare::session::{End, Held, Session, find};
use crate::compare::stats::{self, Stats};
use crate::compare::{kept, say_interrupted, verdict};
use crate::console::interrupt::{interrupted, note_interrupts};
use crate::{out, owned, say};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use clap::builder::PossibleValuesParser;
use simple_records::Verb;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::thread::available_parallelism;

/// The variable that has the runtime say why it does not do what a variable asks for.
const LOG: &str = "SIMPLE_RT_LOG";

/// Find the settings of the runtime that suit a program.
#[derive(Debug, Args)]
pub struct Tune {
    /// Numbers of workers to try; by default 1, 2, 4 and the number of processors.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=4096))]
    workers: Vec<u64>,
    /// Strategies to try by which files are loaded; by default all.
    #[arg(long, value_name = "STRATEGIES", value_delimiter = ',')]
    #[arg(value_parser = PossibleValuesParser::new(STRATEGIES))]
    prefault: Vec<String>,
    /// Numbers of loaders to try; by default 1, 4 and 16.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=64))]
    loaders: Vec<u64>,
    #[command(flatten)]
    options: Options,
    /// The program with its arguments, after `--`. It is linked with the runtime, and not changed.
    #[arg(value_name = "PROGRAM", required = true, last = true)]
    command: Vec<String>,
}

impl Tune {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let options = &self.options;
        options.check()?;
        for (option, values) in [
            ("--workers", shown(&self.workers)),
            ("--prefault", self.prefault.clone()),
            ("--loaders", shown(&self.loaders)),
        ] {
            each_once(option, &values)?;
        }
        note_interrupts()?;
        let record = CompareRecord::begin(&options.target.compare(), self.begun())?;
        let mut session = Session::new(options, record, None)?;
        let folder = owned::scratch()?;
        let file = folder.path().join("stats");
        session.read_stats(&file);
        let mut contests = Vec::new();
        let done = options.surrounded(|| self.try_all(&mut session, &file, &mut contests));
        let is_whole = done.is_ok() && interrupted().is_none();
        let held = session.end(if is_whole { End::Whole } else { End::Early })?;
        self.conclude(&held, &contests, done)
    }

    /// Tries one axis after the other, as far as it can matter.
    fn try_all(
        &self,
        session: &mut Session<'_>,
        file: &Path,
        contests: &mut Vec<Contest>,
    ) -> Result<()> {
        let command = self.measured(file)?;
        let stats = probed(session, &command, &self.command[0])?;
        session.time_starts();
        let budget = self.options.budget();
        let (can, cannot): (Vec<Axis>, Vec<Axis>) =
            Axis::ALL.into_iter().partition(|axis| axis.obstacle(&stats).is_none());
        for axis in cannot {
            let why = axis.obstacle(&stats).unwrap_or_default();
            say!("{}: not tried: {why}", axis.name());
        }
        if can.is_empty() {
            bail!("no setting of the runtime can matter to this program: there is nothing to tune");
        }
        let processors = available_parallelism().map_or(1, |count| count.get() as u64);
        for (index, axis) in can.iter().enumerate() {
            if interrupted().is_some() {
                return Ok(());
            }
            let values = self.values(*axis).unwrap_or_else(|| axis.values(&stats, processors));
            contests.push(axis.contest(&command, &values));
            if let Some(contest) = contests.last() {
                session.hold(contest, &budget.share(can.len() - index))?;
            }
        }
        Ok(())
    }

    /// The values that are asked for; `None` for the usual ones.
    fn values(&self, axis: Axis) -> Option<Vec<String>> {
        let values: Vec<String> = match axis {
            Axis::Workers => shown(&self.workers),
            Axis::Prefault => self.prefault.clone(),
            Axis::Loaders => shown(&self.loaders),
        };
        (!values.is_empty()).then_some(values)
    }

    fn measured(&self, file: &Path) -> Result<Measured> {
        let file = file.to_str().context("the temporary folder's name is no text: set TMPDIR")?;
        Ok(Measured {
            launch: Launch::Words(self.command.clone()),
            environment: vec![(stats::VARIABLE.to_owned(), file.to_owned())],
            input: self.options.input.clone(),
        })
    }

    /// Says what was found, whatever ended the measurement. Returns the exit code.
    fn conclude(&self, held: &Held, contests: &[Contest], done: Result<()>) -> Result<ExitCode> {
        for contest in contests {
            if find(&held.report, &contest.id).is_some() {
                verdict::present(held, contest, None);
                out!("");
            }
        }
        if held.record.is_worth_keeping() {
            kept(held, self.options.export.as_deref())?;
        }
        if let Some(code) = interrupted() {
            say_interrupted(held);
            return Ok(ExitCode::from(code));
        }
        done?;
        let outcomes = contests.iter().map(|one| verdict::outcome(&held.report, one, None));
        let worst = outcomes.max().unwrap_or(verdict::Outcome::Pass);
        Ok(ExitCode::from(worst.code()))
    }

    fn begun(&self) -> Begun {
        Begun {
            verb: Verb::Tune,
            same: self.options.same,
            budget_s: self.options.budget().all().as_secs_f64(),
            seed: self.options.seed.unwrap_or_else(|| fastrand::u64(..)),
            settings: BTreeMap::new(),
        }
    }
}

fn shown(numbers: &[u64]) -> Vec<String> {
    numbers.iter().map(u64::to_string).collect()
}

/// Refuses a value that is named twice: it would be compared with itself.
fn each_once(option: &str, values: &[String]) -> Result<()> {
    for (index, value) in values.iter().enumerate() {
        ensure!(!values[..index].contains(value), "{option}: {value} is there twice: name it once");
    }
    Ok(())
}

/// Runs the program once as it is, and returns its counters.
fn probed(session: &mut Session<'_>, command: &Measured, name: &str) -> Result<Stats> {
    if let Some(stats) = session.probe(command, name)?.stats {
        return Ok(stats);
    }
    let mut asked = command.clone();
    asked.environment.push((LOG.to_owned(), "1".to_owned()));
    session.probe(&asked, name)?;
    if let Some(why) = session.complaint_about(stats::VARIABLE)? {
        bail!(
            "{name} reaches the runtime, which cannot write its counters ({why}): have TMPDIR name a \
             folder that {name} may write to"
        );
    }
    bail!(
        "{name} never reaches the runtime: it ended without counters ({}). Link it with \
         libsimple_runtime, of a version that writes them; a script does not count for the programs \
         that it starts with another environment",
        stats::VARIABLE
    )
}
