//! Reads the files of valgrind's DHAT: allocations, with their sites, sizes and lifetimes.
//!
//! # How to count
//!
//! ```sh
//! valgrind --tool=dhat --num-callers=500 --read-inline-info=no --dhat-out-file=FILE PROGRAM
//! ```
//!
//! * `--num-callers`: of longer stacks the outer frames are cut off, and a stack that is cut off
//!   does not show on whose behalf memory was asked for. The default is 12, which Rust programs
//!   exceed; 500 is the maximum of valgrind. It costs time only where stacks are deep: 200
//!   thousand blocks took 0.6 s with 12 and 0.65 s with 500 where stacks had 10 frames, and 0.6
//!   and 2.2 s where they had 455, which is 8 µs a block.
//! * `--read-inline-info=no`: otherwise inlined functions are frames of their own, but with the
//!   last part of their names only (`alloc`, `new`, `{closure#0}`), or without any
//!   (`UnknownInlinedFun`, after link-time optimisation). Without, frames are those that
//!   callgrind counts, and the graphs of both can be laid side by side.
//!
//! # Set-up
//!
//! DHAT counts from the start of the process to its end. Run a program twice, with A and with
//! A + N iterations, and take [`between`].
//!
//! # What is counted
//!
//! * A realloc is one more block, with all of its new bytes, of the site that asked for the block
//!   *first*. So the bytes of a growing vector belong to the place where it began to grow, and a
//!   mean lifetime is that between two of its reallocs.
//! * Bytes are those that were asked for, without what the C library adds.
//! * Time is counted in instructions, of all threads together.
//!
//! # Names
//!
//! As in [`callgrind`](crate::callgrind). Innermost frames that only forward the request of another
//! function are left out: valgrind's `malloc`, and all between Rust's containers and the C library.
//! Otherwise they would be below every block, and each function's own bytes would be theirs. A
//! function that calls itself directly is one frame; sites that then have the same stack are one.

mod between;
mod frames;

pub use between::{Shrunk, between};

use crate::folded::{Folded, UNKNOWN};
use frames::Frame;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Allocations of a process, or of a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heap {
    /// Sites that asked: the one that asked for most bytes first, and no stack twice.
    pub sites: Vec<Site>,
    /// Blocks in all.
    pub blocks: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// The most bytes that the whole process held at once.
    pub peak_bytes: u64,
    /// Allocations that [`between`] left out; none in a heap that was read.
    pub shrunk: Shrunk,
}

/// One place in the code that asks for memory, with its callers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    /// The functions, outermost first; the innermost is the one that asked.
    pub stack: Vec<String>,
    /// Blocks it asked for.
    pub blocks: u64,
    /// Bytes it asked for.
    pub bytes: u64,
    /// Sum of the lifetimes of these blocks, in instructions.
    pub lifetime_instructions: u64,
    /// The bytes of these that were held when the whole process held most.
    pub peak_bytes: u64,
    /// The bytes of these that were held when the process ended.
    pub end_bytes: u64,
}

impl Site {
    /// Mean lifetime of a block, in instructions; 0 if there was none.
    pub fn mean_lifetime(&self) -> f64 {
        if self.blocks == 0 { 0.0 } else { self.lifetime_instructions as f64 / self.blocks as f64 }
    }
}

/// Unit in which folded stacks count a heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Bytes that were asked for.
    Bytes,
    /// Blocks that were asked for.
    Blocks,
}

impl Heap {
    /// The sites as folded stacks.
    pub fn folded(&self, measure: Measure) -> Folded {
        let mut folded = Folded::default();
        for site in &self.sites {
            let count = match measure {
                Measure::Bytes => site.bytes,
                Measure::Blocks => site.blocks,
            };
            folded.add(&site.stack, count);
        }
        folded
    }

    /// Adds the heaps of several processes. Nobody knows when each held how much, so the peak is that
    /// of the process with the largest, and the peaks of sites are those of their own processes.
    #[must_use]
    pub fn of_processes(heaps: impl IntoIterator<Item = Self>) -> Self {
        let (mut sites, mut peak_bytes) = (BTreeMap::<Vec<String>, Site>::new(), 0);
        for heap in heaps {
            peak_bytes = heap.peak_bytes.max(peak_bytes);
            for other in heap.sites {
                let site = sites.entry(other.stack).or_default();
                let add = |sum: &mut u64, count| *sum = sum.saturating_add(count);
                add(&mut site.blocks, other.blocks);
                add(&mut site.bytes, other.bytes);
                add(&mut site.lifetime_instructions, other.lifetime_instructions);
                add(&mut site.peak_bytes, other.peak_bytes);
                add(&mut site.end_bytes, other.end_bytes);
            }
        }
        let sites = sites.into_iter().map(|(stack, site)| Site { stack, ..site });
        Self::of(sites.collect(), peak_bytes, Shrunk::default())
    }

