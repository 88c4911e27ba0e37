//! Benchmarks of anybody's repository, as its `lab.toml` lists them.
//!
//! The gate's blocks, judge, records and pages are those for our own workloads; here is what is different
//! about a repository of which nothing is known: its benchmarks are found and timed by adapters. `README.md`
//! beside this file is the reference of `lab.toml`, and says how to add an adapter.
//!
//! | file | idea |
//! |---|---|
//! | `config` | what `lab.toml` says, as types |
//! | `source` | a file of TOML with its faults, which are told all at once |
//! | `table` | a table of TOML whose faults are told with file, line and key |
//! | `adapter` | the interface of all adapters |
//! | `command` | whole processes |
//! | `criterion`, `criterion_format` | benchmarks of the crate criterion, and the files that it leaves |
//! | `google_benchmark`, `google_benchmark_format` | programs linked with Google Benchmark, and their file |
//! | `harness` | programs that speak the language of `harness/README.md` |
//! | `program` | finds and starts a program with benchmarks: a file, or a bench target of cargo |
//! | `samples` | samples of a turn, with one number of iterations for all |

mod adapter;
mod command;
mod config;
mod criterion;
mod criterion_format;
mod google_benchmark;
mod google_benchmark_format;
mod harness;
mod program;
mod samples;
mod source;
mod table;

pub(crate) use adapter::behind;
pub use adapter::{Adapter, Counted, Iteration, Place, Timed, Worker};

use anyhow::Result;
use command::Commands;
use config::Benchmarks;
use std::path::Path;
use std::time::Duration;

/// The name of the file that describes a suite.
pub const FILE: &str = "lab.toml";

/// The prefix of the names of whole processes.
const COMMANDS: &str = "command";

/// All adapters for programs with benchmarks.
static KINDS: &[Kind] = &[
    Kind { name: "criterion", programs: Programs::TargetsAndFiles, make: criterion::adapter },
    Kind { name: "google-benchmark", programs: Programs::Files, make: google_benchmark::adapter },
    Kind { name: "harness", programs: Programs::Files, make: harness::adapter },
];

/// A kind of programs with benchmarks.
#[derive(Debug)]
struct Kind {
    /// The word for it in `lab.toml`.
    name: &'static str,
    programs: Programs,
    make: fn(Benchmarks) -> Box<dyn Adapter>,
}

/// The ways in which programs of a kind are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Programs {
    /// Files that are there after the build.
    Files,
    /// Also bench targets that cargo builds.
    TargetsAndFiles,
}

/// The benchmarks of a repository.
#[derive(Debug)]
pub struct Suite {
    /// A command for the shell that builds a checkout, run in the folder of `lab.toml`; `None` if nothing
    /// has to be built.
    pub build: Option<String>,
    /// Most time of one process of the suite.
    pub timeout: Duration,
    /// Its parts, at least one. No two have the same prefix.
    pub parts: Vec<Part>,
}

/// A part of a suite: benchmarks of one adapter. A workload is called `prefix/benchmark`.
#[derive(Debug)]
pub struct Part {
    /// The prefix of its names; without a slash.
    pub prefix: String,
    /// The one that runs its benchmarks.
    pub adapter: Box<dyn Adapter>,
}

impl Suite {
    /// The part and the benchmark of a workload's name; `None` if no part has that prefix, which has no slash.
    pub fn benchmark<'a>(&self, workload: &'a str) -> Option<(&Part, &'a str)> {
        let (prefix, benchmark) = workload.split_once('/')?;
        Some((self.parts.iter().find(|part| part.prefix == prefix)?, benchmark))
    }
}

impl Part {
    /// Returns whether its benchmarks are whole processes, whose start is measured as well. Others time a
    /// part of a process themselves.
    pub fn is_of_processes(&self) -> bool {
        self.prefix == COMMANDS
    }
}

/// Reads a `lab.toml`.
///
/// # Errors
/// If it cannot be read or says something wrong: the message names the file, the line and the key.
pub fn read(path: &Path) -> Result<Suite> {
    let config = config::read(path, KINDS)?;
    let mut parts = Vec::new();
    if !config.commands.is_empty() {
        let adapter = Box::new(Commands::new(config.commands));
        parts.push(Part { prefix: COMMANDS.to_owned(), adapter });
    }
    for (kind, benchmarks) in config.benchmarks {
        let prefix = benchmarks.prefix.clone();
        parts.push(Part { prefix, adapter: (kind.make)(benchmarks) });
    }
    Ok(Suite { build: config.build, timeout: config.timeout, parts })
}
