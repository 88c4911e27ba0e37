//! A run, analysed.

use super::{Census, Counted, Group, Latencies, LeftOut, Measured, Noise, Position, RoundShift};
use super::{advice, cold, measured, noise, regime};
use crate::stats::median;
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
    pub groups: Vec<Group>,
    /// Measured and missing workloads.
    pub census: Census,
    /// Agreement of rounds over all workloads.
    pub noise: Noise,
    /// Deviations of whole rounds from the run.
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
        let left_out = regime::left_out(&run.noise);
        let is_left_out = |samples: &Samples| {
            let here = |l: &LeftOut| {
                l.round == samples.round && l.comparison == samples.subject.comparison
            };
            left_out.iter().any(here)
        };
        let kept = run.samples.iter().filter(|samples| !is_left_out(samples)).cloned();
        let all = measured::measured(kept.collect(), &mut warnings);
        warnings.extend(advice::governor(&run.start.fingerprint));
        warnings.extend(advice::left_out(&left_out));
        let census = Census::new(&run, &all, &left_out);
        let noise = Noise::of(all.iter());
        let round_shifts = noise::round_shifts(all.iter());
        let mut groups = groups(std::mem::take(&mut run.comparisons), all, &mut warnings);
        for counted in Counted::all(run.counts) {
            match groups.iter_mut().find(|g| g.comparison.id == counted.subject.comparison) {
                Some(group) => group.counted.push(counted),
                None => warnings.push(undescribed(&counted.subject)),
            }
        }
        for latencies in Latencies::all(run.latencies) {
            match groups.iter_mut().find(|g| g.comparison.id == latencies.subject.comparison) {
                Some(group) => group.latencies.push(latencies),
                None => warnings.push(undescribed(&latencies.subject)),
            }
        }
        for group in &mut groups {
            let of_group = |l: &&LeftOut| l.comparison == group.comparison.id;
            group.left_out = left_out.iter().filter(of_group).cloned().collect();
        }
        groups.retain(Group::has_figures);
        Self {
            start: run.start,
            end: run.end,
            groups,
            census,
            noise,
            round_shifts,
            left_out,
            disturbances: run.noise,
            warnings,
        }
    }

    /// All workloads with figures.
    pub fn workloads(&self) -> impl Iterator<Item = &Measured> {
        self.groups.iter().flat_map(|group| &group.workloads)
    }

    /// Coverage of most workloads' intervals, 0 to 1; `None` with one round.
    pub fn coverage(&self) -> Option<f64> {
        let coverages =
            self.workloads().filter_map(|workload| Some(workload.interval_ns?.coverage));
        median(&coverages.collect::<Vec<_>>())
    }

    /// Number of pairs of alternatives that were judged. Each is a chance to be wrong.
    pub fn pairs_judged(&self) -> usize {
        let facets = || self.groups.iter().flat_map(|group| &group.facets);
        let at_places = facets().flat_map(|facet| &facet.positions).map(Position::pairs_judged);
        let along_x = facets().flat_map(|facet| &facet.along_x).map(|along| along.choice.compared);
        at_places.sum::<usize>() + along_x.sum::<usize>()
    }
}

/// One entry per comparison. A comparison that the records do not describe is guessed from the
/// axes of its workloads.
fn groups(
    comparisons: Vec<Comparison>,
    workloads: Vec<Measured>,
    warnings: &mut Vec<String>,
) -> Vec<Group> {
    let mut slots: Vec<(Comparison, Vec<Measured>)> = Vec::new();
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
    slots.into_iter().map(|(comparison, members)| Group::new(comparison, members)).collect()
}

fn undescribed(subject: &Subject) -> String {
    format!("{}: the records do not describe its comparison; left out", subject.workload)
}

fn guessed(workload: &Measured) -> Comparison {
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
