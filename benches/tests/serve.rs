//! The language of conductor and harness, spoken with the real program over pipes.

use simple_records::harness::{
    Amount, Gating, MEASURED, Outcome, PROGRAM, Repeat, Reply, Request, SERVE, Settings,
};
use simple_records::{Effort, Instrument};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Suits wall time and the counters of the kernel.
const COPIES: &str = "value/deep-copy/array of integers/10";
/// Is a service.
const SERVES: &str = "latency/submit/threaded/empty/1";
/// Suits the tools that count.
const COUNTED: &str = "abi/calls/floor/malloc and free";
/// Is right, and prints nothing.
const RIGHT: &str = "self-test/kinds/right";

const SETTINGS: Settings =
    Settings { warm_up_ms: 1, measurement_ms: 5, samples: 10, latency_ms: 10 };

/// A process that serves, and the other end of its pipes.
struct Harness {
    process: Child,
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
    data: TempDir,
}

impl Harness {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_simple-bench"))
            .arg(SERVE)
            .env("SIMPLE_BENCH_SELF_TEST", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let requests = process.stdin.take();
        let replies = BufReader::new(process.stdout.take().unwrap());
        let mut this = Self { process, requests, replies, data: tempfile::tempdir().unwrap() };
        assert_eq!(this.reply(), Reply::Ready);
        this
    }

    /// A process in which `workload` is prepared.
    fn with(workload: &str) -> Self {
        let mut this = Self::start();
        let reply = this.prepare(workload);
        assert!(matches!(reply, Reply::Prepared { items: 1.., .. }), "{workload}: {reply:?}");
        this
    }

    fn prepare(&mut self, workload: &str) -> Reply {
        let data = self.data.path().to_owned();
        self.ask(&Request::Prepare { workload: workload.to_owned(), data })
    }

    fn ask(&mut self, request: &Request) -> Reply {
        self.say(&serde_json::to_vec(request).unwrap())
    }

    fn say(&mut self, line: &[u8]) -> Reply {
        self.requests.as_mut().unwrap().write_all(&[line, b"\n"].concat()).unwrap();
        self.reply()
    }

    fn reply(&mut self) -> Reply {
        let mut line = String::new();
        self.replies.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    fn why(&mut self, request: &Request) -> String {
        why(self.ask(request))
    }

    /// Ends its input. Returns its exit code and what it printed to the standard error.
    fn end(mut self) -> (Option<i32>, String) {
        drop(self.requests.take());
        let mut rest = String::new();
        self.replies.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "replies that nobody asked for");
        let output = self.process.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }
}

fn why(reply: Reply) -> String {
    let Reply::Failed { why } = reply else { panic!("{reply:?}") };
    why
}

fn repeat(amount: Amount) -> Repeat {
    Repeat { amount, sample_hz: None, timeline: None }
}

fn measure(instrument: Instrument) -> Request {
    Request::Measure { instrument, settings: SETTINGS }
}

#[test]
fn the_catalogue_has_every_family_with_its_workloads() {
    let mut harness = Harness::start();
    let Reply::Catalogue(catalogue) = harness.ask(&Request::Catalogue) else {
        panic!("no catalogue")
    };
    let families = &catalogue.families;
    assert!(families.iter().all(|family| !family.workloads.is_empty()));
    for family in families {
        assert!(family.workloads.iter().all(|one| one.comparison == family.comparison.id));
    }
    let workloads: Vec<_> = families.iter().flat_map(|family| &family.workloads).collect();
    let found = |name: &str| workloads.iter().find(|one| one.workload == name).unwrap();
    let copies = found(COPIES);
    assert_eq!((copies.effort, copies.peer), (Effort::Standard, false));
    assert_eq!(copies.instruments, [Instrument::Wall]);
    assert_eq!(copies.axes.get("items").unwrap().number(), Some(10));
    assert_eq!(found(SERVES).instruments, [Instrument::Latency]);
    assert_eq!(found("executor/empty-tasks/manual/1").gating, Gating::Always);
    assert_eq!(found("file/load/auto/64KiB/cold").gating, Gating::Never);
    assert!(found("executor/empty-tasks/tokio/2").peer);
    assert_eq!(harness.end(), (Some(0), String::new()));
}

