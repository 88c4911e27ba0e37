//! Latencies by the rate at which operations are begun: the rates that alternatives keep up with,
//! and latencies at rates that all keep up with.

use super::{ComparisonReport, Latencies};
use crate::stats::{Judgement, Ratio, Rounds, judge, paired_ratio};
use simple_records::AxisValue;

/// Minimum share of the offered rate for an alternative that keeps up. Below, its queue grows as
/// long as it is measured, and latencies only reflect the length of the measurement.
pub const LEAST_ACHIEVED: f64 = 0.95;

/// The percentile that verdicts are about.
const TAIL: &str = "p99";

/// Latencies in an open loop that differ only in the alternative and the rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Axes that distinguish it from other places.
    pub axes: Vec<(String, AxisValue)>,
    /// Alternatives that were measured there, own ones first.
    pub alternatives: Vec<Alternative>,
}

/// One alternative at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// Its name.
    pub name: String,
    /// True of other people's code.
    pub peer: bool,
    /// Each rate that was offered in operations/s, ascending, with the index of its latencies
    /// in the comparison, and whether it was sustained: more than half of the rounds achieved
    /// [`LEAST_ACHIEVED`] of it.
    pub rates: Vec<(f64, usize, bool)>,
}

/// The tail of the latencies of an own alternative and of the best peer, at the highest rate
/// that all alternatives sustain.
#[derive(Debug, Clone, PartialEq)]
pub struct Tail {
    /// Name of the percentile.
    pub percentile: &'static str,
    /// The rate in operations/s.
    pub rate_per_s: f64,
    /// The own alternative: the default, or the best if there is no default.
    pub own: String,
    /// The best peer.
    pub peer: String,
    /// The peer's latency as a multiple of the own one; above 1 the runtime is faster.
    pub ratio: Ratio,
    /// Judgement on the ratio; `Faster` speaks for the runtime.
    pub judgement: Judgement,
}

impl ComparisonReport {
    /// The places of the comparison's latencies in an open loop, in order.
    pub fn rate_places(&self) -> Vec<Place> {
        let open = |latency: &&Latencies| latency.offered_per_s.is_some_and(|rate| rate > 0.0);
        let open: Vec<_> = self.latencies.iter().filter(open).collect();
        let mut places: Vec<_> = open.iter().map(|latency| self.latency_axes(latency)).collect();
        places.sort();
        places.dedup();
        let place = |axes: Vec<(String, AxisValue)>| {
            let all = self.latency_series().into_iter();
            let alternatives = all.filter_map(|(name, peer)| self.alternative(&axes, name, peer));
            Place { alternatives: alternatives.collect(), axes }
        };
        places.into_iter().map(place).collect()
    }

    /// The axes of a latency, without the axis of alternatives.
    pub fn latency_axes(&self, latency: &Latencies) -> Vec<(String, AxisValue)> {
        let axes = latency.subject.axes.iter();
        let others = axes.filter(|(name, _)| *name != self.comparison.series_axis);
        others.map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }

    fn alternative(
        &self,
        axes: &[(String, AxisValue)],
        name: String,
        peer: bool,
    ) -> Option<Alternative> {
        let here = self.latencies.iter().enumerate().filter(|(_, latency)| {
            self.latency_axes(latency) == axes
                && self.latency_series_of(latency) == (name.clone(), peer)
        });
        let offered: Vec<(f64, usize, &Latencies)> = here
            .filter_map(|(at, latency)| Some((latency.offered_per_s?, at, latency)))
            .filter(|(rate, ..)| *rate > 0.0)
            .collect();
        // A round that gave up at a lower rate did not sustain this one.
        let rounds = offered.iter().map(|(.., latency)| latency.rounds).max()?;
        let is_sustained = |rate: f64, latency: &Latencies| {
            let achieved = latency.by_round.values().map(|seen| seen.achieved_per_s);
            2 * achieved.filter(|achieved| *achieved >= rate * LEAST_ACHIEVED).count() > rounds
        };
        let mut rates: Vec<(f64, usize, bool)> = offered
            .into_iter()
            .map(|(rate, at, latency)| (rate, at, is_sustained(rate, latency)))
            .collect();
        rates.sort_by(|a, b| a.0.total_cmp(&b.0));
        Some(Alternative { name, peer, rates })
    }
}

