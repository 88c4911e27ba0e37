//! Recordings of programs with known behaviour, where perf may record.

mod support;

use simple_profiles::perf::{self, script};
use simple_profiles::sample::{Cut, Windows};
use simple_profiles::symbols::Symbols;
use simple_profiles::waiting::{Kind, waiting};
use std::ffi::OsStr;
use std::process::Command;
use support::{Program, build};

const SOURCE: &str = r#"
use std::hint::black_box;
use std::time::Duration;

#[inline(always)]
fn spin(rounds: u64) -> u64 {
    (0..rounds * 30_000_000).fold(0, |sum, round| sum ^ black_box(round))
}

#[inline(never)]
fn seventy() -> u64 {
    spin(7)
}

#[inline(never)]
fn thirty() -> u64 {
    spin(3) + 1
}

#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn tiny_measured() {
    for _ in 0..3 {
        black_box(seventy() + thirty());
    }
    std::thread::sleep(Duration::from_millis(30));
}

fn main() {
    tiny_measured();
}
"#;

/// The text of `perf script`, or `None` if perf is missing or may not record.
fn record(program: &Program, record: &[&str], fields: &str) -> Option<Vec<u8>> {
    let file = program.path.with_file_name("perf.data");
    let (option, file) = (OsStr::new("-o"), file.as_os_str());
    let recorded = Command::new("perf")
        .args(["record", "-k", "CLOCK_MONOTONIC", "--call-graph", "dwarf,8192"])
        .args(record)
        .args([option, file, program.path.as_os_str()])
        .output();
    if !recorded.is_ok_and(|recorded| recorded.status.success()) {
        return None;
    }
    let print = |fields: String| {
        let mut perf = Command::new("perf");
        perf.args(["script", "--ns", "--no-inline", "--max-stack", "1024", "--show-lost-events"]);
        perf.args(["--show-switch-events", "-F", &fields, "-i"]).arg(file).output().unwrap()
    };
    // Perf before 6.4 does not know of these offsets: it prints them in place of addresses.
    let mut printed = print(format!("{fields},dsoff"));
    if !printed.status.success() {
        printed = print(fields.to_owned());
    }
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    Some(printed.stdout)
}

#[test]
fn two_functions_share_the_processor_as_they_share_the_work() {
    let program = build(SOURCE, "line-tables-only");
    let fields = "comm,tid,time,event,ip,sym,dso";
    let Some(text) = record(&program, &["-F", "1999", "-e", "cpu-clock"], fields) else { return };
    let (records, cut) = (script::read(&*text), Cut::at("tiny_measured"));
    let found = perf::on_cpu(records, &Windows::always(), Symbols::new(), &cut).unwrap();
    let counts = found.stacks.inclusive_counts();
    let (seventy, thirty) = (counts["tiny::seventy"], counts["tiny::thirty"]);
    let percent = 100.0 * seventy as f64 / (seventy + thirty) as f64;
    assert!((percent - 70.0).abs() < 5.0, "{percent}% in\n{}", found.stacks);
    let below = found.stacks.below("tiny_measured").inclusive_counts();
    assert!(below["tiny::spin"] * 20 > (seventy + thirty) * 19, "inlined:\n{}", found.stacks);
    assert!(found.truncated * 20 < found.inside, "unwound:\n{}", found.stacks);
}

#[test]
fn a_sleep_is_seen_with_its_length() {
    let program = build(SOURCE, "line-tables-only");
    let events = ["-e", "sched:sched_switch", "-e", "sched:sched_waking", "--switch-events"];
    let fields = "comm,tid,cpu,time,event,ip,sym,dso,trace";
    let Some(text) = record(&program, &events, fields) else { return };
    let (records, cut) = (script::read(&*text), Cut::at("tiny_measured"));
    let found = waiting(records, &Windows::always(), Symbols::new(), &cut).unwrap();
    let sleep = found.by_kind[&Kind::Sleep];
    assert_eq!(sleep.count, 1, "{:?}", found.by_kind);
    assert!(sleep.ns >= 29_900_000, "{:?}", found.by_kind);
    let stacks = found.stacks.to_string();
    assert!(stacks.contains(";tiny_measured;std::thread::"), "{stacks}");
    assert!(stacks.contains(";[sleep];[woken from outside]"), "{stacks}");
}
