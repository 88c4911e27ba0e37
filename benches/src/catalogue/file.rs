//! Loading files, by strategy and size.

use super::Family;
use crate::{Prepared, Workload};
use anyhow::{Context, Result};
use simple_records::{Axes, AxisValue, Comparison, Display, Scale};
use simple_runtime::file::{self, Prefault};
use std::fs;
use std::path::{Path, PathBuf};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const SIZES: [u64; 5] = [4 * KIB, 64 * KIB, MIB, 16 * MIB, 64 * MIB];

/// Looks at every byte, as fast as memory gives them.
fn sum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    words.chain(rest.iter().map(|byte| u64::from(*byte))).fold(0, u64::wrapping_add)
}

/// Loads a file through a handle, sums its bytes, and closes it.
fn load_and_sum(path: &Path, strategy: Prefault) -> Result<u64> {
    let handle = file::create(path, 0, strategy)?;
    let loaded = file::wait(handle)?;
    // SAFETY: the bytes stay where they are until the file is closed below, and nobody
    // changes the files of the benchmarks.
    let bytes =
        unsafe { std::slice::from_raw_parts(loaded.address as *const u8, loaded.len_bytes) };
    let sum = sum(bytes);
    file::close(handle)?;
    Ok(sum)
}

fn read_and_sum(path: &Path) -> Result<u64> {
    Ok(sum(&fs::read(path)?))
}

/// How a file's bytes come into memory: a strategy of the runtime, or the peer's way.
#[derive(Clone, Copy)]
enum Way {
    Runtime(Prefault),
    Read,
}

impl Way {
    fn all() -> impl Iterator<Item = Self> {
        Prefault::ALL.into_iter().map(Self::Runtime).chain([Self::Read])
    }

    fn name(self) -> &'static str {
        match self {
            Self::Runtime(strategy) => strategy.name(),
            Self::Read => "std::fs::read",
        }
    }

    fn sum(self, path: &Path) -> Result<u64> {
        match self {
            Self::Runtime(strategy) => load_and_sum(path, strategy),
            Self::Read => read_and_sum(path),
        }
    }

    fn mark(self, workload: Workload) -> Workload {
        match self {
            Self::Runtime(_) => workload,
            Self::Read => workload.peer(),
        }
    }
}

/// Sums files one after the other; a failure gives an answer that is not expected.
fn prepared(way: Way, paths: Vec<PathBuf>) -> Result<Prepared> {
    let mut expected = 0_u64;
    let mut len_bytes = 0;
    // Reading them also makes them warm.
    for path in &paths {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        expected = expected.wrapping_add(sum(&bytes));
        len_bytes += bytes.len() as u64;
    }
    let run = move || {
        let sums = paths.iter().map(|path| way.sum(path).unwrap_or(1));
        sums.fold(0, u64::wrapping_add)
    };
    let items = if len_bytes == 0 { 1 } else { len_bytes };
    Ok(Prepared::new(items, expected, run).bytes(len_bytes))
}

pub(super) fn families() -> Vec<Family> {
    vec![load(), sources()]
}

fn load() -> Family {
    let comparison = Comparison {
        id: "file/load".to_owned(),
        title: "Which prefault strategy for a file of which size?".to_owned(),
        explanation: "Open a file that is in the page cache, bring its bytes into memory, sum all \
                      of them, close it. Generated files of random bytes. It does not say how the \
                      strategies do with a cold disk, nor when only few of the bytes are read."
            .to_owned(),
        x_axis: "size".to_owned(),
        x_scale: Scale::Log,
        series_axis: "strategy".to_owned(),
        facet_axis: None,
        item: "byte".to_owned(),
        display: Display::BytesPerSecond,
    };
    let mut workloads = Vec::new();
    for size in SIZES {
        for way in Way::all() {
            let axes = Axes::default()
                .with("strategy", way.name())
                .with("size", AxisValue::Bytes(size))
                .with("cache", "warm");
            workloads.push(way.mark(Workload::new(
                &comparison,
                axes,
                "what a whole load costs, from the path to the last byte",
                move |data| prepared(way, vec![data.generated(size)?]),
            )));
        }
    }
    Family { comparison, workloads }
}

fn sources() -> Family {
    let comparison = Comparison {
        id: "file/sources".to_owned(),
        title: "Which prefault strategy for many small source files?".to_owned(),
        explanation: "Load, sum and close, one after the other, real Rust sources: those of the \
                      workspace's own dependencies, a few MiB together, in the page cache."
            .to_owned(),
        x_axis: "cache".to_owned(),
        x_scale: Scale::Category,
        series_axis: "strategy".to_owned(),
        facet_axis: None,
        item: "byte".to_owned(),
        display: Display::BytesPerSecond,
    };
    let workloads = Way::all()
        .map(|way| {
            let axes = Axes::default().with("strategy", way.name()).with("cache", "warm");
            way.mark(Workload::new(
                &comparison,
                axes,
                "a compiler's input: small files, where opening and mapping dominate",
                move |data| prepared(way, data.sources()?),
            ))
        })
        .collect();
    Family { comparison, workloads }
}
