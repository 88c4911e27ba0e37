//! A workload's time over several runs on one machine.

use super::Report;
use crate::stats::{NEGLIGIBLE_DIFFERENCE, Segment, median, segments};
use simple_records::RunStart;
use std::collections::BTreeMap;

/// Maximum number of runs of a folder that are read, the newest first.
pub const MOST_RUNS: usize = 50;

/// One run of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRun {
    /// Its name.
    pub run: String,
    /// Start in seconds since 1970, UTC.
    pub started_unix_s: u64,
    /// The commit that was measured.
    pub commit: Option<String>,
}

/// A workload's time in one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Index of the run in [`History::runs`].
    pub run: usize,
    /// Time per item in ns: the median over rounds.
    pub time_ns: f64,
}

/// A change point in a workload's time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Index in [`Trend::points`] of the first point of the new level.
    pub at: usize,
    /// The level before, in ns.
    pub before_ns: f64,
    /// The level from there on, in ns.
    pub after_ns: f64,
}

impl Step {
    /// The new level divided by the old one; above 1 the workload became slower.
    pub fn ratio(&self) -> f64 {
        self.after_ns / self.before_ns
    }
}

/// One workload over runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// Times by run; at least two.
    pub points: Vec<Point>,
    /// Indices of points, with their levels: those of [`segments`], joined where they differ
    /// by less than [`NEGLIGIBLE_DIFFERENCE`].
    pub levels: Vec<Segment>,
    /// Boundaries between levels.
    pub steps: Vec<Step>,
}

/// Workloads over comparable runs.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The runs, the oldest first; the reported run is one of them.
    pub runs: Vec<PastRun>,
    /// Runs that were left out and why, in sentences.
    pub notes: Vec<String>,
    trends: BTreeMap<String, Trend>,
}

impl History {
    /// Puts `current` and `others` in order. Runs of another machine or another profile are
    /// left out, as is a second one of the same name; notes say so.
    pub fn new(current: &Report, others: &[Report], mut notes: Vec<String>) -> Self {
        let is_machine =
            |run: &RunStart| current.start.fingerprint.differences(&run.fingerprint).is_empty();
        let mut runs = vec![current];
        let (mut of_machine, mut of_profile) = (0, 0);
        for other in others {
            if runs.iter().any(|run| run.start.run == other.start.run) {
                continue;
            } else if !is_machine(&other.start) {
                of_machine += 1;
            } else if (&other.start.effort, &other.start.origin)
                != (&current.start.effort, &current.start.origin)
            {
                of_profile += 1;
            } else {
                runs.push(other);
            }
        }
        let mut left_out = |count: usize, why: &str| {
            if count > 0 {
                notes.push(format!("{} left out: {why}", runs_in_words(count)));
            }
        };
        left_out(of_machine, "measured on another machine, kernel or compiler");
        left_out(of_profile, "measured with another profile");
        runs.sort_by(|a, b| {
            (a.start.started_unix_s, &a.start.run).cmp(&(b.start.started_unix_s, &b.start.run))
        });
        let mut points: BTreeMap<String, Vec<Point>> = BTreeMap::new();
        for (index, run) in runs.iter().enumerate() {
            for workload in run.workloads() {
                let point = Point { run: index, time_ns: workload.time_ns };
                points.entry(workload.subject.workload.clone()).or_default().push(point);
            }
        }
        points.retain(|_, points| points.len() > 1);
        let trends = points.into_iter().map(|(name, points)| (name, Trend::new(points)));
        let past = |run: &&Report| PastRun {
            run: run.start.run.clone(),
            started_unix_s: run.start.started_unix_s,
            commit: run.start.fingerprint.commit.clone(),
        };
        Self { runs: runs.iter().map(past).collect(), notes, trends: trends.collect() }
    }

    /// Trend of a workload that was measured in two runs or more.
    pub fn trend(&self, workload: &str) -> Option<&Trend> {
        self.trends.get(workload)
    }

    /// Workloads with change points; those whose newest step is the largest come first.
    pub fn stepped(&self) -> Vec<(&str, &Trend)> {
        let size = |trend: &Trend| trend.steps.last().map_or(0.0, |step| step.ratio().ln().abs());
        let mut stepped: Vec<(&str, &Trend)> = self
            .trends
            .iter()
            .filter(|(_, trend)| !trend.steps.is_empty())
            .map(|(name, trend)| (name.as_str(), trend))
            .collect();
        stepped.sort_by(|(_, a), (_, b)| size(b).total_cmp(&size(a)));
        stepped
    }
}

/// `1 run`, `3 runs`.
fn runs_in_words(count: usize) -> String {
    if count == 1 { "1 run".to_owned() } else { format!("{count} runs") }
}

impl Trend {
    fn new(points: Vec<Point>) -> Self {
        let times: Vec<f64> = points.iter().map(|point| point.time_ns).collect();
        let levels = without_negligible(segments(&times), &times);
        let steps = levels.windows(2).map(|pair| Step {
            at: pair[1].start,
            before_ns: pair[0].level,
            after_ns: pair[1].level,
        });
        let steps = steps.collect();
        Self { points, levels, steps }
    }
}

/// Joins neighbours whose levels differ by less than [`NEGLIGIBLE_DIFFERENCE`], the nearest
/// first.
fn without_negligible(mut levels: Vec<Segment>, times: &[f64]) -> Vec<Segment> {
    let distance = |pair: &[Segment]| (pair[1].level / pair[0].level).ln().abs();
    while let Some((index, _)) = levels
        .windows(2)
        .map(distance)
        .enumerate()
        .min_by(|(_, a), (_, b)| a.total_cmp(b))
        .filter(|(_, nearest)| *nearest < NEGLIGIBLE_DIFFERENCE.ln_1p())
    {
        let (start, end) = (levels[index].start, levels[index + 1].end);
        let level = median(&times[start..end]).unwrap_or(levels[index].level);
        levels.splice(index..=index + 1, [Segment { start, end, level }]);
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(times: &[f64]) -> Trend {
        let points = times.iter().enumerate();
        Trend::new(points.map(|(run, &time_ns)| Point { run, time_ns }).collect())
    }

    #[test]
    fn a_negligible_step_is_none_and_a_large_one_stays() {
        let small = trend(&[100.0, 100.0, 100.0, 101.0, 101.0, 101.0]);
        assert_eq!((small.levels.len(), small.steps.len()), (1, 0));
        let both = trend(&[100.0, 100.0, 100.0, 101.0, 101.0, 101.0, 150.0, 150.0, 150.0]);
        assert_eq!(both.levels.len(), 2);
        assert_eq!(both.steps, [Step { at: 6, before_ns: 100.5, after_ns: 150.0 }]);
        assert!((both.steps[0].ratio() - 150.0 / 100.5).abs() < 1e-12);
    }
}
