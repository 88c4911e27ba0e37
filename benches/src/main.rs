//! The measured program. Everything but `serve` is said by its help.

use simple_benches::serve;
use simple_records::harness::SERVE;
use std::process::ExitCode;

fn main() -> ExitCode {
    match serve::first_word().as_deref() {
        Some(SERVE) => serve::main(),
        _ => simple_benches::run::main(),
    }
}
