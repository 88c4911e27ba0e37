//! Words that all crates of the laboratory share.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How much is measured: which workloads, and how long each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// A few minutes: the most telling workloads, enough to see what is twice as fast.
    Quick,
    /// Longer: many more workloads, as closely.
    Standard,
    /// Hours: every workload, enough to see a few percent.
    Full,
}

/// A way to measure a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instrument {
    /// Wall time, by criterion.
    Wall,
    /// Page faults and context switches, by getrusage.
    Os,
    /// Latency at a fixed rate, by an open-loop generator and hdrhistogram.
    Latency,
    /// Instructions, by callgrind, and heap use, by DHAT.
    Instructions,
}

/// A word that is none of the known ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// The word.
    pub word: String,
    /// The known ones.
    pub known: Vec<&'static str>,
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is none of {}", self.word, self.known.join(", "))
    }
}

impl std::error::Error for UnknownWord {}

impl Effort {
    /// Every effort, the least first.
    pub const ALL: [Self; 3] = [Self::Quick, Self::Standard, Self::Full];

    /// The name in records and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }
}

impl Instrument {
    /// Every instrument, in the order in which a run uses them.
    pub const ALL: [Self; 4] = [Self::Wall, Self::Os, Self::Latency, Self::Instructions];

    /// The name in records and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Os => "os",
            Self::Latency => "latency",
            Self::Instructions => "instructions",
        }
    }
}

/// The one of `all` that is called `word`.
fn find<T: Copy>(
    all: &[T],
    name: impl Fn(T) -> &'static str,
    word: &str,
) -> Result<T, UnknownWord> {
    let found = all.iter().copied().find(|one| name(*one) == word);
    found.ok_or_else(|| UnknownWord {
        word: word.to_owned(),
        known: all.iter().map(|one| name(*one)).collect(),
    })
}

impl FromStr for Effort {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        find(&Self::ALL, Self::name, word)
    }
}

impl FromStr for Instrument {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        find(&Self::ALL, Self::name, word)
    }
}

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Instrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_refused_with_the_known_ones() {
        for effort in Effort::ALL {
            assert_eq!(effort.name().parse(), Ok(effort));
        }
        for instrument in Instrument::ALL {
            assert_eq!(instrument.name().parse(), Ok(instrument));
            let json = serde_json::to_string(&instrument).unwrap();
            assert_eq!(json, format!("\"{instrument}\""));
        }
        let refused = "quik".parse::<Effort>().unwrap_err();
        assert_eq!(refused.to_string(), "'quik' is none of quick, standard, full");
    }
}