#[test]
fn turns_are_served_in_the_order_of_their_requests() {
    let mut harness = Harness::with(COPIES);
    let Reply::WarmedUp { iteration_ns } = harness.ask(&Request::WarmUp { at_least_ns: 100_000 })
    else {
        panic!("not warmed up")
    };
    assert!(iteration_ns > 0.0);
    for samples in [2, 5] {
        let Reply::Timed { totals_ns, .. } = harness.ask(&Request::Time { iterations: 9, samples })
        else {
            panic!("not timed")
        };
        assert_eq!(totals_ns.len(), samples as usize);
        assert!(totals_ns.iter().all(|total| *total > 0.0));
    }
    let nothing = harness.why(&Request::Time { iterations: 0, samples: 1 });
    assert!(nothing.contains("nothing to time"), "{nothing}");
    // It goes on; that something failed is in its exit code, for those who read no replies.
    assert!(matches!(harness.ask(&Request::WarmUp { at_least_ns: 1 }), Reply::WarmedUp { .. }));
    let (code, said) = harness.end();
    assert_eq!(code, Some(1));
    assert!(said.contains("nothing to time"), "{said}");
}

#[test]
fn every_instrument_measures_what_suits_it() {
    let measured = |workload, instrument| {
        let mut harness = Harness::with(workload);
        let reply = harness.ask(&measure(instrument));
        let Reply::Measured(measured) = reply else { panic!("{workload}: {reply:?}") };
        // Generated files stay; what criterion wrote does not.
        let left = std::fs::read_dir(harness.data.path()).unwrap();
        let mut names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert!(names.all(|name| name.starts_with("random-")), "{workload}");
        measured
    };
    let wall = measured(COPIES, Instrument::Wall);
    assert_eq!((wall.items, wall.bytes), (10, None));
    let Outcome::Samples { samples, discarded, residency } = wall.outcome else {
        panic!("no samples")
    };
    assert_eq!((samples.len(), discarded, residency), (SETTINGS.samples, 0, None));
    assert!(samples.iter().all(|sample| sample.iterations > 0 && sample.total_ns > 0.0));
    let Outcome::Counts(counts) = measured("file/ready/auto/4KiB/warm", Instrument::Os).outcome
    else {
        panic!("no counts")
    };
    assert!(counts["page_faults_minor"] >= 0.0, "{counts:?}");
    let Outcome::Latencies(runs) = measured(SERVES, Instrument::Latency).outcome else {
        panic!("no latencies")
    };
    assert!(runs.iter().any(|run| run.offered_per_s.is_none()), "no closed loop");
    assert!(runs.iter().any(|run| run.offered_per_s.is_some()), "no rate");
    let rehearsed = measured(COUNTED, Instrument::Instructions);
    assert_eq!(rehearsed.outcome, Outcome::Counts(Default::default()));
}

#[test]
fn an_instrument_that_does_not_suit_is_refused_and_nothing_is_used_up() {
    let mut harness = Harness::with(COPIES);
    let why = harness.why(&measure(Instrument::Latency));
    assert!(why.contains(COPIES) && why.contains("latency"), "{why}");
    assert!(matches!(harness.ask(&measure(Instrument::Wall)), Reply::Measured(_)));
}

#[test]
fn counting_runs_outside_of_valgrind_too() {
    let mut harness = Harness::with(COUNTED);
    assert_eq!(harness.ask(&Request::Count), Reply::Counted);
    let mut staged = Harness::with("executor/round-trip-idle/threaded/1");
    let why = staged.why(&Request::Count);
    assert!(why.contains("stage"), "{why}");
}

