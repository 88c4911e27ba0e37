//! The settings of an effort.

use super::plan::Rounds;
use simple_records::Effort;
use simple_records::harness::Settings;
use std::collections::BTreeMap;

pub(super) fn rounds(effort: Effort) -> Rounds {
    match effort {
        Effort::Quick | Effort::Standard => Rounds { wall: 6, latency: 5 },
        Effort::Full => Rounds { wall: 11, latency: 5 },
    }
}

pub(super) fn settings(effort: Effort) -> Settings {
    match effort {
        Effort::Quick | Effort::Standard => {
            Settings { warm_up_ms: 15, measurement_ms: 50, samples: 10, latency_ms: 250 }
        }
        Effort::Full => {
            Settings { warm_up_ms: 100, measurement_ms: 400, samples: 20, latency_ms: 1000 }
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
