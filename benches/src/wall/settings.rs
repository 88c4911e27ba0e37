//! How long to measure.

use clap::ValueEnum;
use std::collections::BTreeMap;

/// A set of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// A few minutes: enough to see what is twice as fast.
    Quick,
    /// About an hour: enough to see a few percent.
    Full,
}

/// What a profile stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) rounds: u32,
    pub(super) warm_up_ms: u64,
    pub(super) measurement_ms: u64,
    pub(super) samples: usize,
}

impl Profile {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Full => "full",
        }
    }

    pub(super) fn settings(self) -> Settings {
        match self {
            Self::Quick => Settings { rounds: 5, warm_up_ms: 40, measurement_ms: 160, samples: 10 },
            Self::Full => {
                Settings { rounds: 15, warm_up_ms: 200, measurement_ms: 1000, samples: 20 }
            }
        }
    }
}

impl Settings {
    /// As records keep them.
    pub(super) fn as_map(self) -> BTreeMap<String, String> {
        [
            ("rounds", u64::from(self.rounds)),
            ("warm_up_ms", self.warm_up_ms),
            ("measurement_ms", self.measurement_ms),
            ("samples_per_round", self.samples as u64),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_string()))
        .into()
    }
}
