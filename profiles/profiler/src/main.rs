//! See `simple_profiler`.

fn main() -> std::process::ExitCode {
    simple_profiler::main()
}
