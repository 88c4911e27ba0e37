//! What a profile stands for.

use crate::Profile;
use crate::instruments::Settings;
use std::collections::BTreeMap;

pub(super) fn settings(profile: Profile) -> Settings {
    match profile {
        Profile::Quick => {
            Settings { rounds: 5, warm_up_ms: 15, measurement_ms: 50, samples: 10, latency_ms: 250 }
        }
        Profile::Standard => Settings {
            rounds: 7,
            warm_up_ms: 60,
            measurement_ms: 250,
            samples: 12,
            latency_ms: 1000,
        },
        Profile::Full => Settings {
            rounds: 11,
            warm_up_ms: 200,
            measurement_ms: 800,
            samples: 20,
            latency_ms: 4000,
        },
    }
}

/// As records keep them.
pub(super) fn as_map(settings: Settings, pin: Option<&str>) -> BTreeMap<String, String> {
    let mut map: BTreeMap<_, _> = [
        ("rounds", u64::from(settings.rounds)),
        ("warm_up_ms", settings.warm_up_ms),
        ("measurement_ms", settings.measurement_ms),
        ("samples_per_round", settings.samples as u64),
        ("latency_ms_per_rate", settings.latency_ms),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_string()))
    .into();
    map.extend(pin.map(|cpus| ("pinned_to_cpus".to_owned(), cpus.to_owned())));
    map
}
