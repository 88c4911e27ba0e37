//! The verb `compare`.

use super::command::{Launch, Measured, Variable, names, variable};
use super::contest::{Contest, Entrant, Unfit};
use super::options::{Options, percent};
use super::record::{Begun, CompareRecord};
use super::session::{End, Held, Session};
use super::{instructions, verdict};
use crate::console::interrupt::{interrupted, note_interrupts};
use crate::{files, out, say};
use anyhow::{Context, Result, ensure};
use clap::Args;
use indicatif::HumanDuration;
use simple_records::Verb;
use simple_reports::export;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

/// Compare commands: whole processes of any programs.
#[derive(Debug, Args)]
pub struct Compare {
    /// Commands, each in quotes. They are split into words as a shell does it, but no shell is started,
    /// unless --shell asks for one. Each process also gets the variable SIMPLE_LAB_PADDING, of a length
    /// of its own.
    #[arg(value_name = "COMMAND", required = true, num_args = 2..)]
    commands: Vec<String>,
    /// A name for the first command in what is printed; another one for the second, and so on.
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Number of the command that the others are compared with.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    default: usize,
    /// Fail if another command is slower than the default by more than this.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    fail_if_slower: Option<f64>,
    /// A script for the shell before each process, which is not timed: one for all commands, or one for
    /// each, in order.
    #[arg(long, value_name = "SCRIPT")]
    prepare: Vec<String>,
    /// A variable of all commands (NAME=VALUE) or of the second alone (2:NAME=VALUE).
    #[arg(long = "env", value_name = "NUMBER:NAME=VALUE", value_parser = variable)]
    environment: Vec<Variable>,
    /// Have `sh -c` run the commands. Its start is then part of all times.
    #[arg(long)]
    shell: bool,
    /// Also count the instructions of each command once, by callgrind, under which it is some fifty
    /// times slower.
    #[arg(long, conflicts_with = "shell")]
    instructions: bool,
    #[command(flatten)]
    options: Options,
}

impl Compare {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let contest = self.contest()?;
        self.options.check()?;
        if self.instructions {
            instructions::check()?;
        }
        note_interrupts()?;
        let options = &self.options;
        let record = CompareRecord::begin(&options.target.compare(), self.begun())?;
        let mut session = Session::new(options, record, self.fail_if_slower)?;
        let done = options.surrounded(|| {
            session.time_starts();
            session.hold(&contest, &options.budget())?;
            match self.instructions && interrupted().is_none() {
                true => session.count_instructions(&contest),
                false => Ok(()),
            }
        });
        let is_whole = done.is_ok() && interrupted().is_none();
        let held = session.end(if is_whole { End::Whole } else { End::Early })?;
        self.conclude(&held, &contest, done)
    }

    /// Says what was found, whatever ended the measurement. Returns the exit code.
    fn conclude(&self, held: &Held, contest: &Contest, done: Result<()>) -> Result<ExitCode> {
        if held.record.is_worth_keeping() {
            verdict::present(held, contest, self.fail_if_slower);
            kept(held, self.options.export.as_deref())?;
        }
        if let Some(code) = interrupted() {
            say_interrupted(held);
            return Ok(ExitCode::from(code));
        }
        done?;
        let outcome = verdict::outcome(&held.report, contest, self.fail_if_slower);
        Ok(ExitCode::from(outcome.code()))
    }

    fn contest(&self) -> Result<Contest> {
        let count = self.commands.len();
        ensure!(
            (1..=count).contains(&self.default),
            "--default {}: there are {count} commands, numbered from 1",
            self.default
        );
        ensure!(
            matches!(self.prepare.len(), 0 | 1) || self.prepare.len() == count,
            "--prepare is there {} times for {count} commands: name one for all, or one for each",
            self.prepare.len()
        );
        for number in self.environment.iter().filter_map(|one| one.command) {
            ensure!(number <= count, "--env {number}:...: there are {count} commands");
        }
        let names = names(&self.commands, &self.names)?;
        let entrants = names.into_iter().enumerate().map(|(index, name)| {
            let prepare = self.prepare.get(index).or(self.prepare.first()).cloned();
            Ok(Entrant { name, command: self.measured(index)?, prepare })
        });
        let entrants = entrants.collect::<Result<Vec<Entrant>>>()?;
        for (index, one) in entrants.iter().enumerate() {
            let is_same =
                |other: &Entrant| (&other.command, &other.prepare) == (&one.command, &one.prepare);
            if let Some(former) = entrants[..index].iter().position(is_same) {
                say!("note: commands {} and {} are the same", former + 1, index + 1);
            }
        }
        Ok(Contest {
            id: "commands".to_owned(),
            title: "Which command is the fastest?".to_owned(),
            axis: "command",
            entrants,
            default: self.default - 1,
            unfit: Unfit::EndsIt,
        })
    }

    fn measured(&self, index: usize) -> Result<Measured> {
        let line = &self.commands[index];
        let launch = match self.shell {
            true => Launch::Script(line.clone()),
            false => Launch::words(line)?,
        };
        if let Some(remark) = launch.remark() {
            say!("note: command {}: {remark}", index + 1);
        }
        let is_its = |one: &&Variable| one.command.is_none_or(|number| number == index + 1);
        let variables = self.environment.iter().filter(is_its);
        let environment = variables.map(|one| (one.name.clone(), one.value.clone())).collect();
        Ok(Measured { launch, environment, input: self.options.input.clone() })
    }

    fn begun(&self) -> Begun {
        let launch = if self.shell { "by a shell" } else { "by themselves" };
        Begun {
            verb: Verb::Compare,
            same: self.options.same,
            budget_s: self.options.budget().all().as_secs_f64(),
            seed: self.options.seed.unwrap_or_else(|| fastrand::u64(..)),
            settings: BTreeMap::from([("commands_are_run".to_owned(), launch.to_owned())]),
        }
    }
}

/// Says that a signal ended the measurement, and that nothing was measured if that is so.
pub(crate) fn say_interrupted(held: &Held) {
    match held.record.is_worth_keeping() {
        true => say!("interrupted"),
        false => say!("interrupted: nothing was measured yet"),
    }
}

/// Says where the record is, and writes the figures into another file if that is asked for.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn kept(held: &Held, export: Option<&Path>) -> Result<()> {
    let path = held.record.path().display();
    out!("\nrecord: {path} ({})", HumanDuration(held.took));
    out!("`lab summary {path}` and `lab report {path}` show all of it");
    let Some(file) = export else { return Ok(()) };
    let text = export::export(&held.report, Options::format(file))
        .with_context(|| format!("cannot write the figures into {}", file.display()))?;
    files::write(file, text)
}
