//! The command line, see [`simple_reports::cli`].

fn main() -> std::process::ExitCode {
    simple_reports::cli::main()
}
