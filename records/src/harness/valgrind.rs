//! Settings of valgrind, which the conductor and the bench target `instructions` share: counts are
//! comparable only if both ask for the same.

/// Variable with the names of the workloads that the bench target counts, one a line; it counts
/// all that suit the instrument if the variable is not set.
pub const NAMES_VARIABLE: &str = "SIMPLE_BENCH_COUNT";

/// Variable with the folder of the files that workloads read, for the bench target.
pub const DATA_VARIABLE: &str = "SIMPLE_BENCH_DATA";

/// Arguments for valgrind, whatever the tool. The origin of inlined functions is not used, and
/// takes longer to read than a workload to run. Files of the user with other arguments are
/// ignored.
pub const ARGUMENTS: [&str; 3] =
    ["--command-line-only=yes", "--trace-children=no", "--read-inline-info=no"];

/// Arguments for callgrind: count instructions and nothing else.
pub const CALLGRIND_ARGUMENTS: [&str; 3] =
    ["--cache-sim=no", "--dump-line=no", "--separate-threads=no"];

/// Arguments for DHAT: stacks are deep enough to contain [`COUNTED`](super::COUNTED) also when
/// bodies run on top of each other.
pub const DHAT_ARGUMENTS: [&str; 1] = ["--num-callers=400"];

/// Environment of a counted process.
///
/// The C library chooses routines for memory and strings by the processor, and thresholds by the
/// sizes of its caches. Both are fixed to what every x86-64 processor has, so that machines with
/// different processors count alike; other C libraries ignore the setting. Choices that Rust code
/// makes by the processor remain; the fingerprint of a run has the processor's extensions.
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

/// The identifier of a workload in the bench target and in its summaries.
pub fn identifier(workload: &str) -> String {
    workload.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
