//! Instructions, by callgrind, and heap use, by DHAT: counts that repeat exactly.
//!
//! Four processes take part. The run asks cargo for the bench target `instructions`; that
//! target hands the list of workloads to iai-callgrind's runner; the runner starts the program
//! `simple-bench` under valgrind, once for each workload and tool; and that runs one iteration
//! inside of the function [`COUNTED`], which is all that the tools look at. The target exists
//! because iai-callgrind can be had only as one; it uses its interface for programs, not for
//! functions, since only that takes a list that is not known when it is compiled.

use super::{Outcome, find};
use crate::{Data, Instrument, Iteration, Prepared, catalogue};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;

/// The function that callgrind counts in, and below which DHAT's blocks are counted.
pub const COUNTED: &str = "simple_bench_counted";

/// The workload that the process under valgrind is to count. It comes in the environment, and
/// its data in the current folder, because a command line would be copied to the heap together
/// with the program's path: counts must not depend on where things lie.
pub const WORKLOAD_VARIABLE: &str = "SIMPLE_BENCH_WORKLOAD";

/// Names of the workloads that the bench target is to count, one a line; all that suit the
/// instrument if it is not set.
pub const NAMES_VARIABLE: &str = "SIMPLE_BENCH_COUNT";

/// The folder of the files that workloads read, for the bench target.
pub const DATA_VARIABLE: &str = "SIMPLE_BENCH_DATA";

/// Arguments for valgrind, whatever the tool: where inlined functions came from is not used,
/// and takes longer to read than a workload to run. Files of the user with other arguments are
/// not looked at.
pub const VALGRIND_ARGUMENTS: [&str; 3] =
    ["--command-line-only=yes", "--trace-children=no", "--read-inline-info=no"];

/// Arguments for callgrind: instructions and nothing else.
pub const CALLGRIND_ARGUMENTS: [&str; 3] =
    ["--cache-sim=no", "--dump-line=no", "--separate-threads=no"];

/// Arguments for DHAT: stacks are recorded so deep that [`COUNTED`] is found in them also when
/// bodies run on top of each other.
pub const DHAT_ARGUMENTS: [&str; 1] = ["--num-callers=400"];

/// What the counted process finds in its environment, and it alone.
///
/// The C library chooses routines for memory and strings by the processor, and thresholds by
/// the sizes of its caches. Both are fixed here, to what every x86-64 processor has, so that
/// machines with different processors count alike; other C libraries ignore the setting. What
/// Rust code chooses by the processor stays as it is; a run's fingerprint has the extensions.
pub const ENVIRONMENT: [(&str, &str); 2] = [
    (
        "GLIBC_TUNABLES",
        "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX2,-AVX,-AVX_Fast_Unaligned_Load,\
         -BMI1,-BMI2,-LZCNT,-MOVBE,-ERMS,-FSRM,-SSE4_2,-SSE4_1,-SSSE3,-Fast_Unaligned_Copy\
         :glibc.cpu.x86_data_cache_size=32768:glibc.cpu.x86_shared_cache_size=1048576\
         :glibc.cpu.x86_non_temporal_threshold=786432",
    ),
    // Cargo sets it for the bench target, with paths of this machine.
    ("LD_LIBRARY_PATH", ""),
];

/// The names of all workloads that suit this instrument.
pub fn names() -> Vec<String> {
    catalogue::all()
        .into_iter()
        .flat_map(|family| family.workloads)
        .filter(|workload| workload.instruments.contains(&Instrument::Instructions))
        .map(|workload| workload.name)
        .collect()
}

/// What iai-callgrind calls a workload: an identifier.
pub fn id(workload: &str) -> String {
    workload.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// One iteration. Under this name, without mangling, for the tools.
#[unsafe(export_name = "simple_bench_counted")]
#[inline(never)]
extern "C" fn counted(iteration: &mut Iteration) -> u64 {
    std::hint::black_box(iteration())
}

/// Runs an iteration as it will be counted, but outside of valgrind: what cannot be prepared
/// or answers wrongly is found out with its reason, and before the slow part. The counts are
/// still to be made.
pub(super) fn rehearse(mut prepared: Prepared) -> Result<Outcome> {
    count_one(&mut prepared)?;
    Ok(Outcome::Counts(BTreeMap::new()))
}

/// What this process is to count, if it is one under valgrind.
pub(crate) fn workload_to_count() -> Option<String> {
    std::env::var(WORKLOAD_VARIABLE).ok()
}

/// What the process under valgrind does.
pub(crate) fn count_here(workload: &str) -> Result<()> {
    let prepared = find(workload)?.prepare(&Data::new(".".into()));
    count_one(&mut prepared.context("it cannot be prepared here")?)
}

fn count_one(prepared: &mut Prepared) -> Result<()> {
    // The first iteration makes what later ones find made.
    prepared.time(1)?;
    let expected = prepared.expected;
    let iteration = prepared.iteration().context("it needs a stage or several threads")?;
    let answer = counted(iteration);
    ensure!(answer == expected, "it answered {answer} where {expected} is right");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_identifiers_and_unique() {
        let names = names();
        let ids: HashSet<_> = names.iter().map(|name| id(name)).collect();
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
