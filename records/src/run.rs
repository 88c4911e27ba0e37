//! A run as a whole.

use crate::{
    Comparison, Counts, Latency, LogFile, Noise, Record, RunEnd, RunStart, Samples, Skipped,
};

/// A run as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its first line.
    pub start: RunStart,
    /// In the order of the file.
    pub comparisons: Vec<Comparison>,
    /// In the order of the file.
    pub samples: Vec<Samples>,
    /// In the order of the file.
    pub counts: Vec<Counts>,
    /// In the order of the file.
    pub latencies: Vec<Latency>,
    /// In the order of the file.
    pub noise: Vec<Noise>,
    /// In the order of the file.
    pub skipped: Vec<Skipped>,
    /// Missing if the run was interrupted.
    pub end: Option<RunEnd>,
    /// Remarks on the file, in sentences.
    pub warnings: Vec<String>,
}

impl LogFile for Run {
    type Line = Record;

    const NAME: &'static str = "run";

    fn begin(first: Record) -> Option<Self> {
        let Record::Run(start) = first else { return None };
        Some(Self {
            start: *start,
            comparisons: Vec::new(),
            samples: Vec::new(),
            counts: Vec::new(),
            latencies: Vec::new(),
            noise: Vec::new(),
            skipped: Vec::new(),
            end: None,
            warnings: Vec::new(),
        })
    }

    fn add(&mut self, record: Record) {
        match record {
            Record::Comparison(comparison) => self.comparisons.push(comparison),
            Record::Samples(samples) => self.samples.push(samples),
            Record::Counts(counts) => self.counts.push(counts),
            Record::Latency(latency) => self.latencies.push(latency),
            Record::Noise(noise) => self.noise.push(noise),
            Record::Skipped(skipped) => self.skipped.push(skipped),
            Record::End(end) => self.end = Some(end),
            Record::Run(_) | Record::Unknown => {}
        }
    }

    fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    fn finish(&mut self) {
        if self.end.is_none() {
            self.warn("the run was interrupted: what it measured until then is shown".to_owned());
        }
    }
}