impl Alternative {
    /// The highest rate that it sustained, in operations/s.
    pub fn sustained_per_s(&self) -> Option<f64> {
        self.rates.iter().rev().find(|(.., sustained)| *sustained).map(|(rate, ..)| *rate)
    }

    /// The index of its latencies at a rate.
    pub fn latencies_at(&self, rate_per_s: f64) -> Option<usize> {
        self.rates.iter().find(|(rate, ..)| *rate == rate_per_s).map(|(_, at, _)| *at)
    }
}

impl Place {
    /// `grain empty, workers 1`.
    pub fn label(&self) -> String {
        let named = self.axes.iter().map(|(name, value)| format!("{name} {value}"));
        named.collect::<Vec<_>>().join(", ")
    }

    /// The lowest rate that was offered to all alternatives.
    pub fn lowest_common_per_s(&self) -> Option<f64> {
        let (first, others) = self.alternatives.split_first()?;
        let mut rates = first.rates.iter().map(|(rate, ..)| *rate);
        rates.find(|rate| others.iter().all(|other| other.latencies_at(*rate).is_some()))
    }

    /// The highest rate that all alternatives sustain.
    pub fn highest_common_per_s(&self) -> Option<f64> {
        let (first, others) = self.alternatives.split_first()?;
        let sustains = |alternative: &Alternative, wanted: f64| {
            alternative.rates.iter().any(|(rate, _, sustained)| *rate == wanted && *sustained)
        };
        let mut rates = first.rates.iter().rev().filter(|(.., sustained)| *sustained);
        let is_common =
            |(rate, ..): &&(f64, usize, bool)| others.iter().all(|other| sustains(other, *rate));
        rates.find(is_common).map(|(rate, ..)| *rate)
    }

    /// The tail of the comparison's latencies here; `None` without a peer, without a rate that all
    /// sustain, or if too few operations were begun for that percentile.
    pub fn tail(&self, compared: &ComparisonReport) -> Option<Tail> {
        let rate_per_s = self.highest_common_per_s()?;
        let default = compared.default_series();
        let tail = |alternative: &Alternative| -> Option<(usize, f64)> {
            let at = alternative.latencies_at(rate_per_s)?;
            Some((at, *compared.latencies[at].percentiles_ns.get(TAIL)?))
        };
        let best = |peer: bool| {
            let side = self.alternatives.iter().filter(move |a| a.peer == peer);
            let known = side.filter_map(|alternative| Some((alternative, tail(alternative)?)));
            // The default goes before what is faster: it is what users get.
            known.min_by(|(a, (_, a_ns)), (b, (_, b_ns))| {
                let is_default = |name: &String| !peer && default.as_ref() == Some(name);
                is_default(&b.name).cmp(&is_default(&a.name)).then(a_ns.total_cmp(b_ns))
            })
        };
        let ((own, (own_at, _)), (peer, (peer_at, _))) = (best(false)?, best(true)?);
        let by_round = |at: usize| compared.latencies[at].percentile_by_round(TAIL);
        let mut peers = by_round(peer_at);
        let mut owns = by_round(own_at);
        // A latency of 0 ns is below the clock's resolution: it has no ratio.
        peers.retain(|_, ns| *ns > 0.0);
        owns.retain(|_, ns| *ns > 0.0);
        let ratio = paired_ratio(&peers, &owns, Rounds::Fixed)?;
        let (own, peer) = (own.name.clone(), peer.name.clone());
        Some(Tail { percentile: TAIL, rate_per_s, own, peer, ratio, judgement: judge(ratio) })
    }
}
