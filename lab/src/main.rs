//! The program `lab`; see [`simple_lab::cli`].

fn main() -> std::process::ExitCode {
    simple_lab::cli::main()
}
