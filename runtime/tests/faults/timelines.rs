//! A timeline that is written to a file: whole, or not at all.

use crate::attempt::{Scenario, directory};
use crate::scenarios::EXECUTOR;
use std::{env, fs, process};

pub const TIMELINE: Scenario = Scenario { name: "timeline", run: timeline };

/// A process records its first start of the executor.
fn timeline() {
    let path = directory().join(format!("timeline-{}", process::id()));
    // SAFETY: the process has no other thread now.
    unsafe { env::set_var("SIMPLE_RT_TIMELINE", &path) };
    (EXECUTOR.run)();
    // SAFETY: as above.
    unsafe { env::remove_var("SIMPLE_RT_TIMELINE") };
    if let Ok(text) = fs::read(&path) {
        let trace: serde_json::Value = serde_json::from_slice(&text).expect("a whole trace");
        assert!(trace.is_object() || trace.is_array());
        fs::remove_file(&path).unwrap();
    }
    // A process that could not look at its part leaves it to the next that records there.
    let _ = fs::remove_file(path.with_extension("part"));
}
