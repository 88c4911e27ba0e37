//! Coverage: what a probe costs, by kind, number of threads and number of sites, and what
//! the report costs.

mod dump;
mod probe;

use super::Family;

pub(super) fn families() -> Vec<Family> {
    vec![probe::family(), dump::family()]
}
