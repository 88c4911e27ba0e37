//! Rates of right verdicts of runs, counted from trials.

mod common;

use common::calibration::calibration;
use common::gate::{calm, judged, whole};
use simple_records::{
    BenchLimits, BenchTrial, BenchVerdict, Calibration, CalibrationRecord, LeftOut, Log, TrialKind,
};
use simple_reports::html::{Context, gate_page, page_with};
use simple_reports::input::{bench_curve, operating_curve};
use simple_reports::judge::{BenchCurve, Outcome, outcome};
use simple_reports::text::{GateView, bench_terminal, gate_markdown, gate_terminal};

fn trial(by: f64, verdict: BenchVerdict, at_most: Option<f64>) -> BenchTrial {
    BenchTrial {
        workload: "a/b".to_owned(),
        by,
        number: 0,
        injected: by,
        verdict,
        found: None,
        at_most,
        blocks: 10,
        elapsed_s: 1.0,
    }
}

/// Ten pairs of two workloads that are alike, one of which was told apart, and two slowed pairs.
fn of_bench() -> Calibration {
    let mut all = calibration();
    let limits = BenchLimits { error: 0.01, same: 0.05, same_threaded: 0.10, most_blocks: 46 };
    all.start.bench = Some(limits);
    all.trials.clear();
    for number in 0..10 {
        let told = trial(0.0, BenchVerdict::Faster, None);
        let same = trial(0.0, BenchVerdict::Same, Some(0.03));
        let workload = if number < 5 { "a/b" } else { "a/c" }.to_owned();
        let like = if number == 0 { told } else { same };
        all.bench_trials.push(BenchTrial { number, workload, ..like });
    }
    all.bench_trials.push(trial(0.10, BenchVerdict::Slower, None));
    all.bench_trials.push(trial(0.10, BenchVerdict::Open, Some(0.2)));
    let kind_of_trial = TrialKind::SlowedTime { by: 0.05 };
    all.left_out =
        vec![LeftOut { kind_of_trial, workload: "a/c".to_owned(), form: None, why: None }];
    all
}

#[test]
fn alike_copies_must_not_be_told_apart() {
    let of = |verdict, at_most| outcome(&trial(0.0, verdict, at_most));
    assert_eq!(of(BenchVerdict::Slower, None), Outcome::Wrong);
    assert_eq!(of(BenchVerdict::Faster, None), Outcome::Wrong);
    assert_eq!(of(BenchVerdict::Same, Some(0.01)), Outcome::Right);
    assert_eq!(of(BenchVerdict::Open, Some(0.08)), Outcome::Open);
    assert_eq!(of(BenchVerdict::Open, None), Outcome::Open);
}

#[test]
fn a_slowed_copy_must_not_be_faster_and_its_slow_down_not_be_denied() {
    let of = |by, verdict, at_most| outcome(&trial(by, verdict, at_most));
    for by in [0.02, 0.05, 0.10] {
        assert_eq!(of(by, BenchVerdict::Slower, None), Outcome::Right);
        assert_eq!(of(by, BenchVerdict::Faster, None), Outcome::Wrong);
        assert_eq!(of(by, BenchVerdict::Open, None), Outcome::Open);
    }
    assert_eq!(of(0.02, BenchVerdict::Same, Some(0.04)), Outcome::Right, "4% may be 2%");
    assert_eq!(of(0.05, BenchVerdict::Same, Some(0.05)), Outcome::Right);
    assert_eq!(of(0.05, BenchVerdict::Same, Some(0.04)), Outcome::Wrong);
    assert_eq!(of(0.10, BenchVerdict::Open, Some(0.08)), Outcome::Wrong, "reports say 8%");
    assert_eq!(of(0.10, BenchVerdict::Open, Some(0.12)), Outcome::Open);
}

