//! Reading a run back.

use crate::lines::{known, read_lines};
use crate::{
    Comparison, Counts, Latency, Noise, Record, RecordError, RunEnd, RunStart, Samples, Skipped,
};
use std::path::Path;

/// All that a run's file says.
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
    /// What a reader should know about the file, in sentences.
    pub warnings: Vec<String>,
}

/// Reads the run in `path`. A last line that was cut off is left out, with a warning; kinds
/// of records that this program does not know are skipped.
pub fn read_run(path: &Path) -> Result<Run, RecordError> {
    let (records, mut warnings) = read_lines(path, &Record::KINDS)?;
    let mut run: Option<Run> = None;
    for record in records {
        add(&mut run, record, path)?;
    }
    let mut run = run.ok_or_else(|| RecordError::NoRun(path.to_owned()))?;
    if run.end.is_none() {
        warnings.push("the run was interrupted: what it measured until then is shown".to_owned());
    }
    run.warnings = warnings;
    Ok(run)
}

fn add(run: &mut Option<Run>, record: Record, path: &Path) -> Result<(), RecordError> {
    match (run.as_mut(), record) {
        (None, Record::Run(start)) => {
            known(path, start.schema)?;
            *run = Some(Run {
                start,
                comparisons: Vec::new(),
                samples: Vec::new(),
                counts: Vec::new(),
                latencies: Vec::new(),
                noise: Vec::new(),
                skipped: Vec::new(),
                end: None,
                warnings: Vec::new(),
            });
        }
        (None, _) | (Some(_), Record::Run(_)) => return Err(RecordError::NoRun(path.to_owned())),
        (Some(run), Record::Comparison(comparison)) => run.comparisons.push(comparison),
        (Some(run), Record::Samples(samples)) => run.samples.push(samples),
        (Some(run), Record::Counts(counts)) => run.counts.push(counts),
        (Some(run), Record::Latency(latency)) => run.latencies.push(latency),
        (Some(run), Record::Noise(noise)) => run.noise.push(noise),
        (Some(run), Record::Skipped(skipped)) => run.skipped.push(skipped),
        (Some(run), Record::End(end)) => run.end = Some(end),
    }
    Ok(())
}
