//! Comparisons of commands, with programs that the tests make.

#[path = "../common/c.rs"]
mod c;
mod commands;
mod refused;
mod work;
