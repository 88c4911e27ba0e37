//! The regression gate, from its command line.

mod builds;
mod calibrate;
mod calibrate_gate;
mod common;
mod compare;
mod interrupt;
mod judge;
mod layouts;
