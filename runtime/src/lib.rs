//! The runtime of the Simple language.
mod sync;
pub mod coverage;
pub mod error;
pub mod file;
pub mod registry;
