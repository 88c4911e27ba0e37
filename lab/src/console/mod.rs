//! What a program says to whoever started it, and what it is told by signals.

pub mod interrupt;
pub mod print;
mod progress;
mod terminal;

pub use progress::{Amount, Progress};
pub use terminal::takes_bar;
