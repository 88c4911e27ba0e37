//! The runtime against its best peers: a row a question, all on one logarithmic axis. Written by
//! hand, as the history is.

use super::Plot;
use super::canvas::{escaped, fitted};
use super::scale::log_ticks;
use crate::stats::Ratio;
use std::fmt::Write;

/// The side that an answer speaks for. Each has a shape and a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The runtime is faster.
    Ahead,
    /// A peer is faster.
    Behind,
    /// No difference worth telling is possible.
    Same,
    /// The answer depends on a condition.
    Depends,
    /// There is no answer yet.
    Open,
}

/// The questions of one comparison.
#[derive(Debug, Clone)]
pub struct StandingGroup {
    /// Name of the comparison.
    pub name: String,
    /// Anchor of its section.
    pub href: String,
    /// Its questions.
    pub rows: Vec<StandingRow>,
}

/// One question.
#[derive(Debug, Clone)]
pub struct StandingRow {
    /// The place, with the two alternatives.
    pub label: String,
    /// The peer's time as a multiple of the own one; above 1 the runtime is faster.
    pub ratio: Ratio,
    /// The same under each condition, if the answer depends on them.
    pub within: Vec<f64>,
    /// The answer.
    pub standing: Standing,
    /// The answer in a few words.
    pub words: String,
}

/// Half the height of the end of an interval.
const END_PX: f64 = 4.0;
/// Ratios beyond these are drawn at the ends.
const ENDS: [f64; 2] = [0.01, 1000.0];
/// Ratios that are on the axis in any case.
const LEAST_ENDS: [f64; 2] = [0.5, 2.0];

/// Room for the words `peer faster` with their arrow.
const PEER_FASTER_PX: f64 = 88.0;

const HEAD_PX: f64 = 42.0;
const FOOT_PX: f64 = 24.0;
const GROUP_PX: f64 = 24.0;

/// Measures of a picture.
struct Frame {
    class: &'static str,
    width_px: f64,
    /// Room for the label of a row.
    label_px: u32,
    /// Ends of the axis.
    axis_px: [f64; 2],
    most_ticks: usize,
    row_px: f64,
    /// Middle of a row's label and of its marks, from its top.
    label_y: f64,
    mark_y: f64,
}

const WIDE: Frame = Frame {
    class: "plot wide trend",
    width_px: 700.0,
    label_px: 335,
    axis_px: [312.0, 570.0],
    most_ticks: 7,
    row_px: 20.0,
    label_y: 10.0,
    mark_y: 10.0,
};

/// Labels have lines of their own.
const NARROW: Frame = Frame {
    class: "plot narrow trend",
    width_px: 340.0,
    label_px: 360,
    axis_px: [10.0, 222.0],
    most_ticks: 5,
    row_px: 38.0,
    label_y: 10.0,
    mark_y: 26.0,
};

/// The picture; `None` if there is no question.
pub fn standings(groups: &[StandingGroup]) -> Option<Plot> {
    let rows = || groups.iter().flat_map(|group| &group.rows);
    rows().next()?;
    let ends = rows().flat_map(|row| {
        let interval = row.ratio.interval.map_or([row.ratio.median; 2], |i| [i.low, i.high]);
        interval.into_iter().chain([row.ratio.median]).chain(row.within.iter().copied())
    });
    let (low, high) = ends
        .filter(|end| end.is_normal())
        .fold((LEAST_ENDS[0], LEAST_ENDS[1]), |(low, high), end| (low.min(end), high.max(end)));
    let axis =
        Axis { low: low.max(ENDS[0]).log10() - 0.04, high: high.min(ENDS[1]).log10() + 0.04 };
    Some(Plot { wide: draw(groups, &axis, &WIDE), narrow: draw(groups, &axis, &NARROW) })
}

/// Ends of the axis as decimal logarithms.
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    fn x(&self, ratio: f64, frame: &Frame) -> f64 {
        let share = (ratio.log10() - self.low) / (self.high - self.low);
        let [left, right] = frame.axis_px;
        left + share.clamp(0.0, 1.0) * (right - left)
    }

    /// The end of an interval: a bar, or an arrowhead where the interval goes on beyond the axis.
    fn end(&self, ratio: f64, frame: &Frame, y: f64) -> String {
        let (x, above, below) = (self.x(ratio, frame), y - END_PX, y + END_PX);
        let back = match ratio.log10() {
            log if log < self.low => x + END_PX,
            log if log > self.high => x - END_PX,
            _ => x,
        };
        format!("M{back:.1} {above:.1}L{x:.1} {y:.1}L{back:.1} {below:.1}")
    }
}

