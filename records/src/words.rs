//! Words that all crates of the laboratory share. Each is a type; its name in records and on the
//! command line is written down once, here.

use serde::de::Deserializer;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

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

/// Makes an enum whose variants are words: a name, text to word, word to text.
macro_rules! words {
    ($(
        $(#[$about:meta])*
        $Word:ident { $($(#[$means:meta])* $Variant:ident = $name:literal,)+ }
    )+) => {$(
        $(#[$about])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        pub enum $Word { $($(#[$means])* #[serde(rename = $name)] $Variant,)+ }

        impl $Word {
            /// Every one of these words, in the order of their declaration.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$Variant),+];

            /// The name in records and on the command line.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$Variant => $name,)+
                }
            }
        }

        impl FromStr for $Word {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($name => Ok(Self::$Variant),)+
                    _ => Err(UnknownWord { word: word.to_owned(), known: vec![$($name),+] }),
                }
            }
        }

        impl fmt::Display for $Word {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    )+};
}

words! {
    /// Amount of measuring: the workloads, and the time for each. The least comes first.
    Effort {
        /// A few minutes: the most telling workloads, enough to see what is twice as fast.
        Quick = "quick",
        /// Longer: many more workloads, as closely.
        Standard = "standard",
        /// Hours: every workload, enough to see a few percent.
        Full = "full",
    }

    /// A way to measure a workload. A run uses them in this order.
    Instrument {
        /// Wall time, by criterion.
        Wall = "wall",
        /// Page faults and context switches, by getrusage.
        Os = "os",
        /// Latency at a fixed rate, by an open-loop generator and hdrhistogram.
        Latency = "latency",
        /// Instructions, by callgrind, and heap use, by DHAT.
        Instructions = "instructions",
    }

    /// A source of counts.
    Counter {
        /// Instructions, by callgrind.
        Instructions = "instructions",
        /// Heap use, by DHAT.
        Heap = "heap",
        /// Page faults and context switches, by getrusage.
        Os = "os",
    }

    /// The way in which the operations of a latency are begun.
    Loop {
        /// Open: at a fixed rate, whatever became of those before.
        Open = "latency",
        /// Closed: each when the one before has ended.
        Closed = "latency-closed",
    }

    /// Evidence by which a comparison of two builds is judged.
    Witness {
        /// Wall time, in blocks of processes that take turns.
        Time = "wall",
        /// Instructions, by callgrind.
        Instructions = "instructions",
    }

    /// A load that a calibration puts on the machine.
    NoiseKind {
        /// A process that is always busy.
        Busy = "busy",
        /// A busy process that comes and goes.
        Neighbour = "neighbour",
        /// Processors that get slower and faster by steps.
        Steps = "steps",
        /// Processes of higher priority that take each processor away for some milliseconds.
        Steal = "steal",
    }

    /// A form of slow-down that a calibration injects.
    DoseForm {
        /// Additional instructions.
        Spin = "spin",
        /// Memory fences.
        Fence = "fence",
        /// Cache misses.
        Miss = "miss",
        /// A lock that is taken and released.
        Lock = "lock",
        /// Additions to a line that all threads write.
        Line = "line",
    }

    /// The build that a process belongs to.
    Side {
        /// The build that is compared with.
        Base = "base",
        /// The build that is judged.
        Head = "head",
        /// The build that is compared with, once more: the null control.
        Null = "null",
    }

    /// A verb of the conductor that measures programs of anybody.
    Verb {
        /// Workloads of somebody's program.
        Run = "run",
        /// Commands against each other.
        Compare = "compare",
        /// One command under several settings of the runtime.
        Tune = "tune",
    }

    /// The way in which a process ended that was profiled as a whole.
    Ending {
        /// By itself, with an exit code.
        Exited = "exited",
        /// By a signal.
        Signalled = "signalled",
        /// The profiler stopped it.
        Stopped = "stopped",
        /// It goes on: it was only looked at.
        GoesOn = "goes-on",
    }

    /// Subject of a profile. They are shown in this order.
    View {
        /// Functions by processor time.
        Cpu = "cpu",
        /// Functions by instructions.
        Instructions = "instructions",
        /// Places that ask for memory.
        Memory = "memory",
        /// Waits of threads.
        Waiting = "waiting",
        /// Activity of the executor's threads over time.
        Timeline = "timeline",
    }

    /// Unit of the counts of a profile's stacks.
    Unit {
        /// Samples of processor time.
        Samples = "samples",
        /// Instructions.
        Instructions = "instructions",
        /// Bytes that were asked for.
        Bytes = "bytes",
        /// Nanoseconds.
        Ns = "ns",
    }
}

impl Counter {
    /// True if every count of the same program is the same, so that a difference comes from the
    /// code. Counts of the system depend on its other activity.
    pub fn is_exact(self) -> bool {
        matches!(self, Self::Instructions | Self::Heap)
    }
}

impl Loop {
    /// The loop of a latency whose schedule asked for this rate.
    pub fn of(offered_per_s: Option<f64>) -> Self {
        if offered_per_s.is_some() { Self::Open } else { Self::Closed }
    }
}

/// A word in a line of a file. That of a newer program, which this one does not know, is
/// kept as a text, so that the rest of the file can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word<T> {
    /// A known one.
    Known(T),
    /// The text of an unknown one.
    Unknown(String),
}

impl<T: Copy> Word<T> {
    /// The word, if it is known.
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(word) => Some(*word),
            Self::Unknown(_) => None,
        }
    }
}

