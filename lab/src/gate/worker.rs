//! A measuring process, from the outside.

use crate::owned::{self, Child};
use crate::programs;
use anyhow::{Context, Result, bail};
use simple_records::paired::{Reply, Request};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Longer than any request may take: something hangs.
const PATIENCE: Duration = Duration::from_secs(120);
/// The environment lies at the top of the stack: its size moves everything below, and that
/// alone can change times (Mytkowicz et al., Producing Wrong Data Without Doing Anything
/// Obviously Wrong!, ASPLOS 2009). So it differs from process to process, up to this.
const MOST_PADDING_BYTES: usize = 4096;

/// A process that has prepared a workload. Dropped, it is ended.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    requests: Option<ChildStdin>,
    replies: Receiver<String>,
}

impl Worker {
    /// Starts `program` with `workload`. `environment` is added to it.
    pub fn start(
        program: &Path,
        workload: &str,
        data: &Path,
        log: &File,
        environment: &[(String, String)],
        random: &mut fastrand::Rng,
    ) -> Result<Self> {
        let padding = "x".repeat(random.usize(..MOST_PADDING_BYTES));
        let mut command = programs::measured(program);
        command
            .args(["paired", "--workload", workload, "--data"])
            .arg(data)
            .env("SIMPLE_BENCH_PADDING", padding)
            .envs(environment.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.try_clone()?);
        let mut child = owned::spawn(&mut command)
            .with_context(|| format!("cannot start {}", program.display()))?;
        let requests = child.take_stdin();
        let output = BufReader::new(child.take_stdout().context("the output is piped")?);
        let (send, replies) = mpsc::channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let worker = Self { child, requests, replies };
        match worker.reply()? {
            Reply::Ready => Ok(worker),
            other => bail!("it replied {other:?} before it was asked"),
        }
    }

    /// Has it serve a request.
    pub fn ask(&mut self, request: Request) -> Result<Reply> {
        let mut line = serde_json::to_vec(&request)?;
        line.push(b'\n');
        let requests = self.requests.as_mut().context("its input is closed")?;
        // If it has ended, its last reply says why.
        let sent = requests.write_all(&line);
        let reply = self.reply()?;
        sent?;
        Ok(reply)
    }

    fn reply(&self) -> Result<Reply> {
        match self.replies.recv_timeout(PATIENCE) {
            Ok(line) => match serde_json::from_str(&line) {
                Ok(Reply::Failed { why }) => bail!(why),
                Ok(reply) => Ok(reply),
                Err(_) => bail!("it replied illegibly: {line}"),
            },
            Err(RecvTimeoutError::Timeout) => {
                bail!("it hung: ended after {} seconds", PATIENCE.as_secs())
            }
            Err(RecvTimeoutError::Disconnected) => bail!("it ended without a reply"),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.requests.take());
        // It ends with its input; what hangs is ended.
        for _ in 0..40 {
            match self.child.try_wait() {
                Ok(None) => thread::sleep(Duration::from_millis(1)),
                _ => return,
            }
        }
        // What cannot be killed is gone.
        let _ = self.child.kill();
    }
}
