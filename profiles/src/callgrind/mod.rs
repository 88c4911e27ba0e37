//! Reads the files of valgrind's callgrind.
//!
//! # How to count
//!
//! ```sh
//! valgrind --tool=callgrind --read-inline-info=no --cache-sim=no --dump-line=no \
//!     --separate-threads=no --separate-callers=200 --toggle-collect=FUNCTION \
//!     --callgrind-out-file=FILE PROGRAM
//! ```
//!
//! * `--separate-callers` makes stacks: callgrind counts each function apart for each chain of
//!   callers, up to this many. It does not change the counts and costs little time. Where a chain
//!   is longer, the outer callers are cut off; where functions call each other in a ring without
//!   end, the file grows with the square of the number. So the number is large, but bounded.
//!   A function that calls itself directly is one frame.
//! * `--toggle-collect=FUNCTION` counts instructions inside of that function only. It does not
//!   hold for the numbers of calls: where a function is called both inside and outside, all its
//!   calls are counted. With stacks, inside and outside are apart: use [`parse_below`].
//! * `--separate-recs` need not be set: levels of recursion are put together again here.
//! * `--read-inline-info=no`: callgrind writes no frames for inlined functions, with or without;
//!   reading where they came from only takes time.
//! * `--dump-line=no` leaves out the source lines, which nothing here uses.
//!
//! # Names
//!
//! Valgrind writes names demangled. Functions of the same name are one: instances of a generic
//! function, functions in different libraries, and those that differ in rustc's hash alone.

mod format;
mod inclusive;
mod stack;

use crate::costs::Costs;
use crate::folded::{Folded, UNKNOWN, writable};
use crate::names::is_allocation;
use format::File;

/// Contents of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Instructions by function.
    pub costs: Costs,
    /// Instructions by stack. If callgrind did not record callers, each stack is one function.
    pub stacks: Folded,
}

/// Reason why a text is not a profile by callgrind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is something else.
    #[error("this is not what callgrind writes")]
    NotCallgrind,
    /// The end is missing.
    #[error("callgrind's file is cut off: there are no totals at its end")]
    CutOff,
    /// Other events were counted.
    #[error("callgrind's file does not count instructions (Ir)")]
    NoInstructions,
    /// The costs do not add up to the totals of the file.
    #[error("callgrind's file says that it has {totals} instructions, but has {sum}")]
    Totals {
        /// The totals of the file.
        totals: u64,
        /// The sum of its costs.
        sum: u64,
    },
    /// A line that the format does not allow.
    #[error("line {line} of callgrind's file: {reason}")]
    Line {
        /// Number of the line, from one.
        line: usize,
        /// The fault.
        reason: &'static str,
    },
    /// The function whose stacks were asked for is in none.
    #[error(
        "callgrind's file has no stack with {0}: either it did not run, or callers were not recorded"
    )]
    NotCalled(String),
}

/// Reads the text of a `callgrind.out` file. Its parts, if there are several, are added.
///
/// Inclusive costs are taken from callgrind's sums over calls. Where functions call each other in a
/// ring these count double: they are `None` there.
///
/// # Errors
///
/// The text is not a whole file of callgrind that counts instructions.
pub fn parse(text: &str) -> Result<Profile, Error> {
    let file = format::read(text)?;
    let stacks = stacks_of(&file);
    let profile = Folded::from_stacks(&stacks, &file.own);
    let mut costs = costs_of(&file, &stacks, &profile, |_| true);
    for (function, instructions) in inclusive::by_function(&file, &stacks) {
        costs.functions.entry(function).or_default().inclusive = instructions;
    }
    Ok(Profile { costs, stacks: profile })
}

/// Reads a file that was counted with stacks, and with `--toggle-collect=function`.
/// Stacks begin with that function, and only calls inside of it count.
///
/// Since nothing else was counted, a stack without the function is one whose outer callers were
/// cut off; a frame `[unknown]` takes their place. Inclusive costs are exact, also for recursion;
/// if stacks were cut off they are `None`, and numbers of calls may contain some from outside.
///
/// # Errors
///
/// As [`parse`]; and the function is in no stack.
pub fn parse_below(text: &str, function: &str) -> Result<Profile, Error> {
    let file = format::read(text)?;
    let mut stacks = stacks_of(&file);
    let mut inside = vec![true; stacks.len()];
    let (mut is_called, mut is_whole) = (false, true);
    for ((stack, own), inside) in stacks.iter_mut().zip(&file.own).zip(&mut inside) {
        if let Some(at) = stack.iter().position(|frame| frame == function) {
            stack.drain(..at);
            is_called = true;
        } else if *own > 0 {
            stack.splice(0..0, [function.to_owned(), UNKNOWN.to_owned()]);
            is_whole = false;
        } else {
            *inside = false;
        }
    }
    if !is_called {
        return Err(Error::NotCalled(function.to_owned()));
    }
    let profile = Folded::from_stacks(&stacks, &file.own);
    let mut costs = costs_of(&file, &stacks, &profile, |function| inside[function]);
    if is_whole {
        for (function, instructions) in profile.inclusive_counts() {
            costs.functions.entry(function).or_default().inclusive = Some(instructions);
        }
    }
    Ok(Profile { costs, stacks: profile })
}

/// The stack of each function of the file.
fn stacks_of(file: &File) -> Vec<Vec<String>> {
    let stack = |name: &String| stack::of_name(name).into_iter().map(writable).collect();
    file.names.iter().map(stack).collect()
}

fn costs_of(
    file: &File,
    stacks: &[Vec<String>],
    profile: &Folded,
    is_inside: impl Fn(usize) -> bool,
) -> Costs {
    let mut costs = Costs { instructions: file.total, ..Costs::default() };
    for (function, instructions) in profile.self_counts() {
        costs.functions.entry(function).or_default().own = instructions;
    }
    for call in file.calls.iter().filter(|call| is_inside(call.callee)) {
        let (caller, callee) = (stacks[call.caller].last(), stacks[call.callee].last());
        let Some(callee) = callee else { continue };
        let cost = costs.functions.entry(callee.clone()).or_default();
        cost.calls = cost.calls.saturating_add(call.count);
        // An allocation that asks another function for it is one, not two.
        if is_allocation(callee) && !caller.is_some_and(|caller| is_allocation(caller)) {
            costs.allocations = costs.allocations.saturating_add(call.count);
        }
    }
    costs
}

#[cfg(test)]
mod tests;
