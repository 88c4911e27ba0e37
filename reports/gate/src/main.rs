//! See `simple_gate`.

fn main() -> std::process::ExitCode {
    simple_gate::main()
}
