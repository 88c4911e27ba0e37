//! Running every workload once, to see that it does what it is said to do.

use crate::console::{Amount, Progress, interrupt};
use crate::harness::Client;
use crate::{programs, say};
use anyhow::Result;
use simple_records::harness::Family;
use std::path::Path;
use std::process::ExitCode;

/// Checks each workload, in a process of its own, and lists those that are wrong.
pub(super) fn check(program: &Path, families: &[Family], data: &Path) -> Result<ExitCode> {
    let workloads: Vec<_> = families.iter().flat_map(|family| &family.workloads).collect();
    let mut progress = Progress::of(Amount::Steps(workloads.len() as u64));
    let mut wrong = 0;
    for listed in &workloads {
        let name = &listed.workload;
        progress.show(&format!("checking {}", listed.comparison), name);
        let command = programs::measured(program);
        let checked =
            Client::prepared(command, name, data, None).and_then(|mut client| client.check());
        interrupt::hold_if_ending();
        if let Err(why) = checked {
            progress.note(&format!("wrong: {name}: {why:#}"));
            wrong += 1;
        }
        progress.step();
    }
    progress.finish();
    say!("{} workloads checked, {wrong} wrong", workloads.len());
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
