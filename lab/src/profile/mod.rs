//! The profiler shows where the costs of a workload, or of a program of anybody, are.
//!
//! It starts the `harness` under profilers (`cpu`, `instructions`, `memory`, `waiting`, `timeline`,
//! one a view), reads their files with `simple_profiles`, and keeps folded stacks, pictures and a
//! record in a folder of each workload (`folder`). `diff` compares with another revision. `program`
//! does the same with whole programs of anybody.

mod cli;
mod cpu;
mod diff;
mod folder;
mod harness;
mod instructions;
mod memory;
mod print;
mod program;
mod run;
mod stacks;
mod timeline;
mod waiting;

pub use cli::{AllWorkloads, Diff, One};
