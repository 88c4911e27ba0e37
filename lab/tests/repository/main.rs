//! The gate in repositories of anybody's, with a `lab.toml`.

mod broken;
mod common;
mod faulty;
mod forms;
mod given;
mod harness;
mod refused;
mod resume;
mod verdict;
