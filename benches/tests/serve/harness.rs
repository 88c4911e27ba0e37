//! A process that serves, and the other end of its pipes.

use simple_records::harness::{Amount, Repeat, Reply, Request, SERVE, Settings};
use simple_records::{Instrument, Work};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tempfile::TempDir;

/// Suits wall time and the counters of the kernel.
pub const COPIES: &str = "value/deep-copy/array of integers/10";
/// Is a service.
pub const SERVES: &str = "latency/submit/threaded/empty/1";
/// Suits the tools that count.
pub const COUNTED: &str = "abi/calls/floor/malloc and free";
/// Is right, and prints nothing.
pub const RIGHT: &str = "self-test/kinds/right";

pub const SETTINGS: Settings =
    Settings { warm_up_ms: 1, measurement_ms: 5, samples: 10, latency_ms: 10 };

/// A process that serves, and the other end of its pipes.
pub struct Harness {
    pub process: Child,
    pub requests: Option<ChildStdin>,
    pub replies: BufReader<ChildStdout>,
    pub data: TempDir,
}

impl Harness {
    pub fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_simple-bench"))
            .arg(SERVE)
            .env("SIMPLE_BENCH_SELF_TEST", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let requests = process.stdin.take();
        let replies = BufReader::new(process.stdout.take().unwrap());
        let mut this = Self { process, requests, replies, data: tempfile::tempdir().unwrap() };
        assert_eq!(this.reply(), Reply::Ready);
        this
    }

    /// A process in which `workload` is prepared.
    pub fn with(workload: &str) -> Self {
        let mut this = Self::start();
        let reply = this.prepare(workload);
        assert!(
            matches!(reply, Reply::Prepared(Work { items: 1.., threads: Some(1..), .. })),
            "{workload}: {reply:?}"
        );
        this
    }

    pub fn prepare(&mut self, workload: &str) -> Reply {
        let data = self.data.path().to_owned();
        self.ask(&Request::Prepare { workload: workload.to_owned(), data })
    }

    pub fn ask(&mut self, request: &Request) -> Reply {
        self.say(&serde_json::to_vec(request).unwrap())
    }

    pub fn say(&mut self, line: &[u8]) -> Reply {
        self.requests.as_mut().unwrap().write_all(&[line, b"\n"].concat()).unwrap();
        self.reply()
    }

    pub fn reply(&mut self) -> Reply {
        let mut line = String::new();
        self.replies.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    pub fn why(&mut self, request: &Request) -> String {
        why(self.ask(request))
    }

    /// Ends its input. Returns its exit code and what it printed to the standard error.
    pub fn end(mut self) -> (Option<i32>, String) {
        drop(self.requests.take());
        let mut rest = String::new();
        self.replies.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "replies that nobody asked for");
        let output = self.process.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }
}

pub fn why(reply: Reply) -> String {
    let Reply::Failed { why } = reply else { panic!("{reply:?}") };
    why
}

pub fn repeat(amount: Amount) -> Repeat {
    Repeat { amount, sample_hz: None, timeline: None }
}

pub fn measure(instrument: Instrument) -> Request {
    Request::Measure { instrument, settings: SETTINGS }
}
