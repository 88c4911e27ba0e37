//! The regression gate, from its command line.

mod builds;
mod common;
mod compare;
mod interrupt;
mod judge;
