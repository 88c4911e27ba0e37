//! Lines along an axis of numbers, with whiskers for uncertainty and names at their ends.

use super::canvas::{Area, Canvas, PlotError, axis_text, fitted, text, text_width_px};
use super::legend;
use super::line::{Line, Pixels, Point};
use super::paint::Paint;
use super::scale::ValueScale;
use super::ticked::Ticked;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;
use simple_records::Display;

/// A plot of lines.
pub(super) struct LineChart {
    /// Description for screen readers.
    pub(super) label: String,
    /// Title of the values: `time per task, lower is better`.
    pub(super) values: String,
    /// Unit of the values.
    pub(super) display: Display,
    pub(super) scale: ValueScale,
    pub(super) x_axis: String,
    /// Ticks of the x axis: at least one, ascending.
    pub(super) x_ticks: Vec<(f64, String)>,
    pub(super) lines: Vec<Line>,
}

/// Width of the axis of values.
const Y_LABELS_PX: u32 = 68;

/// Height of the title of the values.
const HEAD_PX: u32 = 32;

impl LineChart {
    /// Draws it.
    pub(super) fn draw(mut self, canvas: Canvas) -> Result<String, PlotError> {
        let longest = self.lines.iter().map(|line| text_width_px(&line.name)).max().unwrap_or(0);
        let legend_px = (longest + 40).clamp(90, 210);
        let columns = if canvas.is_narrow { (canvas.width_px / legend_px).max(1) } else { 1 };
        let entries_px = (self.lines.len() as u32).div_ceil(columns) * legend::ENTRY_PX;
        let (right_px, below_px) =
            if canvas.is_narrow { (10, entries_px + 6) } else { (legend_px, 0) };
        let height_px = (310 + below_px).max(if canvas.is_narrow { 0 } else { entries_px + 60 });
        canvas.draw(height_px, &self.label.clone(), |area| {
            let (upper, _) = area.split_vertically(height_px - below_px);
            let (plot, _) = upper.split_horizontally(canvas.width_px - right_px);
            self.place(&plot)?;
            self.lines.iter().try_for_each(|line| line.draw(area))?;
            if canvas.is_narrow {
                legend::below(area, &self.lines, height_px - below_px, columns)
            } else {
                let room = (canvas.width_px - right_px, right_px);
                legend::beside(area, &self.lines, room, height_px)
            }
        })
    }

    /// Draws the mesh, and sets the pixels of the points.
    fn place(&mut self, plot: &Area) -> Result<(), PlotError> {
        let ticks = &self.x_ticks;
        let (first, last) = (ticks[0].0, ticks[ticks.len() - 1].0);
        let room = (last - first).max(1.0) * 0.06;
        let width_px = f64::from(plot.dim_in_pixel().0.saturating_sub(Y_LABELS_PX + 20));
        let ticks = readable(ticks.clone(), width_px / (last - first + 2.0 * room));
        let xs = Ticked { low: first - room, high: last + room, ticks };
        let mut chart = ChartBuilder::on(plot)
            .margin(10)
            .margin_top(HEAD_PX)
            .x_label_area_size(42)
            .y_label_area_size(Y_LABELS_PX)
            .build_cartesian_2d(xs, self.scale.ticked(self.display))?;
        chart
            .configure_mesh()
            .bold_line_style(Paint::Grid.colour())
            .light_line_style(TRANSPARENT)
            .axis_style(Paint::Muted.colour())
            .label_style(axis_text(Paint::Ink))
            .axis_desc_style(axis_text(Paint::Muted))
            .x_desc(fitted(&self.x_axis, 200))
            .draw()?;
        // Above the axis and not beside it: there it would be turned and cut.
        let note = if self.scale.is_log { " (log)" } else { "" };
        let head = self.values.replace(", ", &format!("{note}, "));
        let head = fitted(&head, plot.dim_in_pixel().0 - 12);
        plot.draw(&Text::new(head, (10, 14), text(Paint::Muted, HPos::Left)))?;
        for line in &mut self.lines {
            let pixel =
                |x: f64, value: f64| chart.backend_coord(&(x, self.scale.coordinate(value)));
            let pixels = |Point { x, marks, .. }: &Point| Pixels {
                middle: pixel(*x, marks.main.value),
                low: pixel(*x, marks.main.low),
                high: pixel(*x, marks.main.high),
                others: marks.others.iter().map(|figure| pixel(*x, figure.value)).collect(),
            };
            line.pixels = line.points.iter().map(pixels).collect();
        }
        Ok(())
    }
}

/// Leaves out labels that would touch; their lines stay. The last one is always there.
fn readable(mut ticks: Vec<(f64, String)>, px_per_unit: f64) -> Vec<(f64, String)> {
    let half_px = |label: &str| f64::from(text_width_px(label)) / 2.0 + 4.0;
    let mut right_neighbour = f64::INFINITY;
    for (at, label) in ticks.iter_mut().rev() {
        let (middle, half) = (*at * px_per_unit, half_px(label));
        if middle + half > right_neighbour {
            label.clear();
        } else {
            right_neighbour = middle - half;
        }
    }
    ticks
}
