//! A run, analysed.

use super::rules::Rules;
use super::strata::Regimes;
use super::timed::RoundFigure;
use super::{
    Census, ComparisonReport, Counted, Latencies, LeftOut, Noise, Position, RoundShift, Timed,
};
use super::{advice, cold, noise, regime, timed};
use crate::stats::{Rounds, median};
use simple_records::{
    AxisValue, Comparison, Display, Run, RunEnd, RunStart, Samples, Scale, Subject,
};

/// A run, analysed.
#[derive(Debug, Clone)]
pub struct Report {
    /// Start of the run, with machine and settings.
    pub start: RunStart,
    /// Missing if the run was interrupted.
    pub end: Option<RunEnd>,
    /// Comparisons with figures, in the order of the records.
    pub comparisons: Vec<ComparisonReport>,
    /// Timed and missing workloads.
    pub census: Census,
    /// Agreement of rounds over all workloads.
    pub noise: Noise,
    /// Deviations of whole rounds from the run; none in a run of blocks.
    pub round_shifts: Vec<RoundShift>,
    /// Rounds whose figures are not used, because the machine was in another regime.
    pub left_out: Vec<LeftOut>,
    /// Other activity of the machine, by part of the run.
    pub disturbances: Vec<simple_records::Noise>,
    /// Warnings about the records, in sentences.
    pub warnings: Vec<String>,
}

impl Report {
    /// Analyses a run.
    pub fn new(run: Run) -> Self {
        let mut run = cold::named(run);
        let mut warnings = std::mem::take(&mut run.warnings);
        let rules = Rules::of(&run.start);
        let (left_out, figure) = match rules.rounds {
            Rounds::Fixed => (regime::left_out(&run.noise), RoundFigure::Median),
            // A block has its own regime, and there are more of them.
            Rounds::Growing { .. } => (Vec::new(), RoundFigure::LowerQuartile),
        };
        let is_left_out = |samples: &Samples| {
            let here = |l: &LeftOut| {
                l.round == samples.round && l.comparison == samples.subject.comparison
            };
            left_out.iter().any(here)
        };
        let kept = run.samples.iter().filter(|samples| !is_left_out(samples)).cloned();
        let all = timed::timed_workloads(kept.collect(), figure, &mut warnings);
        warnings.extend(advice::governor(&run.start.fingerprint));
        warnings.extend(advice::left_out(&left_out));
        let census = Census::new(&run, &all, &left_out);
        let noise = Noise::between_rounds(all.iter());
        let round_shifts = match rules.rounds {
            Rounds::Fixed => noise::round_shifts(all.iter()),
            // Blocks of two comparisons have nothing in common.
            Rounds::Growing { .. } => Vec::new(),
        };
        let regimes = |comparison: &str| match rules.rounds {
            Rounds::Fixed => Regimes::default(),
            Rounds::Growing { .. } => Regimes::of(&run.noise, comparison),
        };
        let slots = slots(std::mem::take(&mut run.comparisons), all, &mut warnings);
        let mut comparisons: Vec<_> = slots
            .into_iter()
            .map(|(comparison, members)| {
                let regimes = regimes(&comparison.id);
                ComparisonReport::new(comparison, members, rules, regimes)
            })
            .collect();
        for counted in Counted::all(run.counts) {
            match comparisons.iter_mut().find(|g| g.comparison.id == counted.subject.comparison) {
                Some(compared) => compared.counted.push(counted),
                None => warnings.push(undescribed(&counted.subject)),
            }
        }
        for latencies in Latencies::all(run.latencies) {
            match comparisons.iter_mut().find(|g| g.comparison.id == latencies.subject.comparison) {
                Some(compared) => compared.latencies.push(latencies),
                None => warnings.push(undescribed(&latencies.subject)),
            }
        }
        for compared in &mut comparisons {
            let of_group = |l: &&LeftOut| l.comparison == compared.comparison.id;
            compared.left_out = left_out.iter().filter(of_group).cloned().collect();
        }
        comparisons.retain(ComparisonReport::has_figures);
        Self {
            start: run.start,
            end: run.end,
            comparisons,
            census,
            noise,
            round_shifts,
            left_out,
            disturbances: run.noise,
            warnings,
        }
    }

