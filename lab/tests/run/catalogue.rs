//! Choosing among the real workloads.

use crate::harness::harness;
use simple_lab::harness::{Choice, catalogue, chosen, gated};
use simple_records::harness::{Catalogue, Gating, Listed};
use simple_records::{Candidate, Effort, Instrument, Witness};

fn all() -> Catalogue {
    catalogue(harness()).unwrap()
}

fn names(patterns: &[&str]) -> Vec<String> {
    let patterns: Vec<_> = patterns.iter().map(|&text| text.to_owned()).collect();
    let workloads = chosen(all(), &patterns).into_iter().flat_map(|family| family.workloads);
    workloads.map(|workload| workload.workload).collect()
}

fn judged(effort: Effort, filters: &[&str]) -> Vec<Candidate> {
    let filters: Vec<_> = filters.iter().map(|&text| text.to_owned()).collect();
    gated(&all(), &Choice { effort, filters: &filters })
}

fn timed(candidates: &[Candidate]) -> Vec<&str> {
    let timed = candidates.iter().filter(|one| one.instruments.contains(&Witness::Time));
    timed.map(|candidate| candidate.subject.workload.as_str()).collect()
}

#[test]
fn no_pattern_wants_everything() {
    let number: usize = all().families.iter().map(|family| family.workloads.len()).sum();
    assert_eq!(names(&[]).len(), number);
}

#[test]
fn patterns_are_parts_of_names_or_values_on_axes() {
    let found = names(&["registry"]);
    assert!(!found.is_empty());
    assert!(found.iter().all(|name| name.contains("registry")));
    // A star crosses slashes.
    let found = names(&["file/*/1MiB"]);
    assert!(found.len() > 1);
    assert!(found.iter().all(|name| name.starts_with("file/") && name.contains("/1MiB")));
    // An axis is compared whole.
    assert!(!names(&["workers=2"]).is_empty());
    assert_eq!(names(&["workers=99"]), [""; 0]);
    assert_eq!(names(&["no-such-axis=2"]), [""; 0]);
    let both = names(&["coverage", "registry"]).len();
    assert_eq!(both, names(&["coverage"]).len() + names(&["registry"]).len());
}

#[test]
fn every_family_that_is_timed_is_judged_and_no_peer_is() {
    let quick = judged(Effort::Quick, &[]);
    assert!(quick.iter().all(|candidate| !candidate.subject.peer));
    for family in all().families {
        let is_candidate = |workload: &Listed| {
            !workload.peer
                && workload.effort == Effort::Quick
                && workload.gating != Gating::Never
                && workload.instruments.contains(&Instrument::Wall)
        };
        let id = &family.comparison.id;
        let is_timed = family.workloads.iter().any(is_candidate);
        let is_judged = timed(&quick).iter().any(|name| name.starts_with(id.as_str()));
        assert_eq!(is_timed, is_judged, "{id}");
    }
}

#[test]
fn a_filter_finds_alternatives_too() {
    assert!(!timed(&judged(Effort::Quick, &["registry/get-only/mutex-std"])).is_empty());
    assert!(judged(Effort::Quick, &["no such"]).is_empty());
}
