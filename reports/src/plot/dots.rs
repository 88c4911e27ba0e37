//! A dot plot (Cleveland): names to the left, values along a line, whiskers for uncertainty.

use super::canvas::{Area, Canvas, PlotError, axis_text, fitted, text, text_width_px};
use super::figure::{self, Marks};
use super::marker;
use super::paint::Paint;
use super::scale::ValueScale;
use super::ticked::Ticked;
use crate::analysis::{ComparisonReport, Cost, Facet};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;
use simple_records::Display;

/// A line of the plot: a headline, or an alternative.
enum Row {
    Head(String),
    Dot { series: usize, peer: bool, name: String, marks: Marks, wins: bool },
}

const ROW_PX: u32 = 25;

/// Height of the title of the values.
const HEAD_PX: u32 = 30;

/// Distance of a name from the axis: a marker with its ring fits between them.
const NAME_GAP_PX: u32 = 10;

/// A dot plot.
struct DotPlot {
    /// Description for screen readers.
    label: String,
    /// Title of the values: `time per task, lower is better`.
    what: String,
    /// Unit of the values.
    display: Display,
    /// Values that must fit on the axis.
    ends: Vec<f64>,
    rows: Vec<Row>,
}

/// Draws one facet.
pub(super) fn dots(
    compared: &ComparisonReport,
    facet: &Facet,
    canvas: Canvas,
) -> Result<String, PlotError> {
    let display = figure::display(compared);
    // All facets have the same scale, so that they can be compared.
    let all =
        compared.workloads.iter().map(|workload| figure::of_workload(compared, workload, display));
    let what = figure::name(compared, display);
    let plot = DotPlot {
        label: format!("Plot: {what}. {}", facet.label()),
        what,
        display,
        ends: all.flat_map(|marks| marks.ends()).collect(),
        rows: rows(compared, facet),
    };
    plot.draw(canvas)
}

/// Draws instructions per item, by alternative, the most expensive first; `None` if the
/// comparison is not about costs.
pub(super) fn counts(
    compared: &ComparisonReport,
    canvas: Canvas,
) -> Result<Option<String>, PlotError> {
    let rows = count_rows(compared);
    if rows.is_empty() {
        return Ok(None);
    }
    let what = figure::name(compared, Display::Instructions);
    let value = |row: &Row| match row {
        Row::Dot { marks, .. } => Some(marks.main.value),
        Row::Head(_) => None,
    };
    let ends = rows.iter().filter_map(value).collect();
    let label = format!("Plot: {what}.");
    let plot = DotPlot { label, what, display: Display::Instructions, ends, rows };
    plot.draw(canvas).map(Some)
}

impl DotPlot {
    fn draw(self, canvas: Canvas) -> Result<String, PlotError> {
        let Self { label, what, display, ends, rows } = self;
        let names = rows.iter().filter_map(|row| match row {
            Row::Dot { name, .. } => Some(text_width_px(name)),
            Row::Head(_) => None,
        });
        let most_px = if canvas.is_narrow { 130 } else { 220 };
        let left_px = names.max().unwrap_or(0).clamp(40, most_px) + NAME_GAP_PX + 8;
        let widths = rows.iter().filter_map(|row| match row {
            Row::Dot { marks, .. } => Some(text_width_px(&values(marks, display))),
            Row::Head(_) => None,
        });
        let right_px = widths.max().unwrap_or(0).clamp(72, 150) + 10;
        let height_px = rows.len() as u32 * ROW_PX + HEAD_PX + 34;
        let scale = ValueScale::new(ends.into_iter(), if canvas.is_narrow { 3 } else { 6 });
        canvas.draw(height_px, &label, |area| {
            let (plot, _) = area.split_horizontally(canvas.width_px - right_px);
            let ys = Ticked { low: rows.len() as f64, high: 0.0, ticks: Vec::new() };
            let mut chart = ChartBuilder::on(&plot)
                .margin(8)
                .margin_top(HEAD_PX)
                .margin_left(left_px)
                .x_label_area_size(26)
                .build_cartesian_2d(scale.ticked(display), ys)?;
            chart
                .configure_mesh()
                .bold_line_style(Paint::Grid.colour())
                .light_line_style(TRANSPARENT)
                .axis_style(Paint::Muted.colour())
                .label_style(axis_text(Paint::Ink))
                .disable_y_mesh()
                .y_labels(0)
                .draw()?;
            let note = if scale.is_log { " (log)" } else { "" };
            let head = fitted(&what.replace(", ", &format!("{note}, ")), canvas.width_px - 16);
            area.draw(&Text::new(head, (10, 14), text(Paint::Muted, HPos::Left)))?;
            for (n, row) in rows.iter().enumerate() {
                let pixel =
                    |value: f64| chart.backend_coord(&(scale.coordinate(value), n as f64 + 0.5));
                draw_row(area, row, &pixel, (left_px, canvas.width_px - right_px), display)?;
            }
            Ok(())
        })
    }
}

