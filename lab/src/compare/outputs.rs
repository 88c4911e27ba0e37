//! Exit codes and outputs of alternatives: a faster program that does something else proves nothing.

use super::process::{Finished, Output};
use std::process::ExitStatus;

/// Exit codes and outputs of one alternative.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    first: Option<(ExitStatus, Option<Output>)>,
    statuses: Sameness,
    outputs: Sameness,
}

/// Agreement of several processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Sameness {
    #[default]
    Same,
    Varying,
}

impl Seen {
    /// Adds a process.
    pub(crate) fn add(&mut self, finished: &Finished) {
        let Some((status, output)) = &self.first else {
            self.first = Some((finished.status, finished.output.clone()));
            return;
        };
        if *status != finished.status {
            self.statuses = Sameness::Varying;
        }
        if *output != finished.output {
            self.outputs = Sameness::Varying;
        }
    }
}

/// Complaints about alternatives that differ in more than time, in sentences. The first of `all` is
/// what the others are compared with.
pub(crate) fn complaints(all: &[(&str, &Seen)]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, seen) in all {
        if seen.statuses == Sameness::Varying {
            complaints.push(format!("{name} does not always end with the same exit code"));
        }
        if seen.outputs == Sameness::Varying {
            complaints
                .push(format!("{name} does not always print the same: its output is not compared"));
        }
    }
    let Some(((name, usual), others)) = all.split_first() else { return complaints };
    let Some((status, output)) = &usual.first else { return complaints };
    for (other, seen) in others {
        let Some((other_status, other_output)) = &seen.first else { continue };
        if status != other_status {
            complaints.push(format!(
                "exit codes differ: {name} ends with {status}, {other} with {other_status}"
            ));
        }
        let are_comparable = usual.outputs == Sameness::Same && seen.outputs == Sameness::Same;
        if let (true, Some(one), Some(two)) = (are_comparable, output, other_output)
            && one != two
        {
            let how = match one.bytes == two.bytes {
                true => format!("{} bytes each, but other ones", one.bytes),
                false => format!("{} bytes and {} bytes", one.bytes, two.bytes),
            };
            complaints.push(format!(
                "outputs differ: {name} and {other} print {how}; do they do the same work? \
                 (--ignore-output does not compare them)"
            ));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owned::Usage;
    use std::os::unix::process::ExitStatusExt;

    fn seen(processes: &[(i32, u64, u8)]) -> Seen {
        let mut seen = Seen::default();
        for (code, bytes, hash) in processes {
            seen.add(&Finished {
                wall_ns: 1.0,
                usage: Usage::default(),
                status: ExitStatus::from_raw(code << 8),
                output: Some(Output { bytes: *bytes, sha256: [*hash; 32] }),
                stats: None,
            });
        }
        seen
    }

    #[test]
    fn what_is_the_same_is_not_mentioned_and_what_differs_is() {
        let one = seen(&[(0, 4, 1), (0, 4, 1)]);
        assert_eq!(complaints(&[("a", &one), ("b", &one)]), Vec::<String>::new());
        let longer = complaints(&[("a", &one), ("b", &seen(&[(0, 5, 2)]))]);
        assert!(longer[0].contains("a and b print 4 bytes and 5 bytes"), "{longer:?}");
        let others = complaints(&[("a", &one), ("b", &seen(&[(1, 4, 2)]))]);
        assert!(others[0].contains("exit status: 1") && others[1].contains("4 bytes each"));
    }

    #[test]
    fn an_output_that_varies_is_compared_with_none() {
        let varying = seen(&[(0, 4, 1), (0, 4, 2), (0, 4, 1)]);
        let said = complaints(&[("a", &seen(&[(0, 9, 9)])), ("b", &varying)]);
        assert_eq!(said, ["b does not always print the same: its output is not compared"]);
    }
}
