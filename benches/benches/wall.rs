//! The door that `cargo bench` knows; see `simple_benches::wall`.

fn main() -> std::process::ExitCode {
    simple_benches::wall::main()
}
