//! One of the processes that take turns when two builds are compared; see
//! `simple_records::paired` for what it is asked and replies.

use super::{find, os};
use crate::{Data, Prepared};
use anyhow::{Context, Result, ensure};
use simple_records::paired::{Reply, Request};
use std::io::{BufRead, Write};
use std::path::Path;
use std::time::Instant;

/// Serves requests about `workload` until there are no more.
pub(crate) fn serve(
    workload: &str,
    data: &Path,
    requests: impl BufRead,
    mut replies: impl Write,
) -> Result<()> {
    match serve_all(workload, data, requests, &mut replies) {
        Ok(()) => Ok(()),
        Err(error) => {
            reply(&mut replies, &Reply::Failed { why: format!("{error:#}") })?;
            Err(error)
        }
    }
}

fn serve_all(
    workload: &str,
    data: &Path,
    requests: impl BufRead,
    replies: &mut impl Write,
) -> Result<()> {
    let prepared = find(workload)?.prepare(&Data::new(data.to_owned()));
    let mut prepared = prepared.context("it cannot be prepared here")?;
    // A wrong answer is not worth a measurement.
    prepared.time(1)?;
    reply(replies, &Reply::Ready)?;
    for line in requests.lines() {
        let request = serde_json::from_str(&line?).context("an illegible request")?;
        let answer = match request {
            Request::WarmUp { at_least_ns } => warm_up(&mut prepared, at_least_ns)?,
            Request::Measure { iterations, samples } => {
                measure(&mut prepared, iterations, samples)?
            }
        };
        reply(replies, &answer)?;
    }
    Ok(())
}

/// Runs ever more iterations at once, until all together took long enough, with what is not
/// measured of them; the last ones tell how long one takes.
fn warm_up(prepared: &mut Prepared, at_least_ns: u64) -> Result<Reply> {
    let began = Instant::now();
    let mut iterations = 1_u64;
    loop {
        let before = began.elapsed();
        prepared.time(iterations)?;
        let after = began.elapsed();
        if after.as_nanos() >= u128::from(at_least_ns) {
            let iteration_ns = (after - before).as_nanos() as f64 / iterations as f64;
            return Ok(Reply::WarmedUp { iteration_ns });
        }
        iterations = iterations.saturating_mul(2);
    }
}

fn measure(prepared: &mut Prepared, iterations: u64, samples: u32) -> Result<Reply> {
    ensure!(iterations > 0 && samples > 0, "nothing to measure");
    // Another process ran meanwhile: the caches are its.
    prepared.time(1)?;
    let sample = || Ok(prepared.time(iterations)?.elapsed.as_nanos() as f64);
    let samples = std::iter::repeat_with(sample).take(samples as usize);
    let (totals_ns, page_faults_minor, involuntary_switches) =
        os::faults_and_switches(|| samples.collect::<Result<Vec<f64>>>());
    let totals_ns = totals_ns?;
    ensure!(totals_ns.iter().all(|total| *total > 0.0), "too short for the clock");
    Ok(Reply::Measured { totals_ns, page_faults_minor, involuntary_switches })
}

fn reply(replies: &mut impl Write, reply: &Reply) -> Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    replies.write_all(&line).and_then(|()| replies.flush()).context("nobody listens")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(workload: &str, requests: &[Request]) -> Vec<Reply> {
        let folder = tempfile::tempdir().unwrap();
        let lines = requests.iter().map(|request| serde_json::to_string(request).unwrap() + "\n");
        let lines: String = lines.collect();
        let mut said = Vec::new();
        // What fails is in the replies.
        let _ = serve(workload, folder.path(), lines.as_bytes(), &mut said);
        let text = String::from_utf8(said).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn requests_are_served_in_order() {
        let requests =
            [Request::WarmUp { at_least_ns: 1000 }, Request::Measure { iterations: 3, samples: 2 }];
        let replies = answers("value/deep-copy/array of integers/10", &requests);
        let [Reply::Ready, Reply::WarmedUp { iteration_ns }, Reply::Measured { totals_ns, .. }] =
            &replies[..]
        else {
            panic!("{replies:?}")
        };
        assert!(*iteration_ns > 0.0);
        assert_eq!(totals_ns.len(), 2);
    }

    #[test]
    fn what_cannot_be_measured_says_why() {
        assert!(
            matches!(&answers("no such", &[])[..], [Reply::Failed { why }] if why.contains("no such"))
        );
        let nothing = Request::Measure { iterations: 0, samples: 1 };
        let replies = answers("value/deep-copy/array of integers/10", &[nothing]);
        assert!(matches!(&replies[..], [Reply::Ready, Reply::Failed { .. }]), "{replies:?}");
    }
}
