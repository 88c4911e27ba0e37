//! The measured program. It serves those who measure; it measures nothing by itself.

use simple_benches::serve;
use simple_records::harness::SERVE;
use std::process::ExitCode;

const HELP: &str = "\
The workloads of the Simple runtime, for programs that measure them.

Usage: simple-bench serve

serve  Reads requests from the standard input and writes replies to the standard output, one JSON
       value a line. The crate simple-records describes them, in its module harness.

People measure with `just bench` or the program `lab`; `cargo bench -p simple-benches` runs the
workloads as benchmarks of criterion.
";

fn main() -> ExitCode {
    match serve::first_word().as_deref() {
        Some(SERVE) => serve::main(),
        Some("--help" | "-h") => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        _ => {
            eprint!("{HELP}");
            ExitCode::from(2)
        }
    }
}
