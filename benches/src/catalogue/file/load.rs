//! One file, loaded from its path to its bytes.

use super::way::{Way, look_at_few, sum};
use super::{KIB, MIB, cold};
use crate::catalogue::Family;
use crate::{Data, Instrument, Prepared, Profile, Workload};
use anyhow::{Context, Result};
use simple_records::{Axes, AxisValue, Comparison, Display, Scale};
use std::fs;

const SIZES: [u64; 6] = [4 * KIB, 64 * KIB, MIB, 16 * MIB, 64 * MIB, 256 * MIB];

/// Whether the file is in the page cache when it is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cache {
    Warm,
    Cold,
}

impl Cache {
    fn name(self) -> &'static str {
        match self {
            Self::Warm => "warm",
            Self::Cold => "cold",
        }
    }
}

type Look = fn(&[u8]) -> u64;

fn prepared(way: Way, size: u64, cache: Cache, look: Look, data: &Data) -> Result<Prepared> {
    let path = data.generated(size)?;
    // Reading it also makes it warm.
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let expected = look(&bytes);
    drop(bytes);
    let load = {
        let path = path.clone();
        // A failure gives an answer that is not expected.
        move || way.load(&path, look).unwrap_or(!expected)
    };
    let prepared = match cache {
        Cache::Warm => Prepared::new(1, expected, load),
        Cache::Cold => Prepared::staged(1, expected, move || cold::evict(&path), load),
    };
    Ok(prepared.bytes(size))
}

/// A family of loads; `profile` says from when on a size and cache are measured.
fn family(comparison: Comparison, look: Look, profile: impl Fn(u64, Cache) -> Profile) -> Family {
    let mut workloads = Vec::new();
    for cache in [Cache::Warm, Cache::Cold] {
        for size in SIZES {
            for way in Way::all() {
                let axes = Axes::default()
                    .with("strategy", way.axis())
                    .with("size", AxisValue::Bytes(size))
                    .with("cache", cache.name());
                let workload = Workload::new(&comparison, axes, way.reason(), move |data| {
                    prepared(way, size, cache, look, data)
                });
                let instruments: &[_] = match cache {
                    // The stage's own faults and switches would be counted with the load's.
                    Cache::Cold => &[Instrument::Wall],
                    Cache::Warm => &[Instrument::Wall, Instrument::Os],
                };
                let workload = way.mark(workload).in_profile(profile(size, cache));
                workloads.push(workload.instruments(instruments));
            }
        }
    }
    Family { comparison, workloads }
}

fn comparison(id: &str, title: &str, explanation: &str, defaults: Axes) -> Comparison {
    Comparison {
        id: id.to_owned(),
        title: title.to_owned(),
        explanation: format!(
            "{explanation} Generated files of random bytes. Warm: the file is in the page cache. \
             Cold: before each load it is thrown out of the page cache, and mincore must find none \
             of its pages; in a virtual machine the host may still have it in memory."
        ),
        x_axis: "size".to_owned(),
        x_scale: Scale::Log,
        series_axis: "strategy".to_owned(),
        facet_axis: Some("cache".to_owned()),
        defaults,
        item: "file".to_owned(),
        display: Display::TimePerItem,
    }
}

pub(super) fn summed() -> Family {
    let comparison = comparison(
        "file/load",
        "Which prefault strategy for a file that is read from end to end?",
        "Open a file, bring its bytes into memory, sum all of them, close it.",
        super::way::defaults(),
    );
    family(comparison, sum, |size, cache| match (size, cache) {
        (s, Cache::Warm) if s == 4 * KIB || s == MIB || s == 64 * MIB => Profile::Quick,
        (s, Cache::Cold) if s == 64 * KIB || s == 16 * MIB => Profile::Quick,
        (s, _) if s <= 64 * MIB => Profile::Standard,
        _ => Profile::Full,
    })
}

pub(super) fn ready() -> Family {
    let comparison = comparison(
        "file/ready",
        "How long until a file is ready, if nobody looks at it yet?",
        "Open a file, have it loaded, look at its first byte, close it. A strategy that puts the \
         work off is fast here and slow in file/load.",
        // A way to wait less, not one to have the bytes sooner: nothing to choose by.
        Axes::default(),
    );
    family(comparison, |bytes| bytes.first().map_or(0, |b| u64::from(*b)), few)
}

pub(super) fn random() -> Family {
    let comparison = comparison(
        "file/random",
        "Which prefault strategy for a file of which little is read?",
        "Open a file, have it loaded, look at one page in a hundred in random order, close it.",
        super::way::defaults(),
    );
    family(comparison, look_at_few, few)
}

/// What an impression needs.
fn few(size: u64, cache: Cache) -> Profile {
    match (size, cache) {
        (s, Cache::Warm) if s == 16 * MIB => Profile::Quick,
        (s, _) if s == MIB || s == 16 * MIB => Profile::Standard,
        _ => Profile::Full,
    }
}
