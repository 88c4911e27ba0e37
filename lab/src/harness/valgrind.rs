//! Valgrind on a process of the harness: the one place that knows its command line.

use super::Client;
use crate::suite::{self, Counted, Iteration};
use crate::{owned, programs};
use anyhow::{Context, Result};
use simple_profiles::callgrind::{self, Profile};
use simple_profiles::dhat::{self, Heap};
use simple_records::harness::valgrind::{ARGUMENTS, CALLGRIND_ARGUMENTS, ENVIRONMENT};
use simple_records::harness::{Amount, CALLGRIND_CALLERS, COUNTED, Repeat};
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Advice if valgrind is missing.
pub const MISSING: &str = "valgrind is missing (Debian: apt-get install valgrind)";

/// Callers that DHAT records: its maximum.
pub const DHAT_CALLERS: &str = "--num-callers=500";

/// Variables that a counted process keeps: the first two find valgrind and its tools, the third switches
/// on workloads for tests.
const KEPT: [&str; 3] = ["PATH", "VALGRIND_LIB", "SIMPLE_BENCH_SELF_TEST"];

/// A workload of a program that runs under valgrind.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The program.
    pub program: &'a Path,
    /// Its name.
    pub workload: &'a str,
    /// The folder of the files that workloads read.
    pub data: &'a Path,
    /// Variables that are added to the environment.
    pub environment: &'a [(String, String)],
}

/// The part of a process that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One iteration, on its thread.
    Iteration,
    /// The whole process with all its threads, and this many iterations after the first.
    Process(u64),
}

/// A tool of valgrind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Callgrind,
    Dhat,
}

impl Subject<'_> {
    /// Counts instructions by callgrind.
    ///
    /// # Errors
    /// If valgrind or the workload fails.
    pub fn instructions(&self, scope: Scope) -> Result<Profile> {
        let text = self.run(Tool::Callgrind, scope)?;
        Ok(match scope {
            Scope::Iteration => callgrind::parse_below(&text, COUNTED)?,
            Scope::Process(_) => callgrind::parse(&text)?,
        })
    }

    /// Records every block of memory by DHAT, of the whole process and this many iterations after the
    /// first.
    ///
    /// # Errors
    /// If valgrind or the workload fails.
    pub fn heap(&self, iterations: u64) -> Result<Heap> {
        Ok(dhat::parse(&self.run(Tool::Dhat, Scope::Process(iterations))?)?)
    }

    /// Runs the workload under a tool and returns the file that the tool wrote.
    fn run(&self, tool: Tool, scope: Scope) -> Result<String> {
        fs::create_dir_all(self.data)
            .with_context(|| format!("cannot create the folder {}", self.data.display()))?;
        let folder = owned::scratch()?;
        let out = folder.path().join("out");
        self.serve(self.command(tool, scope, &out), scope)
            .with_context(|| "under valgrind (Debian: apt-get install valgrind)")?;
        fs::read_to_string(&out).with_context(|| format!("{} wrote no file", tool.name()))
    }

    fn serve(&self, command: Command, scope: Scope) -> Result<()> {
        let mut client = Client::start(command, None)?;
        // Counts must not depend on paths: the process runs in the folder.
        client.prepare(self.workload, Path::new("."))?;
        match scope {
            Scope::Iteration => client.count()?,
            Scope::Process(iterations) => {
                let amount = Amount::Iterations(iterations);
                client.repeat(Repeat { amount, sample_hz: None, timeline: None })?;
            }
        }
        client.finish()
    }

    fn command(&self, tool: Tool, scope: Scope, out: &Path) -> Command {
        let mut command = programs::valgrind();
        command.args(ARGUMENTS).arg(format!("--tool={}", tool.name()));
        command.arg(programs::path_option(&format!("--{}-out-file", tool.name()), out));
        match tool {
            Tool::Callgrind => {
                command.args(CALLGRIND_ARGUMENTS);
                command.arg(format!("--separate-callers={CALLGRIND_CALLERS}"));
                if scope == Scope::Iteration {
                    command.arg(format!("--toggle-collect={COUNTED}"));
                }
            }
            Tool::Dhat => {
                command.arg(DHAT_CALLERS);
            }
        }
        let kept = KEPT.into_iter().filter_map(|name| Some((name, env::var_os(name)?)));
        command.env_clear().envs(ENVIRONMENT).envs(kept);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.arg(self.program).current_dir(self.data);
        command
    }
}

