//! Time that blocks get.

use simple_records::{Instrument, Noise, Run};
use std::time::{Duration, Instant};

/// Time of wall measurements.
#[derive(Debug)]
pub(super) struct Budget {
    began: Instant,
    all: Duration,
}

impl Budget {
    fn of(seconds: f64) -> Self {
        Self { began: Instant::now(), all: Duration::from_secs_f64(seconds.max(0.0)) }
    }

    /// Rest of these seconds in an interrupted run; all of them for one that is complete and
    /// is added to. Starts of processes are in no record, so a little more is left than was.
    pub(super) fn left_of(seconds: f64, run: &Run) -> Self {
        let is_wall = |noise: &&Noise| noise.instrument == Some(Instrument::Wall);
        let spent_s: f64 = match run.end {
            Some(_) => 0.0,
            None => run.noise.iter().filter(is_wall).map(|noise| noise.elapsed_s).sum(),
        };
        Self::of(seconds - spent_s.max(0.0))
    }

    pub(super) fn left(&self) -> Duration {
        self.all.saturating_sub(self.began.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_records::{RunEnd, RunStart};

    #[test]
    fn a_budget_ends_and_never_goes_below_nothing() {
        assert_eq!(Budget::of(-1.0).left(), Duration::ZERO);
        assert!(Budget::of(1000.0).left() > Duration::from_secs(900));
    }

    #[test]
    fn an_interrupted_run_has_less_of_its_budget_left() {
        let noise = |instrument, elapsed_s| Noise {
            instrument: Some(instrument),
            elapsed_s,
            ..Noise::default()
        };
        let mut run = Run {
            noise: vec![noise(Instrument::Wall, 700.0), noise(Instrument::Latency, 200.0)],
            ..Run::begun(RunStart::example())
        };
        let left = Budget::left_of(1000.0, &run).left();
        assert!(left <= Duration::from_secs(300) && left > Duration::from_secs(200), "{left:?}");
        run.end = Some(RunEnd {
            finished_unix_s: 0,
            measured: 1,
            skipped: 0,
            not_selected: 0,
            questions: None,
            answered: None,
        });
        assert!(Budget::left_of(1000.0, &run).left() > Duration::from_secs(900));
    }
}
