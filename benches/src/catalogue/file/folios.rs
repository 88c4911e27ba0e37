//! Files whose pages lie in large or small pieces in the page cache.

use super::MIB;
use super::way::{Way, sum};
use crate::catalogue::Family;
use crate::{Data, Effort, Instrument, Prepared};
use anyhow::Result;
use simple_records::Scale;
use std::fs;

const SIZE: u64 = 16 * MIB;
/// Sizes of a write(2).
const PIECES: [(&str, usize); 2] = [("at once", SIZE as usize), ("in 8KiB pieces", 8 << 10)];

fn prepared(way: Way, piece_bytes: usize, data: &Data) -> Result<Prepared> {
    let path = data.written_in_pieces(SIZE, piece_bytes)?;
    let expected = sum(&fs::read(&path)?);
    let load = move || way.load(&path, sum).unwrap_or(!expected);
    Ok(Prepared::new(1, expected, load).bytes(SIZE))
}

pub(super) fn family() -> Family {
    let title = "Does it matter how a file came into the page cache?";
    let mut family = super::way::question("file/folios", title)
        .explain(format!(
            "The page cache keeps what was written in one piece in large folios, and a map of \
             large folios needs few page faults. The same {} MiB, written just before with one \
             call or in pieces, then loaded and summed.",
            SIZE / MIB
        ))
        .along("written", Scale::Category);
    for (written, piece_bytes) in PIECES {
        for way in Way::all() {
            let prepare = move |data: &_| prepared(way, piece_bytes, data);
            family
                .add((way.name(), written), way.reason(), prepare)
                .peer_if(way.is_peer())
                .effort(Effort::Standard)
                .instruments(&[Instrument::Wall, Instrument::Os]);
        }
    }
    family
}
