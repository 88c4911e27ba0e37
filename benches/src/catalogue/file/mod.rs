//! Loading files: which strategy, for which size, use and state of the page cache.

mod cold;
mod folios;
mod load;
mod sources;
mod way;
mod words;

use super::Family;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

pub(super) fn families() -> Vec<Family> {
    vec![
        load::summed(),
        load::ready(),
        load::random(),
        sources::family(),
        folios::family(),
        words::family(),
    ]
}
