//! Tables for terminal and Markdown: one table per facet with a row per alternative and a column
//! per place on the x axis, and tables of latencies and of counts.

use super::number::{bytes_per_s, rate_per_s, time_ns};
use super::phrase::series_label;
use super::table::Table;
use super::{calls, tail};
use crate::analysis::{Choice, Facet, Group, Measured};
use simple_records::Display;

/// The figure that a comparison is shown by.
fn figure(workload: &Measured, display: Display) -> String {
    let time = || time_ns(workload.time_ns);
    match display {
        Display::TimePerItem | Display::LatencyNs | Display::Instructions => time(),
        Display::ItemsPerSecond => rate_per_s(workload.items_per_s()),
        Display::BytesPerSecond => workload.bytes_per_s().map_or_else(time, bytes_per_s),
    }
}

/// Caption for [`figure`].
fn caption(group: &Group, facet: &Facet) -> String {
    let item = &group.comparison.item;
    let what = match group.comparison.display {
        Display::TimePerItem | Display::LatencyNs | Display::Instructions => {
            format!("time per {item}")
        }
        Display::ItemsPerSecond => format!("{item}s per second"),
        Display::BytesPerSecond => "bytes per second".to_owned(),
    };
    match facet.label() {
        label if label.is_empty() => what,
        label => format!("{what}, {label}"),
    }
}

/// All tables of a group.
pub(super) fn tables(group: &Group) -> Vec<Table> {
    let times = group.facets.iter().filter(|facet| !facet.positions.is_empty());
    let times = times.map(|facet| table(group, facet));
    times.chain(tail::tables(group)).chain(calls::table(group)).collect()
}

/// Returns whether the tables mark an alternative.
pub(super) fn has_marks(group: &Group) -> bool {
    let choices = group.facets.iter().flat_map(|f| &f.positions).filter_map(|p| p.choice.as_ref());
    choices.into_iter().any(Choice::is_clear)
}

/// The table of one facet; `*` marks an alternative that is clearly faster than all others.
fn table(group: &Group, facet: &Facet) -> Table {
    let x_axis = &group.comparison.x_axis;
    let mut header = vec![group.comparison.series_axis.clone()];
    header.extend(facet.positions.iter().map(|position| format!("{x_axis} {}", position.x)));
    let rows = group.series.iter().enumerate().filter_map(|(index, series)| {
        let cells: Vec<String> = facet
            .positions
            .iter()
            .map(|position| {
                let mut here = position.ranking.iter();
                let found = here.find(|at| group.series_index(&group.workloads[**at]) == index);
                let Some(&found) = found else { return String::new() };
                let choice = position.choice.as_ref().filter(|choice| choice.is_clear());
                let mark = if choice.is_some_and(|c| c.best == found) { "* " } else { "" };
                mark.to_owned() + &figure(&group.workloads[found], group.comparison.display)
            })
            .collect();
        if cells.iter().all(String::is_empty) {
            return None;
        }
        let name = series_label(group, &series.name, series.peer);
        Some(std::iter::once(name).chain(cells).collect())
    });
    Table { caption: caption(group, facet), rows: rows.collect(), header }
}
