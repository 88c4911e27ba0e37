//! A workload's time over runs: dots, the levels they have, and a line where a level ends.
//! Written by hand as the strips are: a page has one for every workload.

use crate::analysis::{History, Trend};
use crate::text;
use std::fmt::Write;

/// Layout of a picture.
struct Frame {
    width_px: f64,
    height_px: f64,
    left_px: f64,
    right_px: f64,
    top_px: f64,
    bottom_px: f64,
}

/// The small picture of a workload's card.
const SPARK: Frame = Frame {
    width_px: 300.0,
    height_px: 44.0,
    left_px: 5.0,
    right_px: 5.0,
    top_px: 5.0,
    bottom_px: 5.0,
};

/// The large one, with room for the axis of time on the left and for dates below.
const TREND: Frame = Frame {
    width_px: 620.0,
    height_px: 170.0,
    left_px: 78.0,
    right_px: 14.0,
    top_px: 22.0,
    bottom_px: 26.0,
};

/// The large one for narrow screens.
const NARROW: Frame = Frame { width_px: 340.0, ..TREND };

impl Frame {
    /// Runs stand at equal distances, whenever they were measured.
    fn x(&self, run: usize, runs: usize) -> f64 {
        let share = run as f64 / runs.saturating_sub(1).max(1) as f64;
        self.left_px + share * (self.width_px - self.left_px - self.right_px)
    }

    /// Height of a share; 0 is at the bottom.
    fn y(&self, share: f64) -> f64 {
        self.height_px - self.bottom_px - share * (self.height_px - self.top_px - self.bottom_px)
    }
}

/// The picture of a card. It has no text but its label.
pub fn spark(history: &History, trend: &Trend) -> String {
    let (least, most) = ends(trend);
    let label = format!(
        "Time over {} runs, from {} to {}",
        trend.points.len(),
        text::time_ns(least),
        text::time_ns(most)
    );
    let mut svg = open("spark", &SPARK, &label);
    marks(&mut svg, &SPARK, history, trend);
    svg + "</svg>"
}

/// The picture of the section of steps: the same with axes, for wide and for narrow screens.
pub fn trend(history: &History, trend: &Trend) -> super::Plot {
    let draw = |frame: &Frame, class: &str| {
        let (least, most) = ends(trend);
        let steps = trend.steps.len();
        let mut svg =
            open(class, frame, &format!("Time over runs, with {steps} steps; its table follows"));
        for ns in [least, most] {
            let y = frame.y(share(trend, ns));
            let _ = write!(
                svg,
                "<path class=\"kg\" d=\"M{:.1} {y:.1}H{:.1}\"/><text class=\"fi\" x=\"{:.1}\" \
                 y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                frame.left_px - 4.0,
                frame.width_px - frame.right_px,
                frame.left_px - 8.0,
                y + 4.0,
                text::time_ns(ns)
            );
        }
        let last = history.runs.len() - 1;
        for (run, anchor) in [(0, "start"), (last, "end")] {
            // A date is enough: the table has the time of day.
            let date: String =
                text::utc(history.runs[run].started_unix_s).chars().take(10).collect();
            let _ = write!(
                svg,
                "<text class=\"fm\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{date}</text>",
                frame.x(run, history.runs.len()),
                frame.height_px - 6.0
            );
        }
        for step in &trend.steps {
            let (run, ratio) = (trend.points[step.at].run, step.ratio());
            let class = if ratio > 1.0 { "worse" } else { "better" };
            let x = frame.x(run, history.runs.len());
            let anchor = if x > frame.width_px - 60.0 { "end" } else { "middle" };
            let _ = write!(
                svg,
                "<text class=\"{class}\" x=\"{x:.1}\" y=\"13\" text-anchor=\"{anchor}\">{}</text>",
                text::shift(ratio - 1.0)
            );
        }
        marks(&mut svg, frame, history, trend);
        svg + "</svg>"
    };
    super::Plot {
        wide: draw(&TREND, "plot wide trend"),
        narrow: draw(&NARROW, "plot narrow trend"),
    }
}

fn open(class: &str, frame: &Frame, label: &str) -> String {
    let Frame { width_px, height_px, .. } = frame;
    format!(
        "<svg class=\"{class}\" role=\"img\" aria-label=\"{label}\" width=\"{width_px}\" \
         height=\"{height_px}\" viewBox=\"0 0 {width_px} {height_px}\">"
    )
}

fn ends(trend: &Trend) -> (f64, f64) {
    let times = || trend.points.iter().map(|point| point.time_ns);
    (times().fold(f64::INFINITY, f64::min), times().fold(0.0, f64::max))
}

/// Position of a time between the least and the most, 0 to 1; on a logarithmic axis that spans
/// 10% at least, lest noise looks like a mountain range.
fn share(trend: &Trend, ns: f64) -> f64 {
    let (least, most) = ends(trend);
    let span = (most / least).ln();
    let widened = span.max(1.1_f64.ln());
    ((ns / least).ln() + (widened - span) / 2.0) / widened
}

fn marks(svg: &mut String, frame: &Frame, history: &History, trend: &Trend) {
    let runs = history.runs.len();
    let x = |point: usize| frame.x(trend.points[point].run, runs);
    let y = |ns: f64| frame.y(share(trend, ns));
    for step in &trend.steps {
        let class = if step.ratio() > 1.0 { "worse" } else { "better" };
        // Between the last run of the old level and the first of the new one.
        let at = (x(step.at) + x(step.at - 1)) / 2.0;
        let _ = write!(
            svg,
            "<path class=\"step {class}\" d=\"M{at:.1} {:.1}V{:.1}\"/>",
            frame.top_px - 4.0,
            frame.height_px - frame.bottom_px + 4.0
        );
    }
    let mut levels = String::new();
    for level in &trend.levels {
        let (from, to) = (x(level.start), x(level.end - 1));
        let _ = write!(levels, "M{from:.0} {:.1}H{to:.0}", y(level.level));
    }
    let mut dots = String::new();
    for (index, point) in trend.points.iter().enumerate() {
        let _ = write!(dots, "M{:.0} {:.0}z", x(index), y(point.time_ns));
    }
    let _ =
        write!(svg, "<path class=\"level\" d=\"{levels}\"/><path class=\"runs\" d=\"{dots}\"/>");
}
