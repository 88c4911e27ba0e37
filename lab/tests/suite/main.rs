//! Suites of repositories, with programs that the tests make.

mod commands;
mod common;
mod config;
mod criterion;
mod faults;
mod google_benchmark;
mod harness;
