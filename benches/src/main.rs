//! The same as the bench target `wall`, for tests and scripts.

fn main() -> std::process::ExitCode {
    simple_benches::run::main()
}
