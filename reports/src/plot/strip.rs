//! All samples of one workload: a row a round, a dot a sample, a tick at the round's median,
//! and behind them the median over rounds with its interval, or the times of several states. Written by hand and not by
//! plotters, because a page has a thousand of them: the dots of a round are one path.

use crate::analysis::Timed;
use std::fmt::Write;

const WIDTH_PX: f64 = 300.0;
const PAD_PX: f64 = 5.0;
const ROW_PX: usize = 10;

/// Rounds drawn; a run has a few, but a record may claim any number.
const MOST_ROUNDS: usize = 40;

/// Samples drawn of each round, evenly chosen if there are more.
const MOST_SAMPLES: usize = 60;

/// The picture; nothing of it is text, so nothing needs to be escaped.
pub fn strip(workload: &Timed) -> String {
    let rounds = &workload.rounds[..workload.rounds.len().min(MOST_ROUNDS)];
    let samples = || rounds.iter().flat_map(|round| round.samples_ns.iter().copied());
    let least = samples().fold(f64::INFINITY, f64::min);
    let most = samples().fold(0.0, f64::max);
    // Logarithms in any case: near each other they are as good as linear.
    let span = (most / least).ln().max(1e-9);
    let x = |ns: f64| PAD_PX + (ns / least).ln() / span * (WIDTH_PX - 2.0 * PAD_PX);
    let height = rounds.len() * ROW_PX + 4;
    let mut svg = format!(
        "<svg class=\"strip\" aria-hidden=\"true\" width=\"{WIDTH_PX}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH_PX} {height}\">"
    );
    let is_of_one_kind = workload.states.len() < 2;
    if let Some(interval) = workload.interval_ns.filter(|_| is_of_one_kind) {
        let (low, high) = (x(interval.low), x(interval.high));
        let width = (high - low).max(1.0);
        let _ = write!(
            svg,
            "<path class=\"band\" d=\"M{low:.0} 0h{width:.0}v{height}h-{width:.0}z\"/>"
        );
    }
    let centres: Vec<f64> = match is_of_one_kind {
        true => vec![workload.time_ns],
        false => workload.states.iter().map(|state| state.time_ns).collect(),
    };
    for centre in centres {
        let _ = write!(svg, "<path class=\"centre\" d=\"M{:.1} 0v{height}\"/>", x(centre));
    }
    let (mut dots, mut ticks) = (String::new(), String::new());
    for (row, round) in rounds.iter().enumerate() {
        let y = row * ROW_PX + ROW_PX / 2 + 2;
        let every = round.samples_ns.len().div_ceil(MOST_SAMPLES).max(1);
        for ns in round.samples_ns.iter().step_by(every) {
            let _ = write!(dots, "M{:.0} {y}z", x(*ns));
        }
        let _ = write!(ticks, "M{:.0} {}v8", x(round.time_ns), y - 4);
    }
    let _ = write!(
        svg,
        "<path class=\"dots\" d=\"{dots}\"/><path class=\"tick\" d=\"{ticks}\"/></svg>"
    );
    svg
}
