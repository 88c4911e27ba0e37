//! The reliability of runs on a page.

use crate::judge::BenchCurve;
use crate::text::bench_table;

/// Reliability of runs: `_bench_trust.html` shows it.
pub(super) struct BenchTrust {
    pub(super) caption: String,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    pub(super) notes: Vec<String>,
}

impl BenchTrust {
    /// The table of a calibration.
    pub(super) fn new(curve: &BenchCurve) -> Self {
        let table = bench_table(curve);
        let notes = curve.notes.clone();
        Self { caption: table.caption, header: table.header, rows: table.rows, notes }
    }
}
