//! Processes that a measured one leaves behind, also in sessions of their own.
//!
//! A process group does not hold those that begin a session (`setsid`). So this program asks the kernel
//! to be their parent when their own has ended: whatever it finds among its children and did not start
//! is an orphan. Orphans that were there before, such as a server that `--setup` started, are spared.

use super::child::{self, ends_within};
use super::{guard, usage};
use crate::say;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::time::Duration;

/// Rounds of killing: what an orphan started is an orphan in the next.
const ROUNDS: usize = 100;
/// Time in which a killed process ends, unless the kernel cannot end it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Has the kernel hand over all processes below this one whose parent ends, for as long as this
/// program runs.
///
/// # Errors
/// If the system refuses.
pub fn adopt_orphans() -> io::Result<()> {
    // SAFETY: it sets an attribute of this process and touches no memory.
    match unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The orphans that this process has, by number. None where the kernel does not list children. While it
/// is called, no other thread may start a child by other means than [`spawn`](super::spawn).
pub fn orphans() -> BTreeSet<i32> {
    let owned = child::groups();
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let lists = threads.filter_map(|one| fs::read_to_string(one.path().join("children")).ok());
    let is_known = |one: &i32| owned.contains(one) || guard::process() == Some(*one);
    lists.flat_map(|list| numbers(&list)).filter(|one| !is_known(one)).collect()
}

/// Ends the orphans that came while it lives, when it is dropped.
#[derive(Debug)]
pub struct Leftovers {
    /// Orphans that were there before.
    spared: BTreeSet<i32>,
}

impl Leftovers {
    /// Begins to look. Orphans are handed over to this program from then on, see [`adopt_orphans`].
    ///
    /// # Errors
    /// If the system refuses.
    pub fn watch() -> io::Result<Self> {
        adopt_orphans()?;
        Ok(Self { spared: orphans() })
    }
}

impl Drop for Leftovers {
    fn drop(&mut self) {
        for left in end_orphans(&self.spared) {
            say!("warning: process {left} was left behind and cannot be killed");
        }
    }
}

fn numbers(list: &str) -> Vec<i32> {
    list.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

/// The orphans that were left by a child of this group number that has ended, apart from those of
/// `before`: they have left its group, so they were not killed with it.
pub fn left_behind(group: u32, before: &BTreeSet<i32>) -> BTreeSet<i32> {
    // Children of this group are of this program's own making.
    // SAFETY: it reads a number of the kernel.
    let own = unsafe { libc::getpgrp() }.to_string();
    let group = group.to_string();
    let goes_on = |orphan: &i32| {
        let Ok(stat) = fs::read_to_string(format!("/proc/{orphan}/stat")) else { return false };
        // Behind the name, which may contain anything: state, parent, group.
        let mut words = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ');
        let is_over = matches!(words.next(), Some("Z" | "X"));
        !is_over && words.nth(1).is_some_and(|other| other != group && other != own)
    };
    orphans().into_iter().filter(|orphan| !before.contains(orphan) && goes_on(orphan)).collect()
}

/// Kills all orphans but those that are `spared`, and what they started. Returns those that do not end,
/// by number.
pub fn end_orphans(spared: &BTreeSet<i32>) -> BTreeSet<i32> {
    let mut left = BTreeSet::new();
    for _ in 0..ROUNDS {
        let found = orphans();
        let mut ended = false;
        for orphan in &found {
            if spared.contains(orphan) || left.contains(orphan) {
                continue;
            }
            // SAFETY: it sends a signal; a child that has not been reaped keeps its number.
            unsafe { libc::kill(*orphan, libc::SIGKILL) };
            match ends_within(*orphan, PATIENCE) {
                Ok(true) => ended |= usage::reap(*orphan).is_ok(),
                Ok(false) => ended |= left.insert(*orphan),
                // It is no child any more.
                Err(_) => {}
            }
        }
        if !ended {
            break;
        }
    }
    left
}