fn draw(groups: &[StandingGroup], axis: &Axis, frame: &Frame) -> String {
    let body_px: f64 =
        groups.iter().map(|group| GROUP_PX + group.rows.len() as f64 * frame.row_px).sum();
    let height_px = HEAD_PX + body_px + FOOT_PX;
    let mut svg = format!(
        "<svg class=\"{}\" role=\"group\" aria-label=\"Speed of the runtime as a multiple of the \
         best peer's; the table below has the figures\" width=\"{width}\" height=\"{height_px}\" \
         viewBox=\"0 0 {width} {height_px}\">",
        frame.class,
        width = frame.width_px
    );
    grid(&mut svg, axis, frame, height_px);
    let mut top = HEAD_PX;
    for group in groups {
        let _ = write!(
            svg,
            "<a href=\"#{}\"><text class=\"label\" x=\"4\" y=\"{:.1}\">{}</text></a>",
            group.href,
            top + GROUP_PX - 7.0,
            escaped(&fitted(&group.name, frame.label_px))
        );
        top += GROUP_PX;
        for row in &group.rows {
            draw_row(&mut svg, row, axis, frame, top);
            top += frame.row_px;
        }
    }
    svg + "</svg>"
}

/// Lines, ticks at the top and at the bottom, and the meaning of both sides.
fn grid(svg: &mut String, axis: &Axis, frame: &Frame, height_px: f64) {
    for at in log_ticks(axis.low, axis.high, frame.most_ticks) {
        let x = axis.x(at, frame);
        let class = if (at - 1.0).abs() < 1e-9 { "km" } else { "kg" };
        let (top, bottom) = (HEAD_PX - 4.0, height_px - FOOT_PX + 4.0);
        let _ = write!(svg, "<path class=\"{class}\" d=\"M{x:.1} {top:.1}V{bottom:.1}\"/>");
        for y in [HEAD_PX - 9.0, height_px - 7.0] {
            let _ = write!(
                svg,
                "<text class=\"fm\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>",
                tick(at)
            );
        }
    }
    let middle = axis.x(1.0, frame);
    // If 1 is near the left end, there is no room for words left of it.
    let left = (middle - 8.0).max(PEER_FASTER_PX);
    let right = (middle + 8.0).max(left + 16.0);
    let sides =
        [(left, "end", "\u{2190} peer faster"), (right, "start", "runtime faster \u{2192}")];
    for (x, anchor, words) in sides {
        let _ = write!(
            svg,
            "<text class=\"fi\" x=\"{x:.1}\" y=\"14\" text-anchor=\"{anchor}\">{words}</text>"
        );
    }
}

/// `0.5x`, `100x`.
fn tick(ratio: f64) -> String {
    let number = format!("{ratio:.3}");
    format!("{}x", number.trim_end_matches('0').trim_end_matches('.'))
}

fn draw_row(svg: &mut String, row: &StandingRow, axis: &Axis, frame: &Frame, top: f64) {
    let y = top + frame.mark_y;
    let _ = write!(
        svg,
        "<text class=\"fi label\" x=\"12\" y=\"{:.1}\">{}</text><g class=\"standing {}\">",
        top + frame.label_y + 4.0,
        escaped(&fitted(&row.label, frame.label_px - 12)),
        class(row.standing)
    );
    let interval = row.ratio.interval.map(|interval| [interval.low, interval.high]);
    let (marks, ends) = match &row.within[..] {
        [] => (vec![row.ratio.median], interval),
        // The middle between two conditions is none of them.
        within => (within.to_vec(), ends_of(within)),
    };
    if let Some([low, high]) = ends {
        let (from, to) = (axis.x(low, frame), axis.x(high, frame));
        let ends = axis.end(low, frame, y) + &axis.end(high, frame, y);
        let _ = write!(
            svg,
            "<path class=\"whisker\" fill=\"none\" d=\"M{from:.1} {y:.1}H{to:.1}{ends}\"/>"
        );
    }
    for mark in marks {
        svg.push_str(&shape(row.standing, axis.x(mark, frame), y));
    }
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\">{}</text></g>",
        frame.axis_px[1] + 14.0,
        y + 4.0,
        escaped(&row.words)
    );
}

fn ends_of(ratios: &[f64]) -> Option<[f64; 2]> {
    let low = ratios.iter().copied().min_by(f64::total_cmp)?;
    let high = ratios.iter().copied().max_by(f64::total_cmp)?;
    Some([low, high])
}

