//! Words for whoever started a program, and signals from there.

pub mod interrupt;
pub mod print;
mod progress;
mod terminal;

pub use progress::{Amount, Progress};
pub use terminal::takes_bar;
