//! Comparisons of commands, with programs that the tests make.

mod commands;
mod refused;
mod work;
