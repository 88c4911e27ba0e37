//! The settings of an effort.

use super::plan::Rounds;
use simple_records::harness::Settings;
use simple_records::{Effort, RunLimits};
use simple_reports::stats::FIRST_LOOK;
use std::collections::BTreeMap;
use std::time::Duration;

/// Chance that a verdict on two alternatives is wrong.
pub(crate) const ERROR: f64 = 0.01;
/// Differences that are too small to be told.
const SAME: f64 = 0.05;
/// The same where several threads take part.
const SAME_THREADED: f64 = 0.10;

/// Rounds of each instrument.
pub(super) const ROUNDS: Rounds = Rounds { wall: FIRST_LOOK as u32, latency: 5 };

/// Limits of the verdicts, with the time that blocks get.
pub(crate) fn limits(effort: Effort) -> RunLimits {
    let budget_s = match effort {
        Effort::Quick => 5.0 * 60.0,
        Effort::Standard => 18.0 * 60.0,
        Effort::Full => 180.0 * 60.0,
    };
    RunLimits { error: ERROR, same: SAME, same_threaded: SAME_THREADED, budget_s }
}

/// Rough time of a whole run: blocks, and the other instruments.
pub(crate) fn usual_time(effort: Effort) -> Duration {
    Duration::from_mins(match effort {
        Effort::Quick => 7,
        Effort::Standard => 25,
        Effort::Full => 240,
    })
}

pub(crate) fn settings(effort: Effort) -> Settings {
    match effort {
        Effort::Quick => {
            Settings { warm_up_ms: 2, measurement_ms: 6, samples: 10, latency_ms: 100 }
        }
        Effort::Standard => {
            Settings { warm_up_ms: 2, measurement_ms: 6, samples: 10, latency_ms: 250 }
        }
        Effort::Full => {
            Settings { warm_up_ms: 10, measurement_ms: 40, samples: 20, latency_ms: 1000 }
        }
    }
}

/// The name in records of the processors that measuring processes stay on.
const PIN: &str = "pinned_to_cpus";

/// The processors of a record's settings.
pub(super) fn pin(settings: &BTreeMap<String, String>) -> Option<String> {
    settings.get(PIN).cloned()
}

/// As records keep them.
pub(super) fn as_map(settings: Settings, pin: Option<&str>) -> BTreeMap<String, String> {
    let mut map: BTreeMap<_, _> = [
        ("warm_up_ms", settings.warm_up_ms),
        ("measurement_ms", settings.measurement_ms),
        ("samples_per_round", settings.samples as u64),
        ("latency_ms_per_rate", settings.latency_ms),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_string()))
    .into();
    map.extend(pin.map(|cpus| (PIN.to_owned(), cpus.to_owned())));
    map
}
