//! What a comparison of two builds has this program do: say what there is to judge, take
//! turns with another build, and run under callgrind.

use crate::instruments::{instructions, paired};
use crate::{Profile, catalogue};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use wait_timeout::ChildExt;

/// Longer than valgrind takes for any workload: something hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the runtime is told to slow down, if it was built so that it can be.
#[cfg(feature = "injected-slowdown")]
const SLOWDOWN_VARIABLE: &str = "SIMPLE_RT_SLOWDOWN";

/// Prints the workloads that are judged, as JSON lines.
#[derive(Debug, Args)]
pub(super) struct Candidates {
    #[arg(long, value_enum)]
    setting: Profile,
    filters: Vec<String>,
}

/// Prepares one workload and serves requests on the standard input.
#[derive(Debug, Args)]
pub(super) struct Paired {
    #[arg(long)]
    workload: String,
    #[arg(long)]
    data: PathBuf,
}

/// Runs one workload under callgrind.
#[derive(Debug, Args)]
pub(super) struct Callgrind {
    #[arg(long)]
    workload: String,
    #[arg(long)]
    data: PathBuf,
    /// Where callgrind leaves what it counted.
    #[arg(long)]
    out: PathBuf,
    /// Count the whole process, with all its threads, instead of one iteration.
    #[arg(long)]
    whole: bool,
    /// Tell functions apart by so many of their callers.
    #[arg(long, default_value_t = 0)]
    callers: u32,
}

impl Candidates {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let mut out = io::stdout().lock();
        for candidate in catalogue::gated(self.setting, &self.filters) {
            serde_json::to_writer(&mut out, &candidate)?;
            writeln!(out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Paired {
    pub(super) fn run(&self) -> Result<ExitCode> {
        paired::serve(&self.workload, &self.data, io::stdin().lock(), io::stdout().lock())?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Callgrind {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let out = std::path::absolute(&self.out)?;
        let mut command = Command::new("valgrind");
        command
            .arg("--tool=callgrind")
            .args(instructions::VALGRIND_ARGUMENTS)
            .args(instructions::CALLGRIND_ARGUMENTS)
            .arg(format!("--callgrind-out-file={}", out.display()))
            .arg(format!("--separate-callers={}", self.callers));
        if !self.whole {
            command.arg(format!("--toggle-collect={}", instructions::COUNTED));
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.arg(std::env::current_exe()?).env_clear().envs(instructions::ENVIRONMENT);
        command.env("PATH", path).current_dir(&self.data);
        #[cfg(feature = "injected-slowdown")]
        command.envs(std::env::var_os(SLOWDOWN_VARIABLE).map(|value| (SLOWDOWN_VARIABLE, value)));
        if self.whole {
            command.args(["once", "--workload", &self.workload, "--data", "."]);
        } else {
            command.env(instructions::WORKLOAD_VARIABLE, &self.workload);
        }
        let log = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log.reopen()?);
        let mut child = command.spawn().context("cannot start valgrind: is it installed?")?;
        let Some(status) = child.wait_timeout(PATIENCE)? else {
            child.kill()?;
            child.wait()?;
            bail!("it hung under valgrind: killed after {} seconds", PATIENCE.as_secs());
        };
        let said = fs::read_to_string(log.path()).unwrap_or_default();
        ensure!(status.success(), "under valgrind it ended with {status}: {said}");
        Ok(ExitCode::SUCCESS)
    }
}