/// The dose that was set counts, not the level that was wanted.
#[test]
fn what_was_injected_counts() {
    let level = trial(0.05, BenchVerdict::Same, Some(0.049));
    assert_eq!(outcome(&level), Outcome::Wrong);
    assert_eq!(outcome(&BenchTrial { injected: 0.045, ..level }), Outcome::Right);
}

#[test]
fn trials_are_counted_by_level() {
    let curve = BenchCurve::new(&of_bench()).unwrap();
    let counts: Vec<_> = curve
        .levels
        .iter()
        .map(|l| (l.by, l.workloads, l.wrong.trials, l.right.count, l.open.count, l.wrong.count))
        .collect();
    assert_eq!(counts, [(0.0, 2, 10, 9, 0, 1), (0.1, 1, 2, 1, 1, 0)]);
    assert_eq!(BenchCurve::new(&calibration()), None, "the gate was calibrated");
}

/// Of ten, one: from 0.25% to 44.5% (tables of Clopper and Pearson). Of two, none: at most 84.2%.
#[test]
fn the_table_has_an_interval_for_what_is_wrong() {
    let text = bench_terminal(&BenchCurve::new(&of_bench()).unwrap());
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert_eq!(
        lines[0],
        "Verdicts of just bench on two copies of one alternative, on Example CPU (2026-01-31), \
         within 46 blocks and with a chance of error of 1.0% for each pair:"
    );
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(lines[1]), "one copy slowed by workloads trials right open wrong");
    assert_eq!(words(lines[2]), "nothing 2 10 9 0 1 of 10 [0.3%, 45%]");
    assert_eq!(words(lines[3]), "10% 1 2 1 1 0 of 2 [0.0%, 84%]");
    assert!(lines[4].contains("a/c could not be slowed in time by 5%"), "{text}");
}

#[test]
fn texts_and_pages_that_show_a_calibration_show_the_table() {
    let curve = BenchCurve::new(&of_bench()).unwrap();
    let report = judged(&whole(&["a"], 1, calm(|_, _| 0.0)));
    let view = || GateView::new(&report, None).with_bench(Some(&curve));
    assert!(gate_terminal(&view()).contains(&bench_terminal(&curve)));
    let markdown = gate_markdown(&view());
    assert!(
        markdown.contains(r"| nothing | 2 | 10 | 9 | 0 | 1 of 10 \[0.3%, 45%\] |"),
        "{markdown}"
    );
    let run = common::report(&common::whole_run(5));
    let context = Context { bench: Some(&curve), ..Context::default() };
    for page in [gate_page(&view(), &[]).unwrap(), page_with(&run, &context).unwrap()] {
        assert!(page.contains("one copy slowed by</th>") && page.contains(">1 of 10 [0.3%, 45%]<"));
        assert!(page.contains("a/c could not be slowed in time by 5%"));
    }
    let without = gate_page(&GateView::new(&report, None), &[]).unwrap();
    assert!(!without.contains("one copy slowed by"));
}

/// A newer calibration of runs does not hide that of the gate, nor the other way round.
#[test]
fn both_kinds_are_found_in_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, started_unix_s: u64, mut all: Calibration| {
        let mut log = Log::<Calibration>::create(folder.path(), name).unwrap();
        all.start.started_unix_s = started_unix_s;
        all.start.run = name.to_owned();
        log.append(&CalibrationRecord::Calibration(Box::new(all.start))).unwrap();
        for trial in all.trials {
            log.append(&CalibrationRecord::Trial(trial)).unwrap();
        }
        for trial in all.bench_trials {
            log.append(&CalibrationRecord::BenchTrial(trial)).unwrap();
        }
    };
    write("gate", 1, calibration());
    write("older", 2, of_bench());
    write("newer", 3, of_bench());
    let mut begun = of_bench();
    begun.bench_trials.clear();
    write("begun", 4, begun);
    let places = [folder.path().join("missing"), folder.path().to_owned()];
    assert_eq!(operating_curve(&places).unwrap().run, "gate");
    assert_eq!(bench_curve(&places).unwrap().run, "newer");
}
