//! Verdicts on defaults: whether to leave one, and for what gain.

mod common;

use simple_records::{Axes, AxisValue, Comparison, Display, Record, Sample};
use simple_reports::analysis::OnDefault;
use simple_reports::analysis::{Advice, Report};
use simple_reports::text;

/// An alternative, its place on the x axis and the time of each round.
type Timed<'a> = (&'a str, u64, &'a [f64]);

fn report(comparison: &Comparison, alternatives: &[Timed]) -> Report {
    let mut records =
        vec![Record::Run(common::start(5).into()), Record::Comparison(comparison.clone())];
    for (name, threads, times_ns) in alternatives {
        for (round, time_ns) in (0..).zip(*times_ns) {
            let axes =
                Axes::default().with("lock", *name).with("threads", AxisValue::Count(*threads));
            let mut samples = common::samples(comparison, axes, round, 1.0);
            samples.samples = vec![Sample { iterations: 1, total_ns: time_ns * 100.0 }];
            records.push(Record::Samples(samples));
        }
    }
    common::report(&records)
}

/// With `rwlock` as the default.
fn locks() -> Comparison {
    Comparison { defaults: Axes::default().with("lock", "rwlock"), ..common::locks() }
}

/// The same, and with two threads.
fn threads() -> Comparison {
    let defaults = locks().defaults.with("threads", AxisValue::Count(2));
    Comparison { defaults, ..common::locks() }
}

fn said(comparison: &Comparison, alternatives: &[Timed]) -> Vec<String> {
    let report = report(comparison, alternatives);
    text::choices(&report.comparisons[0]).iter().map(ToString::to_string).collect()
}

fn at_four(alternatives: &[(&str, &[f64])]) -> Vec<String> {
    let timed: Vec<Timed> = alternatives.iter().map(|(name, times)| (*name, 4, *times)).collect();
    said(&locks(), &timed)
}

/// Ratios to the default are 2, 2, 3, 1.5, 2.5; to the second 1.2, which is not asked.
#[test]
fn another_one_is_faster_than_the_default() {
    let expected =
        "At threads 4: choose slab; it is 2.0x [1.50, 3.0] faster than the default, rwlock.";
    let alternatives: [(&str, &[f64]); 3] = [
        ("rwlock", &[20.0, 40.0, 36.0, 15.0, 26.0]),
        ("slab", &[10.0, 20.0, 12.0, 10.0, 10.4]),
        ("mutex", &[12.0, 24.0, 14.4, 12.0, 12.48]),
    ];
    assert_eq!(at_four(&alternatives), [expected]);
}

#[test]
fn a_default_clearly_faster_than_all_others_is_right() {
    let expected = "At threads 4: the default, rwlock, is right: 2.0x [2.0, 2.0] faster than the second, slab.";
    let alternatives: [(&str, &[f64]); 3] =
        [("rwlock", &[10.0; 5]), ("slab", &[20.0; 5]), ("mutex", &[30.0; 5])];
    assert_eq!(at_four(&alternatives), [expected]);
}

/// The default is 2% slower than the best; clearly worse alternatives do not matter.
#[test]
fn a_default_close_to_the_best_stays() {
    let expected =
        "At threads 4: stay with the default, rwlock; no difference larger than 2% found.";
    let alternatives: [(&str, &[f64]); 4] = [
        ("rwlock", &[10.2; 5]),
        ("slab", &[10.0; 5]),
        ("mutex", &[10.25; 5]),
        ("spin", &[30.0; 5]),
    ];
    assert_eq!(at_four(&alternatives), [expected]);
}

/// The default is the best, but another one may be up to 5% faster in some rounds.
#[test]
fn a_best_default_close_to_others_stays() {
    let alternatives: [(&str, &[f64]); 2] =
        [("rwlock", &[10.0; 5]), ("slab", &[10.5, 9.6, 10.4, 10.5, 10.5])];
    let expected =
        "At threads 4: stay with the default, rwlock; no difference larger than 5% found.";
    assert_eq!(at_four(&alternatives), [expected]);
}

#[test]
fn several_that_are_tied_may_all_be_better_than_the_default() {
    let alternatives: [(&str, &[f64]); 3] =
        [("rwlock", &[30.0; 5]), ("slab", &[10.0; 5]), ("mutex", &[10.1; 5])];
    let expected = "At threads 4: choose mutex or slab; slab is 3.0x [3.0, 3.0] faster than the \
                    default, rwlock.";
    assert_eq!(at_four(&alternatives), [expected]);
    let four: [(&str, &[f64]); 5] = [
        ("rwlock", &[30.0; 5]),
        ("a", &[10.0; 5]),
        ("b", &[10.1; 5]),
        ("c", &[10.1; 5]),
        ("d", &[10.1; 5]),
    ];
    let expected = "At threads 4: no clear choice among 4 of 5; a is 3.0x [3.0, 3.0] faster than \
                    the default, rwlock.";
    assert_eq!(at_four(&four), [expected]);
}

