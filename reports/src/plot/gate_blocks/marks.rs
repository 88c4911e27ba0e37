//! Marks of the sides: they differ in shape and in colour.

use super::times::TimeAxis;
use super::{Part, y};
use crate::judge::BlockTimes;
use std::fmt::Write;

/// A side of a block, by its mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// A dot.
    Base,
    /// A ring.
    Null,
    /// A filled diamond.
    Head,
}

impl Mark {
    /// In the order in which they are drawn: the head is on top.
    pub(super) const ALL: [Self; 3] = [Self::Base, Self::Null, Self::Head];

    pub(super) fn time_ns(self, block: &BlockTimes) -> f64 {
        match self {
            Self::Base => block.base_ns,
            Self::Null => block.null_ns,
            Self::Head => block.head_ns,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Null => "again",
            Self::Head => "head",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Null => "base again (null control)",
            Self::Head => "head",
        }
    }

    /// Its place beside the middle of the block, in widths of a block.
    fn aside(self) -> f64 {
        match self {
            Self::Base => -0.22,
            Self::Null => 0.22,
            Self::Head => 0.0,
        }
    }

    /// Adds its outline around a place.
    fn outline(self, path: &mut String, x: f64, y: f64, radius: f64) {
        let _ = match self {
            Self::Base | Self::Null => write!(
                path,
                "M{:.1} {y:.1}a{radius} {radius} 0 1 0 {w} 0a{radius} {radius} 0 1 0 -{w} 0z",
                x - radius,
                w = 2.0 * radius
            ),
            Self::Head => {
                let r = radius * 1.25;
                write!(path, "M{x:.1} {:.1}l{r} {r}l-{r} {r}l-{r} -{r}z", y - r)
            }
        };
    }
}

/// The marks of a stage, and the medians of base and head.
pub(super) fn marks(svg: &mut String, part: &Part, axis: &TimeAxis) {
    let radius = (part.step_px * 0.3).clamp(1.4, 3.6);
    let radius = (radius * 10.0).round() / 10.0;
    for mark in Mark::ALL {
        let mut path = String::new();
        for (index, block) in part.blocks.iter().enumerate() {
            let x = part.x(index) + mark.aside() * part.step_px;
            mark.outline(&mut path, x, y(axis.place(mark.time_ns(block))), radius);
        }
        let _ = write!(svg, "<path class=\"{}\" d=\"{path}\"/>", mark.class());
    }
    for mark in [Mark::Base, Mark::Head] {
        if let Some(middle) = part.median_ns(mark) {
            let at = y(axis.place(middle));
            let _ = write!(
                svg,
                "<path class=\"median {}\" d=\"M{:.1} {at:.1}H{:.1}\"/>",
                mark.class(),
                part.from_px,
                part.end_px()
            );
        }
    }
}

/// Marks with their names, in one line.
pub(super) fn legend(svg: &mut String, from_px: f64, y_px: f64, is_narrow: bool) {
    let mut x = if is_narrow { 8.0 } else { from_px };
    for mark in [Mark::Base, Mark::Head, Mark::Null] {
        let mut path = String::new();
        mark.outline(&mut path, x, y_px - 4.0, 3.6);
        let name = mark.name();
        let _ = write!(
            svg,
            "<path class=\"{}\" d=\"{path}\"/><text class=\"fi\" x=\"{:.0}\" y=\"{y_px}\">{name}</text>",
            mark.class(),
            x + 9.0
        );
        x += 30.0 + name.len() as f64 * 6.4;
    }
    if !is_narrow {
        let _ = write!(
            svg,
            "<text class=\"fm\" x=\"{:.0}\" y=\"{y_px}\">lines: medians of base and head</text>",
            x + 4.0
        );
    }
}
