//! The blocks of a workload of a gate, one by one: a mark for each side in each block, blocks from left
//! to right, time upwards, and the median of each side and stage as a line. Written by hand, as the
//! history is.

mod marks;
mod times;

use super::Plot;
use super::canvas::escaped;
use crate::judge::BlockTimes;
use crate::stats::median;
use crate::text::time_ns;
use marks::{Mark, legend, marks};
use simple_records::Stage;
use std::fmt::Write;
use times::TimeAxis;

const HEIGHT_PX: f64 = 264.0;
const LEFT_PX: f64 = 72.0;
const RIGHT_PX: f64 = 12.0;
const TOP_PX: f64 = 48.0;
const BOTTOM_PX: f64 = 44.0;

/// Gap between the stages.
const GAP_PX: f64 = 14.0;

/// Blocks drawn of a stage: a plan has fewer, but a record may claim any number.
const MOST_BLOCKS: usize = 200;

/// The blocks of one stage, and the part of the width that they have.
struct Part<'a> {
    stage: Stage,
    blocks: &'a [BlockTimes],
    from_px: f64,
    step_px: f64,
}

impl Part<'_> {
    fn x(&self, index: usize) -> f64 {
        self.from_px + (index as f64 + 0.5) * self.step_px
    }

    fn end_px(&self) -> f64 {
        self.from_px + self.blocks.len() as f64 * self.step_px
    }

    fn median_ns(&self, mark: Mark) -> Option<f64> {
        median(&self.blocks.iter().map(|block| mark.time_ns(block)).collect::<Vec<_>>())
    }
}

/// The picture for wide and for narrow screens; `None` without blocks.
pub fn gate_blocks(workload: &str, blocks: &[BlockTimes]) -> Option<Plot> {
    let of_stage = |stage: Stage| -> Vec<BlockTimes> {
        blocks.iter().filter(|block| block.stage == stage).take(MOST_BLOCKS).copied().collect()
    };
    let stages = [Stage::Screen, Stage::Confirm].map(|stage| (stage, of_stage(stage)));
    let shown: Vec<_> = stages.into_iter().filter(|(_, blocks)| !blocks.is_empty()).collect();
    let times = shown
        .iter()
        .flat_map(|(_, blocks)| blocks)
        .flat_map(|block| Mark::ALL.map(|mark| mark.time_ns(block)));
    let axis = TimeAxis::new(times)?;
    let draw = |width_px: f64, class: &str| {
        let parts = parts(&shown, width_px);
        let mut svg = format!(
            "<svg class=\"{class}\" role=\"img\" width=\"{width_px}\" height=\"{HEIGHT_PX}\" \
             viewBox=\"0 0 {width_px} {HEIGHT_PX}\"><title>Times of {} in each block</title>\
             <desc>{}</desc>",
            escaped(workload),
            escaped(&blocks_sentence(blocks))
        );
        grid(&mut svg, &axis, width_px);
        parts.iter().for_each(|part| frame(&mut svg, part));
        legend(&mut svg, LEFT_PX, 30.0, width_px < 400.0);
        parts.iter().for_each(|part| marks(&mut svg, part, &axis));
        svg + "</svg>"
    };
    Some(Plot {
        wide: draw(620.0, "plot wide trend blocks"),
        narrow: draw(340.0, "plot narrow trend blocks"),
    })
}

/// The blocks that decide, in a sentence: how many there are, the median of each side, and in how many
/// of them the head took longer than both copies of the base.
pub fn blocks_sentence(blocks: &[BlockTimes]) -> String {
    let fresh: Vec<&BlockTimes> = blocks.iter().filter(|block| !block.is_screen()).collect();
    let (kind, counted) = match fresh.is_empty() {
        true => ("screening", blocks.iter().collect()),
        false => ("confirming", fresh),
    };
    let longer = counted.iter().filter(|block| block.head_ns > block.base_ns.max(block.null_ns));
    let (longer, all) = (longer.count(), counted.len());
    let middle = |mark: Mark| {
        let times: Vec<f64> = counted.iter().map(|block| mark.time_ns(block)).collect();
        median(&times).map(time_ns).unwrap_or_default()
    };
    format!(
        "In {longer} of {all} {kind} blocks, the head took longer than both copies of the base; by \
         chance it does in a third of them. Medians: base {}, head {}, base again {}.",
        middle(Mark::Base),
        middle(Mark::Head),
        middle(Mark::Null)
    )
}

/// Stages side by side; every block has the same width.
fn parts(shown: &[(Stage, Vec<BlockTimes>)], width_px: f64) -> Vec<Part<'_>> {
    let all: usize = shown.iter().map(|(_, blocks)| blocks.len()).sum();
    let gaps = GAP_PX * shown.len().saturating_sub(1) as f64;
    let step_px = (width_px - LEFT_PX - RIGHT_PX - gaps) / all as f64;
    let mut from_px = LEFT_PX;
    let mut parts = Vec::new();
    for (stage, blocks) in shown {
        let part = Part { stage: *stage, blocks, from_px, step_px };
        from_px = part.end_px() + GAP_PX;
        parts.push(part);
    }
    parts
}

/// Height of a place on the axis, 0 to 1; 0 is at the bottom.
fn y(share: f64) -> f64 {
    HEIGHT_PX - BOTTOM_PX - share * (HEIGHT_PX - TOP_PX - BOTTOM_PX)
}

/// Lines and labels of the times, and the titles of both axes.
fn grid(svg: &mut String, axis: &TimeAxis, width_px: f64) {
    for (place, label) in axis.ticks() {
        let at = y(place);
        let _ = write!(
            svg,
            "<path class=\"kg\" d=\"M{LEFT_PX:.0} {at:.1}H{:.0}\"/><text class=\"fi\" x=\"{:.0}\" \
             y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            width_px - RIGHT_PX,
            LEFT_PX - 8.0,
            at + 4.0
        );
    }
    let log = if axis.is_log() { ", logarithmic" } else { "" };
    let _ = write!(
        svg,
        "<text class=\"fm\" x=\"4\" y=\"12\">time of an iteration{log}; lower is better</text>\
         <text class=\"fm\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">block</text>",
        width_px - RIGHT_PX,
        HEIGHT_PX - 6.0
    );
}

/// The ground of a stage, its name, and the numbers of its first and last block.
fn frame(svg: &mut String, part: &Part) {
    let (from, to) = (part.from_px, part.end_px());
    let (top, bottom) = (TOP_PX - 6.0, HEIGHT_PX - BOTTOM_PX + 4.0);
    let (class, name) = match part.stage {
        Stage::Screen => ("screen", "screen"),
        Stage::Confirm => ("confirm", "confirm"),
    };
    let _ = write!(
        svg,
        "<path class=\"{class}\" d=\"M{from:.1} {top}H{to:.1}V{bottom}H{from:.1}z\"/>\
         <text class=\"fm\" x=\"{from:.1}\" y=\"{:.1}\">{name}</text>",
        HEIGHT_PX - 6.0
    );
    let last = part.blocks.len() - 1;
    let numbered: &[usize] = if part.step_px * last as f64 > 24.0 { &[0, last] } else { &[last] };
    for index in numbered {
        let _ = write!(
            svg,
            "<text class=\"fi\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            part.x(*index),
            HEIGHT_PX - BOTTOM_PX + 19.0,
            index + 1
        );
    }
}
