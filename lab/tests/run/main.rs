//! Runs, lists and checks, from their command line.

mod adding;
#[path = "../common/c.rs"]
mod c;
mod catalogue;
mod cli;
mod corpus;
#[path = "../common/harness.rs"]
mod harness;
mod misspelt;
mod others;
