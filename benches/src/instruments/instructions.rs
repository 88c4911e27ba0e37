//! Instructions, by callgrind, and heap use, by DHAT: counts that repeat exactly.
//!
//! Four processes take part. The conductor asks cargo for the bench target `instructions`; that
//! target hands the list of workloads to iai-callgrind's runner; the runner starts the program
//! `simple-bench` under valgrind, once for each workload and tool, with a file of requests; and
//! that runs one iteration inside of the function `COUNTED`, which is all that the tools look at.
//! The target exists because iai-callgrind is available only as one; it uses its interface for
//! programs, not for functions, since only that takes a list that is not known when it is
//! compiled. [`simple_records::harness::valgrind`] says how the process is started.

use crate::{Instrument, Iteration, Prepared, catalogue};
use anyhow::{Context, Result, ensure};
use simple_records::harness::Outcome;
use std::collections::BTreeMap;

/// The names of all workloads that suit this instrument.
pub fn names() -> Vec<String> {
    catalogue::all()
        .into_iter()
        .flat_map(|family| family.workloads)
        .filter(|workload| workload.instruments.contains(&Instrument::Instructions))
        .map(|workload| workload.name)
        .collect()
}

/// Runs one iteration. Under this name, without mangling, for the tools:
/// [`COUNTED`](simple_records::harness::COUNTED).
#[unsafe(export_name = "simple_bench_counted")]
#[inline(never)]
extern "C" fn counted(iteration: &mut Iteration) -> u64 {
    std::hint::black_box(iteration())
}

/// Runs an iteration as it will be counted, but outside of valgrind: what cannot be counted is
/// found out with its reason, and before the slow part. The counts are still to be made.
pub(super) fn rehearse(mut prepared: Prepared) -> Result<Outcome> {
    count(&mut prepared)?;
    Ok(Outcome::Counts(BTreeMap::new()))
}

/// Runs one iteration where the tools count.
pub(crate) fn count(prepared: &mut Prepared) -> Result<()> {
    let expected = prepared.expected;
    let iteration = prepared.iteration().context("it needs a stage or several threads")?;
    let answer = counted(iteration);
    ensure!(answer == expected, "it answered {answer} where {expected} is right");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_records::harness::valgrind::identifier;
    use std::collections::HashSet;

    #[test]
    fn ids_are_identifiers_and_unique() {
        let names = names();
        let ids: HashSet<_> = names.iter().map(|name| identifier(name)).collect();
        assert!(!names.is_empty());
        assert_eq!(ids.len(), names.len());
        // Longer ones do not fit into a file name.
        assert!(ids.iter().all(|id| id.len() < 120 && id.is_ascii()));
    }

    #[test]
    fn a_rehearsal_finds_what_cannot_be_counted() {
        assert!(rehearse(Prepared::new(1, 5, || 5)).is_ok());
        assert!(rehearse(Prepared::new(1, 5, || 6)).is_err());
        let staged = Prepared::staged(1, 5, || Ok(crate::Condition::Holds), || 5);
        assert!(rehearse(staged).unwrap_err().to_string().contains("stage"));
    }
}
