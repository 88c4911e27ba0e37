//! The terminal: what is printed on it, and signals from it.

pub mod interrupt;
pub mod print;
mod progress;
mod terminal;
mod typed;

pub use progress::{Amount, Progress};
pub use terminal::takes_bar;
pub use typed::typed;
