//! Rows of an operating curve: by noise, and by form of slow-down.

mod common;

use common::calibration::{calibration, trial};
use simple_records::TrialKind::{NullUnderLoad, SlowedInstructions, SlowedTime};
use simple_records::{Calibration, Dose, DoseForm, InjectedNoise, NoiseKind, Trial, TrialKind};
use simple_reports::judge::OperatingCurve;
use simple_reports::text;

fn beside(noise: NoiseKind, mut trial: Trial) -> Trial {
    trial.noise = Some(InjectedNoise { kind: noise.into(), seed: 7 });
    trial
}

/// A trial slowed by a form, with its verdict.
fn slowed(kind: TrialKind, form: DoseForm, threads: u32, verdict: &str) -> Trial {
    let share = if threads > 1 { 0.054 } else { 0.05 };
    let dose = Dose {
        form: form.into(),
        site: "registry-get".to_owned(),
        steps: 3,
        every: 8,
        share,
        interval: [share - 0.002, share + 0.004],
        blocks: 48,
        threads,
    };
    Trial { dose: Some(dose), ..trial(kind, 0, verdict, &["a/b"], Some(share + 0.001)) }
}

fn with(trials: Vec<Trial>) -> Calibration {
    Calibration { trials, left_out: Vec::new(), ..calibration() }
}

#[test]
fn each_kind_of_noise_has_a_row() {
    let null = |verdict| trial(NullUnderLoad, 0, verdict, &["a/b"], None);
    let curve = OperatingCurve::new(&with(vec![
        beside(NoiseKind::Steal, null("regression")),
        beside(NoiseKind::Steal, null("pass")),
        beside(NoiseKind::Neighbour, null("inconclusive")),
        // An older trial.
        null("pass"),
    ]));
    let rows: Vec<(&str, u64, u64)> = curve
        .besides
        .iter()
        .map(|one| {
            let share = one.alarms.false_alarms;
            (one.noise.as_str(), share.count, share.trials)
        })
        .collect();
    assert_eq!(rows, [("busy", 0, 1), ("neighbour", 0, 1), ("steal", 1, 2)]);
    assert_eq!(curve.null_under_load.as_ref().unwrap().false_alarms.trials, 4);
    let said = text::curve_terminal(&curve);
    assert!(said.contains("1 of 2 (at most 99%)"), "{said}");
    let trust = text::trust(Some(&curve), &curve.limits);
    assert!(trust[0].to_string().contains("beside noise (busy, neighbour, steal)"));
}

#[test]
fn forms_threads_witnesses_and_noise_are_counted_apart() {
    let time = || SlowedTime { by: 0.05 };
    let curve = OperatingCurve::new(&with(vec![
        slowed(time(), DoseForm::Fence, 2, "regression"),
        slowed(time(), DoseForm::Fence, 2, "inconclusive"),
        slowed(time(), DoseForm::Fence, 1, "regression"),
        slowed(SlowedInstructions { by: 0.05 }, DoseForm::Fence, 1, "pass"),
        slowed(SlowedTime { by: 0.1 }, DoseForm::Line, 2, "regression"),
        beside(NoiseKind::Steps, slowed(time(), DoseForm::Fence, 2, "pass")),
    ]));
    let rows: Vec<(f64, &str, Option<u32>, u64, u64)> = curve
        .dosed
        .iter()
        .map(|row| {
            (row.by, row.form.as_str(), row.threads, row.detected.count, row.detected.trials)
        })
        .collect();
    assert_eq!(
        rows,
        [
            (0.05, "fence", Some(1), 1, 1),
            (0.05, "fence", Some(2), 1, 2),
            (0.05, "fence", Some(2), 0, 1),
            (0.1, "line", Some(2), 1, 1),
            (0.05, "fence", Some(1), 0, 1),
        ]
    );
    let both = &curve.dosed[1];
    assert_eq!((both.inconclusive.count, both.noise.as_deref()), (1, None));
    assert!((both.set.unwrap() - 0.054).abs() < 1e-9 && (both.found.unwrap() - 0.055).abs() < 1e-9);
    assert!((both.set_interval.unwrap()[0] - 0.052).abs() < 1e-9);
    // Noise makes other levels: the plain ones are of a quiet machine.
    assert_eq!((curve.time[0].by, curve.time[0].detected.trials), (0.05, 3));
    let said = text::curve_terminal(&curve);
    assert!(said.contains("+5.4% [5.2%, 5.8%]"), "{said}");
}

/// Older trials have neither dose nor noise.
#[test]
fn older_calibrations_have_rows_without_what_they_do_not_say() {
    let curve = OperatingCurve::new(&calibration());
    assert_eq!(curve.besides.len(), 1);
    let levels = curve.time.len() + curve.instructions.len();
    assert_eq!(curve.dosed.len(), levels);
    assert!(curve.dosed.iter().all(|row| row.form == "spin" && row.threads.is_none()));
    assert!(curve.dosed.iter().all(|row| row.set.is_none() && row.noise.is_none()));
    let said = text::curve_terminal(&curve);
    assert!(said.contains("1 of 40 (at most 13%)"), "{said}");
}
