//! A facet as lines along its axis of numbers.

use super::canvas::{Canvas, PlotError};
use super::chart::LineChart;
use super::figure;
use super::line::{Line, Point};
use super::scale::ValueScale;
use crate::analysis::{ComparisonReport, Facet};
use simple_records::{AxisValue, Scale};

/// Draws one facet.
pub(super) fn lines(
    compared: &ComparisonReport,
    facet: &Facet,
    canvas: Canvas,
) -> Result<String, PlotError> {
    let display = figure::display(compared);
    let values = figure::name(compared, display);
    let x_axis = compared.comparison.x_axis.clone();
    // All facets have the same scale, so that they can be compared.
    let all =
        compared.workloads.iter().map(|workload| figure::of_workload(compared, workload, display));
    let ends: Vec<f64> = all.flat_map(|marks| marks.ends()).collect();
    let x_ticks = compared.x_values.iter().map(|x| (x_at(compared, x), x.to_string()));
    let chart = LineChart {
        label: format!("Plot: {values}, along {x_axis}. {}", facet.label()),
        values,
        display,
        scale: ValueScale::new(ends.into_iter(), 7),
        x_axis,
        x_ticks: x_ticks.collect(),
        lines: lines_of(compared, facet),
    };
    chart.draw(canvas)
}

fn lines_of(compared: &ComparisonReport, facet: &Facet) -> Vec<Line> {
    let display = figure::display(compared);
    let mut lines: Vec<Line> = Vec::new();
    for (series, alternative) in compared.series.iter().enumerate() {
        let mut points = Vec::new();
        for position in &facet.positions {
            for &index in &position.ranking {
                let workload = &compared.workloads[index];
                if compared.series_index(workload) != series {
                    continue;
                }
                let choice = position.choice.as_ref();
                let wins = choice.is_some_and(|c| c.is_clear() && c.best == index);
                points.push(Point {
                    x: x_at(compared, &position.x),
                    marks: figure::of_workload(compared, workload, display),
                    wins,
                });
            }
        }
        if !points.is_empty() {
            let (peer, name) = (alternative.peer, alternative.name.clone());
            lines.push(Line { series, peer, name, points, pixels: Vec::new() });
        }
    }
    lines
}

fn x_at(compared: &ComparisonReport, x: &AxisValue) -> f64 {
    let number = x.number().unwrap_or(0) as f64;
    if compared.comparison.x_scale == Scale::Log { number.max(1.0).log2() } else { number }
}
