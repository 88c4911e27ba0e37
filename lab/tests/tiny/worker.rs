//! A minimal harness without dependencies, so that tests can build it twice, once with
//! `--cfg slowed`. Its workloads have known results.

use std::hint::black_box;
use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::sync::OnceLock;

// The paths rotate by different numbers, because equal code may become one function, and have no
// closures, because an inlined closure is a function of its own in profiles.

/// A workload of the runtime that can be slowed.
const SLOWED: &str = "aop/chain/runtime/4";

/// The path on which one version is slower: by 30%.
#[inline(never)]
#[unsafe(no_mangle)]
fn tiny_hot_path(seed: u64) -> u64 {
    const TURNS: u64 = if cfg!(slowed) { 13_000 } else { 10_000 };
    let mut sum = seed;
    for i in 0..TURNS {
        sum = black_box(sum.rotate_left(5) ^ i);
    }
    sum
}

/// The path on which one version is much slower, by more than any noise.
#[inline(never)]
#[unsafe(no_mangle)]
fn tiny_grown_path(seed: u64) -> u64 {
    const TURNS: u64 = if cfg!(slowed) { 40_000 } else { 10_000 };
    let mut sum = seed;
    for i in 0..TURNS {
        sum = black_box(sum.rotate_left(6) ^ i);
    }
    sum
}

/// The path that is the same in both versions.
#[inline(never)]
#[unsafe(no_mangle)]
fn tiny_steady_path(seed: u64) -> u64 {
    let mut sum = seed;
    for i in 0..20_000 {
        sum = black_box(sum.rotate_left(7) ^ i);
    }
    sum
}

/// The path that can be slowed by a variable, as those of the runtime can: `aop-call=spin:3/1` is three steps.
#[inline(never)]
#[unsafe(no_mangle)]
fn tiny_slowed_path(steps: u64) -> u64 {
    const TURNS_OF_A_STEP: u64 = 20;
    let mut sum = 1_u64;
    for i in 0..20_000 + steps * TURNS_OF_A_STEP {
        sum = black_box(sum.rotate_left(8) ^ i);
    }
    sum
}

/// Steps that the variable names for `aop-call`; 0 if it is not set.
fn steps() -> u64 {
    static STEPS: OnceLock<u64> = OnceLock::new();
    *STEPS.get_or_init(|| {
        let variable = std::env::var("SIMPLE_RT_SLOWDOWN").unwrap_or_default();
        let dose = variable.strip_prefix("aop-call=").unwrap_or("spin:0/1");
        let (_, number) = dose.split_once(':').expect("the variable names a form");
        let (number, every) = number.split_once('/').expect("the variable says how often");
        let [number, every] = [number, every].map(|text| text.parse::<u64>().expect("a number"));
        number / every
    })
}

/// Runs an iteration; absent if the workload does not work.
fn iteration(workload: &str) -> Option<u64> {
    match workload {
        "tiny/hot" => Some(tiny_hot_path(black_box(1))),
        "tiny/grown" => Some(tiny_grown_path(black_box(1)) ^ tiny_steady_path(black_box(1))),
        // A value, not another arm: the other workloads execute the same code in both versions.
        "tiny/broken" if black_box(cfg!(slowed)) => None,
        SLOWED => Some(tiny_slowed_path(steps())),
        _ => Some(tiny_steady_path(black_box(1))),
    }
}

/// The function in which an iteration is counted.
#[inline(never)]
#[unsafe(no_mangle)]
fn simple_bench_counted(workload: &str) -> Option<u64> {
    black_box(iteration(workload))
}

/// The function in which iterations are watched.
#[inline(never)]
#[unsafe(no_mangle)]
fn simple_bench_measured(workload: &str, iterations: u64) -> u64 {
    (0..iterations).fold(0, |sum, _| sum ^ black_box(iteration(workload).unwrap_or(0)))
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

/// All workloads with the instruments that suit them.
fn catalogue() -> String {
    const BOTH: &str = r#"["wall","instructions"]"#;
    let all = [
        ("tiny/hot", BOTH, "at_defaults"),
        ("tiny/grown", BOTH, "at_defaults"),
        ("tiny/steady", BOTH, "at_defaults"),
        ("tiny/removed", BOTH, "at_defaults"),
        ("tiny/broken", r#"["wall"]"#, "at_defaults"),
        (SLOWED, BOTH, "never"),
    ];
    let here = all.iter().filter(|(name, ..)| !(cfg!(slowed) && *name == "tiny/removed"));
    let listed: Vec<String> = here
        .map(|(name, instruments, gating)| {
            format!(
                r#"{{"workload":"{name}","comparison":"tiny","reason":"test","axes":[],"peer":false,"effort":"quick","instruments":{instruments},"gating":"{gating}"}}"#
            )
        })
        .collect();
    format!(
        r#"{{"reply":"catalogue","families":[{{"comparison":{{"id":"tiny","title":"Which?","explanation":"Any.","x_axis":"kind","x_scale":"category","series_axis":"kind","item":"run","display":"time_per_item"}},"workloads":[{}]}}]}}"#,
        listed.join(",")
    )
}

fn field<'a>(line: &'a str, name: &str) -> &'a str {
    line.split_once(&format!("\"{name}\":")).map_or("", |(_, rest)| rest)
}

