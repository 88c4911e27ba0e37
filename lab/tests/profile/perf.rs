//! Access of tests to perf.

use std::process::{Command, Stdio};

/// Returns whether perf is installed and permitted.
pub fn has_perf() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let mut perf = Command::new("perf");
    perf.args(["record", "-q", "-o"]).arg(folder.path().join("perf.data")).args(["--", "true"]);
    perf.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}
