//! External tools that instruments need, and how to install them.
//!
//! A missing tool is installed if that needs no answer from the user: by root with apt-get, as in a CI
//! image, or by cargo into a folder of ours. One line says so, and one names what stays missing.

use crate::harness::patience::BUILD;
use crate::harness::{build, perf, valgrind};
use crate::run::{RUNNER, RUNNER_VERSION, runner};
use crate::target::Target;
use crate::{programs, say};
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use std::process::Stdio;

/// An external tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tool {
    /// Counts instructions and allocations, checks C programs.
    Valgrind,
    /// Samples processor time and waits.
    Perf,
    /// Starts valgrind for `lab run`.
    Runner,
}

impl Tool {
    /// Every tool.
    pub const ALL: [Self; 3] = [Self::Valgrind, Self::Perf, Self::Runner];

    /// The name of the program.
    pub fn name(self) -> &'static str {
        match self {
            Self::Valgrind => "valgrind",
            Self::Perf => "perf",
            Self::Runner => RUNNER,
        }
    }

    /// Returns whether it is installed.
    pub fn is_there(self, target: &Target) -> bool {
        match self {
            Self::Valgrind | Self::Perf => programs::is_there(self.name()),
            Self::Runner => runner(target).as_deref() == Some(RUNNER_VERSION),
        }
    }

    /// The consequence of its absence, and how to install it.
    pub fn advice(self) -> String {
        match self {
            Self::Valgrind => {
                format!("{}: no instruction counts and no view of memory", valgrind::MISSING)
            }
            Self::Perf => format!("{}: the next best sampler is used", perf::MISSING),
            Self::Runner => format!(
                "{RUNNER} {RUNNER_VERSION} is missing: instructions are not counted by `just \
                 bench`, which installs it if valgrind is there"
            ),
        }
    }

    fn install(self, target: &Target) -> Result<()> {
        match self {
            Self::Valgrind => apt_get("valgrind", self),
            Self::Perf => apt_get("linux-perf", self),
            Self::Runner => {
                ensure!(Self::Valgrind.is_there(target), valgrind::MISSING);
                say!("installing {RUNNER} into target/tools (once, 1 or 2 minutes)");
                let mut cargo = build::cargo(target)?;
                cargo.env_remove("CARGO_TARGET_DIR");
                cargo.args(["install", "--quiet", "--locked", "--root"]).arg(target.tools());
                cargo.args([RUNNER, "--version", &format!("={RUNNER_VERSION}")]);
                cargo.stdout(Stdio::null());
                programs::run(cargo, BUILD).map(drop)
            }
        }
    }
}

/// Installs missing tools as far as that needs no answer from the user, and names the rest.
pub fn provide(tools: &[Tool], target: &Target) {
    for tool in tools.iter().filter(|tool| !tool.is_there(target)) {
        if let Err(error) = tool.install(target) {
            say!("{} is not installed: {error:#}", tool.name());
        }
        if !tool.is_there(target) {
            say!("{}", tool.advice());
        }
    }
}

/// Installs a package with apt-get as root; other users get advice instead.
fn apt_get(package: &str, tool: Tool) -> Result<()> {
    // SAFETY: it only returns a number.
    let is_root = unsafe { libc::geteuid() } == 0;
    if !is_root || !programs::is_there("apt-get") {
        return Ok(());
    }
    say!("{} is missing: installing {package} with apt-get", tool.name());
    programs::run(programs::apt_get(package), BUILD)
        .map(drop)
        .with_context(|| format!("apt-get could not install {package}"))
}