impl<T> From<T> for Word<T> {
    fn from(word: T) -> Self {
        Self::Known(word)
    }
}

impl<T: PartialEq> PartialEq<T> for Word<T> {
    fn eq(&self, other: &T) -> bool {
        matches!(self, Self::Known(word) if word == other)
    }
}

impl<T: fmt::Display> fmt::Display for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(word) => word.fmt(f),
            Self::Unknown(text) => f.write_str(text),
        }
    }
}

impl<T: fmt::Display> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: FromStr> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(text.parse().map_or_else(|_| Self::Unknown(text), Self::Known))
    }
}

/// Reads a list of words without those that this program does not know.
pub(crate) fn known_words<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: FromStr + Copy,
    D: Deserializer<'de>,
{
    let words = Vec::<Word<T>>::deserialize(deserializer)?;
    Ok(words.iter().filter_map(Word::known).collect())
}

/// Reads a map from words without those that this program does not know.
pub(crate) fn known_keys<'de, T, V, D>(deserializer: D) -> Result<BTreeMap<T, V>, D::Error>
where
    T: FromStr + Ord,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let all = BTreeMap::<String, V>::deserialize(deserializer)?;
    Ok(all.into_iter().filter_map(|(word, value)| Some((word.parse().ok()?, value))).collect())
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

    #[test]
    fn a_word_that_is_not_known_is_kept_as_it_is() {
        let [known, unknown]: [Word<Effort>; 2] =
            serde_json::from_str(r#"["full","endless"]"#).unwrap();
        assert_eq!((known.known(), unknown.known()), (Some(Effort::Full), None));
        assert_eq!(known, Effort::Full);
        assert_ne!(unknown, Effort::Full);
        assert_eq!(serde_json::to_string(&[known, unknown]).unwrap(), r#"["full","endless"]"#);
        assert!(serde_json::from_str::<Word<Effort>>("3").is_err());
    }

    #[test]
    fn lists_and_maps_are_read_without_unknown_words() {
        let list = &mut serde_json::Deserializer::from_str(r#"["wall","heat"]"#);
        assert_eq!(known_words::<Witness, _>(list).unwrap(), [Witness::Time]);
        let map = &mut serde_json::Deserializer::from_str(r#"{"heat":1,"os":2}"#);
        assert_eq!(known_keys(map).unwrap(), BTreeMap::from([(Instrument::Os, 2)]));
    }
}
