//! A comparison's workloads, arranged by its axes.

use super::pair::{Comparing, Pair};
use super::rules::{Aim, Rules};
use super::strata::Regimes;
use super::verdict::{Choice, OnDefault, Position};
use super::{Counted, Latencies, LeftOut, Noise, Timed, XChoice};
use crate::stats::Judgement;
use simple_records::{AxisValue, Comparison, Scale};
use std::collections::BTreeSet;

/// One alternative of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Its value on the comparison's axis of alternatives.
    pub name: String,
    /// True of other people's code.
    pub peer: bool,
}

/// Places that differ only in the x axis and the alternative.
#[derive(Debug, Clone)]
pub struct Facet {
    /// Axes that distinguish it from the other facets; empty if there is one facet.
    pub axes: Vec<(String, AxisValue)>,
    /// Its places along the x axis, in order.
    pub positions: Vec<Position>,
    /// Verdicts along the x axis, if users choose a place on it: one for the default alternative,
    /// or one for each own alternative.
    pub x_choices: Vec<XChoice>,
}

impl Facet {
    /// `mix get-only`, or nothing if there is one facet.
    pub fn label(&self) -> String {
        let named = self.axes.iter().map(|(name, value)| format!("{name} {value}"));
        named.collect::<Vec<_>>().join(", ")
    }
}

/// A comparison with what was measured for it.
#[derive(Debug, Clone)]
pub struct ComparisonReport {
    /// The question.
    pub comparison: Comparison,
    /// Its workloads, by alternative and place.
    pub workloads: Vec<Timed>,
    /// Its alternatives: first own ones, then peers, each by name.
    pub series: Vec<Series>,
    /// Values on the x axis, ascending.
    pub x_values: Vec<AxisValue>,
    /// Axes with the same value everywhere, other than x axis and alternative.
    pub constants: Vec<(String, AxisValue)>,
    /// At least one, if there are workloads.
    pub facets: Vec<Facet>,
    /// Agreement of rounds.
    pub noise: Noise,
    /// Counts.
    pub counted: Vec<Counted>,
    /// Latencies at rates.
    pub latencies: Vec<Latencies>,
    /// Rounds whose figures are not used, because the machine was in another regime.
    pub left_out: Vec<LeftOut>,
    /// Rules by which its alternatives are judged.
    pub rules: Rules,
    /// Regimes of the machine while it was measured.
    pub regimes: Regimes,
    /// Every other alternative against the default, if that is what the run asks; else empty.
    pub(super) asked: Vec<Pair>,
}

/// Value for an axis that a workload does not have.
fn absent() -> AxisValue {
    AxisValue::from("–")
}

impl ComparisonReport {
    pub(super) fn new(
        comparison: Comparison,
        mut workloads: Vec<Timed>,
        rules: Rules,
        regimes: Regimes,
    ) -> Self {
        // Records are in random order; colours and tables must not change from run to run.
        workloads.sort_by_cached_key(|workload| {
            let Series { name, peer } = series_of(workload, &comparison);
            (
                peer,
                name,
                axis_value(workload, &comparison.x_axis),
                workload.subject.workload.clone(),
            )
        });
        let x_values = in_order(workloads.iter().map(|w| axis_value(w, &comparison.x_axis)));
        let series = distinct(workloads.iter().map(|workload| series_of(workload, &comparison)));
        let (facet_axes, constants) = other_axes(&comparison, &workloads);
        let place = |workload: &Timed| -> Vec<(String, AxisValue)> {
            facet_axes.iter().map(|axis| (axis.clone(), axis_value(workload, axis))).collect()
        };
        let default = comparison.defaults.get(&comparison.series_axis);
        let is_default = |w: &Timed| {
            !w.subject.peer
                && default.is_some()
                && w.subject.axes.get(&comparison.series_axis) == default
        };
        let comparing = Comparing { workloads: &workloads, rules, regimes: &regimes };
        let facets = in_order(workloads.iter().map(place)).into_iter().map(|axes| {
            let at = |x: &AxisValue| -> Vec<usize> {
                let here = |w: &Timed| place(w) == axes && axis_value(w, &comparison.x_axis) == *x;
                (0..workloads.len()).filter(|index| here(&workloads[*index])).collect()
            };
            let positions = x_values
                .iter()
                .map(|x| (x, at(x)))
                .filter(|(_, present)| !present.is_empty())
                .map(|(x, present)| {
                    let default = present.iter().copied().find(|at| is_default(&workloads[*at]));
                    Position::new(x.clone(), &comparing, present, default)
                })
                .collect();
            let mut facet = Facet { axes, positions, x_choices: Vec::new() };
            facet.x_choices = XChoice::all(&comparison, &comparing, &facet);
            facet
        });
        let facets = facets.collect();
        let noise = Noise::between_rounds(workloads.iter());
        let mut this = Self {
            comparison,
            workloads,
            series,
            x_values,
            constants,
            facets,
            noise,
            counted: Vec::new(),
            latencies: Vec::new(),
            left_out: Vec::new(),
            rules,
            regimes,
            asked: Vec::new(),
        };
        if rules.aim != Aim::Fastest {
            this.asked = this.against_default();
        }
        this
    }

