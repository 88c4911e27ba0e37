//! The client of the harness: the one place that talks to a process of `simple-bench serve`.

mod requests;

use crate::console::interrupt::interrupted;
use crate::harness::Log;
use crate::harness::patience::{self, patience};
use crate::owned::{self, Child, Ended};
use crate::programs::{self, Failed};
use anyhow::{Context, Result, bail};
use simple_records::harness::{Reply, Request, SERVE};
use simple_records::{from_json, harmless};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Time that a process gets to end after its input, if its exit code does not matter.
const GRACE_MS: u32 = 40;
/// Time after which a process that closed its output is killed.
const AFTER_OUTPUT: Duration = Duration::from_secs(10);

/// A process of the harness. Dropped, it is ended.
#[derive(Debug)]
pub struct Client {
    child: Child,
    requests: Option<ChildStdin>,
    replies: Receiver<String>,
    complaints: Complaints,
    threads: Option<u64>,
}

/// The destination of a process's standard error.
#[derive(Debug)]
enum Complaints {
    /// A file of its own, quoted when the process fails.
    Quoted(File),
    /// A log that users are referred to.
    Log(String),
}

/// Samples of a workload, as the harness timed them.
#[derive(Debug)]
pub struct Timed {
    /// Duration of the iterations of each sample together.
    pub totals_ns: Vec<f64>,
    /// Page faults without input or output, over all samples.
    pub page_faults_minor: u64,
    /// Number of times that the process lost its processor without having asked.
    pub involuntary_switches: u64,
}

