//! Programs of anybody, compared as whole processes.
//!
//! The blocks, the judge, the records and the pages are those of runs; here is what is different
//! about a program of which nothing is known: it has no harness, so a sample is one process from
//! its start to its end.
//!
//! | file | idea |
//! |---|---|
//! | `cli` | the verb `compare` |
//! | `command` | what is run: words or a script, with its environment and its input |
//! | `process` | one process: timed, its output hashed, killed if it does not end |
//! | `fault` | faults of processes, with advice for the place where the user asked for them |
//! | `outputs` | exit codes and outputs of alternatives that should be the same |
//! | `contest` | the alternatives of one question, and the null control beside them |
//! | `session` | blocks until the question is answered or the time is up |
//! | `block` | one block |
//! | `record` | the record of it |
//! | `stats` | the counters that the runtime of a tuned program writes |
//! | `instructions` | one count of each alternative under callgrind |
//! | `verdict` | what is printed, and the exit code |

mod block;
mod cli;
pub(crate) mod command;
pub(crate) mod contest;
pub(crate) mod fault;
mod instructions;
pub(crate) mod options;
mod outputs;
pub(crate) mod process;
pub(crate) mod record;
pub(crate) mod session;
pub(crate) mod stats;
pub(crate) mod verdict;

pub use cli::Compare;
pub(crate) use cli::{kept, say_interrupted};
