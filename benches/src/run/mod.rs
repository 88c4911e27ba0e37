//! A run: which workloads, under which instruments, in which order, in processes of their
//! own, and the records of it.

mod asked;
mod callgrind;
mod child;
mod cli;
mod gate;
mod noise;
mod plan;
mod record;
mod repeat;
mod session;
mod settings;
mod target;
mod valgrind;
mod verify;

pub use cli::main;
