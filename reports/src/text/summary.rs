//! Tables for terminal and Markdown: one table per facet with a row per alternative and a column
//! per place on the x axis, and tables of latencies and of counts.

use super::number::{bytes_per_s, plural, rate_per_s, time_ns};
use super::phrase::series_label;
use super::states::by_state;
use super::table::Table;
use super::{calls, tail};
use crate::analysis::{Choice, ComparisonReport, Facet, Timed};
use simple_records::Display;

/// The figure that a comparison is shown by; one for each state of a workload.
fn figure(workload: &Timed, display: Display) -> String {
    by_state(workload, |ns| match (display, workload.bytes_per_item()) {
        (Display::ItemsPerSecond, _) => rate_per_s(1e9 / ns),
        (Display::BytesPerSecond, Some(bytes)) => bytes_per_s(bytes * 1e9 / ns),
        _ => time_ns(ns),
    })
}

/// Caption for [`figure`].
fn caption(compared: &ComparisonReport, facet: &Facet) -> String {
    let item = &compared.comparison.item;
    let what = match compared.comparison.display {
        Display::TimePerItem | Display::LatencyNs | Display::Instructions => {
            format!("time per {item}")
        }
        Display::ItemsPerSecond => format!("{} per second", plural(item)),
        Display::BytesPerSecond => "bytes per second".to_owned(),
    };
    match facet.label() {
        label if label.is_empty() => what,
        label => format!("{what}, {label}"),
    }
}

/// All tables of a compared.
pub(super) fn tables(compared: &ComparisonReport) -> Vec<Table> {
    let times = compared.facets.iter().filter(|facet| !facet.positions.is_empty());
    let times = times.map(|facet| table(compared, facet));
    times.chain(tail::tables(compared)).chain(calls::table(compared)).collect()
}

/// Returns whether the tables mark an alternative.
pub(super) fn has_marks(compared: &ComparisonReport) -> bool {
    let choices =
        compared.facets.iter().flat_map(|f| &f.positions).filter_map(|p| p.choice.as_ref());
    choices.into_iter().any(Choice::is_clear)
}

/// The table of one facet; `*` marks an alternative that is clearly faster than all others.
fn table(compared: &ComparisonReport, facet: &Facet) -> Table {
    let x_axis = &compared.comparison.x_axis;
    let mut header = vec![compared.comparison.series_axis.clone()];
    header.extend(facet.positions.iter().map(|position| format!("{x_axis} {}", position.x)));
    let rows = compared.series.iter().enumerate().filter_map(|(index, series)| {
        let cells: Vec<String> = facet
            .positions
            .iter()
            .map(|position| {
                let mut here = position.ranking.iter();
                let found =
                    here.find(|at| compared.series_index(&compared.workloads[**at]) == index);
                let Some(&found) = found else { return String::new() };
                let choice = position.choice.as_ref().filter(|choice| choice.is_clear());
                let mark = if choice.is_some_and(|c| c.best == found) { "* " } else { "" };
                mark.to_owned() + &figure(&compared.workloads[found], compared.comparison.display)
            })
            .collect();
        if cells.iter().all(String::is_empty) {
            return None;
        }
        let name = series_label(compared, &series.name, series.peer);
        Some(std::iter::once(name).chain(cells).collect())
    });
    Table { caption: caption(compared, facet), rows: rows.collect(), header }
}
