//! An operating curve: share of verdicts `regression` by change of a build. Written by hand, as
//! the history is.

use super::Plot;
use crate::judge::{Alarms, Level, Share};
use crate::text;
use std::fmt::Write;

const HEIGHT_PX: f64 = 230.0;
const LEFT_PX: f64 = 48.0;
const RIGHT_PX: f64 = 16.0;
const TOP_PX: f64 = 24.0;
const BOTTOM_PX: f64 = 44.0;

/// A place on the x axis.
struct Place<'a> {
    label: String,
    share: &'a Share,
    /// True if the verdict `regression` would be wrong.
    is_alarm: bool,
}

/// False alarms, each by its name, and detections side by side, each with its interval; `what` names the grown
/// quantity: `time`. `None` if there is no level.
pub fn detection(alarms: &[(&str, &Alarms)], levels: &[Level], what: &str) -> Option<Plot> {
    if levels.is_empty() {
        return None;
    }
    let alarms = alarms.iter().map(|(name, alarms)| {
        let share = &alarms.false_alarms;
        Place { label: (*name).to_owned(), share, is_alarm: true }
    });
    let levels = levels.iter().map(|level| {
        let label = format!("+{}", text::percent(level.by));
        Place { label, share: &level.detected, is_alarm: false }
    });
    let places: Vec<Place> = alarms.chain(levels).collect();
    // Labels need this much room each.
    let narrow_px = (LEFT_PX + RIGHT_PX + 56.0 * places.len() as f64).max(340.0);
    Some(Plot {
        wide: draw(&places, what, 620.0, "plot wide trend"),
        narrow: draw(&places, what, narrow_px, "plot narrow trend"),
    })
}

/// Height of a share; 0 is at the bottom.
fn y(share: f64) -> f64 {
    HEIGHT_PX - BOTTOM_PX - share * (HEIGHT_PX - TOP_PX - BOTTOM_PX)
}

fn draw(places: &[Place], what: &str, width_px: f64, class: &str) -> String {
    let step = (width_px - LEFT_PX - RIGHT_PX) / places.len() as f64;
    let x = |index: usize| LEFT_PX + (index as f64 + 0.5) * step;
    let mut svg = format!(
        "<svg class=\"{class}\" role=\"img\" aria-label=\"How often the gate says regression, by \
         {what} added; the table has the figures\" width=\"{width_px}\" height=\"{HEIGHT_PX}\" \
         viewBox=\"0 0 {width_px} {HEIGHT_PX}\">"
    );
    grid(&mut svg, what, width_px);
    let line: Vec<String> = places
        .iter()
        .enumerate()
        .filter(|(_, place)| !place.is_alarm)
        .map(|(index, place)| format!("{:.1} {:.1}", x(index), y(place.share.share())))
        .collect();
    let _ = write!(svg, "<path class=\"level\" d=\"M{}\"/>", line.join("L"));
    for (index, place) in places.iter().enumerate() {
        mark(&mut svg, place, x(index));
    }
    svg + "</svg>"
}

fn grid(svg: &mut String, what: &str, width_px: f64) {
    for share in [0.0, 0.5, 1.0] {
        let at = y(share);
        let _ = write!(
            svg,
            "<path class=\"kg\" d=\"M{:.1} {at:.1}H{:.1}\"/><text class=\"fi\" x=\"{:.1}\" \
             y=\"{:.1}\" text-anchor=\"end\">{:.0}%</text>",
            LEFT_PX - 4.0,
            width_px - RIGHT_PX,
            LEFT_PX - 8.0,
            at + 4.0,
            share * 100.0
        );
    }
    let _ = write!(
        svg,
        "<text class=\"fm\" x=\"4\" y=\"12\">says regression</text><text class=\"fm\" x=\"{:.1}\" \
         y=\"{:.1}\" text-anchor=\"end\">{what} added</text>",
        width_px - RIGHT_PX,
        HEIGHT_PX - 6.0
    );
}

/// A dot with its whisker, in the colour of a wrong or of a right verdict, and its label.
fn mark(svg: &mut String, place: &Place, x: f64) {
    let class = if place.is_alarm { "worse" } else { "better" };
    let [low, high] = place.share.interval.map(y);
    let _ = write!(
        svg,
        "<g class=\"{class} rate\"><path d=\"M{x:.1} {low:.1}V{high:.1}M{:.1} {low:.1}h8M{:.1} \
         {high:.1}h8\"/><circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"4.5\"/></g><text class=\"fi\" \
         x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
        x - 4.0,
        x - 4.0,
        y(place.share.share()),
        HEIGHT_PX - BOTTOM_PX + 18.0,
        place.label
    );
}
