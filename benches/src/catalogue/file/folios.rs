//! Files whose pages lie in large or small pieces in the page cache.

use super::MIB;
use super::way::{Way, sum};
use crate::catalogue::Family;
use crate::data::Warm;
use crate::{Data, Effort, Instrument, Pages, Prepared};
use anyhow::Result;
use simple_records::Scale;
use std::fs;

const SIZE: u64 = 16 * MIB;
/// Ways in which the file is written, by their names.
const WRITTEN: [(&str, Pages); 2] = [("at once", Pages::Large), ("in 8KiB pieces", Pages::Small)];
const ID: &str = "file/folios";

fn prepared(way: Way, pages: Pages, data: &Data) -> Result<Prepared> {
    let Warm { path, layout } = data.warm(&way.owner(ID), SIZE, pages)?;
    let expected = sum(&fs::read(&path)?);
    let load = move || way.load(&path, sum).unwrap_or(!expected);
    Ok(Prepared::new(1, expected, load).bytes(SIZE).layout(Some(layout)))
}

pub(super) fn family() -> Family {
    let title = "Does it matter how a file came into the page cache?";
    let mut family = super::way::question(ID, title)
        .explain(format!(
            "The page cache keeps what was written in one piece in large folios, and a map of \
             large folios needs few page faults. The same {} MiB, written with one call or in \
             pieces, then loaded and summed. Before that each page is touched through a map, and \
             the page faults are counted: large folios have one for a huge page, small ones one \
             for the pages around it. A file in another state is written again; where there are no \
             large folios, both are small, and the record says so.",
            SIZE / MIB
        ))
        .along("written", Scale::Category);
    for (written, pages) in WRITTEN {
        for way in Way::all() {
            let prepare = move |data: &_| prepared(way, pages, data);
            family
                .add((way.name(), written), way.reason(), prepare)
                .peer_if(way.is_peer())
                .effort(Effort::Standard)
                .instruments(&[Instrument::Wall, Instrument::Os]);
        }
    }
    family
}
