//! All that a report says about a run.

use super::{Census, Counted, Group, Latencies, Measured, Noise, Position, RoundShift};
use super::{intake, measured, noise};
use crate::stats::median;
use simple_records::{AxisValue, Comparison, Display, Run, RunEnd, RunStart, Scale, Subject};

/// A run, analysed.
#[derive(Debug, Clone)]
pub struct Report {
    /// Who measured, when, where and how.
    pub start: RunStart,
    /// Missing if the run was interrupted.
    pub end: Option<RunEnd>,
    /// Comparisons with figures, in the order of the records.
    pub groups: Vec<Group>,
    /// What was measured and what not.
    pub census: Census,
    /// How far rounds agree, over all workloads.
    pub noise: Noise,
    /// What whole rounds differ by.
    pub round_shifts: Vec<RoundShift>,
    /// What else the machine did, for each part of the run that says so.
    pub disturbances: Vec<simple_records::Noise>,
    /// What a reader should know about the records, in sentences.
    pub warnings: Vec<String>,
}

impl Report {
    /// Analyses a run. Texts are made harmless to show on the way, see
    /// [`clean_text`](super::clean_text).
    pub fn new(run: Run) -> Self {
        let mut run = intake::clean(run);
        let mut warnings = std::mem::take(&mut run.warnings);
        let all = measured::measured(run.samples.clone(), &mut warnings);
        let census = Census::new(&run, &all);
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
        groups.retain(Group::has_figures);
        Self {
            start: run.start,
            end: run.end,
            groups,
            census,
            noise,
            round_shifts,
            disturbances: run.noise,
            warnings,
        }
    }

    /// All workloads with figures.
    pub fn workloads(&self) -> impl Iterator<Item = &Measured> {
        self.groups.iter().flat_map(|group| &group.workloads)
    }

    /// What intervals of most workloads cover, 0 to 1; `None` with one round.
    pub fn coverage(&self) -> Option<f64> {
        let coverages =
            self.workloads().filter_map(|workload| Some(workload.interval_ns?.coverage));
        median(&coverages.collect::<Vec<_>>())
    }

    /// Pairs of alternatives that verdicts are based on: each is one chance to be wrong.
    pub fn pairs_judged(&self) -> usize {
        let positions = self.groups.iter().flat_map(|g| &g.facets).flat_map(|f| &f.positions);
        positions.map(Position::pairs_judged).sum()
    }
}

/// One group a comparison; workloads of comparisons that the records do not describe get one
/// that is made up from their axes.
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
        match slots.iter_mut().find(|(comparison, _)| comparison.id == workload.comparison) {
            Some((_, members)) => members.push(workload),
            None => {
                warnings.push(format!(
                    "the records do not describe the comparison {}; its axes are guessed",
                    workload.comparison
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
        let mut axes = workload.axes.iter();
        axes.find(|(_, value)| is_wanted(value)).map_or("–", |(name, _)| name).to_owned()
    };
    Comparison {
        id: workload.comparison.clone(),
        title: workload.comparison.clone(),
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
