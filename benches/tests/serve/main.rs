//! The language of conductor and harness, spoken with the real program over pipes.

mod harness;
mod page_cache;
mod process;
mod refusals;
mod requests;