#[test]
fn repeating_says_when_and_leaves_what_was_asked_for() {
    let mut harness = Harness::with(COPIES);
    let Reply::Repeated(exact) = harness.ask(&Request::Repeat(repeat(Amount::Iterations(7))))
    else {
        panic!("not repeated")
    };
    assert_eq!((exact.iterations, exact.windows.len()), (7, 1));
    let timeline = harness.data.path().join("timeline.json");
    let wanted = Repeat { timeline: Some(timeline.clone()), ..repeat(Amount::ForMs(5)) };
    let Reply::Repeated(long) = harness.ask(&Request::Repeat(wanted)) else {
        panic!("not repeated")
    };
    assert!(long.measured_ns >= 5_000_000 && long.counters.contains_key("processor_time_ns"));
    assert!(std::fs::read_to_string(timeline).unwrap().starts_with("{\"traceEvents\":["));
}

/// Profilers and valgrind look for these symbols.
#[test]
fn profilers_find_the_functions_that_they_look_for() {
    let program = std::fs::read(env!("CARGO_BIN_EXE_simple-bench")).unwrap();
    for symbol in [MEASURED, simple_records::harness::COUNTED] {
        let found = program.windows(symbol.len()).any(|bytes| bytes == symbol.as_bytes());
        assert!(found, "{symbol}");
    }
}

#[cfg(not(feature = "sampler"))]
#[test]
fn a_program_without_a_sampler_says_how_to_build_one() {
    let mut harness = Harness::with(COPIES);
    let wanted = Repeat { sample_hz: Some(99), ..repeat(Amount::Iterations(1)) };
    let why = harness.why(&Request::Repeat(wanted));
    assert!(why.contains("--features sampler"), "{why}");
}

#[test]
fn a_check_looks_at_results_and_effects() {
    let mut harness = Harness::with(RIGHT);
    assert_eq!(harness.ask(&Request::Check), Reply::Right);
    // All of the iterations count, also that of the preparation.
    assert!(matches!(harness.prepare("coverage/probe/decision/2/1000"), Reply::Prepared { .. }));
    assert_eq!(harness.ask(&Request::Check), Reply::Right);
    assert!(matches!(harness.prepare("self-test/kinds/wrong effect"), Reply::Prepared { .. }));
    assert_eq!(harness.why(&Request::Check), "the effect is wrong");
}

#[test]
fn a_workload_that_fails_says_why_and_the_process_goes_on() {
    let mut harness = Harness::start();
    for (workload, reason) in [
        ("no such workload", "no workload is called 'no such workload'"),
        ("self-test/kinds/cannot be prepared", "something is missing"),
        ("self-test/kinds/wrong answer", "8 where 7 is right"),
        ("self-test/kinds/never ready", "condition"),
        ("self-test/kinds/panics", "it panicked: it panicked"),
        ("file/sources/auto/kept", "sources.list is missing: `just bench` makes it"),
    ] {
        let why = why(harness.prepare(workload));
        assert!(why.contains(reason), "{workload}: {why}");
        // What failed is not there.
        let why = harness.why(&Request::Count);
        assert!(why.contains("no workload is prepared"), "{workload}: {why}");
    }
    assert!(matches!(harness.prepare(RIGHT), Reply::Prepared { .. }));
    assert_eq!(harness.ask(&Request::Check), Reply::Right);
    assert_eq!(harness.end().0, Some(1));
}

#[test]
fn requests_out_of_order_are_refused() {
    let mut harness = Harness::start();
    let early = [
        Request::Check,
        measure(Instrument::Wall),
        Request::WarmUp { at_least_ns: 1 },
        Request::Time { iterations: 1, samples: 1 },
        Request::Count,
        Request::Repeat(repeat(Amount::Iterations(1))),
    ];
    for request in &early {
        let why = harness.why(request);
        assert!(why.contains("no workload is prepared"), "{request:?}: {why}");
    }
    for used_up_by in [Request::Check, measure(Instrument::Wall)] {
        harness.prepare(RIGHT);
        harness.ask(&used_up_by);
        for request in &early {
            let why = harness.why(request);
            assert!(why.contains("no workload is prepared"), "{request:?}: {why}");
        }
    }
}