    /// Puts sites in order and sums them up. No stack is there twice.
    fn of(mut sites: Vec<Site>, peak_bytes: u64, shrunk: Shrunk) -> Self {
        sites.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.stack.cmp(&b.stack)));
        let sum = |of: fn(&Site) -> u64| sites.iter().map(of).fold(0, u64::saturating_add);
        let (blocks, bytes) = (sum(|site| site.blocks), sum(|site| site.bytes));
        Self { sites, blocks, bytes, peak_bytes, shrunk }
    }
}

/// Reason why a text is not a profile by DHAT.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is something else, or damaged.
    #[error("this is not what DHAT writes: {0}")]
    NotDhat(String),
    /// The end is missing.
    #[error("DHAT's file is cut off: the disk may be full, or valgrind was killed; run it again")]
    CutOff,
    /// Another version of the format.
    #[error(
        "DHAT's file has version {0} of its format, and only 2 (valgrind 3.17 and later) is known"
    )]
    Version(u64),
    /// Not blocks of memory, or not timed in instructions.
    #[error("DHAT's file is of mode {mode} and timed in {time}: run valgrind with --mode=heap")]
    Mode {
        /// Mode of the file.
        mode: String,
        /// The unit of time.
        time: String,
    },
    /// A stack has a frame that is not in the table.
    #[error(
        "DHAT's file is damaged: its site {site} names frame {frame}, and there are {frames}; run it again"
    )]
    NoFrame {
        /// Number of the site, from one.
        site: usize,
        /// Number of the frame.
        frame: usize,
        /// Number of frames in the table.
        frames: usize,
    },
}

/// Version and mode of a file. Others have other fields.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "dhatFileVersion")]
    version: u64,
    mode: String,
    #[serde(rename = "tu", default)]
    time_unit: String,
}

/// The file, without the parts that are not used.
#[derive(Deserialize)]
struct File<'a> {
    #[serde(rename = "pps", default)]
    points: Vec<Point>,
    #[serde(rename = "ftbl", borrow, default)]
    frames: Vec<Cow<'a, str>>,
}

/// A program point, as DHAT calls sites. Only heap profiles have all numbers.
#[derive(Deserialize)]
struct Point {
    #[serde(rename = "tbk")]
    blocks: u64,
    #[serde(rename = "tb")]
    bytes: u64,
    #[serde(rename = "tl", default)]
    lifetime: u64,
    #[serde(rename = "gb", default)]
    peak_bytes: u64,
    #[serde(rename = "eb", default)]
    end_bytes: u64,
    /// Innermost first.
    #[serde(rename = "fs")]
    stack: Vec<usize>,
}

/// Reads the text of a `dhat.out` file.
///
/// # Errors
///
/// The text is not a whole file of DHAT that counts blocks of memory.
pub fn parse(text: &str) -> Result<Heap, Error> {
    let kind: Kind = read(text)?;
    if kind.version != 2 {
        return Err(Error::Version(kind.version));
    }
    if kind.mode != "heap" || kind.time_unit != "instrs" {
        return Err(Error::Mode { mode: kind.mode, time: kind.time_unit });
    }
    let file: File = read(text)?;
    let frames: Vec<Frame> = file.frames.iter().map(|text| frames::frame(text)).collect();
    let mut sites = BTreeMap::<Vec<String>, Site>::new();
    let mut peak_bytes = 0_u64;
    for (point, number) in file.points.iter().zip(1..) {
        let stack = stack(&point.stack, &frames).map_err(|frame| Error::NoFrame {
            site: number,
            frame,
            frames: frames.len(),
        })?;
        peak_bytes = peak_bytes.saturating_add(point.peak_bytes);
        add(sites.entry(stack).or_default(), point);
    }
    let sites = sites.into_iter().map(|(stack, site)| Site { stack, ..site });
    Ok(Heap::of(sites.collect(), peak_bytes, Shrunk::default()))
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| {
        if error.is_eof() && !text.trim().is_empty() {
            Error::CutOff
        } else {
            Error::NotDhat(error.to_string())
        }
    })
}

fn add(site: &mut Site, point: &Point) {
    let add = |sum: &mut u64, count| *sum = sum.saturating_add(count);
    add(&mut site.blocks, point.blocks);
    add(&mut site.bytes, point.bytes);
    add(&mut site.lifetime_instructions, point.lifetime);
    add(&mut site.peak_bytes, point.peak_bytes);
    add(&mut site.end_bytes, point.end_bytes);
}

/// The functions of a stack, outermost first; or the frame that is not there.
fn stack(indices: &[usize], frames: &[Frame]) -> Result<Vec<String>, usize> {
    let found = indices.iter().map(|index| frames.get(*index).ok_or(*index));
    let innermost_first: Vec<&Frame> = found.collect::<Result<_, _>>()?;
    let asked = innermost_first.iter().position(|frame| !frame.forwards);
    // If all forward, the outermost of them is the nearest to the one that asked.
    let asked = asked.unwrap_or(innermost_first.len().saturating_sub(1));
    let mut stack: Vec<String> =
        innermost_first[asked..].iter().rev().map(|frame| frame.name.clone()).collect();
    stack.dedup();
    if stack.is_empty() {
        stack.push(UNKNOWN.to_owned());
    }
    Ok(stack)
}

#[cfg(test)]
mod tests;
