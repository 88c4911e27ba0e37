//! Running one workload under one of valgrind's tools, so that somebody else can read what the
//! tool writes.

use crate::catalogue::self_test;
use crate::instruments::instructions;
use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use wait_timeout::ChildExt;

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
        let log = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log.reopen()?);
        let mut child = command.spawn().context(
            "cannot start valgrind: it must be installed (Debian: apt-get install valgrind)",
        )?;
        let Some(status) = child.wait_timeout(PATIENCE)? else {
            child.kill()?;
            child.wait()?;
            bail!("it hung under valgrind: killed after {} seconds", PATIENCE.as_secs());
        };
        let said = fs::read_to_string(log.path()).unwrap_or_default();
        ensure!(status.success(), "under valgrind it ended with {status}: {said}");
        Ok(ExitCode::SUCCESS)
    }

    fn command(&self, out: &Path) -> Result<Command> {
        let mut command = Command::new("valgrind");
        command.args(instructions::VALGRIND_ARGUMENTS);
        match self.tool {
            Tool::Callgrind => {
                command
                    .arg("--tool=callgrind")
                    .args(instructions::CALLGRIND_ARGUMENTS)
                    .arg(format!("--callgrind-out-file={}", out.display()))
                    .arg(format!("--separate-callers={}", self.callers));
                if !self.whole {
                    command.arg(format!("--toggle-collect={}", instructions::COUNTED));
                }
            }
            Tool::Dhat => {
                command
                    .arg("--tool=dhat")
                    .arg(format!("--dhat-out-file={}", out.display()))
                    .arg(format!("--num-callers={}", self.callers.max(1)));
            }
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.arg(std::env::current_exe()?).env_clear().envs(instructions::ENVIRONMENT);
        command.env("PATH", path).current_dir(&self.data);
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
                command.env(instructions::WORKLOAD_VARIABLE, &self.workload);
            }
        }
        Ok(command)
    }
}