    /// Compares two of its workloads, by index, as its verdicts do.
    pub fn pair(&self, one: usize, other: usize) -> Pair {
        let Self { workloads, rules, regimes, .. } = self;
        Comparing { workloads, rules: *rules, regimes }.pair(one, other)
    }

    /// Returns whether there are any figures.
    pub fn has_figures(&self) -> bool {
        !(self.workloads.is_empty() && self.counted.is_empty() && self.latencies.is_empty())
    }

    /// Meaning of all verdicts for the default: a reason to change it outweighs reasons to keep
    /// it.
    pub fn on_default(&self) -> OnDefault {
        let positions = self.facets.iter().flat_map(|facet| &facet.positions);
        let at_positions = positions.filter_map(|position| position.choice.as_ref());
        let x_choices = self.facets.iter().flat_map(|facet| &facet.x_choices).map(|x| &x.choice);
        let choices = at_positions.chain(x_choices);
        choices.map(Choice::on_default).max().unwrap_or(OnDefault::Silent)
    }

    /// Returns whether the best peer is faster at some place, by time or by the tail of
    /// latencies.
    pub fn has_faster_peer(&self) -> bool {
        let is_slower = |judgement: Judgement| matches!(judgement, Judgement::Slower(_));
        let positions = self.facets.iter().flat_map(|facet| &facet.positions);
        let mut by_time = positions.filter_map(|position| position.versus.as_ref());
        let places = self.rate_places();
        let mut by_tail = places.iter().filter_map(|place| place.tail(self));
        by_time.any(|versus| is_slower(versus.judgement))
            || by_tail.any(|tail| is_slower(tail.judgement))
    }

    /// Index in [`ComparisonReport::series`] of a workload's alternative.
    pub fn series_index(&self, workload: &Timed) -> usize {
        let series = series_of(workload, &self.comparison);
        self.series.iter().position(|other| *other == series).unwrap_or(0)
    }

    /// Name of a workload's alternative.
    pub fn series_name(&self, workload: &Timed) -> String {
        series_of(workload, &self.comparison).name
    }

    /// The default alternative, if there is one.
    pub fn default_series(&self) -> Option<String> {
        let axis = &self.comparison.series_axis;
        self.comparison.defaults.get(axis).map(ToString::to_string)
    }

    /// The alternatives of latencies, own ones first, and whether each is a peer.
    pub fn latency_series(&self) -> Vec<(String, bool)> {
        let series = in_order(self.latencies.iter().map(|latency| {
            let (name, peer) = self.latency_series_of(latency);
            (peer, name)
        }));
        series.into_iter().map(|(peer, name)| (name, peer)).collect()
    }

    /// The alternative of a latency, and whether it is a peer.
    pub fn latency_series_of(&self, latency: &Latencies) -> (String, bool) {
        let subject = &latency.subject;
        let name = subject.axes.get(&self.comparison.series_axis);
        (name.map_or_else(|| subject.workload.clone(), ToString::to_string), subject.peer)
    }

    /// Value of a workload on the x axis.
    pub fn x_of(&self, workload: &Timed) -> AxisValue {
        axis_value(workload, &self.comparison.x_axis)
    }

    /// Returns whether the x axis is one of numbers; otherwise plots show its values side by side.
    pub fn has_numeric_x(&self) -> bool {
        let least = match self.comparison.x_scale {
            Scale::Category => return false,
            Scale::Linear => 0,
            // Zero has no logarithm.
            Scale::Log => 1,
        };
        self.x_values.len() > 1
            && self.x_values.iter().all(|x| x.number().is_some_and(|number| number >= least))
    }
}

fn axis_value(workload: &Timed, axis: &str) -> AxisValue {
    workload.subject.axes.get(axis).cloned().unwrap_or_else(absent)
}

fn series_of(workload: &Timed, comparison: &Comparison) -> Series {
    let name = match workload.subject.axes.get(&comparison.series_axis) {
        Some(value) => value.to_string(),
        None => workload.subject.workload.clone(),
    };
    Series { name, peer: workload.subject.peer }
}

/// Axes other than x axis and alternative: axes that vary, which make facets, and constants.
fn other_axes(
    comparison: &Comparison,
    workloads: &[Timed],
) -> (Vec<String>, Vec<(String, AxisValue)>) {
    let names =
        distinct(workloads.iter().flat_map(|w| w.subject.axes.iter().map(|(name, _)| name)));
    let mut facets = Vec::new();
    let mut constants = Vec::new();
    for name in names {
        if name == comparison.x_axis || name == comparison.series_axis {
            continue;
        }
        match &distinct(workloads.iter().map(|workload| axis_value(workload, name)))[..] {
            [value] => constants.push((name.to_owned(), value.clone())),
            _ => facets.push(name.to_owned()),
        }
    }
    (facets, constants)
}

fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

fn in_order<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.collect::<BTreeSet<T>>().into_iter().collect()
}
