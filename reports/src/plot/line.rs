//! One line of a plot.

use super::canvas::{Area, PlotError};
use super::figure::Figure;
use super::marker;
use super::paint::Paint;
use plotters::prelude::*;

/// An alternative's figures along an axis of numbers.
pub(super) struct Line {
    /// Its number among the comparison's alternatives: colour and marker.
    pub(super) series: usize,
    pub(super) peer: bool,
    pub(super) name: String,
    /// Coordinate on the x axis, figure, and whether it is the clear winner there.
    pub(super) points: Vec<(f64, Figure, bool)>,
    /// The points in pixels, once they are placed: value, low and high end.
    pub(super) pixels: Vec<[(i32, i32); 3]>,
}

impl Line {
    /// Draws the line with its markers, whiskers and rings, once its points are placed.
    pub(super) fn draw(&self, area: &Area) -> Result<(), PlotError> {
        let solid = Paint::Series(self.series).colour();
        let path = if self.peer { Paint::Dashed(self.series).colour() } else { solid };
        let middles: Vec<(i32, i32)> = self.pixels.iter().map(|[middle, ..]| *middle).collect();
        if middles.len() > 1 {
            area.draw(&PathElement::new(middles.clone(), path.stroke_width(2)))?;
        }
        for ([middle, low, high], (_, _, wins)) in self.pixels.iter().zip(&self.points) {
            if low.1 - high.1 > 2 {
                area.draw(&PathElement::new(vec![*low, *high], solid.stroke_width(1)))?;
                for (x, y) in [*low, *high] {
                    let cap = vec![(x - 4, y), (x + 4, y)];
                    area.draw(&PathElement::new(cap, solid.stroke_width(1)))?;
                }
            }
            if *wins {
                area.draw(&Circle::new(*middle, 10, Paint::Ink.colour()))?;
            }
        }
        middles.into_iter().try_for_each(|at| marker::draw(area, self.series, self.peer, at))
    }
}
