//! Latencies by rate, in sentences and tables.

use super::number::{item_rate, rate_per_s, time_ns, time_with_ends};
use super::phrase::{no_difference, ratio, series_label};
use super::sentence::Sentence;
use super::table::Table;
use crate::analysis::{Alternative, ComparisonReport, Latencies, Place, Tail};
use crate::stats::Judgement;

/// The percentiles of the table.
const PERCENTILES: [&str; 4] = ["p50", "p99", "p99.9", "max"];

/// For each place, the tail against that of the best peer, and the sustained rates.
pub(super) fn sentences(compared: &ComparisonReport) -> Vec<Sentence> {
    let of_place = |place: &Place| {
        let tail = place.tail(compared).map(|tail| tail_sentence(compared, place, &tail));
        tail.into_iter().chain(sustained_sentence(compared, place))
    };
    compared.rate_places().iter().flat_map(of_place).collect()
}

/// The places at which the tail of the best peer is lower, in sentences.
pub(super) fn behind(compared: &ComparisonReport) -> Vec<Sentence> {
    let of_place = |place: &Place| {
        let tail = place.tail(compared)?;
        let is_behind = matches!(tail.judgement, Judgement::Slower(_));
        is_behind.then(|| tail_sentence(compared, place, &tail))
    };
    compared.rate_places().iter().filter_map(of_place).collect()
}

/// `grain empty, workers 1` with words before and after it; empty if the place has no label.
fn place_label(before: &str, place: &Place, after: &str) -> String {
    match place.label() {
        label if label.is_empty() => String::new(),
        label => format!("{before}{label}{after}"),
    }
}

fn tail_sentence(compared: &ComparisonReport, place: &Place, tail: &Tail) -> Sentence {
    let rate = item_rate(tail.rate_per_s, &compared.comparison.item);
    let here = place_label(" with ", place, "");
    let peer = format!("that of the best peer, {}", tail.peer);
    let side = |lower: bool| if lower { "lower" } else { "higher" };
    let by = |seen: &crate::stats::Ratio| match seen.median >= 1.0 {
        true => format!("{} {} than {peer}", ratio(seen), side(true)),
        false => format!("{} {} than {peer}", ratio(&seen.inverse()), side(false)),
    };
    let rest = match tail.judgement {
        Judgement::Faster(seen) | Judgement::Slower(seen) => format!(" is {}.", by(&seen)),
        Judgement::NoDifference { at_most } => {
            format!(" against {peer}: {}.", no_difference(at_most))
        }
        Judgement::TooFewRounds { rounds: 1 } => {
            format!(" was {}; one round: no interval.", by(&tail.ratio))
        }
        Judgement::TooFewRounds { rounds } => {
            format!(" was {}, but {rounds} rounds cannot decide.", by(&tail.ratio))
        }
    };
    let place = format!("At {rate}{here}: {} of ", tail.percentile);
    Sentence::default().text(place).subject(&tail.own).text(rest)
}

fn sustained_sentence(compared: &ComparisonReport, place: &Place) -> Option<Sentence> {
    let item = &compared.comparison.item;
    let (peers, own): (Vec<&Alternative>, Vec<&Alternative>) =
        place.alternatives.iter().partition(|alternative| alternative.peer);
    let rate = |alternative: &Alternative, shown: &dyn Fn(f64) -> String| {
        let highest = alternative.rates.last().map(|(rate, ..)| *rate);
        match alternative.sustained_per_s() {
            // Nobody asked for more.
            Some(rate) if highest == Some(rate) => format!("at least {}", shown(rate)),
            Some(rate) => shown(rate),
            None => "none of the rates".to_owned(),
        }
    };
    let (first, others) = own.split_first()?;
    let named = |alternative: &&Alternative| {
        format!("{} {}", alternative.name, rate(alternative, &rate_per_s))
    };
    let others: Vec<String> = others.iter().chain(&peers).map(named).collect();
    let others = if others.is_empty() { String::new() } else { format!("; {}", others.join(", ")) };
    let highest = rate(first, &|per_s| item_rate(per_s, item));
    let subject = format!("{} keeps up with {highest}", first.name);
    Some(
        Sentence::default()
            .text(place_label("With ", place, ": "))
            .subject(subject)
            .text(format!("{others}.")),
    )
}

/// One table per place: percentiles at the lowest rate, at the highest that all sustain, and at
/// each alternative's own highest.
pub(super) fn tables(compared: &ComparisonReport) -> Vec<Table> {
    compared.rate_places().iter().filter_map(|place| table(compared, place)).collect()
}

fn table(compared: &ComparisonReport, place: &Place) -> Option<Table> {
    let common = [place.lowest_common_per_s(), place.highest_common_per_s()];
    let mut rows: Vec<(f64, usize, usize)> = Vec::new();
    for (series, alternative) in place.alternatives.iter().enumerate() {
        let wanted = common.into_iter().chain([alternative.sustained_per_s()]).flatten();
        let mut wanted: Vec<f64> = wanted.collect();
        wanted.dedup();
        let found = wanted
            .iter()
            .filter_map(|rate| Some((*rate, series, alternative.latencies_at(*rate)?)));
        rows.extend(found);
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let rounds = rows.iter().map(|(.., at)| compared.latencies[*at].rounds).max()?;
    let row = |(rate, series, at): (f64, usize, usize)| {
        let Alternative { name, peer, .. } = &place.alternatives[series];
        let latencies = &compared.latencies[at];
        let name = series_label(compared, name, *peer);
        let rates = [rate_per_s(rate), rate_per_s(latencies.achieved_per_s)];
        let cells = PERCENTILES.iter().map(|percentile| cell(latencies, percentile));
        [name].into_iter().chain(rates).chain(cells).collect()
    };
    let what =
        format!("latency per {} by rate{}", compared.comparison.item, place_label(", ", place, ""));
    let of = match rounds {
        1 => "one round".to_owned(),
        _ => format!("median of {rounds} rounds [least, most]"),
    };
    let header = [compared.comparison.series_axis.as_str(), "offered", "achieved"];
    Some(Table {
        caption: format!("{what} ({of})"),
        header: header.iter().chain(&PERCENTILES).map(ToString::to_string).collect(),
        rows: rows.into_iter().map(row).collect(),
    })
}

/// The median over rounds, with the smallest and the largest if there are several.
fn cell(latencies: &Latencies, percentile: &str) -> String {
    let Some(ns) = latencies.percentiles_ns.get(percentile) else { return String::new() };
    let rounds = latencies.percentile_by_round(percentile);
    if rounds.len() < 2 {
        return time_ns(*ns);
    }
    let least = rounds.values().copied().fold(f64::INFINITY, f64::min);
    let most = rounds.values().copied().fold(0.0, f64::max);
    time_with_ends(*ns, Some([least, most]))
}
