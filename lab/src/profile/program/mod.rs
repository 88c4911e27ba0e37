//! Profiles of whole programs of anybody: started for it, or running already.
//!
//! Nothing is known of such a program: it has no harness, no iterations and no set-up to leave out.
//! Each view has a process of its own, from its start to its end, with the user's environment.
//!
//! | file | idea |
//! |---|---|
//! | `cli` | the part of the verb `profile` that is about programs |
//! | `subject` | the program or process, and the name of its folder |
//! | `executable` | the file of a program: found, and refused with advice if it cannot be started |
//! | `running` | a process that runs: found, and refused if it cannot be looked at |
//! | `input` | a standard input that several processes read from its beginning |
//! | `process` | one process: watched, stopped in time |
//! | `growing` | a recording by perf, which is asked whether it has begun |
//! | `session` | the views, one after the other |
//! | `recorded`, `unrecorded` | a recording by perf, and the reason why there is none |
//! | `cpu`, `counted`, `waits`, `timeline` | the views |
//! | `blocked` | threads that only waited |
//! | `valgrind_log` | which processes valgrind watched |

mod blocked;
mod cli;
mod counted;
mod cpu;
mod executable;
mod growing;
mod input;
mod process;
mod recorded;
mod running;
mod session;
mod subject;
mod timeline;
mod unrecorded;
mod valgrind_log;
mod waits;

pub(super) use cli::{Anybody, Asked};
