//! Colours of frames: light, so that names can be read, and the same for a function in every
//! picture.

use super::label::Labels;
use inferno::flamegraph::color::{Color, PaletteMap};

pub(super) const WHITE: Color = Color { r: 255, g: 255, b: 255 };
pub(super) const GREY: Color = Color { r: 190, g: 190, b: 190 };
const SAND: Color = Color { r: 236, g: 230, b: 215 };

/// Colours from pale yellow to orange, by name. Frames that are no functions have the colour of
/// sand.
pub(super) fn palette(labels: &Labels) -> PaletteMap {
    let mut palette = PaletteMap::default();
    palette.insert("", SAND);
    for (name, marked) in labels.marked() {
        palette.insert(marked, if name.starts_with('[') { SAND } else { colour(name) });
    }
    palette
}

fn colour(name: &str) -> Color {
    let hash = hash(name);
    let part = |shift: u32, range: u64| ((hash >> shift) % range) as u8;
    Color { r: 240 + part(0, 16), g: 165 + part(16, 65), b: 95 + part(32, 40) }
}

/// FNV-1a, which is stable, unlike the hash of the standard library. Its high bits are mixed in,
/// because names often differ at their ends only.
fn hash(name: &str) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    (hash ^ (hash >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