/// The class of an answer's colour.
pub fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::Ahead => "better",
        Standing::Behind => "worse",
        Standing::Same => "same",
        Standing::Depends => "depends",
        Standing::Open => "open",
    }
}

/// A shape around a point: it points to the faster side, or lies still.
fn shape(standing: Standing, x: f64, y: f64) -> String {
    let corners: &[(f64, f64)] = match standing {
        Standing::Ahead => &[(-4.0, -5.5), (6.0, 0.0), (-4.0, 5.5)],
        Standing::Behind => &[(4.0, -5.5), (-6.0, 0.0), (4.0, 5.5)],
        Standing::Same => &[(-4.5, -4.5), (4.5, -4.5), (4.5, 4.5), (-4.5, 4.5)],
        Standing::Depends => &[(0.0, -6.0), (6.0, 0.0), (0.0, 6.0), (-6.0, 0.0)],
        Standing::Open => {
            return format!("<circle class=\"mark\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>");
        }
    };
    let points: Vec<String> =
        corners.iter().map(|(dx, dy)| format!("{:.1},{:.1}", x + dx, y + dy)).collect();
    format!("<polygon class=\"mark\" points=\"{}\"/>", points.join(" "))
}

/// The shape alone, for a legend.
pub fn standing_key(standing: Standing) -> String {
    format!(
        "<svg class=\"key\" aria-hidden=\"true\" width=\"16\" height=\"16\"><g class=\"standing \
         {}\">{}</g></svg>",
        class(standing),
        shape(standing, 8.0, 8.0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Interval;

    fn row(standing: Standing, [low, median, high]: [f64; 3]) -> StandingRow {
        let interval = Some(Interval { low, high, coverage: 0.99 });
        StandingRow {
            label: "threads 4: slab vs <dashmap>".to_owned(),
            ratio: Ratio { median, interval, rounds: 10 },
            within: Vec::new(),
            standing,
            words: "1.8x faster".to_owned(),
        }
    }

    fn of(rows: Vec<StandingRow>) -> Plot {
        let (name, href) = ("a/b".to_owned(), "c-a-b".to_owned());
        standings(&[StandingGroup { name, href, rows }]).unwrap()
    }

    #[test]
    fn the_axis_is_labelled_and_holds_all_that_is_drawn() {
        let all = of(vec![
            row(Standing::Behind, [0.2, 0.25, 0.3]),
            row(Standing::Ahead, [50.0, 90.0, 120.0]),
            row(Standing::Open, [1e-200, 1.0, 1e200]),
        ]);
        for picture in [&all.wide, &all.narrow] {
            for expected in [">1x<", ">100x<", "runtime faster", "peer faster", "&lt;dashmap&gt;"] {
                assert!(picture.contains(expected), "{expected}");
            }
            assert!(!picture.contains("NaN") && !picture.contains("inf"));
        }
        assert_eq!(all.wide.matches("<polygon").count(), 2);
        assert_eq!(all.wide.matches("<circle").count(), 1);
    }

    #[test]
    fn answers_that_depend_are_marked_for_each_condition() {
        let mut depends = row(Standing::Depends, [0.5, 1.0, 2.0]);
        depends.within = vec![0.6, 1.7];
        let picture = of(vec![depends]).wide;
        assert_eq!(picture.matches("<polygon").count(), 2);
    }

    #[test]
    fn sides_mirror_and_ticks_read_as_numbers() {
        let axis = Axis { low: -1.0, high: 1.0 };
        let [left, right] = WIDE.axis_px;
        assert!((axis.x(4.0, &WIDE) + axis.x(0.25, &WIDE) - left - right).abs() < 1e-9);
        assert_eq!([0.5, 1.0, 0.1 * 3.0, 1000.0].map(tick), ["0.5x", "1x", "0.3x", "1000x"]);
        assert!(standings(&[]).is_none());
    }

    #[test]
    fn an_interval_that_goes_on_beyond_the_axis_ends_in_an_arrowhead() {
        let axis = Axis { low: -1.0, high: 1.0 };
        assert_eq!(axis.end(1.0, &NARROW, 10.0), "M116.0 6.0L116.0 10.0L116.0 14.0");
        assert_eq!(axis.end(0.01, &NARROW, 10.0), "M14.0 6.0L10.0 10.0L14.0 14.0");
        assert_eq!(axis.end(100.0, &NARROW, 10.0), "M218.0 6.0L222.0 10.0L218.0 14.0");
    }
}
