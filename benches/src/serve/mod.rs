//! The harness as a server: a request a line on the standard input, a reply a line on the standard
//! output. [`simple_records::harness`] is the language.
//!
//! | file | idea |
//! |---|---|
//! | `session.rs` | the requests, one by one |
//! | `process.rs` | the process: its command line, its standard output, its end |
//!
//! Counts must repeat exactly, so nothing here may have an effect on addresses that differs from
//! run to run: a buffer has a fixed size, and the command line is read without the heap.

mod process;
mod session;

pub use process::first_word;

use crate::instruments::wall;
use anyhow::{Context, Result};
use session::Session;
use simple_records::harness::{Reply, Request};
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

/// Longest request that needs no more memory than the first.
const USUAL_REQUEST_BYTES: usize = 1 << 13;

/// The outcome of all requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Served {
    All,
    /// Some got [`Reply::Failed`].
    NotAll,
}

/// Serves requests on the standard input until there are no more.
///
/// Exit codes: 0 all were served; 1 some were not; 2 nobody reads the replies.
pub fn main() -> ExitCode {
    process::end_with_parent();
    // SAFETY: the program has just begun, and has this thread alone.
    unsafe { wall::keep_from_asking_cargo() };
    let served = process::take_standard_output()
        .context("the standard output cannot be set aside")
        .and_then(|mut replies| serve(io::stdin().lock(), &mut replies));
    match served {
        Ok(Served::All) => ExitCode::SUCCESS,
        Ok(Served::NotAll) => ExitCode::FAILURE,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

fn serve(mut requests: impl BufRead, replies: &mut impl Write) -> Result<Served> {
    let mut session = Session::default();
    let mut line = Vec::with_capacity(USUAL_REQUEST_BYTES);
    let mut served = Served::All;
    send(replies, &Reply::Ready)?;
    loop {
        line.clear();
        if requests.read_until(b'\n', &mut line).context("the requests cannot be read")? == 0 {
            return Ok(served);
        }
        let reply = read(&line).and_then(|request| session.serve(request));
        let reply = reply.unwrap_or_else(|error| {
            let why = format!("{error:#}");
            complain(&why);
            served = Served::NotAll;
            Reply::Failed { why }
        });
        send(replies, &reply)?;
    }
}

fn read(line: &[u8]) -> Result<Request> {
    serde_json::from_slice(line)
        .with_context(|| format!("illegible request: {}", String::from_utf8_lossy(line).trim_end()))
}

fn send(replies: &mut impl Write, reply: &Reply) -> Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    replies.write_all(&line).and_then(|()| replies.flush()).context("nobody reads the replies")
}

/// Writes to the standard error, for those who read no replies.
fn complain(why: &str) {
    // Without a standard error there is nobody to tell.
    let _ = writeln!(io::stderr(), "error: {why}");
}
