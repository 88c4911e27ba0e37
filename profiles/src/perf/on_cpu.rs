//! Samples of processor time, taken by perf.

use super::script::{Error, Record};
use crate::sample::{Collector, Cut, OnCpu, Windows};
use crate::symbols::Symbolizer;

/// Makes stacks of the samples of a recording.
///
/// Each sample counts as one: perf takes them at equal intervals of time, or of the event that it
/// counts.
///
/// # Errors
///
/// Those of the records.
pub fn on_cpu(
    records: impl IntoIterator<Item = Result<Record, Error>>,
    windows: &Windows,
    symbolizer: impl Symbolizer,
    cut: &Cut,
) -> Result<OnCpu, Error> {
    let mut collector = Collector::new(windows, symbolizer, cut);
    for record in records {
        match record? {
            Record::Sample(event) => collector.add(&event.sample, 1),
            Record::Lost(count) => collector.lost(count),
            Record::Unread => collector.unread(),
            Record::Switch(_) => {}
        }
    }
    Ok(collector.finish())
}
