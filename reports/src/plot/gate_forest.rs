//! The forest plot of a gate, a row at a time: a workload's additional time, its null control
//! below, and a line at the slow-down that is looked for.

use super::forest::{ForestAxis, WIDTH_PX};
use crate::stats::Ratio;
use std::fmt::Write;

const HEIGHT_PX: f64 = 24.0;
const HEAD_PX: f64 = 8.0;
const NULL_PX: f64 = 17.0;

/// An axis of changes with a line.
#[derive(Debug, Clone, Copy)]
pub struct GateForest {
    axis: ForestAxis,
    min_effect: f64,
}

impl GateForest {
    /// The shortest axis that most of the changes fit on; `min_effect` is a share.
    pub fn new<'a>(changes: impl Iterator<Item = &'a Ratio> + Clone, min_effect: f64) -> Self {
        Self { axis: ForestAxis::changes(changes), min_effect }
    }

    /// The labels of the axis.
    pub fn labels(&self) -> String {
        self.axis.labels()
    }

    /// The change in the colour of `class`, and the null control, thin and muted.
    pub fn row(&self, head: Ratio, null: Ratio, class: &str) -> String {
        let mut svg = format!(
            "<svg class=\"forest {class}\" aria-hidden=\"true\" width=\"{WIDTH_PX}\" \
             height=\"{HEIGHT_PX}\">"
        );
        self.grid(&mut svg);
        self.whisker(&mut svg, "null", null, NULL_PX);
        self.mark(&mut svg, "null", null.median, NULL_PX, 2.5);
        self.whisker(&mut svg, "whisker", head, HEAD_PX);
        self.mark(&mut svg, "", head.median, HEAD_PX, 4.5);
        svg + "</svg>"
    }

    fn grid(&self, svg: &mut String) {
        let lines: Vec<f64> = self.axis.lines().collect();
        for (index, at) in lines.iter().enumerate() {
            let class = if index + 1 == lines.len() { "km" } else { "kg" };
            let x = self.axis.x(*at);
            let _ = write!(svg, "<path class=\"{class}\" d=\"M{x:.1} 0v{HEIGHT_PX}\"/>");
        }
        let x = self.axis.x(1.0 + self.min_effect);
        let _ = write!(svg, "<path class=\"limit\" d=\"M{x:.1} 0v{HEIGHT_PX}\"/>");
    }

    fn whisker(&self, svg: &mut String, class: &str, ratio: Ratio, y: f64) {
        if let Some(interval) = ratio.interval {
            self.axis.whisker(svg, class, interval, y);
        }
    }

    /// A dot; beyond the ends of the axis an arrow that points there.
    fn mark(&self, svg: &mut String, class: &str, ratio: f64, y: f64, radius: f64) {
        let x = self.axis.x(ratio);
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let _ = if self.axis.is_beyond(ratio) {
            let back = if ratio > 1.0 { -2.0 * radius } else { 2.0 * radius };
            write!(
                svg,
                "<path{class} fill=\"currentColor\" d=\"M{x:.1} {y}l{back} {radius}v{}z\"/>",
                -2.0 * radius
            )
        } else {
            write!(svg, "<circle{class} cx=\"{x:.1}\" cy=\"{y}\" r=\"{radius}\"/>")
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_axis_is_an_arrow_at_its_end() {
        let ratio = |median| Ratio { median, interval: None, rounds: 20 };
        let forest = GateForest::new([1.0, 1.1].map(ratio).iter(), 0.05);
        assert!(forest.row(ratio(1.1), ratio(1.0), "worse").matches("<circle").count() == 2);
        assert!(forest.row(ratio(3.0), ratio(1.0), "worse").matches("<circle").count() == 1);
        assert!(forest.row(ratio(1.0), ratio(1.0), "same").contains("class=\"limit\""));
    }
}
