//! Files whose pages lie in large or small pieces in the page cache.

use super::MIB;
use super::way::{Way, sum};
use crate::catalogue::Family;
use crate::{Data, Instrument, Prepared, Profile, Workload};
use anyhow::Result;
use simple_records::{Axes, Comparison, Display, Scale};
use std::fs;

const SIZE: u64 = 16 * MIB;
/// How much one write(2) brings.
const PIECES: [(&str, usize); 2] = [("at once", SIZE as usize), ("in 8KiB pieces", 8 << 10)];

fn prepared(way: Way, piece_bytes: usize, data: &Data) -> Result<Prepared> {
    let path = data.written_in_pieces(SIZE, piece_bytes)?;
    let expected = sum(&fs::read(&path)?);
    let load = move || way.load(&path, sum).unwrap_or(!expected);
    Ok(Prepared::new(1, expected, load).bytes(SIZE))
}

pub(super) fn family() -> Family {
    let comparison = Comparison {
        id: "file/folios".to_owned(),
        title: "Does it matter how a file came into the page cache?".to_owned(),
        explanation: format!(
            "The page cache keeps what was written in one piece in large folios, and a map of \
             large folios needs few page faults. The same {} MiB, written just before with one \
             call or in pieces, then loaded and summed.",
            SIZE / MIB
        ),
        x_axis: "written".to_owned(),
        x_scale: Scale::Category,
        series_axis: "strategy".to_owned(),
        facet_axis: None,
        defaults: super::way::defaults(),
        item: "file".to_owned(),
        display: Display::TimePerItem,
    };
    let mut workloads = Vec::new();
    for (written, piece_bytes) in PIECES {
        for way in Way::all() {
            let axes = Axes::default().with("strategy", way.axis()).with("written", written);
            let workload = Workload::new(&comparison, axes, way.reason(), move |data| {
                prepared(way, piece_bytes, data)
            });
            let workload = way.mark(workload).in_profile(Profile::Standard);
            workloads.push(workload.instruments(&[Instrument::Wall, Instrument::Os]));
        }
    }
    Family { comparison, workloads }
}
