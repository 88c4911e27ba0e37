//! Counts repeat exactly and cover only the iteration: the program under valgrind, as iai-callgrind's
//! runner and the conductor start it.

use simple_records::harness::valgrind::{
    ARGUMENTS, CALLGRIND_ARGUMENTS, DHAT_ARGUMENTS, ENVIRONMENT,
};
use simple_records::harness::{COUNTED, Reply, Request, SERVE};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Has a known number of allocations: a hundred, of 64 bytes.
const ALLOCATES: &str = "abi/calls/floor/malloc and free";

/// Workloads whose counts could vary: maps keyed by addresses, and nested bodies.
const REPEATED: [&str; 3] = [
    "abi/calls/value/rt_value_int",
    "abi/calls/path/deep copy of a small graph",
    "abi/calls/path/fib(10) by futures in manual mode",
];

fn valgrind_is_missing() -> bool {
    let found = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    let missing = found.is_err();
    if missing {
        // Not by a macro, whose output the test harness captures.
        let line = "skipped: valgrind is missing (Debian: apt-get install valgrind)";
        writeln!(std::io::stderr(), "{line}").expect("standard error is open");
    }
    missing
}

/// Runs a workload under a tool of valgrind, and returns what the tool left in its file.
fn under(tool: &str, tool_arguments: &[String], workload: &str, data: &Path) -> String {
    let file = data.join(format!("{tool}.out"));
    let requests =
        [Request::Prepare { workload: workload.to_owned(), data: ".".into() }, Request::Count];
    let lines = requests.map(|request| serde_json::to_string(&request).unwrap() + "\n").concat();
    fs::write(data.join("requests"), lines).unwrap();
    let output = Command::new("valgrind")
        .arg(format!("--tool={tool}"))
        .args(ARGUMENTS)
        .args(tool_arguments)
        .arg(format!("--{tool}-out-file={}", file.display()))
        .args([env!("CARGO_BIN_EXE_simple-bench"), SERVE])
        .stdin(fs::File::open(data.join("requests")).unwrap())
        .current_dir(data)
        .envs(ENVIRONMENT)
        .output()
        .expect("valgrind starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{workload}: {said}");
    let last = String::from_utf8_lossy(&output.stdout).lines().last().map(str::to_owned);
    let reply: Reply = serde_json::from_str(&last.unwrap()).unwrap();
    assert_eq!(reply, Reply::Counted, "{workload}");
    fs::read_to_string(file).expect("the tool leaves a file")
}

/// The instructions of one iteration.
fn instructions(workload: &str, data: &Path) -> u64 {
    let arguments = CALLGRIND_ARGUMENTS.map(str::to_owned).into_iter();
    let arguments: Vec<_> = arguments.chain([format!("--toggle-collect={COUNTED}")]).collect();
    let profile = under("callgrind", &arguments, workload, data);
    let total = profile.lines().find_map(|line| line.strip_prefix("totals: "));
    total.and_then(|total| total.trim().parse().ok()).expect("callgrind sums up")
}

#[test]
fn instructions_repeat_exactly() {
    if valgrind_is_missing() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    for workload in REPEATED {
        let counts = [0, 1].map(|_| instructions(workload, data.path()));
        assert!(counts[0] > 0, "{workload}: no instructions");
        assert_eq!(counts[0], counts[1], "{workload}");
    }
}

/// DHAT records all blocks; those that were made below the counted function are counted.
#[test]
fn only_blocks_of_the_iteration_are_counted() {
    if valgrind_is_missing() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let profile = under("dhat", &DHAT_ARGUMENTS.map(str::to_owned), ALLOCATES, data.path());
    let profile: serde_json::Value = serde_json::from_str(&profile).expect("DHAT writes JSON");
    let list = |value: &serde_json::Value| value.as_array().expect("a list").clone();
    let is_counted = |frame: &serde_json::Value| {
        let name = profile["ftbl"][frame.as_u64().expect("an index") as usize].as_str();
        name.is_some_and(|name| name.contains(COUNTED))
    };
    let (counted, others): (Vec<_>, Vec<_>) = list(&profile["pps"])
        .into_iter()
        .partition(|point| list(&point["fs"]).iter().any(is_counted));
    let sum = |points: &[serde_json::Value], what: &str| -> u64 {
        points.iter().map(|point| point[what].as_u64().expect("a number")).sum()
    };
    assert_eq!((sum(&counted, "tb"), sum(&counted, "tbk")), (6400, 100));
    assert!(sum(&others, "tbk") > 100, "the preparation allocates too");
}
