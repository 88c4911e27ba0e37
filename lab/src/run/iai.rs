//! The bench target `instructions`, from the outside: whether it can run, and running it.

use super::iai_format::{HOME_VARIABLE, RUNNER_OPTIONS, RUNNER_VERSION, runner_version};
use super::session::Conduct;
use crate::console::interrupt::interrupted;
use crate::harness::build::{self, PACKAGE};
use crate::harness::{patience, valgrind};
use crate::target::Target;
use crate::{owned, programs};
use anyhow::{Context, Result, bail};
use simple_records::harness::valgrind::{DATA_VARIABLE, NAMES_VARIABLE};
use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// The program that iai-callgrind starts valgrind by.
pub(crate) const RUNNER: &str = "iai-callgrind-runner";
/// Time between looks for an interrupt.
const TICK: Duration = Duration::from_millis(200);

/// The bench target, with what it needs.
#[derive(Debug)]
pub(super) struct Iai<'a> {
    target: &'a Target,
}

impl<'a> Iai<'a> {
    /// Finds what is needed.
    ///
    /// # Errors
    /// If something is missing: its name and how to get it, in one line.
    pub(super) fn find(target: &'a Target) -> Result<Self> {
        if !programs::is_there("valgrind") {
            bail!(valgrind::MISSING);
        }
        let found = installed(target);
        if found.as_deref() != Some(RUNNER_VERSION) {
            let but = found.map(|found| format!(", {found} was found")).unwrap_or_default();
            let tools = target.tools();
            bail!(
                "{RUNNER} {RUNNER_VERSION} is missing{but} (cargo install --locked --root {} \
                 {RUNNER} --version {RUNNER_VERSION})",
                tools.display()
            );
        }
        Ok(Self { target })
    }

    /// A folder for the files of valgrind. The runner hands paths to valgrind, which takes a
    /// percent sign in them for more than that: then it is a temporary one.
    fn home(&self) -> Result<(PathBuf, Option<owned::Scratch>)> {
        let usual = std::path::absolute(self.target.iai())?;
        if !usual.as_os_str().as_encoded_bytes().contains(&b'%') {
            return Ok((usual, None));
        }
        let scratch = owned::scratch()?;
        Ok((scratch.path().to_owned(), Some(scratch)))
    }

    fn cargo_bench(&self, conduct: &Conduct<'_>) -> Result<Command> {
        let mut command = build::cargo(self.target)?;
        command
            .args(["bench", "-p", PACKAGE, "--bench", "instructions"])
            .env("PATH", search_path(self.target))
            .stderr(conduct.ground.log.file.try_clone()?);
        Ok(command)
    }

    /// Builds the target, which takes a while the first time.
    pub(super) fn build(&self, conduct: &Conduct<'_>) -> Result<()> {
        let mut command = self.cargo_bench(conduct)?;
        let mut cargo = owned::spawn(command.arg("--no-run")).context("cannot start cargo")?;
        if !cargo.wait()?.success() {
            bail!("its bench target cannot be built, see {}", conduct.ground.log.path.display());
        }
        Ok(())
    }

    /// Has the target count these workloads, and gives each summary to `use_summary` as it comes,
    /// in the same order. Ends when the target does: after the last workload, after the first that
    /// fails, or by an interrupt.
    pub(super) fn count(
        &self,
        workloads: &[&str],
        conduct: &Conduct<'_>,
        mut use_summary: impl FnMut(&str) -> Result<()>,
    ) -> Result<()> {
        let (home, _scratch) = self.home()?;
        let mut command = self.cargo_bench(conduct)?;
        command
            .arg("--")
            .args(RUNNER_OPTIONS)
            .env(HOME_VARIABLE, home)
            .env(NAMES_VARIABLE, workloads.join("\n"))
            .env(DATA_VARIABLE, std::path::absolute(conduct.target.data())?)
            .stdout(Stdio::piped());
        // Dropped, it is ended with all that it started.
        let mut cargo = owned::spawn(&mut command).context("cannot start cargo")?;
        let stdout = cargo.take_stdout().context("the output is piped")?;
        let lines = lines_of(stdout);
        let mut last = Instant::now();
        while interrupted().is_none() {
            match lines.recv_timeout(TICK) {
                Ok(line) => {
                    last = Instant::now();
                    use_summary(&line)?;
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) if last.elapsed() < patience::WORKLOAD => {}
                Err(RecvTimeoutError::Timeout) => {
                    bail!("it hung: killed after {} seconds", patience::WORKLOAD.as_secs())
                }
            }
        }
        Ok(())
    }
}

/// The version of the runner that is installed, if it is. Called like this it fails, and says it.
pub(crate) fn installed(target: &Target) -> Option<String> {
    let output =
        Command::new(RUNNER).env("PATH", search_path(target)).stdin(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    runner_version(&said).map(str::to_owned)
}

/// Our own tools first.
fn search_path(target: &Target) -> OsString {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let ours = std::path::absolute(target.tools()).unwrap_or_else(|_| target.tools());
    let folders = [ours.join("bin")].into_iter().chain(env::split_paths(&inherited));
    env::join_paths(folders).unwrap_or(inherited)
}

/// The lines that come out of `output`, as they come.
fn lines_of(output: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // Summaries are JSON objects; whatever else may be printed is not.
            if line.starts_with('{') && send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}
