//! A forest plot, a row at a time: ratios with their intervals on one logarithmic axis.

use crate::stats::{Interval, Ratio};
use std::fmt::Write;

pub(super) const WIDTH_PX: f64 = 240.0;
const HEIGHT_PX: u32 = 18;
/// Half the height of an arrowhead at an end that is beyond the axis, and its length.
const ARROW_PX: f64 = 3.5;

/// An axis around 1. Values beyond its ends are drawn at the ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForestAxis {
    end: f64,
    /// Ticks right of 1, with their labels and those of their counterparts on the left.
    ticks: [(f64, &'static str, &'static str); 2],
}

/// Changes between runs; ticks on both sides are the same factor apart from 1.
const CHANGES: [ForestAxis; 3] = [
    ForestAxis { end: 1.25, ticks: [(1.1, "+10%", "-9%"), (1.2, "+20%", "-17%")] },
    ForestAxis { end: 2.5, ticks: [(1.5, "+50%", "-33%"), (2.0, "x2", "/2")] },
    ForestAxis { end: 12.0, ticks: [(3.0, "x3", "/3"), (10.0, "x10", "/10")] },
];

impl ForestAxis {
    /// Axis for changes: the shortest that most of them fit on.
    pub fn changes<'a>(ratios: impl Iterator<Item = &'a Ratio> + Clone) -> Self {
        let fits = |axis: &&Self| {
            let is_in = |ratio: &&Ratio| ratio.median.max(ratio.median.recip()) <= axis.end;
            10 * ratios.clone().filter(is_in).count() >= 9 * ratios.clone().count()
        };
        *CHANGES.iter().find(fits).unwrap_or(&CHANGES[CHANGES.len() - 1])
    }

    /// Position of a ratio, in pixels.
    pub(super) fn x(&self, ratio: f64) -> f64 {
        let share = ratio.clamp(self.end.recip(), self.end).ln() / self.end.ln();
        WIDTH_PX / 2.0 + share * (WIDTH_PX / 2.0 - 6.0)
    }

    /// Returns whether a ratio lies beyond the ends.
    pub(super) fn is_beyond(&self, ratio: f64) -> bool {
        ratio > self.end || ratio < self.end.recip()
    }

    /// Positions of lines, as ratios; the line of no difference is the last.
    pub(super) fn lines(&self) -> impl Iterator<Item = f64> {
        self.ticks.into_iter().flat_map(|(at, ..)| [at, at.recip()]).chain([1.0])
    }

    /// An interval as a line; an end beyond the axis has an arrowhead.
    pub(super) fn whisker(&self, svg: &mut String, class: &str, interval: Interval, y: f64) {
        let (low, high) = (self.x(interval.low), self.x(interval.high));
        let arrow = |ratio: f64, x: f64| {
            let back = if ratio > 1.0 { x - ARROW_PX } else { x + ARROW_PX };
            let (above, below) = (y - ARROW_PX, y + ARROW_PX);
            match self.is_beyond(ratio) {
                true => format!("M{back:.1} {above}L{x:.1} {y}L{back:.1} {below}"),
                false => String::new(),
            }
        };
        let arrows = arrow(interval.low, low) + &arrow(interval.high, high);
        let _ = write!(
            svg,
            "<path class=\"{class}\" fill=\"none\" d=\"M{low:.1} {y}H{high:.1}{arrows}\"/>"
        );
    }

    /// A dot with a whisker; `class` names the winner's colour.
    pub fn row(&self, ratio: Ratio, class: &str) -> String {
        let middle = HEIGHT_PX / 2;
        let mut svg = open(class);
        self.grid(&mut svg);
        if let Some(interval) = ratio.interval {
            self.whisker(&mut svg, "whisker", interval, f64::from(middle));
        }
        let at = self.x(ratio.median);
        let _ = write!(svg, "<circle cx=\"{at:.1}\" cy=\"{middle}\" r=\"4.5\"/></svg>");
        svg
    }

    /// The labels of the axis.
    pub fn labels(&self) -> String {
        let mut svg = open("axis");
        let sides =
            self.ticks.iter().flat_map(|(at, right, left)| [(*at, *right), (at.recip(), *left)]);
        for (ratio, label) in sides.chain([(1.0, "0")]) {
            let _ = write!(
                svg,
                "<text class=\"fm\" x=\"{:.1}\" y=\"13\" text-anchor=\"middle\">{label}</text>",
                self.x(ratio)
            );
        }
        svg + "</svg>"
    }

    fn grid(&self, svg: &mut String) {
        let sides = self.ticks.iter().flat_map(|(at, ..)| [*at, at.recip()]);
        let lines: String = sides.map(|at| format!("M{:.1} 0v{HEIGHT_PX}", self.x(at))).collect();
        let _ = write!(svg, "<path class=\"kg\" d=\"{lines}\"/>");
        let _ = write!(svg, "<path class=\"km\" d=\"M{:.1} 0v{HEIGHT_PX}\"/>", self.x(1.0));
    }
}

fn open(class: &str) -> String {
    format!(
        "<svg class=\"forest {class}\" aria-hidden=\"true\" width=\"{WIDTH_PX}\" \
         height=\"{HEIGHT_PX}\">"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_changes_get_a_short_axis_and_outliers_stay_on_it() {
        let ratio = |median| Ratio { median, interval: None, rounds: 5 };
        let small: Vec<Ratio> = [1.01, 0.95, 1.1, 0.99, 1.0].map(ratio).to_vec();
        let axis = ForestAxis::changes(small.iter());
        assert_eq!(axis.end, 1.25);
        assert!(axis.x(100.0) < WIDTH_PX && axis.x(0.001) > 0.0);
        assert!((axis.x(1.1) + axis.x(1.0 / 1.1) - WIDTH_PX).abs() < 1e-9, "sides mirror");
        let large: Vec<Ratio> = [3.0, 0.2, 1.0].map(ratio).to_vec();
        assert_eq!(ForestAxis::changes(large.iter()).end, 12.0);
        assert_eq!(ForestAxis::changes(std::iter::empty()).end, 1.25);
    }

    #[test]
    fn an_interval_that_goes_on_beyond_the_axis_has_an_arrowhead_there() {
        let axis = CHANGES[0];
        let whisker = |low, high| {
            let interval = Some(Interval { low, high, coverage: 0.95 });
            axis.row(Ratio { median: 1.0, interval, rounds: 5 }, "same")
        };
        let heads = |svg: &str| {
            let (_, path) = svg.split_once("class=\"whisker\"").unwrap();
            path.split_once("/>").unwrap().0.matches('M').count() - 1
        };
        for (low, high, count) in [(0.9, 1.1, 0), (0.1, 1.1, 1), (0.9, 9.0, 1), (0.1, 9.0, 2)] {
            assert_eq!(heads(&whisker(low, high)), count, "{low} to {high}");
        }
        // Both ends may lie beyond the same end of the axis.
        assert_eq!(heads(&whisker(3.0, 9.0)), 2);
    }
}
