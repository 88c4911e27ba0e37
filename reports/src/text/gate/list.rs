//! Workloads that were not compared or not measured.

use crate::judge::GateReport;
use simple_records::{Build, Side};

/// Names below a title.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NameList {
    /// Reason why these are listed.
    pub(crate) title: String,
    /// At least one.
    pub(crate) names: Vec<String>,
}

/// Workloads that only one build has.
pub(super) fn only_in(report: &GateReport) -> Vec<NameList> {
    let list = |build: &Build, is_here: fn(Side) -> bool| {
        let here = report.only_in.iter().filter(|only| is_here(only.side));
        NameList {
            title: format!("Only in {}, so not compared", build.name),
            names: here.map(|only| only.workload.clone()).collect(),
        }
    };
    let base = list(&report.base, |side| side != Side::Head);
    let head = list(&report.head, |side| side == Side::Head);
    [base, head].into_iter().filter(|list| !list.names.is_empty()).collect()
}

/// Workloads that could not be measured, a list per reason: `name (instrument, side)`.
pub(super) fn not_measured(report: &GateReport) -> Vec<NameList> {
    let mut lists: Vec<NameList> = Vec::new();
    for retired in &report.retired {
        let side = retired.side.map(|side| format!(", in the {side}")).unwrap_or_default();
        let name = format!("{} ({}{side})", retired.workload, retired.instrument);
        let title = format!("Not measured: {}", retired.why);
        match lists.iter_mut().find(|list| list.title == title) {
            Some(list) => list.names.push(name),
            None => lists.push(NameList { title, names: vec![name] }),
        }
    }
    lists
}
