//! One file, loaded from its path to its bytes.

use super::way::{self, Way, look_at_few, sum};
use super::{KIB, MIB, cold};
use crate::catalogue::Family;
use crate::{Data, Effort, Instrument, Prepared};
use anyhow::{Context, Result};
use simple_records::{AxisValue, COLD, Scale};
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
            Self::Cold => COLD,
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
        // A failure gives a wrong result.
        move || way.load(&path, look).unwrap_or(!expected)
    };
    let prepared = match cache {
        Cache::Warm => Prepared::new(1, expected, load),
        Cache::Cold => Prepared::staged(1, expected, move || cold::evict(&path), load),
    };
    Ok(prepared.bytes(size))
}

/// Adds loads of every size, warm and cold; `effort` says which efforts measure them.
fn add_loads(family: &mut Family, look: Look, effort: impl Fn(u64, Cache) -> Effort) {
    for cache in [Cache::Warm, Cache::Cold] {
        for size in SIZES {
            for way in Way::all() {
                let place = (way.name(), AxisValue::Bytes(size), cache.name());
                let prepare = move |data: &_| prepared(way, size, cache, look, data);
                let workload = family.add(place, way.reason(), prepare);
                workload.peer_if(way.is_peer()).effort(effort(size, cache));
                match cache {
                    // The stage's own faults and switches would be counted with the load's.
                    Cache::Cold => workload.not_gated(),
                    Cache::Warm => workload.instruments(&[Instrument::Wall, Instrument::Os]),
                };
            }
        }
    }
}

fn with_sizes(question: Family, explanation: &str) -> Family {
    question
        .explain(format!(
            "{explanation} Generated files of random bytes. Warm: the file is in the page cache. \
             Cold: before each load it is thrown out of the page cache, and mincore must find none \
             of its pages; in a virtual machine the host may still have it in memory."
        ))
        .along("size", Scale::Log)
        .facet("cache")
}

pub(super) fn summed() -> Family {
    let title = "Which prefault strategy for a file that is read from end to end?";
    let mut family = with_sizes(
        way::question("file/load", title),
        "Open a file, bring its bytes into memory, sum all of them, close it.",
    );
    add_loads(&mut family, sum, |size, cache| match (size, cache) {
        (s, Cache::Warm) if s == 4 * KIB || s == MIB || s == 64 * MIB => Effort::Quick,
        (s, Cache::Cold) if s == 64 * KIB || s == 16 * MIB => Effort::Quick,
        (s, _) if s <= 64 * MIB => Effort::Standard,
        _ => Effort::Full,
    });
    family
}

pub(super) fn ready() -> Family {
    let title = "How long until a file is ready, if nobody looks at it yet?";
    // Waiting less is not having the bytes sooner: there is no default to choose by.
    let mut family = with_sizes(
        way::question_without_default("file/ready", title),
        "Open a file, have it loaded, look at its first byte, close it. A strategy that puts the \
         work off is fast here and slow in file/load.",
    );
    add_loads(&mut family, |bytes| bytes.first().map_or(0, |b| u64::from(*b)), few);
    family
}

pub(super) fn random() -> Family {
    let title = "Which prefault strategy for a file of which little is read?";
    let mut family = with_sizes(
        way::question("file/random", title),
        "Open a file, have it loaded, look at one page in a hundred in random order, close it.",
    );
    add_loads(&mut family, look_at_few, few);
    family
}

/// The fewest sizes that give an impression.
fn few(size: u64, cache: Cache) -> Effort {
    match (size, cache) {
        (s, Cache::Warm) if s == 16 * MIB => Effort::Quick,
        (s, _) if s == MIB || s == 16 * MIB => Effort::Standard,
        _ => Effort::Full,
    }
}
