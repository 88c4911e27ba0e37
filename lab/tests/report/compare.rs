//! Two runs and many runs compared: in figures, on the page, and in the terminal.

use assert_cmd::Command;
use simple_records::{Axes, Counter, Counts, Effort, Latency, Loop, Record, Subject, Work};
use simple_reports::analysis::{History, MOST_RUNS, Report, RunComparison, Verdict};
use std::fs;
use std::path::Path;

fn reports(arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("lab").unwrap().args(arguments).assert()
}

fn said(assert: &assert_cmd::assert::Assert) -> (String, String) {
    let output = assert.get_output();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// Instructions of a call.
fn instructions(call: &str, count: f64) -> Record {
    Record::Counts(Counts {
        subject: Subject {
            workload: format!("file/load/{call}/warm"),
            comparison: "file/load".to_owned(),
            reason: "because".to_owned(),
            axes: Axes::default().with("strategy", call).with("cache", "warm"),
            peer: false,
        },
        work: Work { items: 1, bytes: None, threads: None },
        instrument: Counter::Instructions,
        round: 0,
        counts: [("instructions".to_owned(), count)].into(),
    })
}

/// In the second run slab takes half the time, mutex 30% more, rwlock 1% more; the file
/// strategy `touch` is gone, and `new` has come.
fn two_runs() -> (Vec<Record>, Vec<Record>) {
    let mut first = crate::common::whole_run(5);
    let mut second = crate::common::later(&first, 1, |name| match name {
        _ if name.contains("slab") => 0.5,
        _ if name.contains("mutex") => 1.3,
        _ if name.contains("rwlock") => 1.01,
        _ => 1.0,
    });
    let is_touch = |record: &Record| match record {
        Record::Samples(samples) => samples.subject.workload.contains("touch"),
        _ => false,
    };
    second.retain(|record| !is_touch(record));
    first.extend([instructions("auto", 1000.0), instructions("same", 5.0)]);
    second.extend([
        instructions("auto", 1001.0),
        instructions("same", 5.0),
        instructions("new", 7.0),
    ]);
    (first, second)
}

fn compared() -> RunComparison {
    let (first, second) = two_runs();
    RunComparison::new(&crate::common::report(&first), &crate::common::report(&second))
}

#[test]
fn changes_are_judged_and_the_largest_comes_first() {
    let comparison = compared();
    let first = &comparison.changes[0];
    assert!(first.workload.contains("slab"), "half is more than 1.3 times");
    assert!((first.ratio.median - 0.5).abs() < 1e-9 && first.verdict == Verdict::Better);
    assert_eq!(comparison.count(Verdict::Better), 6);
    assert_eq!(comparison.count(Verdict::Worse), 6);
    let rwlock = comparison.change("registry/lookup/rwlock/1/get only").unwrap();
    assert_eq!(rwlock.verdict, Verdict::Unclear, "{rwlock:?}");
    let mutex = comparison.change("registry/lookup/mutex/1/get only").unwrap();
    let interval = mutex.ratio.interval.unwrap();
    assert!(interval.low > 1.0 && interval.covers(1.3) && interval.coverage > 0.96);
    assert_eq!(comparison.overall, Some(1.0));
}

#[test]
fn workloads_of_one_run_are_listed() {
    let comparison = compared();
    assert_eq!(comparison.only_before, ["file/load/touch/warm"]);
    assert_eq!(comparison.only_after, ["file/load/new/warm"]);
    assert_eq!(comparison.change("file/load/touch/warm"), None);
}

#[test]
fn every_difference_of_a_count_is_one() {
    let comparison = compared();
    let [largest, same] = &comparison.counts[..] else { panic!("{:?}", comparison.counts) };
    assert_eq!((largest.before, largest.after), (1000.0, 1001.0));
    assert!((largest.share().unwrap() - 0.001).abs() < 1e-12 && largest.is_exact());
    assert_eq!(same.share(), Some(0.0));
}

#[test]
fn latencies_are_compared_at_the_same_rate_only() {
    let latency = |offered: f64, p99: u64| {
        let Record::Counts(counts) = instructions("auto", 0.0) else { unreachable!() };
        Record::Latency(Latency {
            subject: counts.subject,
            work: counts.work,
            instrument: Loop::Open,
            round: 0,
            offered_per_s: Some(offered),
            achieved_per_s: offered,
            duration_s: 1.0,
            histogram_ns: String::new(),
            percentiles_ns: [("p99".to_owned(), p99), ("max".to_owned(), 9999)].into(),
        })
    };
    let (mut first, mut second) = two_runs();
    first.extend([latency(1000.0, 200), latency(2000.0, 500)]);
    second.extend([latency(1000.0, 500), latency(4000.0, 100)]);
    let comparison =
        RunComparison::new(&crate::common::report(&first), &crate::common::report(&second));
    let [change] = &comparison.latencies[..] else { panic!("{:?}", comparison.latencies) };
    assert_eq!((change.percentile.as_str(), change.offered_per_s), ("p99", Some(1000.0)));
    assert_eq!(change.ratio(), 2.5);
    let terminal = simple_reports::text::changes_terminal(&comparison);
    assert!(terminal.contains("200 ns") && terminal.contains("2.5x"), "{terminal}");
}

#[test]
fn four_rounds_decide_between_runs_and_two_do_not() {
    let verdict = |rounds| {
        let first = crate::common::whole_run(rounds);
        let second = crate::common::later(&first, 1, |_| 3.0);
        let comparison =
            RunComparison::new(&crate::common::report(&first), &crate::common::report(&second));
        comparison.changes[0].verdict
    };
    assert_eq!(verdict(2), Verdict::TooFewRounds);
    assert_eq!(verdict(4), Verdict::Worse);
}

/// Writes both runs and returns their folder.
fn written(second_kernel: Option<&str>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (first, mut second) = two_runs();
    if let (Record::Run(start), Some(kernel)) = (&mut second[0], second_kernel) {
        start.fingerprint.kernel = Some(kernel.to_owned());
    }
    crate::common::write(folder.path(), &first);
    crate::common::write(folder.path(), &second);
    folder
}

const NAMES: [&str; 2] = ["2026-01-31T12-00-00Z", "2026-01-32T12-00-00Z"];

fn arguments<'a>(command: &[&'a str], folder: &'a Path) -> Vec<&'a str> {
    let tail = ["--history", folder.to_str().unwrap(), "--records", NAMES[0], NAMES[1]];
    [command, &tail].concat()
}

