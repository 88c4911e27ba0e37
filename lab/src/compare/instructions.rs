//! One count of instructions of each alternative, by callgrind: a second witness beside time.
//!
//! A program is many times slower under callgrind, so this is done only when it is asked for.

use super::command::{Launch, PADDING};
use super::contest::{Contest, WORK};
use super::session::Session;
use crate::console::interrupt::interrupted;
use crate::harness::valgrind::MISSING;
use crate::{owned, programs};
use anyhow::{Context, Result, bail, ensure};
use simple_profiles::callgrind;
use simple_records::harness::valgrind::{ARGUMENTS, CALLGRIND_ARGUMENTS};
use simple_records::{Counter, Counts, Record};
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::process::Stdio;

/// Factor by which a program may be slower under callgrind.
const SLOWER: u32 = 100;

/// Refuses a count where there is no valgrind.
///
/// # Errors
/// If it cannot be started.
pub(super) fn check() -> Result<()> {
    ensure!(programs::is_there("valgrind"), "--instructions: {MISSING}");
    Ok(())
}

impl Session<'_> {
    /// Counts the instructions of each alternative once: of its first process, without those that it
    /// starts.
    ///
    /// # Errors
    /// If valgrind fails. A program that fails under it fails here, too.
    pub(crate) fn count_instructions(&mut self, contest: &Contest) -> Result<()> {
        for index in 0..contest.entrants.len() {
            let instructions = self.instructions(contest, index);
            if interrupted().is_some() {
                return Ok(());
            }
            self.record.write(Record::Counts(Counts {
                subject: contest.subject(index),
                work: WORK,
                instrument: Counter::Instructions,
                round: 0,
                counts: BTreeMap::from([("instructions".to_owned(), instructions? as f64)]),
            }))?;
        }
        Ok(())
    }

    fn instructions(&self, contest: &Contest, index: usize) -> Result<u64> {
        let entrant = &contest.entrants[index];
        let name = &entrant.name;
        let Launch::Words(words) = &entrant.command.launch else {
            bail!("{name}: instructions of a shell say nothing of what it starts");
        };
        let folder = owned::scratch()?;
        let out = folder.path().join("out");
        let mut command = programs::valgrind();
        // The program gets the environment that it was timed with.
        command.env_clear().envs(env::vars_os()).env_remove("VALGRIND_OPTS").env_remove(PADDING);
        command.args(ARGUMENTS).arg("--tool=callgrind").args(CALLGRIND_ARGUMENTS);
        command.arg(programs::path_option("--callgrind-out-file", &out)).args(words);
        entrant.command.surround(&mut command)?;
        command.stdout(Stdio::null());
        let ran = programs::run(command, self.runner.treatment.timeout.saturating_mul(SLOWER));
        let text = fs::read_to_string(&out).or_else(|_| match ran {
            Ok(_) => bail!("callgrind wrote no file"),
            Err(error) => Err(error),
        });
        let text = text.with_context(|| format!("{name}: its instructions cannot be counted"))?;
        Ok(callgrind::parse(&text)?.costs.instructions)
    }
}
