//! The workloads that are judged when two builds are compared.
//!
//! Peers are not: they are the same code in both builds. Of the runtime's own alternatives, only
//! the defaults are judged ([`Comparison::defaults`]), and a few that represent a mode of their
//! own ([`Gating::Always`]); a slower table that nobody gets by default is seen by `just bench`.
//! Nor are loads of files that are not in memory, or more threads than there are processors:
//! their times are the disk's and the scheduler's.
//!
//! [`Comparison::defaults`]: simple_records::Comparison::defaults

use super::{Family, all};
use crate::{Effort, Filter, Gating, Instrument, Workload};
use simple_records::{AxisValue, Candidate};

/// The instruments that judge.
const JUDGES: [Instrument; 2] = [Instrument::Wall, Instrument::Instructions];

/// The workloads that are judged in `setting` and match `filters`. Those are looked for in
/// everything that the setting measures, not only among what it judges by itself.
pub(crate) fn gated(setting: Effort, filters: &[String]) -> Vec<Candidate> {
    let filter = Filter::new(filters);
    let mut candidates = Vec::new();
    for family in all() {
        let workloads = family.workloads.iter().filter(|workload| {
            !workload.peer
                && workload.gating != Gating::Never
                && workload.effort <= setting
                && filter.wants(workload)
        });
        for workload in workloads {
            let instruments: Vec<_> = JUDGES
                .into_iter()
                .filter(|instrument| workload.instruments.contains(instrument))
                .filter(|instrument| {
                    *instrument == Instrument::Instructions
                        || !filters.is_empty()
                        || is_judged(&family, workload)
                })
                .map(|instrument| instrument.name().to_owned())
                .collect();
            if !instruments.is_empty() {
                // How much an iteration processes is known only once it is prepared.
                candidates.push(Candidate { subject: workload.subject(1, None), instruments });
            }
        }
    }
    candidates
}

/// Whether a workload measures the defaults, or a mode of its own.
fn is_judged(family: &Family, workload: &Workload) -> bool {
    let mut defaults = family.comparison.defaults.iter();
    let at_defaults =
        defaults.all(|(axis, value)| workload.axes.get(axis).is_none_or(|at| at == value));
    let most = simple_runtime::thread::available_parallelism() as u64;
    let threads = ["threads", "workers"].into_iter().filter_map(|axis| workload.axes.get(axis));
    let is_crowded = threads.filter_map(AxisValue::number).any(|threads| threads > most);
    (at_defaults && !is_crowded) || workload.gating == Gating::Always
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(candidates: &[Candidate]) -> Vec<&str> {
        let timed = candidates.iter().filter(|one| one.instruments.iter().any(|i| i == "wall"));
        timed.map(|candidate| candidate.subject.workload.as_str()).collect()
    }

    #[test]
    fn every_family_that_is_timed_is_judged_and_no_peer_is() {
        let quick = gated(Effort::Quick, &[]);
        assert!(quick.iter().all(|candidate| !candidate.subject.peer));
        for family in all() {
            let mut workloads = family.workloads.iter();
            let is_timed = workloads.any(|workload| {
                !workload.peer
                    && workload.effort == Effort::Quick
                    && workload.instruments.contains(&Instrument::Wall)
            });
            let id = &family.comparison.id;
            let is_judged = timed(&quick).iter().any(|name| name.starts_with(id.as_str()));
            assert_eq!(is_timed, is_judged, "{id}");
        }
    }

    #[test]
    fn a_filter_finds_alternatives_too() {
        let asked = gated(Effort::Quick, &["registry/get-only/mutex-std".to_owned()]);
        assert!(!timed(&asked).is_empty());
        assert!(gated(Effort::Quick, &["no such".to_owned()]).is_empty());
    }
}
