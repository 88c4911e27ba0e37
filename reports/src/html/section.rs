//! A comparison's part of the page: question, verdicts, plots, and all figures.

use super::context::Shared;
use super::extras::{CountTable, LatencyTable};
use super::within::{self, Condition};
use crate::analysis::{ComparisonReport, Facet, NoiseLevel, Position};
use crate::plot::{self, Plot, PlotError};
use crate::text::{self, ComparisonText, Sentence};

/// All about one comparison.
pub(super) struct ComparisonSection {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) explanation: String,
    pub(super) choices: Vec<Sentence>,
    pub(super) versus: Vec<Sentence>,
    pub(super) noise: String,
    pub(super) is_noisy: bool,
    pub(super) notes: Vec<String>,
    /// Pairs whose rounds are divided by conditions.
    pub(super) within: Vec<Condition>,
    pub(super) constants: String,
    pub(super) plots: Vec<(String, Plot)>,
    /// The meaning of the marks of its plots.
    pub(super) key: String,
    pub(super) table: Table,
    pub(super) counts: Option<CountTable>,
    pub(super) count_plot: Option<Plot>,
    pub(super) latency_plots: Vec<(String, Plot)>,
    pub(super) latencies: Option<LatencyTable>,
}

/// All figures of a comparison.
pub(super) struct Table {
    pub(super) series_axis: String,
    pub(super) x_axis: String,
    pub(super) item: String,
    /// Several of the item.
    pub(super) items: String,
    pub(super) has_facets: bool,
    pub(super) has_bytes: bool,
    /// False if an item is a byte: the column would be there twice.
    pub(super) has_items: bool,
    pub(super) rows: Vec<Row>,
}

/// One workload's figures; numbers for sorting beside their texts.
pub(super) struct Row {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) key: String,
    pub(super) series: String,
    pub(super) peer: bool,
    pub(super) facet: String,
    pub(super) x: String,
    pub(super) x_order: usize,
    pub(super) time: String,
    pub(super) time_ns: f64,
    pub(super) items: String,
    pub(super) items_per_s: f64,
    pub(super) bytes: String,
    pub(super) bytes_per_s: Option<f64>,
    pub(super) ratio: String,
    pub(super) ratio_order: f64,
    pub(super) is_best: bool,
    pub(super) noise: String,
    pub(super) noise_share: Option<f64>,
    pub(super) rounds: usize,
}

pub(super) fn section(
    text: &ComparisonText,
    shared: &mut Shared,
) -> Result<ComparisonSection, PlotError> {
    let compared = text.figures;
    let comparison = &compared.comparison;
    let id = shared.ids.anchor("c", &comparison.id);
    let constants: Vec<String> =
        compared.constants.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let plots =
        compared.facets.iter().map(|facet| Ok((facet.label(), plot::facet(compared, facet)?)));
    Ok(ComparisonSection {
        name: comparison.id.clone(),
        title: comparison.title.clone(),
        explanation: comparison.explanation.clone(),
        choices: text.choices.iter().map(|found| found.sentence.clone()).collect(),
        versus: text.versus.clone(),
        noise: text::noise_sentence(&compared.noise, compared.rules.rounds.into()),
        is_noisy: compared.noise.level() == NoiseLevel::Noisy,
        notes: text.notes.clone(),
        within: within::conditions(compared),
        constants: constants.join(", "),
        plots: plots.collect::<Result<_, PlotError>>()?,
        key: key(compared),
        table: table(compared, shared),
        counts: CountTable::new(compared, shared),
        count_plot: plot::counts(compared)?,
        latency_plots: plot::latencies(compared)?,
        latencies: LatencyTable::new(compared, shared),
        id,
    })
}

fn key(compared: &ComparisonReport) -> String {
    let key = "Whiskers: interval of the median. Ring: clearly faster than every other alternative \
               of the runtime. Hollow and dashed: peers.";
    match compared.workloads.iter().any(|workload| workload.states.len() > 1) {
        true => format!(
            "{key} Two marks of one alternative: its states; a line follows the most frequent one."
        ),
        false => key.to_owned(),
    }
}

fn table(compared: &ComparisonReport, shared: &mut Shared) -> Table {
    let mut rows = Vec::new();
    for facet in &compared.facets {
        for position in &facet.positions {
            for &index in &position.ranking {
                rows.push(row(compared, facet, position, index, shared));
            }
        }
    }
    Table {
        series_axis: compared.comparison.series_axis.clone(),
        x_axis: compared.comparison.x_axis.clone(),
        item: compared.comparison.item.clone(),
        items: text::plural(&compared.comparison.item),
        has_facets: compared.facets.len() > 1,
        has_bytes: compared.workloads.iter().any(|workload| workload.bytes_per_s().is_some()),
        has_items: !compared.workloads.iter().all(|w| w.bytes_per_item() == Some(1.0)),
        rows,
    }
}

fn row(
    compared: &ComparisonReport,
    facet: &Facet,
    position: &Position,
    index: usize,
    shared: &mut Shared,
) -> Row {
    let workload = &compared.workloads[index];
    let best = position.ranking.first().copied();
    let is_best = best == Some(index);
    let ratio = best.and_then(|best| compared.pair(best, index).ratio);
    let bytes_per_s = workload.bytes_per_s();
    let x = compared.x_values.iter().position(|x| *x == position.x);
    Row {
        href: shared.ids.anchor("w", &workload.subject.workload),
        name: workload.subject.workload.clone(),
        key: plot::key(compared.series_index(workload), workload.subject.peer),
        series: compared.series_name(workload),
        peer: workload.subject.peer,
        facet: facet.label(),
        x: position.x.to_string(),
        x_order: x.unwrap_or(0),
        time: text::times_of(workload),
        time_ns: workload.time_ns,
        items: text::by_state(workload, |time_ns| text::rate_per_s(1e9 / time_ns)),
        items_per_s: workload.items_per_s(),
        bytes: workload.bytes_per_item().map_or("–".to_owned(), |bytes| {
            text::by_state(workload, |time_ns| text::bytes_per_s(1e9 / time_ns * bytes))
        }),
        bytes_per_s,
        ratio: match &ratio {
            _ if is_best => "fastest".to_owned(),
            Some(ratio) => text::ratio(ratio),
            None => "–".to_owned(),
        },
        ratio_order: if is_best { 1.0 } else { ratio.map_or(f64::MAX, |ratio| ratio.median) },
        is_best,
        noise: workload.relative_mad.map_or("–".to_owned(), text::percent),
        noise_share: workload.relative_mad,
        rounds: workload.rounds.len(),
    }
}