fn rows(compared: &ComparisonReport, facet: &Facet) -> Vec<Row> {
    let display = figure::display(compared);
    let mut rows = Vec::new();
    for position in &facet.positions {
        if facet.positions.len() > 1 {
            rows.push(Row::Head(format!("{} {}", compared.comparison.x_axis, position.x)));
        }
        for &index in &position.ranking {
            let workload = &compared.workloads[index];
            let choice = position.choice.as_ref();
            rows.push(Row::Dot {
                series: compared.series_index(workload),
                peer: workload.subject.peer,
                name: compared.series_name(workload),
                marks: figure::of_workload(compared, workload, display),
                wins: choice.is_some_and(|c| c.is_clear() && c.best == index),
            });
        }
    }
    rows
}

/// The value at the end of a row: `24.0 ns or 1.18 µs` of two states.
fn values(marks: &Marks, display: Display) -> String {
    let all = std::iter::once(&marks.main).chain(&marks.others);
    let all: Vec<String> = all.map(|figure| figure::shown(figure.value, display)).collect();
    all.join(" or ")
}

fn count_rows(compared: &ComparisonReport) -> Vec<Row> {
    let comparison = &compared.comparison;
    let costs = compared.costs();
    let series_of = |cost: &Cost| {
        let name = cost.subject.axes.get(&comparison.series_axis).map(ToString::to_string);
        (name.unwrap_or_default(), cost.subject.peer)
    };
    let mut all: Vec<(String, bool)> = Vec::new();
    for series in costs.iter().map(series_of) {
        if !all.contains(&series) {
            all.push(series);
        }
    }
    // Colours must not depend on costs.
    let mut colours = all.clone();
    colours.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    let mut rows = Vec::new();
    for series in all {
        let colour = colours.iter().position(|other| *other == series).unwrap_or(0);
        let dots = costs.iter().filter(|cost| series_of(cost) == series).filter_map(|cost| {
            let value = cost.instructions.filter(|value| value.is_normal())?;
            let x = cost.subject.axes.get(&comparison.x_axis).map(ToString::to_string);
            Some(Row::Dot {
                series: colour,
                peer: cost.subject.peer,
                name: x.unwrap_or_else(|| cost.subject.workload.clone()),
                marks: Marks::exactly(value),
                wins: false,
            })
        });
        let dots: Vec<Row> = dots.collect();
        if !dots.is_empty() && !series.0.is_empty() {
            rows.push(Row::Head(format!("{} {}", comparison.series_axis, series.0)));
        }
        rows.extend(dots);
    }
    rows
}

fn draw_row(
    area: &Area,
    row: &Row,
    pixel: &dyn Fn(f64) -> (i32, i32),
    (left_px, right_px): (u32, u32),
    display: Display,
) -> Result<(), PlotError> {
    let Row::Dot { series, peer, name, marks, wins } = row else {
        let Row::Head(name) = row else { return Ok(()) };
        let y = pixel(f64::MIN_POSITIVE).1;
        return area.draw(&Text::new(name.clone(), (4, y), text(Paint::Muted, HPos::Left)));
    };
    let colour = Paint::Series(*series).colour();
    let Marks { main, others } = marks;
    let (at, low, high) = (pixel(main.value), pixel(main.low), pixel(main.high));
    let name = fitted(name, left_px - NAME_GAP_PX - 4);
    let right = (left_px - NAME_GAP_PX) as i32;
    area.draw(&Text::new(name, (right, at.1), text(Paint::Ink, HPos::Right)))?;
    if high.0 - low.0 > 2 {
        area.draw(&PathElement::new(vec![low, high], colour.stroke_width(1)))?;
        for (x, y) in [low, high] {
            let cap = vec![(x, y - 4), (x, y + 4)];
            area.draw(&PathElement::new(cap, colour.stroke_width(1)))?;
        }
    }
    for other in others.iter().map(|figure| pixel(figure.value)) {
        area.draw(&PathElement::new(vec![at, other], colour.stroke_width(1)))?;
        marker::draw(area, *series, *peer, other)?;
    }
    if *wins {
        area.draw(&Circle::new(at, 10, Paint::Ink.colour()))?;
    }
    marker::draw(area, *series, *peer, at)?;
    let shown = values(marks, display);
    area.draw(&Text::new(shown, (right_px as i32 + 2, at.1), text(Paint::Ink, HPos::Left)))
}
