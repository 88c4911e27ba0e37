//! Winners along the x axis, if users choose a place on it, such as a number of workers.

use super::pair::Comparing;
use super::{Choice, Facet, Timed};
use simple_records::{Comparison, Display};

/// One alternative's places on the x axis of one facet, compared.
#[derive(Debug, Clone, PartialEq)]
pub struct XChoice {
    /// The alternative.
    pub series: String,
    /// Its places, as indices of the workloads there.
    pub choice: Choice,
}

impl XChoice {
    /// One entry for the default alternative; without a default, one for each own alternative.
    /// Alternatives that were not measured at the default place, or nowhere else, are left out.
    pub(super) fn all(
        comparison: &Comparison,
        comparing: &Comparing<'_>,
        facet: &Facet,
    ) -> Vec<Self> {
        let workloads = comparing.workloads;
        let is_time = !matches!(comparison.display, Display::LatencyNs | Display::Instructions);
        let Some(default_x) = comparison.defaults.get(&comparison.x_axis).filter(|_| is_time)
        else {
            return Vec::new();
        };
        let series_of = |at: &usize| workloads[*at].subject.axes.get(&comparison.series_axis);
        let own = facet.positions.iter().flat_map(|position| &position.ranking).copied();
        let own: Vec<usize> = own.filter(|at| !workloads[*at].subject.peer).collect();
        let mut series: Vec<_> = own.iter().filter_map(series_of).collect();
        series.sort();
        series.dedup();
        if let Some(default) = comparison.defaults.get(&comparison.series_axis) {
            series.retain(|series| *series == default);
        }
        let along = |series| {
            let of_series = |at: &usize| series_of(at) == Some(series);
            let ranking: Vec<usize> = own.iter().copied().filter(of_series).collect();
            let is_default = |at: &usize| workloads[*at].subject.axes.get(&comparison.x_axis);
            let default = ranking.iter().copied().find(|at| is_default(at) == Some(default_x))?;
            if ranking.len() < 2 || !is_same_item(workloads, &ranking) {
                return None;
            }
            let choice = Choice::among(comparing, &ranking, Some(default))?;
            Some(Self { series: series.to_string(), choice })
        };
        series.into_iter().filter_map(along).collect()
    }
}

/// Returns whether an item is the same everywhere, judged by bytes: a file of another size is
/// another item.
fn is_same_item(workloads: &[Timed], indices: &[usize]) -> bool {
    let mut bytes = indices.iter().map(|at| workloads[*at].bytes_per_item());
    let first = bytes.next();
    bytes.all(|bytes| Some(bytes) == first)
}
