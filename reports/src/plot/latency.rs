//! Percentiles of latency by the rate at which operations are begun.

use super::canvas::{Canvas, PlotError};
use super::chart::LineChart;
use super::figure::Marks;
use super::line::{Line, Point};
use super::scale::ValueScale;
use crate::analysis::{ComparisonReport, LEAST_ACHIEVED, Latencies, Place};
use crate::text::{self, count};
use simple_records::Display;

/// The percentiles that are drawn.
pub(super) const PERCENTILES: [&str; 2] = ["p50", "p99"];

fn open_loop(compared: &ComparisonReport) -> impl Iterator<Item = &Latencies> {
    compared.latencies.iter().filter(|latency| latency.offered_per_s.is_some_and(|rate| rate > 0.0))
}

/// One place and percentile; `None` if nothing there kept up.
pub(super) fn plot(
    compared: &ComparisonReport,
    place: &Place,
    percentile: &str,
    canvas: Canvas,
) -> Result<Option<String>, PlotError> {
    let lines = lines(compared, place, percentile);
    let figures = || lines.iter().flat_map(|line| &line.points).map(|point| point.marks.main.value);
    let values: Vec<f64> = figures().collect();
    let mut rates: Vec<f64> =
        open_loop(compared).filter_map(|latency| latency.offered_per_s).collect();
    rates.sort_by(f64::total_cmp);
    rates.dedup();
    if values.is_empty() {
        return Ok(None);
    }
    let items = text::plural(&compared.comparison.item);
    let values_name = format!("{percentile} of latency, lower is better");
    let chart = LineChart {
        label: format!("Plot: {values_name}, by {items} begun per second. {}", place.label()),
        values: values_name,
        display: Display::LatencyNs,
        scale: ValueScale::new(values.into_iter(), 7),
        x_axis: format!("{items} begun per second"),
        x_ticks: rates.into_iter().map(|rate| (rate.log2(), label(rate))).collect(),
        lines,
    };
    chart.draw(canvas).map(Some)
}

/// `2k`: a rate with as few digits as it needs.
fn label(rate: f64) -> String {
    let shown = count(rate).replace(' ', "");
    let end = shown.find(char::is_alphabetic).unwrap_or(shown.len());
    let (number, prefix) = shown.split_at(end);
    match number.contains('.') {
        true => format!("{}{prefix}", number.trim_end_matches('0').trim_end_matches('.')),
        false => shown,
    }
}

fn lines(compared: &ComparisonReport, place: &Place, percentile: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (series, (name, peer)) in compared.latency_series().into_iter().enumerate() {
        let mut points: Vec<Point> = open_loop(compared)
            .filter(|latency| compared.latency_axes(latency) == place.axes)
            .filter(|latency| compared.latency_series_of(latency) == (name.clone(), peer))
            .filter_map(|latency| {
                let offered = latency.offered_per_s?;
                let value = *latency.percentiles_ns.get(percentile)?;
                let keeps_up = latency.achieved_per_s >= offered * LEAST_ACHIEVED;
                (keeps_up && value > 0.0).then(|| Point {
                    x: offered.log2(),
                    marks: Marks::exactly(value),
                    wins: false,
                })
            })
            .collect();
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        if !points.is_empty() {
            lines.push(Line { series, peer, name, points, pixels: Vec::new() });
        }
    }
    lines
}
