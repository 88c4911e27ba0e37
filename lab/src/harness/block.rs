//! A block: fresh processes, one for each alternative, which take turns.
//!
//! Alternatives that are measured one after the other, each to its end, see different machines:
//! clocks, neighbours and caches drift meanwhile. In a block all of them are started and prepared
//! first; then they are measured within moments, in random order. The ratio within a block is free
//! of what drifts. A process that waits for its turn is blocked in a read and costs nothing.

use super::{Client, Log};
use crate::{owned, programs};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Most bytes by which the environments of processes differ. The environment lies at the top of
/// the stack: its size moves everything below, and that alone can change times (Mytkowicz et al.,
/// Producing Wrong Data Without Doing Anything Obviously Wrong!, ASPLOS 2009).
const MOST_PADDING_BYTES: usize = 4096;

/// One that takes part in blocks: a workload of a program.
#[derive(Debug, Clone, Copy)]
pub struct Contestant<'a> {
    /// The program.
    pub program: &'a Path,
    /// Added to its environment.
    pub environment: &'a [(String, String)],
    /// Name of the workload.
    pub workload: &'a str,
}

/// All that processes of a block share.
#[derive(Debug)]
pub struct Ground {
    /// The folder of the files that workloads read.
    pub data: PathBuf,
    /// Complaints of the processes.
    pub log: Log,
    /// Processors to stay on, as taskset(1) names them.
    pub pin: Option<String>,
}

impl Ground {
    /// The processor for those processes of a block that have one thread; `None` if the user chose, or
    /// there is no choice.
    ///
    /// A thread that the scheduler moves leaves its caches behind, and two processors are never equally
    /// undisturbed. On one processor, intervals were half as wide. It is another one from block to block.
    pub fn processor(&self, random: &mut fastrand::Rng) -> Option<usize> {
        let all = owned::processors();
        let is_chosen = self.pin.is_some() || all.len() < 2;
        (!is_chosen).then(|| all[random.usize(..all.len())])
    }

    /// Starts a process and has it prepare its workload. If it has one thread, it stays on `processor`.
    ///
    /// # Errors
    /// If it cannot be started, or the workload not be prepared.
    pub fn start(
        &self,
        one: &Contestant<'_>,
        processor: Option<usize>,
        random: &mut fastrand::Rng,
    ) -> Result<Client> {
        let mut command = self.command(one.program);
        command.env("SIMPLE_BENCH_PADDING", "x".repeat(random.usize(..MOST_PADDING_BYTES)));
        command.envs(one.environment.iter().cloned());
        let client = Client::prepared(command, one.workload, &self.data, Some(&self.log))?;
        if let Some(processor) = processor {
            client.keep_single_thread_on(processor);
        }
        Ok(client)
    }

    /// Runs a program of the harness where it is to run.
    pub fn command(&self, program: &Path) -> Command {
        match &self.pin {
            None => programs::measured(program),
            Some(processors) => {
                let mut command = programs::taskset(processors);
                command.arg(program);
                command
            }
        }
    }
}

/// Seed of a block: the same for the same name.
pub fn seed(name: &str) -> u64 {
    // FNV-1a (Fowler, Noll, Vo).
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}
