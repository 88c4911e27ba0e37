//! The process that puts a load on the machine.

use super::schedule::{Lane, Priority, lanes};
use crate::words;
use anyhow::Result;
use clap::Args;
use simple_records::NoiseKind;
use std::hint;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

/// Nice value of threads that take processors from what is measured; it needs permission.
const HIGHER: i32 = -10;

/// Put a load on the machine until it is ended.
#[derive(Debug, Args)]
pub struct Generator {
    /// The kind of load.
    #[arg(value_parser = words::noise())]
    kind: NoiseKind,
    /// Seed of its random choices.
    #[arg(long, default_value = "0")]
    seed: u64,
}

impl Generator {
    /// Runs the load until this process is killed.
    ///
    /// # Errors
    /// Never: it does not return.
    pub fn run(&self) -> Result<ExitCode> {
        let processors = processors();
        thread::scope(|scope| {
            for lane in lanes(self.kind, self.seed, processors.len()) {
                scope.spawn(|| work(lane, &processors));
            }
        });
        Ok(ExitCode::SUCCESS)
    }
}

/// Follows a schedule.
fn work(lane: Lane, processors: &[usize]) {
    if lane.priority() == Priority::Higher {
        // SAFETY: it sets a number of the calling thread. Without permission the priority stays as it is.
        unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, HIGHER) };
    }
    let mut pinned = None;
    for slice in lane {
        if slice.processor != pinned {
            if let Some(processor) = slice.processor.and_then(|index| processors.get(index)) {
                pin(*processor);
            }
            pinned = slice.processor;
        }
        let began = Instant::now();
        while began.elapsed() < slice.busy {
            hint::black_box(began);
        }
        thread::sleep(slice.idle);
    }
}

/// The processors that this process may run on.
fn processors() -> Vec<usize> {
    // SAFETY: all zeros are a value of this type, an empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the set is there to be written to, and has the size that is given.
    unsafe { libc::sched_getaffinity(0, size_of_val(&set), &mut set) };
    // SAFETY: each number is below the size of the set.
    let all = (0..libc::CPU_SETSIZE as usize).filter(|one| unsafe { libc::CPU_ISSET(*one, &set) });
    all.collect()
}

/// Keeps the calling thread on a processor. If the system refuses, it stays where it is.
fn pin(processor: usize) {
    // SAFETY: all zeros are a value of this type, an empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the number came from a set of the same size.
    unsafe { libc::CPU_SET(processor, &mut set) };
    // SAFETY: the set is there to be read, and has the size that is given.
    unsafe { libc::sched_setaffinity(0, size_of_val(&set), &set) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_processors_and_a_thread_stays_on_one() {
        let all = processors();
        let [.., last] = all[..] else { panic!("there is no processor") };
        thread::spawn(move || {
            pin(last);
            assert_eq!(processors(), [last]);
        })
        .join()
        .unwrap();
    }
}
