//! Variables that reach the programs that are started.

use std::ffi::{OsStr, OsString};
use std::process::Command;

/// Variables that a measured process keeps. All others are left out: each of them may change
/// the allocator (`MALLOC_*`, `GLIBC_TUNABLES`), the loader (`LD_PRELOAD`), the runtime
/// (`SIMPLE_RT_*`), libraries it is compared with (`RAYON_NUM_THREADS`), or tools that watch
/// it (`VALGRIND_OPTS`), and their number moves the stack.
const KEPT: [&str; 9] = [
    "PATH",
    "HOME",
    "USER",
    "TMPDIR",
    "TZ",
    // Without it a program that was built here may not start.
    "LD_LIBRARY_PATH",
    // The folder of valgrind's tools, if it was moved.
    "VALGRIND_LIB",
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
];

/// Beginning of the names of our own variables, which tests set.
const OWN: &str = "SIMPLE_BENCH_";

/// Variables that cargo sets for what it runs. They describe the package that is running,
/// and must not reach another cargo.
const OF_CARGO: [&str; 12] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_MAKEFLAGS",
    "CARGO_TARGET_TMPDIR",
    "CARGO_LOG",
    "RUST_LOG",
    "RUST_RECURSION_COUNT",
    "RUST_BACKTRACE",
    "OUT_DIR",
];

/// Leaves a measured process only what it needs.
pub fn only_needed(command: &mut Command) {
    let kept = std::env::vars_os().filter(|(name, _)| is_kept(name));
    command.env_clear().envs(kept);
    command.env("LC_ALL", "C.UTF-8");
    // A failed workload says why; a backtrace would not help the user.
    command.env("RUST_BACKTRACE", "0");
}

fn is_kept(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| KEPT.contains(&name) || name.starts_with(OWN))
}

/// Takes away what an outer cargo has set.
pub fn without_outer_cargo(command: &mut Command) {
    without(command, |name| OF_CARGO.iter().any(|prefix| name.starts_with(prefix)));
}

/// Variables by which cargo builds in a folder of the user's.
const SHARED_FOLDERS: [&str; 3] =
    ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"];

/// Takes away what would have several checkouts built into one folder, or taken for another
/// repository: the user's target folder of cargo, and the variables of a git that runs us as a hook.
pub fn for_one_checkout(command: &mut Command) {
    without_outer_cargo(command);
    without(command, |name| SHARED_FOLDERS.contains(&name) || name.starts_with("GIT_"));
}

/// Takes away variables of the user.
pub fn without(command: &mut Command, is_taken: impl Fn(&str) -> bool) {
    let is_taken = |name: &OsString| is_taken(&name.to_string_lossy());
    for name in std::env::vars_os().map(|(name, _)| name).filter(is_taken) {
        command.env_remove(name);
    }
}
