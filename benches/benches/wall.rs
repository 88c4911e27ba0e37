//! The door that `cargo bench` knows; see `simple_benches::run`.

fn main() -> std::process::ExitCode {
    simple_benches::run::main()
}