fn number(line: &str, name: &str) -> u64 {
    let digits: String = field(line, name).chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

fn text<'a>(line: &'a str, name: &str) -> &'a str {
    field(line, name).trim_start_matches('"').split('"').next().unwrap_or_default()
}

/// Duration of this many iterations; absent if the workload does not work.
fn timed(workload: &str, iterations: u64) -> Option<f64> {
    let began = now_ns();
    for _ in 0..iterations {
        black_box(iteration(workload)?);
    }
    Some((now_ns() - began) as f64)
}

fn time(workload: &str, iterations: u64, samples: u64) -> Option<String> {
    let totals: Option<Vec<String>> =
        (0..samples).map(|_| Some(timed(workload, iterations)?.to_string())).collect();
    Some(format!(
        r#"{{"reply":"timed","totals_ns":[{}],"page_faults_minor":0,"involuntary_switches":0}}"#,
        totals?.join(",")
    ))
}

/// A turn of wall time: some samples.
fn measure(workload: &str) -> Option<String> {
    const SAMPLES: u64 = 5;
    const ITERATIONS: u64 = 5;
    let samples: Option<Vec<String>> = (0..SAMPLES)
        .map(|_| {
            let total_ns = timed(workload, ITERATIONS)?;
            Some(format!(r#"{{"iterations":{ITERATIONS},"total_ns":{total_ns}}}"#))
        })
        .collect();
    Some(format!(
        r#"{{"reply":"measured","items":1,"threads":1,"outcome":{{"samples":{{"samples":[{}],"discarded":0}}}},"involuntary_switches":0}}"#,
        samples?.join(",")
    ))
}

/// Runs a number of iterations, or as many as take a time.
fn repeat(workload: &str, iterations: u64, for_ms: u64) -> String {
    let began = now_ns();
    let mut ran = iterations;
    black_box(simple_bench_measured(workload, iterations));
    while now_ns() < began + for_ms * 1_000_000 {
        black_box(simple_bench_measured(workload, 1000));
        ran += 1000;
    }
    let ended = now_ns();
    let ns = ended - began;
    format!(
        r#"{{"reply":"repeated","iterations":{ran},"measured_ns":{ns},"windows":[[{began},{ended}]],"counters":{{"processor_time_ns":{ns}}}}}"#
    )
}

/// The reply to a request about `workload`; absent if that does not work.
fn reply(request: &str, workload: &str, line: &str) -> Option<String> {
    Some(match request {
        "catalogue" => catalogue(),
        "prepare" => {
            iteration(workload)?;
            r#"{"reply":"prepared","items":1}"#.to_owned()
        }
        "warm_up" => {
            let iteration_ns = timed(workload, 200)? / 200.0;
            format!(r#"{{"reply":"warmed_up","iteration_ns":{iteration_ns}}}"#)
        }
        "time" => time(workload, number(line, "iterations"), number(line, "samples"))?,
        "measure" => measure(workload)?,
        "count" => {
            simple_bench_counted(workload)?;
            r#"{"reply":"counted"}"#.to_owned()
        }
        "repeat" => repeat(workload, number(line, "iterations"), number(line, "for_ms")),
        _ => return None,
    })
}

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("serve") {
        return ExitCode::FAILURE;
    }
    let mut out = std::io::stdout();
    let mut say = |line: &str| writeln!(out, "{line}").and_then(|()| out.flush()).is_ok();
    let mut workload = String::new();
    let mut is_heard = say(r#"{"reply":"ready"}"#);
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if line.contains("\"workload\"") {
            workload = text(&line, "workload").to_owned();
        }
        let failed = r#"{"reply":"failed","why":"it does not work"}"#.to_owned();
        is_heard &= say(&reply(text(&line, "request"), &workload, &line).unwrap_or(failed));
    }
    if is_heard { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
