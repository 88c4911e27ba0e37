//! Costs of calls, as counted.

use super::{ComparisonReport, Counted};
use simple_records::{Display, Subject};

/// Costs of one item of a workload; `None` if they were not counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// The workload.
    pub subject: Subject,
    /// Instructions per item.
    pub instructions: Option<f64>,
    /// Allocated bytes per item.
    pub heap_bytes: Option<f64>,
    /// Allocations per item.
    pub heap_blocks: Option<f64>,
}

impl Cost {
    fn new(counted: &Counted) -> Self {
        let subject = counted.subject.clone();
        let mut cost = Self { subject, instructions: None, heap_bytes: None, heap_blocks: None };
        cost.include(counted);
        cost
    }

    fn include(&mut self, counted: &Counted) {
        let fields = [
            ("instructions", &mut self.instructions),
            ("heap_bytes", &mut self.heap_bytes),
            ("heap_blocks", &mut self.heap_blocks),
        ];
        for (name, field) in fields {
            let value = counted.per_item(name).filter(|value| value.is_finite() && *value >= 0.0);
            *field = field.or(value);
        }
    }

    fn is_known(&self) -> bool {
        self.instructions.or(self.heap_bytes).or(self.heap_blocks).is_some()
    }
}

impl ComparisonReport {
    /// Costs of all workloads, the most expensive first; empty if the comparison is not about
    /// costs.
    pub fn costs(&self) -> Vec<Cost> {
        let is_about_counts = self.comparison.display == Display::Instructions
            || (self.workloads.is_empty() && self.latencies.is_empty());
        let mut costs: Vec<Cost> = Vec::new();
        for counted in self.counted.iter().filter(|_| is_about_counts) {
            let name = &counted.subject.workload;
            match costs.iter_mut().find(|cost| cost.subject.workload == *name) {
                Some(cost) => cost.include(counted),
                None => costs.push(Cost::new(counted)),
            }
        }
        costs.retain(Cost::is_known);
        let key = |cost: &Cost| [cost.instructions, cost.heap_bytes].map(|c| c.unwrap_or(-1.0));
        costs.sort_by(|a, b| {
            let ([a_first, a_then], [b_first, b_then]) = (key(a), key(b));
            let dearer = b_first.total_cmp(&a_first).then(b_then.total_cmp(&a_then));
            dearer.then_with(|| a.subject.workload.cmp(&b.subject.workload))
        });
        costs
    }

    /// Name of a workload within the comparison: its place on the x axis and, if there are several,
    /// its alternative.
    pub fn cost_name(&self, cost: &Cost) -> String {
        let axes = &cost.subject.axes;
        let on = |axis: &str| axes.get(axis).map(ToString::to_string);
        match (on(&self.comparison.x_axis), on(&self.comparison.series_axis)) {
            (Some(x), Some(series)) => format!("{series}: {x}"),
            (one, other) => one.or(other).unwrap_or_else(|| cost.subject.workload.clone()),
        }
    }
}
