//! Runs, lists and checks, from their command line.

mod catalogue;
mod cli;
mod fresh_home;
#[path = "../common/harness.rs"]
mod harness;