#[test]
fn four_rounds_do_not_speak_against_a_default() {
    let alternatives: [(&str, &[f64]); 2] = [("rwlock", &[30.0; 4]), ("slab", &[10.0; 4])];
    let expected =
        "At threads 4: slab was the fastest, but 4 rounds cannot decide; the default is rwlock.";
    assert_eq!(at_four(&alternatives), [expected]);
    let swapped: [(&str, &[f64]); 2] = [("rwlock", &[10.0; 4]), ("slab", &[30.0; 4])];
    let expected =
        "At threads 4: the default, rwlock, was the fastest, but 4 rounds cannot decide.";
    assert_eq!(at_four(&swapped), [expected]);
}

#[test]
fn a_default_that_was_not_measured_is_not_spoken_of() {
    let alternatives: [(&str, &[f64]); 2] = [("mutex", &[30.0; 5]), ("slab", &[10.0; 5])];
    let expected =
        "At threads 4: slab is the fastest: 3.0x [3.0, 3.0] faster than the second, mutex.";
    assert_eq!(at_four(&alternatives), [expected]);
}

#[test]
fn the_data_are_there_too() {
    let timed: [Timed; 2] = [("rwlock", 4, &[20.0; 5]), ("slab", 4, &[10.0; 5])];
    let report = report(&locks(), &timed);
    let compared = &report.comparisons[0];
    let choice = compared.facets[0].positions[0].choice.as_ref().unwrap();
    assert_eq!(choice.advice(), Advice::Clear);
    let default = choice.default.unwrap();
    assert_eq!(compared.workloads[default.index].subject.workload, "registry/lookup/rwlock/4");
    assert_eq!(text::choices(compared)[0].on_default, OnDefault::Change);
    assert_eq!(compared.default_series().as_deref(), Some("rwlock"));
    let text = text::terminal(&report);
    assert!(text.contains("Faster than the default:\n  registry/lookup: At threads 4: "), "{text}");
    assert!(text.contains("rwlock (default)"), "{text}");
}

#[test]
fn a_place_on_the_x_axis_is_chosen_for_the_default_alternative() {
    let timed: [Timed; 6] = [
        ("rwlock", 1, &[10.0; 5]),
        ("rwlock", 2, &[13.0; 5]),
        ("rwlock", 4, &[20.0; 5]),
        ("slab", 1, &[9.0; 5]),
        ("slab", 2, &[4.0; 5]),
        ("slab", 4, &[5.0; 5]),
    ];
    let said = said(&threads(), &timed);
    let expected =
        "Threads: choose 1 for rwlock; it is 1.30x [1.30, 1.30] faster than the default, 2.";
    assert_eq!(said.last().unwrap(), expected);
    assert_eq!(said.iter().filter(|said| said.starts_with("Threads: ")).count(), 1);
}

#[test]
fn without_a_default_alternative_each_own_one_has_its_place() {
    let comparison = Comparison {
        defaults: Axes::default().with("threads", AxisValue::Count(2)),
        ..common::locks()
    };
    let timed: [Timed; 5] = [
        ("rwlock", 1, &[10.0; 5]),
        ("rwlock", 2, &[10.1; 5]),
        ("slab", 1, &[9.0; 5]),
        ("slab", 2, &[4.5; 5]),
        ("lonely", 2, &[7.0; 5]),
    ];
    let said = said(&comparison, &timed);
    let along: Vec<_> = said.iter().filter(|said| said.starts_with("Threads: ")).collect();
    assert_eq!(
        along,
        [
            "Threads: stay with the default, 2, for rwlock; no difference larger than 1% found.",
            "Threads: the default, 2, is right for slab: 2.0x [2.0, 2.0] faster than the second, 1.",
        ]
    );
}

#[test]
fn with_one_own_alternative_nobody_asks_for_whom() {
    let timed: [Timed; 2] = [("rwlock", 1, &[10.0; 5]), ("rwlock", 2, &[20.0; 5])];
    let expected = "Threads: choose 1; it is 2.0x [2.0, 2.0] faster than the default, 2.";
    assert_eq!(said(&threads(), &timed), [expected]);
}

#[test]
fn places_are_compared_only_if_items_are_alike() {
    let timed: [Timed; 2] = [("rwlock", 1, &[10.0; 5]), ("rwlock", 2, &[20.0; 5])];
    for display in [Display::LatencyNs, Display::Instructions] {
        let comparison = Comparison { display, ..threads() };
        assert_eq!(said(&comparison, &timed), [""; 0]);
    }
    let pairs = report(&threads(), &timed).pairs_judged();
    assert_eq!(pairs, 1, "a verdict along the axis is a chance to be wrong, too");
}

#[test]
fn in_short_a_default_holds_or_does_not() {
    let digest = |slab_ns: f64| {
        let times = [slab_ns; 5];
        let timed: [Timed; 2] = [("rwlock", 4, &[20.0; 5]), ("slab", 4, &times)];
        text::digest(&report(&locks(), &timed))
    };
    let (better, worse) = (digest(10.0), digest(30.0));
    assert_eq!((better.changes.len(), better.keeps.len()), (1, 0));
    assert_eq!((worse.changes.len(), &worse.keeps[..]), (0, &["registry/lookup".to_owned()][..]));
    let peers = text::digest(&common::report(&common::whole_run(5)));
    assert_eq!(peers.slower, ["file/load"], "auto is slower than std::fs::read there");
}
