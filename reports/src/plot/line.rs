//! One line of a plot.

use super::canvas::{Area, PlotError};
use super::figure::Marks;
use super::marker;
use super::paint::Paint;
use plotters::prelude::*;

/// An alternative's figures along an axis of numbers.
pub(super) struct Line {
    /// Its number among the comparison's alternatives: colour and marker.
    pub(super) series: usize,
    pub(super) peer: bool,
    pub(super) name: String,
    /// Its points, in the order of the x axis.
    pub(super) points: Vec<Point>,
    /// The points in pixels, once they are placed.
    pub(super) pixels: Vec<Pixels>,
}

/// A point of a line.
pub(super) struct Point {
    /// Coordinate on the x axis.
    pub(super) x: f64,
    pub(super) marks: Marks,
    /// True if it is the clear winner there.
    pub(super) wins: bool,
}

/// A point in pixels.
pub(super) struct Pixels {
    pub(super) middle: (i32, i32),
    pub(super) low: (i32, i32),
    pub(super) high: (i32, i32),
    /// Other states.
    pub(super) others: Vec<(i32, i32)>,
}

impl Line {
    /// Draws the line with its markers, whiskers and rings, once its points are placed.
    pub(super) fn draw(&self, area: &Area) -> Result<(), PlotError> {
        let solid = Paint::Series(self.series).colour();
        let path = if self.peer { Paint::Dashed(self.series).colour() } else { solid };
        let middles: Vec<(i32, i32)> = self.pixels.iter().map(|point| point.middle).collect();
        if middles.len() > 1 {
            area.draw(&PathElement::new(middles.clone(), path.stroke_width(2)))?;
        }
        for (Pixels { middle, low, high, others }, Point { wins, .. }) in
            self.pixels.iter().zip(&self.points)
        {
            for other in others {
                area.draw(&PathElement::new(vec![*middle, *other], solid.stroke_width(1)))?;
                marker::draw(area, self.series, self.peer, *other)?;
            }
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
