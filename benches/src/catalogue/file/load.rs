//! One file, loaded from its path to its bytes.

use super::way::{self, Way, look_at_few, sum};
use super::{KIB, MIB, cold};
use crate::catalogue::Family;
use crate::data::Warm;
use crate::{Data, Effort, Instrument, Pages, Prepared};
use anyhow::{Context, Result};
use simple_records::{AxisValue, COLD, Scale};
use std::fs;

const SIZES: [u64; 6] = [4 * KIB, 64 * KIB, MIB, 16 * MIB, 64 * MIB, 256 * MIB];

/// State of the file in the page cache when it is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cache {
    /// It is there, as users have it.
    Warm,
    /// It is there, in large folios.
    WarmLarge,
    /// It is not.
    Cold,
}

impl Cache {
    fn name(self) -> &'static str {
        match self {
            Self::Warm => "warm",
            Self::WarmLarge => "warm, large pages",
            Self::Cold => COLD,
        }
    }
}

type Look = fn(&[u8]) -> u64;

fn prepared(
    id: &str,
    way: Way,
    size: u64,
    cache: Cache,
    look: Look,
    data: &Data,
) -> Result<Prepared> {
    let warm = |pages| {
        data.warm(&way.owner(id), size, pages).map(|Warm { path, layout }| (path, Some(layout)))
    };
    let (path, layout) = match cache {
        Cache::Warm => warm(Pages::Small)?,
        Cache::WarmLarge => warm(Pages::Large)?,
        // Each iteration makes its state, so the alternatives share a file.
        Cache::Cold => (data.cold(id, size)?, None),
    };
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let expected = look(&bytes);
    drop(bytes);
    let load = {
        let path = path.clone();
        // A failure gives a wrong result.
        move || way.load(&path, look).unwrap_or(!expected)
    };
    let prepared = match cache {
        Cache::Warm | Cache::WarmLarge => Prepared::new(1, expected, load),
        Cache::Cold => Prepared::staged(1, expected, move || cold::evict(&path), load),
    };
    Ok(prepared.bytes(size).layout(layout))
}

/// Adds loads of every size and state; `effort` says which efforts measure them.
fn add_loads(family: &mut Family, look: Look, effort: impl Fn(u64, Cache) -> Effort) {
    for cache in [Cache::Warm, Cache::Cold] {
        for size in SIZES {
            add_ways(family, look, (size, cache), effort(size, cache));
        }
    }
}

fn add_ways(family: &mut Family, look: Look, (size, cache): (u64, Cache), effort: Effort) {
    let id = family.comparison.id.clone();
    for way in Way::all() {
        let place = (way.name(), AxisValue::Bytes(size), cache.name());
        let id = id.clone();
        let prepare = move |data: &_| prepared(&id, way, size, cache, look, data);
        let workload = family.add(place, way.reason(), prepare);
        workload.peer_if(way.is_peer()).effort(effort);
        match cache {
            // The stage's own faults and switches would be counted with the load's.
            Cache::Cold => workload.not_gated(),
            Cache::Warm | Cache::WarmLarge => {
                workload.instruments(&[Instrument::Wall, Instrument::Os])
            }
        };
    }
}

/// Adds loads of a file in large folios, where these change a figure by an order of magnitude.
fn add_large(family: &mut Family, look: Look) {
    add_ways(family, look, (16 * MIB, Cache::WarmLarge), Effort::Standard);
}

fn with_sizes(question: Family, explanation: &str) -> Family {
    question
        .explain(format!(
            "{explanation} Generated files of random bytes. Warm: the file is in the page cache in \
             small folios, as users have files that were copied, written through the usual buffer \
             or read from disk. Warm, large pages: in folios as large as huge pages, as right \
             after a write of the whole with one call; file/folios compares the two. Which of them \
             it is shows in the number of page faults when each page is touched, and is recorded; \
             a file in another state is written again. A file of less than 8 MiB does not show it, \
             and is written before each measurement. Cold: before each load it is thrown out of the \
             page cache, and mincore must find none of its pages; in a virtual machine the host may \
             still have it in memory."
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
        (s, Cache::Warm) if s == 4 * KIB || s == MIB || s == 16 * MIB => Effort::Quick,
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
    add_loads(&mut family, first, few);
    add_large(&mut family, first);
    family
}

pub(super) fn random() -> Family {
    let title = "Which prefault strategy for a file of which little is read?";
    let mut family = with_sizes(
        way::question("file/random", title),
        "Open a file, have it loaded, look at one page in a hundred in random order, close it.",
    );
    add_loads(&mut family, look_at_few, few);
    add_large(&mut family, look_at_few);
    family
}

fn first(bytes: &[u8]) -> u64 {
    bytes.first().map_or(0, |byte| u64::from(*byte))
}

/// The fewest sizes that give an impression.
fn few(size: u64, cache: Cache) -> Effort {
    match (size, cache) {
        (s, Cache::Warm) if s == 16 * MIB => Effort::Quick,
        (s, _) if s == MIB || s == 16 * MIB => Effort::Standard,
        _ => Effort::Full,
    }
}
