//! A program as small as one can be that takes turns like the harness: no dependencies, so that
//! a test can build it twice, once with `--cfg slowed`.

use std::hint::black_box;
use std::io::{BufRead, Write};
use std::process::{Command, ExitCode};
use std::time::Instant;

/// What one version does more of than the other.
#[inline(never)]
fn tiny_hot_path(seed: u64) -> u64 {
    const ROUNDS: u64 = if cfg!(slowed) { 13_000 } else { 10_000 };
    (0..ROUNDS).fold(seed, |sum, i| black_box(sum.rotate_left(5) ^ i))
}

/// What both versions do alike.
#[inline(never)]
fn tiny_steady_path(seed: u64) -> u64 {
    (0..10_000).fold(seed, |sum, i| black_box(sum.rotate_left(7) ^ i))
}

fn iteration(workload: &str) -> Option<u64> {
    match workload {
        "tiny/hot" => Some(tiny_hot_path(black_box(1))),
        "tiny/steady" => Some(tiny_steady_path(black_box(1))),
        "tiny/removed" if !cfg!(slowed) => Some(tiny_steady_path(black_box(2))),
        "tiny/broken" if !cfg!(slowed) => Some(tiny_steady_path(black_box(3))),
        _ => None,
    }
}

/// Where an iteration is counted.
#[inline(never)]
#[unsafe(no_mangle)]
extern "C" fn simple_bench_counted(hot: bool) -> u64 {
    if hot { tiny_hot_path(black_box(1)) } else { tiny_steady_path(black_box(1)) }
}

fn argument(name: &str) -> String {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1).unwrap_or_default()
}

/// Names of the workloads, of those that the arguments ask for.
fn candidates() {
    let asked: Vec<String> = std::env::args().skip(4).collect();
    for name in ["tiny/hot", "tiny/steady", "tiny/removed", "tiny/broken"] {
        let is_gone = cfg!(slowed) && name == "tiny/removed";
        let is_asked = asked.is_empty() || asked.iter().any(|filter| name.contains(filter.as_str()));
        if is_gone || !is_asked {
            continue;
        }
        let instruments =
            if name == "tiny/broken" { r#"["wall"]"# } else { r#"["wall","instructions"]"# };
        println!(
            r#"{{"workload":"{name}","comparison":"tiny","reason":"test","axes":[],"items":1,"instruments":{instruments}}}"#
        );
    }
}

fn number(line: &str, field: &str) -> u64 {
    let (_, rest) = line.split_once(&format!("\"{field}\":")).unwrap_or_default();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(1)
}

fn reply(text: &str) {
    println!("{text}");
    let _ = std::io::stdout().flush();
}

fn serve(workload: &str) -> ExitCode {
    let run = |iterations: u64| -> Option<f64> {
        let start = Instant::now();
        for _ in 0..iterations {
            black_box(iteration(workload)?);
        }
        Some(start.elapsed().as_nanos() as f64)
    };
    if run(1).is_none() {
        reply(r#"{"reply":"failed","why":"it does not work"}"#);
        return ExitCode::FAILURE;
    }
    reply(r#"{"reply":"ready"}"#);
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if line.contains("warm_up") {
            let spent = run(200).unwrap_or(1.0);
            reply(&format!(r#"{{"reply":"warmed_up","iteration_ns":{}}}"#, spent / 200.0));
        } else {
            let (iterations, samples) = (number(&line, "iterations"), number(&line, "samples"));
            let totals: Vec<String> =
                (0..samples).map(|_| run(iterations).unwrap_or(1.0).to_string()).collect();
            reply(&format!(
                r#"{{"reply":"measured","totals_ns":[{}],"page_faults_minor":0,"involuntary_switches":0}}"#,
                totals.join(",")
            ));
        }
    }
    ExitCode::SUCCESS
}

fn callgrind() -> ExitCode {
    let hot = if argument("--workload") == "tiny/hot" { "hot" } else { "steady" };
    let status = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg("--separate-callers=20")
        .arg("--toggle-collect=simple_bench_counted")
        .arg(format!("--callgrind-out-file={}", argument("--out")))
        .arg(std::env::current_exe().expect("it has a path"))
        .args(["count", hot])
        .status();
    if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("candidates") => candidates(),
        Some("paired") => return serve(&argument("--workload")),
        Some("callgrind") => return callgrind(),
        Some("count") => {
            black_box(simple_bench_counted(std::env::args().nth(2).as_deref() == Some("hot")));
        }
        _ => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}
