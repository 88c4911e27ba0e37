//! The word for what a run repeats: rounds of a fixed number, or blocks until questions are answered.

use crate::stats::Rounds;
use simple_records::RunStart;

/// Unit that a run repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// Rounds, of which there is a fixed number; latencies always have these.
    Rounds,
    /// Blocks, of which open questions get more.
    Blocks,
}

impl Repeats {
    /// Those of a run's wall times.
    pub fn of(start: &RunStart) -> Self {
        if start.limits.is_some() { Self::Blocks } else { Self::Rounds }
    }

    /// `round`, `block`.
    pub fn one(self) -> &'static str {
        match self {
            Self::Rounds => "round",
            Self::Blocks => "block",
        }
    }

    /// `rounds`, `blocks`.
    pub fn many(self) -> &'static str {
        match self {
            Self::Rounds => "rounds",
            Self::Blocks => "blocks",
        }
    }

    /// `Rounds`, `Blocks`: at the beginning of a sentence.
    pub fn capitalised(self) -> &'static str {
        match self {
            Self::Rounds => "Rounds",
            Self::Blocks => "Blocks",
        }
    }

    /// `2 of 5 rounds`, `2 of at least 10 blocks`.
    pub fn progress(self, done: usize, planned: usize) -> String {
        match self {
            Self::Rounds => format!("{done} of {planned} rounds"),
            Self::Blocks if done < planned => format!("{done} of at least {planned} blocks"),
            Self::Blocks => format!("{done} blocks"),
        }
    }

    /// `3 rounds`, for a sentence that says that they cannot decide.
    pub(crate) fn few(self, number: usize) -> String {
        match number {
            0 => format!("no common {}", self.one()),
            1 => format!("one {}", self.one()),
            few => format!("{few} {}", self.many()),
        }
    }
}

impl From<Rounds> for Repeats {
    fn from(rounds: Rounds) -> Self {
        match rounds {
            Rounds::Fixed => Self::Rounds,
            Rounds::Growing { .. } => Self::Blocks,
        }
    }
}
