//! Running one workload under one of valgrind's tools, so that somebody else can read what the
//! tool writes.

use crate::catalogue::self_test;
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use simple_lab::programs;
use simple_records::harness::{COUNTED, valgrind};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

/// Longer than valgrind takes for any workload: something hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the runtime is told to slow down, if it was built so that it can be.
#[cfg(feature = "injected-slowdown")]
const SLOWDOWN_VARIABLE: &str = "SIMPLE_RT_SLOWDOWN";

/// One of valgrind's tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tool {
    /// Counts instructions.
    Callgrind,
    /// Looks at every block of memory.
    Dhat,
}

/// Runs one workload under one of valgrind's tools.
#[derive(Debug, Args)]
pub(super) struct Valgrind {
    #[arg(long)]
    workload: String,
    #[arg(long)]
    data: PathBuf,
    /// Where the tool leaves what it found.
    #[arg(long)]
    out: PathBuf,
    #[arg(long, value_enum, default_value = "callgrind")]
    tool: Tool,
    /// Count the whole process, with all its threads, instead of one iteration.
    #[arg(long)]
    whole: bool,
    /// Run so many iterations, after the first, of a whole process.
    #[arg(long, requires = "whole")]
    iterations: Option<u64>,
    /// Tell functions apart by so many of their callers.
    #[arg(long, default_value_t = 0)]
    callers: u32,
}

impl Valgrind {
    pub(super) fn run(&self) -> Result<ExitCode> {
        fs::create_dir_all(&self.data)
            .with_context(|| format!("cannot create the folder {}", self.data.display()))?;
        let mut command = self.command(&std::path::absolute(&self.out)?)?;
        command.stdout(Stdio::null());
        programs::run(command, PATIENCE)
            .context("under valgrind (Debian: apt-get install valgrind)")?;
        Ok(ExitCode::SUCCESS)
    }

    fn command(&self, out: &Path) -> Result<Command> {
        let mut command = programs::valgrind();
        command.args(valgrind::ARGUMENTS);
        match self.tool {
            Tool::Callgrind => {
                command
                    .arg("--tool=callgrind")
                    .args(valgrind::CALLGRIND_ARGUMENTS)
                    .arg(programs::path_option("--callgrind-out-file", out))
                    .arg(format!("--separate-callers={}", self.callers));
                if !self.whole {
                    command.arg(format!("--toggle-collect={}", COUNTED));
                }
            }
            Tool::Dhat => {
                command
                    .arg("--tool=dhat")
                    .arg(programs::path_option("--dhat-out-file", out))
                    .arg(format!("--num-callers={}", self.callers.max(1)));
            }
        }
        command.arg(std::env::current_exe()?).env_clear().envs(valgrind::ENVIRONMENT);
        // What valgrind needs to be found, and to find its tools.
        let kept = ["PATH", "VALGRIND_LIB"].into_iter();
        command.envs(kept.filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.current_dir(&self.data);
        #[cfg(feature = "injected-slowdown")]
        command.envs(std::env::var_os(SLOWDOWN_VARIABLE).map(|value| (SLOWDOWN_VARIABLE, value)));
        let of_tests = std::env::var_os(self_test::SWITCH);
        command.envs(of_tests.map(|value| (self_test::SWITCH, value)));
        match self.iterations {
            Some(iterations) => {
                command.args(["repeat", "--workload", &self.workload, "--data", "."]).args([
                    "--answer",
                    "/dev/null",
                    "--iterations",
                    &iterations.to_string(),
                ]);
            }
            None if self.whole => {
                command.args(["once", "--workload", &self.workload, "--data", "."]);
            }
            None => {
                command.env(super::cli::WORKLOAD_VARIABLE, &self.workload);
            }
        }
        Ok(command)
    }
}