#[test]
fn two_names_are_compared_on_the_page_and_in_the_terminal() {
    let folder = written(None);
    let out = folder.path().join("report");
    let html = ["report", "--out", out.to_str().unwrap()];
    reports(&arguments(&html, folder.path())).success();
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    for expected in [
        "Changes since 2026-01-31T12-00-00Z",
        "6 better, 6 worse",
        "+30% [",
        "Only in the first run",
        "<code>file/load/touch/warm</code>",
        "<a href=\"#w-file-load-new-warm\">file/load/new/warm</a>",
        "+1.00 (+0.1%)",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    assert!(!page.contains("class=\"alert\""));
    let (terminal, _) = said(&reports(&arguments(&["summary"], folder.path())).success());
    for expected in ["6 better, 6 worse", "better", "+30% [", "file/load/touch/warm", "+0.1%"] {
        assert!(terminal.contains(expected), "{expected}: {terminal}");
    }
    let markdown = ["summary", "--format", "markdown"];
    let (markdown, _) = said(&reports(&arguments(&markdown, folder.path())).success());
    assert!(markdown.contains("| workload | before | after | change | verdict |"), "{markdown}");
}

#[test]
fn other_machines_are_refused_unless_asked_for_anyway() {
    let folder = written(Some("Another 1.0"));
    let out = folder.path().join("report");
    let html = ["report", "--out", out.to_str().unwrap()];
    let (_, error) = said(&reports(&arguments(&html, folder.path())).code(2));
    assert!(error.contains("cannot be compared") && error.contains("Another 1.0"), "{error}");
    assert!(error.contains("help: ") && error.contains("--anyway"), "{error}");
    assert!(!out.exists());
    let anyway = [&html[..], &["--anyway"]].concat();
    reports(&arguments(&anyway, folder.path())).success();
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    assert!(page.contains("class=\"alert\"") && page.contains("Another 1.0"));
    let summary = ["summary", "--anyway"];
    let (terminal, _) = said(&reports(&arguments(&summary, folder.path())).success());
    assert!(terminal.contains("warning: not comparable: kernel"), "{terminal}");
}

#[test]
fn a_name_that_is_no_run_is_refused() {
    let folder = written(None);
    let history = folder.path().to_str().unwrap();
    let (_, error) =
        said(&reports(&["summary", "--history", history, "--records", "none"]).code(2));
    assert!(error.contains("no run none") && error.contains(history), "{error}");
    let one = ["summary", "--history", history, "--records", "2026-01-31T12-00-00Z.jsonl"];
    let (terminal, _) = said(&reports(&one).success());
    assert!(terminal.starts_with("Run 2026-01-31T12-00-00Z"), "{terminal}");
}

fn of_days(days: std::ops::Range<u64>, factor: impl Fn(u64) -> f64) -> Vec<Report> {
    let first = crate::common::whole_run(5);
    days.map(|day| crate::common::report(&crate::common::later(&first, day, |_| factor(day))))
        .collect()
}

#[test]
fn a_history_finds_the_run_that_a_time_steps_at() {
    let runs = of_days(0..9, |day| if day < 5 { 1.0 } else { 1.25 });
    let history = History::new(&runs[8], &runs, Vec::new());
    assert_eq!((history.runs.len(), history.notes.len()), (9, 0));
    let trend = history.trend("file/load/auto/warm").unwrap();
    assert_eq!(trend.points.len(), 9);
    let [step] = &trend.steps[..] else { panic!("{trend:?}") };
    assert_eq!(history.runs[trend.points[step.at].run].run, "2026-01-36T12-00-00Z");
    assert!((step.ratio() - 1.25).abs() < 1e-9);
    assert_eq!(history.stepped().len(), 27);
}

#[test]
fn a_history_leaves_out_what_cannot_be_compared() {
    let mut runs = of_days(0..4, |_| 1.0);
    runs[1].start.fingerprint.cpu_model = Some("Another CPU".to_owned());
    runs[2].start.effort = Effort::Full.into();
    let history = History::new(&runs[3], &runs, Vec::new());
    assert_eq!(history.runs.len(), 2);
    assert_eq!(history.notes.len(), 2, "{:?}", history.notes);
    assert!(history.stepped().is_empty());
    let alone = History::new(&runs[2], &runs, Vec::new());
    assert_eq!((alone.runs.len(), alone.trend("file/load/auto/warm")), (1, None));
}

#[test]
fn the_page_shows_the_newest_runs_of_a_folder_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let first = crate::common::whole_run(1);
    let days = MOST_RUNS as u64 + 3;
    let mut newest = None;
    for day in 0..days {
        let slow = if day < days - 10 { 1.5 } else { 1.0 };
        newest =
            Some(crate::common::write(folder.path(), &crate::common::later(&first, day, |_| slow)));
    }
    fs::write(folder.path().join("2026-01-89T00-00-00Z.jsonl"), "damaged").unwrap();
    let (records, history) = (newest.unwrap(), folder.path().to_str().unwrap());
    let out = folder.path().join("report");
    let (records, out_name) = (records.to_str().unwrap(), out.to_str().unwrap());
    reports(&["report", "--records", records, "--history", history, "--out", out_name]).success();
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    for expected in
        ["the newest 50 are read", "50 runs of this machine", "-33%", "not a record of a run"]
    {
        assert!(page.contains(expected), "{expected}");
    }
    assert_eq!(page.matches("<svg class=\"spark\"").count(), 27);
    let missing = folder.path().join("no such folder");
    let missing = missing.to_str().unwrap();
    for option in ["--history", "--profiles", "--calibrations"] {
        let report = ["report", "--records", records, option, missing, "--out", out_name];
        let (_, error) = said(&reports(&report).code(2));
        assert!(error.contains(&format!("{option} {missing}: there is no such")), "{error}");
    }
}

#[test]
fn several_runs_agree_or_do_not() {
    let folder = written(None);
    let records = folder.path();
    let [first, second] =
        NAMES.map(|name| records.join(format!("{name}.jsonl")).to_str().unwrap().to_owned());
    let (text, _) = said(&reports(&["agree", &first, &second]).success());
    assert!(NAMES.iter().all(|name| text.contains(&format!("{name}: "))), "{text}");
    assert!(text.contains("Pairs of alternatives that two runs or more answer: "), "{text}");
    let (_, error) = said(&reports(&["agree", &first, &second, &first]).code(2));
    assert!(error.contains(NAMES[0]) && error.contains("named twice"), "{error}");
    let (_, error) = said(&reports(&["agree", &first]).code(2));
    assert!(error.contains("2 values required"), "{error}");
    let (_, error) = said(&reports(&["agree", &first, "none"]).code(2));
    assert!(error.contains("no run none"), "{error}");
}
