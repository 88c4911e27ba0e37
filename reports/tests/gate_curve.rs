//! Rates of right verdicts, counted from trials.

mod common;

use common::calibration::{calibration, trial};
use simple_records::GateLimits;
use simple_records::TrialKind::{Null, NullUnderLoad, SlowedInstructions, SlowedTime};
use simple_reports::judge::OperatingCurve;
use simple_reports::text::{Span, trust};

#[test]
fn false_alarms_and_detections_are_counted_apart() {
    let curve = OperatingCurve::new(&calibration());
    let null = curve.null.as_ref().unwrap();
    assert_eq!((null.false_alarms.count, null.false_alarms.trials), (1, 40));
    assert_eq!((null.inconclusive.count, &null.workloads[..]), (2, &["a/b".to_owned()][..]));
    assert!(null.false_alarms.interval[1] > 0.12 && null.false_alarms.interval[1] < 0.14);
    let load = curve.null_under_load.as_ref().unwrap();
    assert_eq!((load.false_alarms.count, load.inconclusive.count), (0, 9));
    let levels: Vec<(f64, u64, u64)> =
        curve.time.iter().map(|l| (l.by, l.detected.count, l.detected.trials)).collect();
    assert_eq!(levels, [(0.02, 1, 20), (0.05, 19, 20), (0.1, 20, 20)]);
    assert!((curve.time[1].found.unwrap() - 0.051).abs() < 1e-9);
    assert_eq!(curve.instructions.len(), 2);
}

#[test]
fn a_regression_that_names_nothing_detects_nothing() {
    let mut calibration = calibration();
    calibration.trials = vec![trial(SlowedTime { by: 0.1 }, 0, "regression", &[], None)];
    let curve = OperatingCurve::new(&calibration);
    assert_eq!((curve.time[0].detected.count, curve.time[0].found), (0, None));
    assert!(curve.null.is_none() && curve.instructions.is_empty());
}

#[test]
fn sentences_say_how_many_and_how_sure() {
    let said = |curve: Option<&OperatingCurve>, limits: &GateLimits| -> Vec<String> {
        trust(curve, limits).iter().map(ToString::to_string).collect()
    };
    let usual = calibration().start.limits;
    let curve = OperatingCurve::new(&calibration());
    assert_eq!(
        said(Some(&curve), &usual),
        [
            "In 40 comparisons of a build with itself on Example CPU (2026-01-31), it raised 1 \
             false alarm (at most 13%); 2 could not be decided.",
            "In 20 comparisons of a build with itself beside a busy program, it raised 0 false \
             alarms (at most 17%); 9 could not be decided.",
            "It detected 1 of 20 with 2.0% more time (at least 0.1%), 19 of 20 with 5.0% (at \
             least 75%), 20 of 20 with 10% (at least 83%).",
            "It detected 0 of 10 with 0.3% more instructions (at least 0.0%), 10 of 10 with 1.0% \
             (at least 69%).",
            "a/c could not be slowed in time by 1% closely enough: there are no trials of that.",
        ]
    );
    let other = said(Some(&curve), &GateLimits { min_effect: 0.1, ..usual.clone() });
    assert!(other[4].contains("calibrated for 5.0% more time; this gate looked for 10%"));
    let other = said(Some(&curve), &GateLimits { confirm_again_blocks: 0, ..usual.clone() });
    assert!(other[4].contains("calibrated with another number of blocks"), "{other:?}");
    assert_eq!(said(None, &usual), ["There is no calibration on record; run just calibrate"]);
    assert!(trust(None, &usual)[0].spans().contains(&Span::Code("just calibrate".to_owned())));
}

#[test]
fn all_kinds_of_trials_are_known() {
    let kinds = [Null, NullUnderLoad, SlowedTime { by: 0.1 }, SlowedInstructions { by: 0.1 }];
    let mut calibration = calibration();
    calibration.trials = kinds.map(|kind| trial(kind, 0, "inconclusive", &["a"], None)).to_vec();
    let curve = OperatingCurve::new(&calibration);
    assert_eq!(curve.time[0].inconclusive.count, 1);
    assert_eq!(curve.instructions[0].inconclusive.count, 1);
    assert_eq!(curve.null.unwrap().inconclusive.count, 1);
    assert_eq!(curve.null_under_load.unwrap().inconclusive.count, 1);
}
