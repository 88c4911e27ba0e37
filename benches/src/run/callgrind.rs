//! The bench target `instructions`, from the outside: whether it can run, and running it.

use super::child::Orders;
use crate::instruments::iai_format::{
    HOME_VARIABLE, RUNNER_OPTIONS, RUNNER_VERSION, runner_version,
};
use anyhow::{Context, Result, bail};
use simple_lab::console::interrupt::interrupted;
use simple_lab::{owned, programs};
use simple_records::harness::valgrind::{DATA_VARIABLE, NAMES_VARIABLE};
use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

const RUNNER: &str = "iai-callgrind-runner";
/// Longer than valgrind takes for any workload, with both tools: something hangs.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often an interrupt is looked for.
const TICK: Duration = Duration::from_millis(200);

/// The bench target, with what it needs.
#[derive(Debug)]
pub(super) struct Callgrind {
    /// Absolute, because the target runs in the folder of its package.
    target: PathBuf,
}

impl Callgrind {
    /// What is needed, found; or what is missing and how to come by it, in one line.
    pub(super) fn find(target: &Path) -> Result<Self> {
        let this = Self { target: std::path::absolute(target)? };
        if !programs::is_there("valgrind") {
            bail!("valgrind is missing (Debian: apt-get install valgrind)");
        }
        let said = this.runner_says();
        let found = said.as_deref().and_then(runner_version);
        if found != Some(RUNNER_VERSION) {
            let but = found.map(|found| format!(", {found} was found")).unwrap_or_default();
            let tools = this.tools();
            bail!(
                "{RUNNER} {RUNNER_VERSION} is missing{but} (cargo install --locked --root {} \
                 {RUNNER} --version {RUNNER_VERSION})",
                tools.display()
            );
        }
        Ok(this)
    }

    /// What the runner prints: called like this it fails, and says its version.
    fn runner_says(&self) -> Option<String> {
        let output = Command::new(RUNNER)
            .env("PATH", self.search_path())
            .stdin(Stdio::null())
            .output()
            .ok()?;
        Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    }

    /// The runner hands paths to valgrind, which takes a percent sign in them for more than that.
    fn has_percent(&self) -> bool {
        self.target.as_os_str().as_encoded_bytes().contains(&b'%')
    }

    fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// Our own tools first.
    fn search_path(&self) -> OsString {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let folders = [self.tools().join("bin")].into_iter().chain(env::split_paths(&inherited));
        env::join_paths(folders).unwrap_or(inherited)
    }

    fn cargo_bench(&self, orders: &Orders<'_>) -> Result<Command> {
        let mut command = programs::cargo();
        command
            .args(["bench", "-p", "simple-benches", "--bench", "instructions"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("PATH", self.search_path())
            .env("CARGO_TARGET_DIR", &self.target)
            .stderr(orders.log.try_clone()?);
        Ok(command)
    }

    /// Builds the target, which takes a while the first time.
    pub(super) fn build(&self, orders: &Orders<'_>) -> Result<()> {
        let mut command = self.cargo_bench(orders)?;
        let mut cargo = owned::spawn(command.arg("--no-run")).context("cannot start cargo")?;
        if !cargo.wait()?.success() {
            bail!("its bench target cannot be built, see {}", orders.log_path.display());
        }
        Ok(())
    }

    /// Has the target count these workloads, and gives each summary to `use_summary` as it
    /// comes, in the same order. Ends when the target does: after the last workload, after the
    /// first that fails, or by an interrupt.
    pub(super) fn count(
        &self,
        workloads: &[&str],
        orders: &Orders<'_>,
        mut use_summary: impl FnMut(&str) -> Result<()>,
    ) -> Result<()> {
        let scratch = self.has_percent().then(owned::scratch).transpose()?;
        let usual = self.target.join("iai");
        let home = scratch.as_ref().map_or(usual.as_path(), owned::Scratch::path);
        let mut command = self.cargo_bench(orders)?;
        command
            .arg("--")
            .args(RUNNER_OPTIONS)
            .env(HOME_VARIABLE, home)
            .env(NAMES_VARIABLE, workloads.join("\n"))
            .env(DATA_VARIABLE, std::path::absolute(orders.data)?)
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
                Err(RecvTimeoutError::Timeout) if last.elapsed() < PATIENCE => {}
                Err(RecvTimeoutError::Timeout) => {
                    bail!("it hung: ended after {} seconds", PATIENCE.as_secs())
                }
            }
        }
        Ok(())
    }
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
