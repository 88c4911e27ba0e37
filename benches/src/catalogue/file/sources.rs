//! Many small files: a source tree.

use super::way::{self, Way, sum};
use crate::catalogue::Family;
use crate::{Condition, Data, Instrument, Prepared};
use anyhow::{Context, Result};
use simple_records::Scale;
use simple_runtime::file::{self, Prefault};
use std::fs;
use std::path::{Path, PathBuf};

/// Fate of a file after it was summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// It is dropped at once.
    Dropped,
    /// It stays until all have been summed: a buffer that is used again would hide the price
    /// of fresh pages.
    Kept,
}

impl Keep {
    fn name(self) -> &'static str {
        match self {
            Self::Dropped => "dropped at once",
            Self::Kept => "kept",
        }
    }
}

fn sum_dropping(way: Way, paths: &[PathBuf]) -> Result<u64> {
    paths.iter().try_fold(0_u64, |total, path| Ok(total.wrapping_add(way.load(path, sum)?)))
}

fn sum_keeping(way: Way, paths: &[PathBuf]) -> Result<u64> {
    match way {
        Way::Runtime(strategy) => sum_keeping_handles(strategy, paths),
        Way::Read | Way::ReusedBuffer => {
            let mut kept = Vec::with_capacity(paths.len());
            let mut total = 0_u64;
            for path in paths {
                let bytes = fs::read(path)?;
                total = total.wrapping_add(sum(&bytes));
                kept.push(bytes);
            }
            Ok(total)
        }
    }
}

fn sum_keeping_handles(strategy: Prefault, paths: &[PathBuf]) -> Result<u64> {
    let mut kept = Vec::with_capacity(paths.len());
    let mut total = 0_u64;
    for path in paths {
        let handle = file::create(path, 0, strategy)?;
        kept.push(handle);
        let loaded = file::wait(handle)?;
        // SAFETY: the file is closed below, after its bytes were looked at.
        total = total.wrapping_add(sum(unsafe { way::bytes(loaded) }));
    }
    for handle in kept {
        file::close(handle)?;
    }
    Ok(total)
}

fn prepared(way: Way, keep: Keep, data: &Data) -> Result<Prepared> {
    let paths = data.sources()?;
    let (expected, len_bytes) = read_all(&paths)?;
    let files = paths.len() as u64;
    let run = move || {
        let total = match keep {
            Keep::Dropped => sum_dropping(way, &paths),
            Keep::Kept => sum_keeping(way, &paths),
        };
        // A failure gives a wrong result.
        total.unwrap_or(!expected)
    };
    Ok(match keep {
        Keep::Dropped => Prepared::new(files, expected, run),
        Keep::Kept => Prepared::staged(files, expected, give_free_memory_back, run),
    }
    .bytes(len_bytes))
}

/// Memory that an iteration kept and freed would otherwise be the next one's: a program that
/// keeps its files has them in fresh pages.
fn give_free_memory_back() -> Result<Condition> {
    // SAFETY: only memory that the allocator knows to be free is given back.
    unsafe { libc::malloc_trim(0) };
    Ok(Condition::Holds)
}

/// The sum and the number of all bytes; this also makes the files warm.
fn read_all(paths: &[PathBuf]) -> Result<(u64, u64)> {
    let read =
        |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    paths.iter().try_fold((0_u64, 0), |(total, len_bytes), path| {
        let bytes = read(path)?;
        Ok((total.wrapping_add(sum(&bytes)), len_bytes + bytes.len() as u64))
    })
}

pub(super) fn family() -> Family {
    let title = "Which prefault strategy for many small source files?";
    let mut family = way::question("file/sources", title)
        .explain(
            "Load and sum, one after the other, the files of a source tree, in the page cache: a \
             generated one that is the same on every machine, with sizes, names and folders \
             distributed as in the Rust sources of several hundred packages (half of the files are \
             smaller than 4 KB, one in ten is larger than 33 KB, one in a hundred larger than 180 \
             KB); or the user's own, which --corpus names. Each is closed at once, or all are kept \
             until the last has been summed, as a compiler keeps its inputs; memory that is free is \
             then given back before the next iteration, so that what is kept lies in fresh pages.",
        )
        .along("afterwards", Scale::Category);
    for keep in [Keep::Dropped, Keep::Kept] {
        for way in Way::all() {
            // A buffer that is kept is not used again.
            if (way, keep) == (Way::ReusedBuffer, Keep::Kept) {
                continue;
            }
            let prepare = move |data: &_| prepared(way, keep, data);
            family
                .add((way.name(), keep.name()), way.reason(), prepare)
                .peer_if(way.is_peer())
                .instruments(&[Instrument::Wall, Instrument::Os]);
        }
    }
    family
}
