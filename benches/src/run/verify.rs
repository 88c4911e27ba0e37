//! Running every workload once, to see that it does what it is said to do.

use super::child;
use crate::Data;
use crate::catalogue::Family;
use anyhow::Result;
use simple_lab::console::{Amount, Progress};
use simple_lab::say;
use std::process::ExitCode;

/// Runs each workload, in a process of its own, and lists those that are wrong.
pub(super) fn check(families: &[Family], data: &Data) -> Result<ExitCode> {
    let workloads: Vec<_> = families.iter().flat_map(|family| &family.workloads).collect();
    let mut progress = Progress::of(Amount::Steps(workloads.len() as u64));
    let mut wrong = 0;
    for workload in &workloads {
        progress.show(&format!("checking {}", workload.comparison), &workload.name);
        if let Some(why) = child::check(&workload.name, data)? {
            progress.note(&format!("wrong: {}: {why}", workload.name));
            wrong += 1;
        }
        progress.step();
    }
    progress.finish();
    say!("{} workloads checked, {wrong} wrong", workloads.len());
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
