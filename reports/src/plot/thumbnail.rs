//! A comparison at a glance: its first facet without axes. The page says the rest beside it.

use super::figure;
use super::paint::COLOURS;
use super::scale::ValueScale;
use crate::analysis::{Alternative, ComparisonReport, Place};
use std::fmt::Write;

const WIDTH_PX: f64 = 132.0;
const HEIGHT_PX: f64 = 60.0;
const PAD_PX: f64 = 6.0;

/// The percentile of latencies.
const TAIL: &str = "p99";

/// One alternative: its points from the left, by their share of the width, with their values.
struct Trace {
    colour: usize,
    peer: bool,
    points: Vec<(f64, f64)>,
}

/// Lines along x, or by rate if there are only latencies; otherwise a dot for each
/// alternative, the best at the top, or for each call, the most expensive at the top.
pub fn thumbnail(compared: &ComparisonReport) -> String {
    let place = compared.rate_places().into_iter().next();
    match (compared.facets.first(), place) {
        (Some(_), _) if compared.has_numeric_x() => lines(&x_choices(compared)),
        (Some(_), _) => dots(&ranking(compared)),
        (None, Some(place)) => lines(&by_rate(compared, &place)),
        (None, None) => dots(&by_cost(compared)),
    }
}

fn x_choices(compared: &ComparisonReport) -> Vec<Trace> {
    let display = figure::display(compared);
    let positions = compared.facets.first().map_or(&[][..], |facet| &facet.positions);
    let trace = |series: usize| {
        let points = positions.iter().enumerate().filter_map(|(column, position)| {
            let of_series =
                |at: &&usize| compared.series_index(&compared.workloads[**at]) == series;
            let at = *position.ranking.iter().find(of_series)?;
            let x = column as f64 / (positions.len() - 1).max(1) as f64;
            Some((x, figure::of_workload(compared, &compared.workloads[at], display).value))
        });
        Trace { colour: series, peer: compared.series[series].peer, points: points.collect() }
    };
    (0..compared.series.len()).map(trace).collect()
}

fn by_rate(compared: &ComparisonReport, place: &Place) -> Vec<Trace> {
    let rates = || place.alternatives.iter().flat_map(|a| &a.rates).map(|(rate, ..)| rate.ln());
    let (least, most) = (rates().fold(f64::MAX, f64::min), rates().fold(f64::MIN, f64::max));
    let trace = |(colour, alternative): (usize, &Alternative)| {
        let sustained = alternative.rates.iter().filter(|(.., sustained)| *sustained);
        let points = sustained.filter_map(|(rate, at, _)| {
            let value = *compared.latencies[*at].percentiles_ns.get(TAIL)?;
            let x = (rate.ln() - least) / (most - least).max(f64::MIN_POSITIVE);
            (value > 0.0).then_some((x, value))
        });
        Trace { colour, peer: alternative.peer, points: points.collect() }
    };
    place.alternatives.iter().enumerate().map(trace).collect()
}

/// The alternatives at the first place, the best first.
fn ranking(compared: &ComparisonReport) -> Vec<(usize, f64)> {
    let display = figure::display(compared);
    let first = compared.facets.first().and_then(|facet| facet.positions.first());
    let ranking = first.map_or(&[][..], |position| &position.ranking);
    let workloads = ranking.iter().map(|at| &compared.workloads[*at]);
    let dot = |workload| {
        let value = figure::of_workload(compared, workload, display).value;
        (compared.series_index(workload), value)
    };
    workloads.map(dot).collect()
}

/// Instructions of as many calls as there is room for, the most expensive first.
fn by_cost(compared: &ComparisonReport) -> Vec<(usize, f64)> {
    const MOST: usize = 12;
    let costs = compared.costs();
    let every = costs.len().div_ceil(MOST).max(1);
    let known = costs.iter().filter_map(|cost| cost.instructions.filter(|n| n.is_normal()));
    known.step_by(every).map(|count| (0, count)).collect()
}

fn lines(traces: &[Trace]) -> String {
    let all = traces.iter().flat_map(|trace| &trace.points).map(|(_, value)| *value);
    let scale = ValueScale::new(all, 5);
    let mut svg = open();
    // Peers first, so that what is the runtime's own lies above.
    for trace in traces.iter().rev() {
        let mut path = String::new();
        for (x, value) in &trace.points {
            let step = if path.is_empty() { 'M' } else { 'L' };
            let y = 1.0 - share(&scale, *value);
            let _ = write!(path, "{step}{:.0} {:.0}", across(*x), down(y));
        }
        let colour = trace.colour % COLOURS;
        let _ = match path.contains('L') {
            true => {
                let dash = if trace.peer { " d" } else { "" };
                write!(svg, "<path class=\"line k{colour}{dash}\" d=\"{path}\"/>")
            }
            false if path.is_empty() => Ok(()),
            false => write!(svg, "<path class=\"dot k{colour}\" d=\"{path}h0\"/>"),
        };
    }
    svg + "</svg>"
}

fn dots(dots: &[(usize, f64)]) -> String {
    let scale = ValueScale::new(dots.iter().map(|(_, value)| *value), 5);
    let mut svg = open();
    for (rank, (colour, value)) in dots.iter().enumerate().rev() {
        let y = (rank as f64 + 0.5) / dots.len() as f64;
        let (x, y) = (across(share(&scale, *value)), down(y));
        let colour = colour % COLOURS;
        let _ = write!(svg, "<path class=\"dot k{colour}\" d=\"M{x:.0} {y:.0}h0\"/>");
    }
    svg + "</svg>"
}

fn open() -> String {
    format!(
        "<svg class=\"thumb\" aria-hidden=\"true\" width=\"{WIDTH_PX}\" height=\"{HEIGHT_PX}\" \
         viewBox=\"0 0 {WIDTH_PX} {HEIGHT_PX}\">"
    )
}

fn share(scale: &ValueScale, value: f64) -> f64 {
    (scale.coordinate(value) - scale.low) / (scale.high - scale.low)
}

fn across(share: f64) -> f64 {
    PAD_PX + share * (WIDTH_PX - 2.0 * PAD_PX)
}

fn down(share: f64) -> f64 {
    PAD_PX + share * (HEIGHT_PX - 2.0 * PAD_PX)
}
