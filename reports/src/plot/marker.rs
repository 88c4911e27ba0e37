//! Markers: one shape and colour an alternative; peers are hollow.

use super::canvas::{Area, PlotError};
use super::paint::Paint;
use plotters::prelude::*;

/// Half the size of a marker in pixels.
const SIZE_PX: i32 = 5;

/// Corners of the shapes, in fifths of half the size; no corners make a circle.
const SHAPES: [&[(i32, i32)]; 8] = [
    &[],
    &[(-4, -4), (4, -4), (4, 4), (-4, 4)],
    &[(0, -6), (6, 5), (-6, 5)],
    &[(0, -6), (6, 0), (0, 6), (-6, 0)],
    &[(0, 6), (6, -5), (-6, -5)],
    &[
        (-2, -6),
        (2, -6),
        (2, -2),
        (6, -2),
        (6, 2),
        (2, 2),
        (2, 6),
        (-2, 6),
        (-2, 2),
        (-6, 2),
        (-6, -2),
        (-2, -2),
    ],
    &[(-3, -6), (3, -6), (6, 0), (3, 6), (-3, 6), (-6, 0)],
    &[(-6, -6), (0, -2), (6, -6), (2, 0), (6, 6), (0, 2), (-6, 6), (-2, 0)],
];

/// Draws the marker of the nth alternative around `at`, in pixels.
pub(super) fn draw(area: &Area, n: usize, peer: bool, at: (i32, i32)) -> Result<(), PlotError> {
    let colour = Paint::Series(n).colour();
    let inside = if peer { Paint::Ground.colour() } else { colour };
    let corners = SHAPES[n % SHAPES.len()];
    if corners.is_empty() {
        area.draw(&Circle::new(at, SIZE_PX, inside.filled()))?;
        return area.draw(&Circle::new(at, SIZE_PX, colour.stroke_width(2)));
    }
    let mut outline: Vec<(i32, i32)> =
        corners.iter().map(|(x, y)| (at.0 + x * SIZE_PX / 5, at.1 + y * SIZE_PX / 5)).collect();
    area.draw(&Polygon::new(outline.clone(), inside.filled()))?;
    outline.push(outline[0]);
    area.draw(&PathElement::new(outline, colour.stroke_width(2)))
}

/// The marker alone, for tables and lists.
pub fn key(n: usize, peer: bool) -> String {
    let colour = n % super::paint::COLOURS;
    let fill = if peer { "fb".to_owned() } else { format!("f{colour}") };
    let corners = SHAPES[n % SHAPES.len()];
    let shape = if corners.is_empty() {
        "<circle cx=\"8\" cy=\"8\" r=\"5\"/>".to_owned()
    } else {
        let points: Vec<String> =
            corners.iter().map(|(x, y)| format!("{},{}", x + 8, y + 8)).collect();
        format!("<polygon points=\"{}\"/>", points.join(" "))
    };
    format!(
        "<svg class=\"key\" aria-hidden=\"true\" width=\"16\" height=\"16\"><g class=\"{fill} \
         k{colour}\" stroke-width=\"2\">{shape}</g></svg>"
    )
}