    /// All workloads with figures.
    pub fn workloads(&self) -> impl Iterator<Item = &Timed> {
        self.comparisons.iter().flat_map(|compared| &compared.workloads)
    }

    /// Coverage of most ratios' intervals, 0 to 1, or of most times' where nothing is compared;
    /// `None` with one round.
    pub fn coverage(&self) -> Option<f64> {
        let facets = || self.comparisons.iter().flat_map(|compared| &compared.facets);
        let positions = || facets().flat_map(|facet| &facet.positions);
        let places = positions().filter_map(|position| position.choice.as_ref());
        let along = facets().flat_map(|facet| &facet.x_choices).map(|x| &x.choice);
        let own = places.chain(along).flat_map(|choice| &choice.pairs);
        let peers = positions().filter_map(|position| Some(&position.versus.as_ref()?.pair));
        let ratios = own.chain(peers).filter_map(|pair| pair.ratio?.interval);
        let coverages: Vec<f64> = ratios.map(|interval| interval.coverage).collect();
        if coverages.is_empty() {
            let times = self.workloads().filter_map(|workload| workload.interval_ns);
            return median(&times.map(|interval| interval.coverage).collect::<Vec<_>>());
        }
        median(&coverages)
    }

    /// Number of pairs of alternatives that were judged. Each is a chance to be wrong.
    pub fn pairs_judged(&self) -> usize {
        let facets = || self.comparisons.iter().flat_map(|compared| &compared.facets);
        let at_places = facets().flat_map(|facet| &facet.positions).map(Position::pairs_judged);
        let x_choices = facets().flat_map(|facet| &facet.x_choices).map(|x| x.choice.compared);
        at_places.sum::<usize>() + x_choices.sum::<usize>()
    }
}

/// Each comparison with its workloads. One that the records do not describe is guessed from the
/// axes of its workloads.
fn slots(
    comparisons: Vec<Comparison>,
    workloads: Vec<Timed>,
    warnings: &mut Vec<String>,
) -> Vec<(Comparison, Vec<Timed>)> {
    let mut slots: Vec<(Comparison, Vec<Timed>)> = Vec::new();
    for comparison in comparisons {
        if slots.iter().any(|(other, _)| other.id == comparison.id) {
            warnings.push(format!("comparison {} is there twice", comparison.id));
        } else {
            slots.push((comparison, Vec::new()));
        }
    }
    for workload in workloads {
        match slots.iter_mut().find(|(comparison, _)| comparison.id == workload.subject.comparison)
        {
            Some((_, members)) => members.push(workload),
            None => {
                warnings.push(format!(
                    "the records do not describe the comparison {}; its axes are guessed",
                    workload.subject.comparison
                ));
                slots.push((guessed(&workload), vec![workload]));
            }
        }
    }
    slots
}

fn undescribed(subject: &Subject) -> String {
    format!("{}: the records do not describe its comparison; left out", subject.workload)
}

fn guessed(workload: &Timed) -> Comparison {
    let axis = |is_wanted: fn(&AxisValue) -> bool| {
        let mut axes = workload.subject.axes.iter();
        axes.find(|(_, value)| is_wanted(value)).map_or("–", |(name, _)| name).to_owned()
    };
    Comparison {
        id: workload.subject.comparison.clone(),
        title: workload.subject.comparison.clone(),
        explanation: String::new(),
        x_axis: axis(|value| value.number().is_some()),
        x_scale: Scale::Log,
        series_axis: axis(|value| value.number().is_none()),
        facet_axis: None,
        defaults: simple_records::Axes::default(),
        item: "item".to_owned(),
        display: Display::TimePerItem,
    }
}
