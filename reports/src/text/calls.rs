//! Costs of calls in instructions and heap.

use super::number::{count, exactly, plural};
use super::sentence::Sentence;
use super::table::Table;
use crate::analysis::{ComparisonReport, Cost};

/// The cheapest and the most expensive call, and calls without heap use. Empty if the comparison is
/// not about costs.
pub(super) fn sentences(compared: &ComparisonReport) -> Vec<Sentence> {
    let costs = compared.costs();
    let item = &compared.comparison.item;
    let mut sentences = Vec::new();
    let counted = || costs.iter().filter_map(|cost| Some((cost, cost.instructions?)));
    if let (Some((costliest, most)), Some((cheapest, least))) =
        (counted().next(), counted().next_back())
        && costliest != cheapest
    {
        let range = format!("{} to {} instructions per {item}", digits(least), digits(most));
        let (least, most) = (compared.cost_name(cheapest), compared.cost_name(costliest));
        let rest = format!(", from {least} to {most}.");
        sentences.push(Sentence::default().subject(range).text(rest));
    }
    let heap: Vec<(&Cost, f64)> =
        costs.iter().filter_map(|cost| Some((cost, cost.heap_bytes?))).collect();
    if let Some((most, bytes)) = heap.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a }) {
        let without = heap.iter().filter(|(_, bytes)| *bytes == 0.0).count();
        let subject = format!("{without} of {} {} use no heap", heap.len(), plural(item));
        let rest = match bytes > 0.0 {
            true => format!("; {} uses most, {} bytes.", compared.cost_name(most), digits(bytes)),
            false => ".".to_owned(),
        };
        sentences.push(Sentence::default().subject(subject).text(rest));
    }
    sentences
}

/// `4.24`, `5,939`: counts repeat exactly, so they are shown without a prefix.
fn digits(value: f64) -> String {
    if (1e3..1e15).contains(&value) { exactly(value.round() as u64) } else { count(value) }
}

/// All costs, the most expensive first; `None` if the comparison is not about costs.
pub(super) fn table(compared: &ComparisonReport) -> Option<Table> {
    let costs = compared.costs();
    let comparison = &compared.comparison;
    let row = |cost: &Cost| {
        let shown = |value: Option<f64>| value.map_or_else(String::new, digits);
        let peer = if cost.subject.peer { " (peer)" } else { "" };
        let cells = [cost.instructions, cost.heap_bytes, cost.heap_blocks].map(shown);
        [compared.cost_name(cost) + peer].into_iter().chain(cells).collect()
    };
    let header = [comparison.x_axis.as_str(), "instructions", "heap bytes", "heap blocks"];
    (!costs.is_empty()).then(|| Table {
        caption: format!("counted per {}, most expensive first", comparison.item),
        header: header.map(str::to_owned).to_vec(),
        rows: costs.iter().map(row).collect(),
    })
}
