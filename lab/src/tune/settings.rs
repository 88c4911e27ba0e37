//! The axes of settings, their values, and which of them can matter to a program.

use crate::compare::command::Measured;
use crate::compare::contest::{Contest, Entrant, Unfit};
use crate::compare::stats::Stats;

/// The alternative without a variable.
const DEFAULT: &str = "default";

/// The strategies of `SIMPLE_RT_PREFAULT`, without `touch`, which is the same as `populate-read`.
pub(super) const STRATEGIES: [&str; 7] =
    ["none", "progressive", "populate", "populate-read", "parallel-touch", "copy", "huge"];

/// Something that a variable sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    /// The number of workers.
    Workers,
    /// The strategy by which files are loaded.
    Prefault,
    /// The number of threads that load files.
    Loaders,
}

impl Axis {
    pub(super) const ALL: [Self; 3] = [Self::Workers, Self::Prefault, Self::Loaders];

    /// Its name in what is printed.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Workers => "workers",
            Self::Prefault => "prefault",
            Self::Loaders => "loaders",
        }
    }

    fn question(self) -> &'static str {
        match self {
            Self::Workers => "How many workers suit this program?",
            Self::Prefault => "Which strategy of loading files suits this program?",
            Self::Loaders => "How many loaders of files suit this program?",
        }
    }

    fn variable(self) -> &'static str {
        match self {
            Self::Workers => "SIMPLE_RT_WORKERS",
            Self::Prefault => "SIMPLE_RT_PREFAULT",
            Self::Loaders => "SIMPLE_RT_LOADERS",
        }
    }

    /// The reason why its variable cannot matter to a program that left these counters; `None` if it
    /// can.
    pub(super) fn obstacle(self, stats: &Stats) -> Option<&'static str> {
        match self {
            Self::Workers if stats.is_the_programs("workers") => {
                Some("the program sets their number itself, and that wins over the variable")
            }
            Self::Workers if stats.is_the_programs("mode") => {
                Some("the program runs its executor in Manual mode, which has none")
            }
            Self::Workers if stats.starts() == 0 => {
                Some("the program did not start the executor, so it has none")
            }
            Self::Prefault | Self::Loaders if stats.files_loaded() == 0 => {
                Some("the program loaded no file through the runtime")
            }
            Self::Workers | Self::Prefault | Self::Loaders => None,
        }
    }

    /// The values to try, for a machine of this many processors.
    pub(super) fn values(self, stats: &Stats, processors: u64) -> Vec<String> {
        match self {
            Self::Workers => others(vec![1, 2, 4, processors], stats.number("workers")),
            // Loaders wait for the disk: more of them than processors may be right.
            Self::Loaders => others(vec![1, 4, 16], stats.number("loaders")),
            Self::Prefault => STRATEGIES.map(str::to_owned).to_vec(),
        }
    }

    /// The contest of the default and these values.
    pub(super) fn contest(self, command: &Measured, values: &[String]) -> Contest {
        let mut entrants =
            vec![Entrant { name: DEFAULT.to_owned(), command: command.clone(), prepare: None }];
        for value in values {
            let mut command = command.clone();
            command.environment.push((self.variable().to_owned(), value.clone()));
            let name = format!("{} {value}", self.name());
            entrants.push(Entrant { name, command, prepare: None });
        }
        Contest {
            id: format!("settings/{}", self.name()),
            title: self.question().to_owned(),
            axis: "setting",
            entrants,
            default: 0,
            unfit: Unfit::LeftOut,
        }
    }
}

/// These numbers, ascending, without the default.
fn others(mut counts: Vec<u64>, default: Option<u64>) -> Vec<String> {
    counts.retain(|count| Some(*count) != default);
    counts.sort_unstable();
    counts.dedup();
    counts.iter().map(u64::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(text: &str) -> Stats {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_cannot_matter_is_not_tried() {
        let idle = stats("{}");
        assert!(Axis::Workers.obstacle(&idle).unwrap().contains("did not start the executor"));
        assert!(Axis::Prefault.obstacle(&idle).unwrap().contains("no file"));
        let busy = stats(
            r#"{"executor": {"starts": 1}, "files": {"loaded": {"copy": {"files": 1}}},
                "settings": {"workers": {"value": 2, "from": "default"}}}"#,
        );
        assert!(Axis::ALL.iter().all(|axis| axis.obstacle(&busy).is_none()));
        let own = r#"{"executor": {"starts": 1}, "settings": {"workers": {"from": "program"}}}"#;
        assert!(Axis::Workers.obstacle(&stats(own)).unwrap().contains("itself"));
    }

    #[test]
    fn the_number_of_workers_that_is_the_default_is_not_tried_twice() {
        let two = stats(r#"{"settings": {"workers": {"value": 2, "from": "default"}}}"#);
        assert_eq!(Axis::Workers.values(&two, 2), ["1", "4"]);
        assert_eq!(Axis::Workers.values(&stats("{}"), 3), ["1", "2", "3", "4"]);
    }
}
