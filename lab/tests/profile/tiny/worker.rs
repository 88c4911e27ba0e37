//! A program as small as one can be that is profiled like the harness: no dependencies, so that
//! a test can build it twice, once with `--cfg slowed`.

use std::hint::black_box;
use std::process::{Command, ExitCode};

/// What one version does more of than the other: by far, so that no noise of a machine makes the
/// other function slower by as much.
#[inline(never)]
#[unsafe(no_mangle)]
fn tiny_hot_path(seed: u64) -> u64 {
    const ROUNDS: u64 = if cfg!(slowed) { 40_000 } else { 10_000 };
    (0..ROUNDS).fold(seed, |sum, i| black_box(sum.rotate_left(5) ^ i))
}

/// What both versions do alike.
#[inline(never)]
#[unsafe(no_mangle)]
fn tiny_steady_path(seed: u64) -> u64 {
    (0..20_000).fold(seed, |sum, i| black_box(sum.rotate_left(7) ^ i))
}

fn iteration() -> u64 {
    tiny_hot_path(black_box(1)) ^ tiny_steady_path(black_box(1))
}

/// Where an iteration is counted.
#[inline(never)]
#[unsafe(no_mangle)]
extern "C" fn simple_bench_counted() -> u64 {
    iteration()
}

/// Where iterations are measured.
#[inline(never)]
#[unsafe(no_mangle)]
extern "C" fn simple_bench_measured() -> u64 {
    (0..1000).fold(0, |sum, _| sum ^ black_box(iteration()))
}

fn argument(name: &str) -> String {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1).unwrap_or_default()
}

fn now_ns() -> u64 {
    #[repr(C)]
    struct Time {
        seconds: i64,
        ns: i64,
    }
    unsafe extern "C" {
        fn clock_gettime(clock: i32, time: *mut Time) -> i32;
    }
    const MONOTONIC: i32 = 1;
    let mut time = Time { seconds: 0, ns: 0 };
    // SAFETY: the pointer is to a time of ours, in the form that 64-bit Linux has.
    unsafe { clock_gettime(MONOTONIC, &raw mut time) };
    time.seconds as u64 * 1_000_000_000 + time.ns as u64
}

fn repeat() {
    let time_ns = argument("--for-ms").parse::<u64>().expect("a number") * 1_000_000;
    let began = now_ns();
    let mut iterations = 0;
    while now_ns() < began + time_ns {
        black_box(simple_bench_measured());
        iterations += 1000;
    }
    let ended = now_ns();
    let ns = ended - began;
    let answer = format!(
        r#"{{"iterations":{iterations},"measured_ns":{ns},"windows":[[{began},{ended}]],"counters":{{"processor_time_ns":{ns}}}}}"#
    );
    std::fs::write(argument("--answer"), answer).expect("the answer can be written");
}

fn valgrind() -> ExitCode {
    let status = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg("--separate-callers=20")
        .arg("--toggle-collect=simple_bench_counted")
        .arg(format!("--callgrind-out-file={}", argument("--out")))
        .arg(std::env::current_exe().expect("it has a path"))
        .arg("count")
        .status();
    if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("workloads") => println!(
            r#"{{"workload":"tiny/hot","setting":"quick","peer":false,"is_counted":true}}"#
        ),
        Some("repeat") => repeat(),
        Some("valgrind") => return valgrind(),
        Some("count") => {
            black_box(simple_bench_counted());
        }
        _ => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}
