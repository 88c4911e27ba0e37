//! Reports, from their command line.

mod cli;
mod compare;
mod empty;
mod profiles;

#[path = "../../../reports/tests/common/mod.rs"]
mod common;
