//! Builds of the program that is measured.

pub mod builds;
pub mod git;