#[test]
fn an_illegible_request_is_quoted_and_the_process_goes_on() {
    let mut harness = Harness::start();
    for line in ["nonsense", "", "{\"request\":\"sing\"}", "{\"request\":\"prepare\"}", "[1]"] {
        let why = why(harness.say(line.as_bytes()));
        assert!(why.starts_with(&format!("illegible request: {line}")), "{line}: {why}");
    }
    assert!(why(harness.say(b"\xFF\xFE")).starts_with("illegible request"));
    assert!(matches!(harness.ask(&Request::Catalogue), Reply::Catalogue(_)));
}

/// Nothing that a workload prints is among the replies.
#[test]
fn what_is_printed_goes_to_the_standard_error() {
    let mut harness = Harness::start();
    harness.prepare("self-test/noisy/prints");
    assert_eq!(harness.ask(&Request::Check), Reply::Right);
    let (code, said) = harness.end();
    assert_eq!(code, Some(0));
    // Once when it was prepared, twice when it was checked.
    assert_eq!(said.matches("it prints").count(), 3, "{said}");
}

#[test]
fn the_end_of_the_input_is_the_end_of_the_process() {
    let harness = Harness::with("executor/empty-tasks/threaded/2");
    assert_eq!(harness.end().0, Some(0));
}

#[test]
fn a_request_without_a_line_break_is_one() {
    let mut harness = Harness::start();
    let request = serde_json::to_vec(&Request::Catalogue).unwrap();
    harness.requests.as_mut().unwrap().write_all(&request).unwrap();
    drop(harness.requests.take());
    assert!(matches!(harness.reply(), Reply::Catalogue(_)));
    assert_eq!(harness.end().0, Some(0));
}

/// A busy process does not read its input; the kernel ends it when its parent ends.
#[test]
fn a_busy_process_ends_with_its_parent() {
    let folder = tempfile::tempdir().unwrap();
    let requests = [
        Request::Prepare { workload: RIGHT.to_owned(), data: folder.path().to_owned() },
        Request::Repeat(repeat(Amount::ForMs(600_000))),
    ];
    let lines = requests.map(|request| serde_json::to_string(&request).unwrap() + "\n").concat();
    let (file, replies) = (folder.path().join("requests"), folder.path().join("replies"));
    std::fs::write(&file, lines).unwrap();
    let program = env!("CARGO_BIN_EXE_simple-bench");
    // The shell prints the process' number, and waits until it is killed.
    let script = "\"$1\" serve < \"$2\" > \"$3\" & echo $!; wait";
    let mut shell = Command::new("sh")
        .args(["-c", script, "sh", program])
        .args([&file, &replies])
        .env("SIMPLE_BENCH_SELF_TEST", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut number = String::new();
    BufReader::new(shell.stdout.take().unwrap()).read_line(&mut number).unwrap();
    let process = Path::new("/proc").join(number.trim());
    let is_prepared = || std::fs::read_to_string(&replies).is_ok_and(|t| t.contains("prepared"));
    until(is_prepared);
    assert!(process.is_dir(), "it ended too early");
    shell.kill().unwrap();
    shell.wait().unwrap();
    // Nobody may have buried it yet.
    let is_gone = || {
        let state = std::fs::read_to_string(process.join("stat"));
        state.is_err() || state.is_ok_and(|state| state.contains(") Z "))
    };
    until(is_gone);
}

/// Waits for an event, as long as a busy machine may take.
fn until(happened: impl Fn() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn who_reads_no_replies_ends_the_process() {
    let mut harness = Harness::start();
    let (read, requests) = (harness.replies, harness.requests.take());
    drop(read);
    let mut requests = requests.unwrap();
    requests.write_all(b"{\"request\":\"catalogue\"}\n").unwrap();
    let output = harness.process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("nobody reads"), "{said}");
}

#[test]
fn the_help_names_the_way_in() {
    let output = Command::new(env!("CARGO_BIN_EXE_simple-bench")).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(
        help.contains(PROGRAM) && help.contains(SERVE) && help.contains("just bench"),
        "{help}"
    );
    let other = Command::new(env!("CARGO_BIN_EXE_simple-bench")).arg("sing").output().unwrap();
    assert_eq!(other.status.code(), Some(2));
}