impl Client {
    /// Starts `command`, which runs a program of the harness and lacks only its subcommand, and
    /// waits until it is ready. Without a `log`, errors quote the process's complaints.
    ///
    /// # Errors
    /// If it cannot be started, ends, hangs, or does not speak the language.
    pub fn start(mut command: Command, log: Option<&Log>) -> Result<Self> {
        let complaints = match log {
            Some(log) => {
                command.stderr(log.file.try_clone()?);
                Complaints::Log(log.path.display().to_string())
            }
            None => {
                let file = programs::scratch()?;
                command.stderr(file.try_clone()?);
                Complaints::Quoted(file)
            }
        };
        command.arg(SERVE).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = owned::spawn(&mut command)
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        // An interrupt ends the children that there are, and would leave this one to be waited for.
        if interrupted().is_some() {
            child.kill()?;
            bail!("interrupted");
        }
        let requests = child.take_stdin();
        let output = BufReader::new(child.take_stdout().context("the output is piped")?);
        let (send, replies) = mpsc::channel();
        thread::spawn(move || {
            for line in output.split(b'\n').map_while(Result::ok) {
                if send.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    return;
                }
            }
        });
        let mut client = Self { child, requests, replies, complaints, threads: None };
        match client.reply(patience::START)? {
            Reply::Ready => Ok(client),
            other => bail!("it replied {other:?} before it was asked"),
        }
    }

    /// Starts a process as [`start`](Self::start) does, in the folder of the files that workloads
    /// read, and has it prepare a workload.
    ///
    /// # Errors
    /// Also if the workload cannot be prepared, or runs wrongly.
    pub fn prepared(
        mut command: Command,
        workload: &str,
        data: &Path,
        log: Option<&Log>,
    ) -> Result<Self> {
        fs::create_dir_all(data)
            .with_context(|| format!("cannot create the folder {}", data.display()))?;
        command.current_dir(data);
        let mut client = Self::start(command, log)?;
        // The path of the folder need not be text, and requests are.
        client.prepare(workload, if data.to_str().is_some() { data } else { Path::new(".") })?;
        Ok(client)
    }

    /// Makes a request and returns the reply.
    ///
    /// # Errors
    /// The reason of the harness, if the request failed; that it hung, in which case it is killed;
    /// or how it ended.
    pub fn ask(&mut self, request: &Request) -> Result<Reply> {
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        let requests = self.requests.as_mut().context("its input is closed")?;
        // If it has ended, the missing reply says why.
        let sent = requests.write_all(&line);
        let reply = self.reply(patience(request))?;
        sent?;
        Ok(reply)
    }

    fn reply(&mut self, patience: Duration) -> Result<Reply> {
        match self.replies.recv_timeout(patience) {
            // A workload may say anything, and terminals obey control characters.
            Ok(line) => match from_json(line.as_bytes()) {
                Ok(Reply::Failed { why }) => bail!(why),
                Ok(reply) => Ok(reply),
                Err(error) => bail!("its reply is illegible ({error}): {}", harmless(&line)),
            },
            Err(RecvTimeoutError::Timeout) => {
                self.child.kill()?;
                bail!("it hung: killed after {} seconds", patience.as_secs())
            }
            Err(RecvTimeoutError::Disconnected) => Err(self.ended()),
        }
    }

    /// Its end, as an error.
    fn ended(&mut self) -> anyhow::Error {
        let status = match self.child.wait_for(AFTER_OUTPUT) {
            Ok(Ended::Itself(status)) => status,
            Ok(Ended::Killed) => return anyhow::anyhow!("it closed its output: killed"),
            Err(error) => return error.into(),
        };
        match &mut self.complaints {
            Complaints::Log(path) => anyhow::anyhow!("it ended with {status}, see {path}"),
            Complaints::Quoted(file) => match programs::text_of(file) {
                Ok(said) => Failed::new(status, &said).into(),
                Err(error) => error,
            },
        }
    }

    /// Closes its input and waits for its end: tools that run it write their files then.
    ///
    /// # Errors
    /// If it hangs or ends with a failure.
    pub fn finish(mut self) -> Result<()> {
        drop(self.requests.take());
        match self.child.wait_for(patience::END)? {
            Ended::Itself(status) if status.success() => Ok(()),
            Ended::Itself(_) => Err(self.ended()),
            Ended::Killed => bail!("it hung: killed after {} seconds", patience::END.as_secs()),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.requests.take());
        // It ends with its input; a hung one is killed.
        for _ in 0..GRACE_MS {
            match self.child.try_wait() {
                Ok(None) => thread::sleep(Duration::from_millis(1)),
                _ => return,
            }
        }
        // If the process cannot be killed, it is gone.
        let _ = self.child.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::sh;

    /// A program that replies these lines to any requests.
    fn replying(script: &str) -> Command {
        sh(format!("echo '{{\"reply\":\"ready\"}}'; {script}; :"))
    }

    #[test]
    fn a_request_gets_its_reply_and_the_end_is_that_of_the_input() {
        let script = "while read line; do echo '{\"reply\":\"right\"}'; done";
        let mut client = Client::start(replying(script), None).unwrap();
        client.check().unwrap();
        let other = client.count().unwrap_err().to_string();
        assert!(other.contains("no reply to the request"), "{other}");
        client.finish().unwrap();
    }

    #[test]
    fn a_refusal_is_the_reason_and_the_process_goes_on() {
        let script = "read line; echo '{\"reply\":\"failed\",\"why\":\"no file\"}'; \
                      read line; echo '{\"reply\":\"right\"}'";
        let mut client = Client::start(replying(script), None).unwrap();
        assert_eq!(client.check().unwrap_err().to_string(), "no file");
        client.check().unwrap();
    }

    #[test]
    fn words_of_others_do_not_reach_a_terminal_as_they_are() {
        let script = r#"read line; printf '{"reply":"failed","why":"\\u001b[2J"}\n'; read line;
                        printf '\033[2J' >&2; exit 3"#;
        let mut client = Client::start(replying(script), None).unwrap();
        for _ in 0..2 {
            assert_eq!(client.check().unwrap_err().to_string(), "[U+001B][2J");
        }
    }

    #[test]
    fn an_end_is_quoted_or_refers_to_the_log() {
        let script = "read line; echo 'it broke' >&2; exit 3";
        let mut client = Client::start(replying(script), None).unwrap();
        let ended = client.check().unwrap_err();
        assert_eq!(ended.to_string(), "it broke");
        assert_eq!(ended.downcast::<Failed>().unwrap().status.code(), Some(3));
        let folder = tempfile::tempdir().unwrap();
        let log = Log::append_to(&folder.path().join("a.log")).unwrap();
        let mut client = Client::start(replying(script), Some(&log)).unwrap();
        let ended = client.check().unwrap_err().to_string();
        assert!(ended.contains('3') && ended.contains("a.log"), "{ended}");
        assert_eq!(std::fs::read_to_string(&log.path).unwrap(), "it broke\n");
    }

    #[test]
    fn a_program_that_hangs_is_killed() {
        let mut client = Client::start(replying("sleep 1000"), None).unwrap();
        let hung = client.reply(Duration::from_millis(20)).unwrap_err().to_string();
        assert!(hung.contains("hung"), "{hung}");
        assert!(client.child.try_wait().unwrap().is_some());
    }

    #[test]
    fn a_failure_at_the_end_is_told() {
        let script = "read line; echo 'no disk' >&2; exit 4";
        let client = Client::start(replying(script), None).unwrap();
        assert_eq!(client.finish().unwrap_err().to_string(), "no disk");
    }

    #[test]
    fn a_program_of_another_language_is_told() {
        let error = Client::start(sh("echo hello; :"), None).unwrap_err().to_string();
        assert!(error.contains("illegible"), "{error}");
        let error = Client::start(sh("echo no workload >&2; exit 2; :"), None).unwrap_err();
        assert_eq!(error.to_string(), "no workload");
    }
}
