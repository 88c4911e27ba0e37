//! The gate in repositories of anybody's, with a `lab.toml`.

mod common;
mod faulty;
mod forms;
mod given;
mod refused;
mod resume;
mod verdict;
