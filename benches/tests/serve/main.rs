//! The language of conductor and harness, spoken with the real program over pipes.

mod harness;
mod process;
mod refusals;
mod requests;
