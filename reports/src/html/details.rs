//! One workload's own card: why it exists, its samples, and how to measure it again.

use super::ids::Ids;
use crate::analysis::{Group, Measured, Report};
use crate::plot;
use crate::present;

/// All about one workload.
pub(super) struct Card {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) peer: bool,
    pub(super) axes: Vec<(String, String)>,
    pub(super) time: String,
    pub(super) item: String,
    pub(super) rates: String,
    pub(super) work: String,
    pub(super) strip: String,
    pub(super) fastest: String,
    pub(super) slowest: String,
    pub(super) samples: usize,
    pub(super) rounds: String,
    pub(super) noise: String,
    pub(super) command: String,
}

/// The cards of a comparison's workloads.
pub(super) fn cards(report: &Report, group: &Group, ids: &mut Ids) -> Vec<Card> {
    group.workloads.iter().map(|workload| card(report, group, workload, ids)).collect()
}

fn card(report: &Report, group: &Group, workload: &Measured, ids: &mut Ids) -> Card {
    let item = &group.comparison.item;
    let mut rates = present::item_rate(workload.items_per_s(), item);
    if let Some(bytes_per_s) = workload.bytes_per_s() {
        rates = format!("{rates}, {}", present::bytes_per_s(bytes_per_s));
    }
    let mut work = format!("{} {item}s", present::exactly(workload.items));
    if let Some(bytes) = workload.bytes {
        work = format!("{work}, {} bytes", present::exactly(bytes));
    }
    let samples = || workload.rounds.iter().flat_map(|round| round.samples_ns.iter().copied());
    let rounds = workload.rounds.iter().map(|round| present::time_ns(round.time_ns));
    Card {
        id: ids.of("w", &workload.name),
        name: workload.name.clone(),
        reason: workload.reason.clone(),
        peer: workload.peer,
        axes: workload.axes.iter().map(|(name, at)| (name.to_owned(), at.to_string())).collect(),
        time: present::time_with_interval(workload.time_ns, workload.interval_ns),
        item: item.clone(),
        rates,
        work,
        strip: plot::strip(workload),
        fastest: present::time_ns(samples().fold(f64::INFINITY, f64::min)),
        slowest: present::time_ns(samples().fold(0.0, f64::max)),
        samples: samples().count(),
        rounds: rounds.collect::<Vec<_>>().join(", "),
        noise: workload.relative_mad.map_or("unknown".to_owned(), present::percent),
        command: present::reproduce_workload(report, &workload.name),
    }
}
