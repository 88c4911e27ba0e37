//! Reliability of the gate, in sentences.

use crate::judge::{Alarms, Level, OperatingCurve, Share};
use crate::text::number::{percent, utc};
use crate::text::sentence::Sentence;
use simple_records::GateLimits;

/// Sentences about a calibration, or how to make one. `limits` are those of the gate at hand.
pub fn trust(curve: Option<&OperatingCurve>, limits: &GateLimits) -> Vec<Sentence> {
    let Some(curve) = curve else {
        return vec![
            Sentence::from("There is no calibration on record; run ").code("just calibrate"),
        ];
    };
    let itself = "of a build with itself";
    let alarms = [
        (curve.null.as_ref(), format!("{itself} on {}", curve_place(curve))),
        (curve.null_under_load.as_ref(), format!("{itself} {}", beside(curve))),
    ];
    let mut sentences: Vec<String> =
        alarms.into_iter().filter_map(|(alarms, what)| Some(alarm(alarms?, &what))).collect();
    let levels = [(&curve.time, "time"), (&curve.instructions, "instructions")];
    sentences.extend(levels.into_iter().filter_map(|(levels, what)| detection(levels, what)));
    if (curve.min_effect - limits.min_effect).abs() > 1e-9 {
        sentences.push(format!(
            "It was calibrated for {} more time; this gate looked for {}.",
            percent(curve.min_effect),
            percent(limits.min_effect)
        ));
    }
    if !curve.has_rules_of(limits) {
        sentences.push(
            "It was calibrated with another number of blocks, so this gate may find more or less."
                .to_owned(),
        );
    }
    sentences.extend(curve.notes.iter().cloned());
    sentences.into_iter().map(Sentence::from).collect()
}

/// `beside a busy program`, or `beside noise (busy, steal)`.
fn beside(curve: &OperatingCurve) -> String {
    let noises: Vec<&str> = curve.besides.iter().map(|one| one.noise.as_str()).collect();
    match noises[..] {
        ["busy"] => "beside a busy program".to_owned(),
        _ => format!("beside noise ({})", noises.join(", ")),
    }
}

/// `Example CPU (2026-01-31)`.
pub(super) fn curve_place(curve: &OperatingCurve) -> String {
    let day: String = utc(curve.started_unix_s).chars().take(10).collect();
    format!("{} ({day})", curve.machine.as_deref().unwrap_or("an unknown machine"))
}

/// `19 of 20 [75%, 100%]`.
pub fn share(share: &Share) -> String {
    let [low, high] = share.interval.map(percent);
    format!("{} of {} [{low}, {high}]", share.count, share.trials)
}

fn alarm(alarms: &Alarms, what: &str) -> String {
    let Share { count, trials, interval } = &alarms.false_alarms;
    let plural = |n: u64| if n == 1 { "" } else { "s" };
    let unsure = match alarms.inconclusive.count {
        0 => String::new(),
        unsure => format!("; {unsure} could not be decided"),
    };
    format!(
        "In {trials} comparison{} {what}, it raised {count} false alarm{} (at most {}){unsure}.",
        plural(*trials),
        plural(*count),
        percent(interval[1])
    )
}

/// `It detected 11 of 20 with 2.0% more time (at least 32%), 20 of 20 with 5.0% (at least 83%).`
fn detection(levels: &[Level], what: &str) -> Option<String> {
    let level = |(index, level): (usize, &Level)| {
        let Share { count, trials, interval } = &level.detected;
        let more = if index == 0 { format!(" more {what}") } else { String::new() };
        let (by, least) = (percent(level.by), percent(interval[0]));
        format!("{count} of {trials} with {by}{more} (at least {least})")
    };
    let all: Vec<String> = levels.iter().enumerate().map(level).collect();
    (!all.is_empty()).then(|| format!("It detected {}.", all.join(", ")))
}
