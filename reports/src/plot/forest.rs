//! A forest plot, a row at a time: how often faster than a peer, on one logarithmic axis.

use crate::stats::Ratio;
use std::fmt::Write;

const WIDTH_PX: f64 = 240.0;
const HEIGHT_PX: u32 = 18;

/// The axis ends at this ratio on both sides; what is beyond is drawn at the end.
const END: f64 = 32.0;

fn x(ratio: f64) -> f64 {
    let share = ratio.clamp(END.recip(), END).log2() / END.log2();
    WIDTH_PX / 2.0 + share * (WIDTH_PX / 2.0 - 6.0)
}

/// A dot with a whisker; `class` says which side won.
pub fn forest_row(ratio: Ratio, class: &str) -> String {
    let middle = HEIGHT_PX / 2;
    let mut svg = open(class);
    grid(&mut svg);
    if let Some(interval) = ratio.interval {
        let (low, high) = (x(interval.low), x(interval.high));
        let _ = write!(svg, "<path class=\"whisker\" d=\"M{low:.1} {middle}H{high:.1}\"/>");
    }
    let at = x(ratio.median);
    let _ = write!(svg, "<circle cx=\"{at:.1}\" cy=\"{middle}\" r=\"4.5\"/></svg>");
    svg
}

/// The labels of the axis.
pub fn forest_axis() -> String {
    let mut svg = open("axis");
    for (ratio, label) in
        [(1.0 / 16.0, "1/16"), (0.25, "1/4"), (1.0, "1"), (4.0, "4"), (16.0, "16x")]
    {
        let _ = write!(
            svg,
            "<text class=\"fm\" x=\"{:.1}\" y=\"13\" text-anchor=\"middle\">{label}</text>",
            x(ratio)
        );
    }
    svg + "</svg>"
}

fn open(class: &str) -> String {
    format!(
        "<svg class=\"forest {class}\" aria-hidden=\"true\" width=\"{WIDTH_PX}\" \
         height=\"{HEIGHT_PX}\" viewBox=\"0 0 {WIDTH_PX} {HEIGHT_PX}\">"
    )
}

fn grid(svg: &mut String) {
    let lines = [1.0 / 16.0, 0.25, 4.0, 16.0].map(|at| format!("M{:.1} 0v{HEIGHT_PX}", x(at)));
    let _ = write!(svg, "<path class=\"kg\" d=\"{}\"/>", lines.concat());
    let _ = write!(svg, "<path class=\"km\" d=\"M{:.1} 0v{HEIGHT_PX}\"/>", x(1.0));
}
