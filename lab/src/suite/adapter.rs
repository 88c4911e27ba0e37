//! One interface for all that can time benchmarks: lists them, times them, and names a process to count.

use crate::harness::Client;
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::fmt::Debug;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A place where a suite is run: the folder of `lab.toml` in the checkout of one revision.
#[derive(Debug, Clone)]
pub struct Place {
    /// The folder of `lab.toml`.
    pub folder: PathBuf,
    /// A folder for files of adapters. It exists, and its path is absolute.
    pub scratch: PathBuf,
    /// Variables that every process of the suite gets beside the user's, and before those of `lab.toml`.
    pub environment: Vec<(OsString, OsString)>,
    /// Time after which a process of the suite is killed, with all that it started.
    pub timeout: Duration,
}

/// Benchmarks of one kind. It may be shared by threads.
pub trait Adapter: Debug + Send + Sync {
    /// Returns the names of its benchmarks, without the prefix of their part, in their order. No two are
    /// alike.
    ///
    /// # Errors
    /// If they cannot be built, started or listed, or two of them have one name.
    fn list(&self, place: &Place) -> Result<Vec<String>>;

    /// Returns a worker that measures one benchmark. The thread that calls this must live as long as the
    /// worker: a process ends with the thread that started it.
    ///
    /// # Errors
    /// If it cannot be started. A benchmark that does not exist may be noticed later, by the worker.
    fn start(&self, place: &Place, benchmark: &str) -> Result<Box<dyn Worker>>;

    /// Returns a process that does what is timed and nothing else, for a tool that counts instructions;
    /// `None` if there is none, as of a part of a process that times itself.
    ///
    /// # Errors
    /// If the program cannot be found.
    fn counted(&self, _place: &Place, _benchmark: &str) -> Result<Option<Counted>> {
        Ok(None)
    }

    /// Returns a process of the harness that runs one iteration in a function of its own when it is asked to,
    /// for a tool that counts instructions there; `None` if the program cannot.
    ///
    /// # Errors
    /// If the program cannot be found.
    fn counted_iteration(&self, _place: &Place, _benchmark: &str) -> Result<Option<Iteration>> {
        Ok(None)
    }
}

/// A process of the harness, of which a tool is to watch an iteration.
#[derive(Debug)]
pub struct Iteration {
    /// Its program without the subcommand, with its arguments, folder and variables.
    pub command: Command,
    /// The workload.
    pub workload: String,
    /// The folder of the files that workloads read.
    pub data: PathBuf,
}

impl Iteration {
    /// Prepares and runs one iteration in a process that `command` starts, which has the program behind it.
    ///
    /// # Errors
    /// If the process cannot be started, or does not count.
    pub fn serve(&self, command: Command) -> Result<()> {
        let mut client = Client::start(command, None)?;
        client.prepare(&self.workload, &self.data)?;
        client.count()?;
        client.finish()
    }
}

/// A process that a tool is to watch.
#[derive(Debug)]
pub struct Counted {
    /// Its program, arguments, folder and variables. Its input is `input`.
    pub command: Command,
    /// A file that is its standard input; nothing if there is none.
    pub input: Option<PathBuf>,
}

impl Counted {
    /// Puts the program and its arguments behind those of `tool`, which gets its folder, variables and
    /// input.
    ///
    /// # Errors
    /// If the input cannot be opened.
    pub fn under(self, tool: Command) -> Result<Command> {
        let mut tool = behind(tool, &self.command);
        match &self.input {
            Some(path) => {
                let file = File::open(path)
                    .with_context(|| format!("cannot read the input {}", path.display()))?;
                tool.stdin(file)
            }
            None => tool.stdin(Stdio::null()),
        };
        Ok(tool)
    }
}

/// Puts a program and its arguments behind those of `tool`, which gets its folder and variables.
pub(crate) fn behind(mut tool: Command, command: &Command) -> Command {
    tool.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => tool.env(name, value),
            None => tool.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        tool.current_dir(folder);
    }
    tool
}

/// One benchmark in a block.
pub trait Worker: Debug {
    /// Runs the benchmark for at least `at_least_ns` ns, as far as its kind can do that, and returns the
    /// rough time of an iteration in ns, which is above 0.
    ///
    /// # Errors
    /// If it fails, hangs, or reports no time.
    fn warm_up(&mut self, at_least_ns: u64) -> Result<f64>;

    /// Takes a turn: times samples for about `about_ns` ns, at least `least_samples` of them. A kind of
    /// benchmarks that cannot time fewer or shorter samples takes longer.
    ///
    /// # Errors
    /// If it fails, hangs, or reports no times.
    fn turn(&mut self, about_ns: u64, least_samples: u32) -> Result<Timed>;
}

/// Samples of one turn. All times are finite and above 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Timed {
    /// Iterations of each sample.
    pub iterations: u64,
    /// Duration of the iterations of each sample together, in ns; at least one.
    pub totals_ns: Vec<f64>,
    /// Page faults without input or output, over all samples and the start of their processes.
    pub page_faults_minor: u64,
    /// Number of times that processes lost their processor without having asked.
    pub involuntary_switches: u64,
}