/// Factor by which a program may be slower under callgrind.
const SLOWER: u32 = 100;

/// Patience with callgrind itself, which takes a while to start, also on a busy machine.
const LEAST_PATIENCE: Duration = Duration::from_secs(20);

/// Counts instructions of a whole process of anybody's, of the first process without those that it
/// starts. `alone` is the time that it takes without callgrind.
///
/// # Errors
/// If the program or callgrind fails, or takes much longer than that: then the error is a
/// `programs::Hung`.
pub fn count_process(counted: Counted, alone: Duration) -> Result<Profile> {
    let folder = owned::scratch()?;
    let out = folder.path().join("out");
    let mut command = counted.under(of_anybody(&out))?;
    command.stdout(Stdio::null());
    programs::run(command, patience(alone)).context("under valgrind")?;
    let text = fs::read_to_string(&out).context("callgrind wrote no file")?;
    Ok(callgrind::parse(&text)?)
}

/// Callgrind for a program of anybody's, which gets the environment that it is timed with.
fn of_anybody(out: &Path) -> Command {
    let mut tool = programs::valgrind();
    tool.env_clear().envs(env::vars_os()).env_remove("VALGRIND_OPTS");
    tool.args(ARGUMENTS).arg("--tool=callgrind").args(CALLGRIND_ARGUMENTS);
    tool.arg(format!("--separate-callers={CALLGRIND_CALLERS}"));
    tool.arg(programs::path_option("--callgrind-out-file", out));
    tool
}

/// Counts instructions of one iteration of a program of anybody's that speaks the language of the harness.
///
/// # Errors
/// If the program or callgrind fails.
pub fn count_iteration(iteration: &Iteration) -> Result<Profile> {
    let folder = owned::scratch()?;
    let out = folder.path().join("out");
    let mut tool = of_anybody(&out);
    tool.arg(format!("--toggle-collect={COUNTED}"));
    iteration.serve(suite::behind(tool, &iteration.command)).context("under valgrind")?;
    let text = fs::read_to_string(&out).context("callgrind wrote no file")?;
    Ok(callgrind::parse_below(&text, COUNTED)?)
}

/// The patience with a process under callgrind that takes this long without.
fn patience(alone: Duration) -> Duration {
    alone.saturating_mul(SLOWER).max(LEAST_PATIENCE)
}

impl Tool {
    fn name(self) -> &'static str {
        match self {
            Self::Callgrind => "callgrind",
            Self::Dhat => "dhat",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(tool: Tool, scope: Scope) -> Vec<String> {
        let environment = [("SIMPLE_RT_SLOWDOWN".to_owned(), "a=1".to_owned())];
        let subject = Subject {
            program: Path::new("/a program"),
            workload: "a/b",
            data: Path::new("/data"),
            environment: &environment,
        };
        let command = subject.command(tool, scope, Path::new("/100%/out"));
        let variables: Vec<_> = command.get_envs().collect();
        assert!(variables.iter().any(|(name, _)| *name == "SIMPLE_RT_SLOWDOWN"));
        assert!(variables.iter().all(|(name, _)| *name != "HOME"), "{variables:?}");
        command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_patience_follows_from_the_time_without_callgrind() {
        assert_eq!(patience(Duration::from_secs(2)), Duration::from_secs(200));
        assert_eq!(patience(Duration::from_micros(10)), LEAST_PATIENCE);
    }

    #[test]
    fn an_iteration_is_counted_in_its_function_and_a_process_as_a_whole() {
        let toggle = format!("--toggle-collect={COUNTED}");
        let iteration = arguments(Tool::Callgrind, Scope::Iteration);
        assert!(iteration.contains(&toggle), "{iteration:?}");
        assert!(iteration.contains(&"--callgrind-out-file=/100%%/out".to_owned()));
        assert_eq!(iteration.last().unwrap(), "/a program");
        let process = arguments(Tool::Callgrind, Scope::Process(1));
        assert!(!process.contains(&toggle), "{process:?}");
        assert!(arguments(Tool::Dhat, Scope::Process(1)).contains(&DHAT_CALLERS.to_owned()));
    }
}
