//! Names of lines, beside or below a plot.

use super::canvas::{Area, PlotError, fitted, text};
use super::line::Line;
use super::marker;
use super::paint::Paint;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

/// The height of one entry.
pub(super) const ENTRY_PX: u32 = 19;

/// Names at the right, as near to the ends of their lines as they fit.
pub(super) fn beside(
    area: &Area,
    lines: &[Line],
    (left_px, width_px): (u32, u32),
    height_px: u32,
) -> Result<(), PlotError> {
    let end = |line: &Line| line.pixels.last().map_or((0, 0), |point| point.middle);
    let mut order: Vec<&Line> = lines.iter().collect();
    order.sort_by_key(|line| end(line).1);
    let wanted: Vec<i32> = order.iter().map(|line| end(line).1).collect();
    let rightmost = lines.iter().map(|line| end(line).0).max().unwrap_or(0);
    let heights = apart(&wanted, ENTRY_PX as i32, (12, height_px as i32 - 56));
    for (line, y) in order.into_iter().zip(heights) {
        let (x, left) = (end(line), left_px as i32 + 18);
        if x.0 == rightmost {
            let leader = vec![(x.0 + 7, x.1), (left - 10, y)];
            area.draw(&PathElement::new(leader, Paint::Grid.colour()))?;
        }
        entry(area, line, (left, y), width_px - 36)?;
    }
    Ok(())
}

/// Names in columns under the plot.
pub(super) fn below(
    area: &Area,
    lines: &[Line],
    top_px: u32,
    columns: u32,
) -> Result<(), PlotError> {
    let width_px = area.dim_in_pixel().0 / columns;
    for (n, line) in (0_u32..).zip(lines) {
        let (column, row) = (n % columns, n / columns);
        let x = (column * width_px + 14) as i32;
        entry(area, line, (x, (top_px + row * ENTRY_PX + 9) as i32), width_px - 30)?;
    }
    Ok(())
}

fn entry(area: &Area, line: &Line, (x, y): (i32, i32), room_px: u32) -> Result<(), PlotError> {
    marker::draw(area, line.series, line.peer, (x, y))?;
    let name = fitted(&line.name, room_px);
    area.draw(&Text::new(name, (x + 12, y), text(Paint::Ink, HPos::Left)))
}

/// Moves ascending heights apart so that neighbours keep `gap`, within `limits`, moving them
/// as little as a sweep down and one up do.
fn apart(wanted: &[i32], gap: i32, (top, bottom): (i32, i32)) -> Vec<i32> {
    let mut placed = wanted.to_vec();
    let mut least = top;
    for y in &mut placed {
        *y = (*y).max(least);
        least = *y + gap;
    }
    let mut most = bottom;
    for y in placed.iter_mut().rev() {
        *y = (*y).min(most);
        most = *y - gap;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn labels_keep_their_distance_and_stay_inside() {
        assert_eq!(apart(&[50, 52, 53], 20, (0, 300)), [50, 70, 90]);
        assert_eq!(apart(&[290, 295, 299], 20, (0, 300)), [260, 280, 300]);
        assert_eq!(apart(&[10, 100], 20, (0, 300)), [10, 100]);
    }
}
