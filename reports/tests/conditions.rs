//! Measurements that do not count, and the notes about them.

mod common;

use simple_records::{Axes, Folios, Instrument, Layout, Noise, Record, Residency};
use simple_reports::analysis::{Repeats, Report};
use simple_reports::text;

/// A whole run with what moving a cache line cost in each round of `registry/lookup`.
fn run(moves: &[[f64; 2]]) -> Report {
    let mut records = common::whole_run(5);
    let noise = (0..).zip(moves).map(|(round, moves)| {
        Record::Noise(Noise {
            round,
            comparison: "registry/lookup".to_owned(),
            instrument: Some(Instrument::Wall),
            line_move_ns: Some(*moves),
            ..Noise::default()
        })
    });
    let before_end = records.len() - 1;
    records.splice(before_end..before_end, noise);
    common::report(&records)
}

#[test]
fn rounds_of_another_regime_are_in_no_figure() {
    let report = run(&[[60.0; 2], [60.0; 2], [280.0; 2], [60.0; 2], [60.0, 280.0]]);
    let compared = &report.comparisons[0];
    let rounds = |workload: &simple_reports::analysis::Timed| {
        workload.rounds.iter().map(|round| round.number).collect::<Vec<_>>()
    };
    assert!(compared.workloads.iter().all(|workload| rounds(workload) == [0, 1, 3]));
    assert_eq!(rounds(&report.comparisons[1].workloads[0]), [0, 1, 2, 3, 4], "another comparison");
    // Drift is 1, 1.02 and 1.2 in these rounds.
    let slab =
        compared.workloads.iter().find(|w| w.subject.workload == "registry/lookup/slab/1/get only");
    assert!((slab.unwrap().time_ns / 20.4 - 1.0).abs() < 1e-9);
    assert_eq!(compared.left_out.iter().map(|left| left.round).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn omissions_are_reported() {
    let report = run(&[[60.0; 2], [60.0; 2], [280.0; 2], [60.0; 2], [60.0, 280.0]]);
    let text = text::terminal(&report);
    for expected in [
        "warning: rounds are left out because the machine was in another regime",
        ": registry/lookup (rounds 3, 5)",
        "slab was the fastest, but 3 rounds cannot decide.",
        "Note: Round 3 is left out: another regime of the machine; moving a cache line between \
         its processors took 280 ns before and 280 ns after, 60.0 ns in the rounds that count.",
        "Note: Round 5 is left out: the machine changed while it was measured; moving a cache \
         line between its processors took 60.0 ns before and 280 ns after.",
        "  left out: another regime of the machine\n",
        "(3 of 5 rounds)",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(!text.contains("fewer rounds"), "{text}");
    assert!(text::markdown(&report).contains("* Note: Round 3 is left out"));
}

#[test]
fn a_comparison_of_which_nothing_counts_is_in_the_census() {
    let report = run(&[[60.0, 280.0]; 5]);
    assert_eq!(report.comparisons.len(), 1, "the other comparison");
    assert_eq!((report.census.measured, report.census.known), (3, 28));
    let missing: Vec<_> =
        report.census.missing.iter().filter(|m| m.why.starts_with("left out: ")).collect();
    assert_eq!(missing.len(), 24);
    assert!(missing.iter().all(|missing| (missing.rounds, missing.planned) == (0, 5)));
    simple_reports::html::page(&report).unwrap();
}

#[test]
fn an_unknown_or_steady_machine_leaves_nothing_out() {
    let calm = run(&[[60.0; 2]; 5]);
    assert!(calm.left_out.is_empty() && calm.warnings.is_empty(), "{:?}", calm.warnings);
    let unknown = run(&[]);
    let figures = |report: &Report| report.workloads().map(|w| w.time_ns).collect::<Vec<_>>();
    assert_eq!(figures(&calm), figures(&unknown));
}

/// A file that was cold in three rounds, on a machine that may be a virtual one.
fn cold(virtual_machine: Option<bool>) -> Report {
    let mut start = common::start(3);
    start.fingerprint.virtual_machine = virtual_machine;
    let files = common::files();
    let mut records = vec![Record::Run(start.into()), Record::Comparison(files.clone())];
    for round in 0..3 {
        let axes = Axes::default().with("strategy", "auto").with("cache", "cold");
        let mut samples = common::samples(&files, axes, round, 10.0);
        samples.discarded = u64::from(round);
        samples.residency = Some(Residency { iterations: 30, pages: 4096, resident_pages_max: 0 });
        records.push(Record::Samples(samples));
    }
    common::report(&records)
}

#[test]
fn a_cold_file_was_checked() {
    let report = cold(None);
    let workload = report.workloads().next().unwrap();
    let expected = "Cold was checked: 0 of 4,096 pages resident before each of 90 iterations; \
                    3 iterations discarded.";
    assert_eq!(text::conditions(workload, Repeats::Rounds).unwrap(), expected);
    let expected = "3 iterations were discarded and tried again, of 1 workload, because its \
                    condition did not hold.";
    assert_eq!(text::notes(&report.comparisons[0]), [expected]);
    let run = run(&[]);
    assert_eq!(text::conditions(run.workloads().next().unwrap(), Repeats::Rounds), None);
    assert!(text::notes(&run.comparisons[0]).is_empty());
}

/// A warm file that lay in these folios, a round each.
fn warm(folios: &[Folios]) -> Report {
    let files = common::files();
    let mut records = vec![Record::Run(common::start(3).into()), Record::Comparison(files.clone())];
    for (round, folios) in (0..).zip(folios) {
        let axes = Axes::default().with("strategy", "auto").with("cache", "warm");
        let mut samples = common::samples(&files, axes, round, 10.0);
        samples.layout = Some(Layout { folios: *folios, faults_per_mib: 16.0 });
        records.push(Record::Samples(samples));
    }
    common::report(&records)
}

#[test]
fn a_warm_file_was_looked_at() {
    let report = warm(&[Folios::Small; 3]);
    let expected = "The page cache had the file in small folios before each round (16.0 page \
                    faults for each MiB).";
    assert_eq!(
        text::conditions(report.workloads().next().unwrap(), Repeats::Rounds).unwrap(),
        expected
    );
    assert!(text::notes(&report.comparisons[0]).is_empty());
    let report = warm(&[Folios::Small, Folios::Large, Folios::Small]);
    let notes = text::notes(&report.comparisons[0]);
    assert!(
        notes[0].ends_with("in all 3 rounds: folios were large in 1, small in 2."),
        "{notes:?}"
    );
}

#[test]
fn in_a_virtual_machine_only_the_guest_is_cold() {
    let text = text::terminal(&cold(Some(true)));
    assert!(text.contains("  cache guest-cold\n"), "{text}");
    assert!(text.contains("Note: guest-cold: "), "{text}");
    for machine in [None, Some(false)] {
        let text = text::terminal(&cold(machine));
        assert!(text.contains("  cache cold\n") && !text.contains("guest"), "{text}");
    }
}

#[test]
fn a_governor_that_changes_clocks_is_warned_of() {
    let mut start = common::start(5);
    start.fingerprint.frequency_governor = Some("powersave".to_owned());
    let report = common::report(&[Record::Run(start.into())]);
    assert!(report.warnings.iter().any(|w| w.contains("governor is powersave")));
}
