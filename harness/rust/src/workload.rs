//! Questions and their workloads.

use anyhow::{Result, ensure};
use simple_records::harness::{Family, Gating, Listed};
use simple_records::{Axes, Comparison, Display, Effort, Instrument, Scale, Work};
use std::fmt;
use std::time::{Duration, Instant};

/// A question: alternatives that do the same. The first one is the default.
#[derive(Debug)]
pub struct Question {
    pub(crate) id: String,
    title: String,
    series_axis: String,
    x_axis: String,
    item: String,
    pub(crate) workloads: Vec<Workload>,
}

impl Question {
    /// `id` names it (`sum`), `title` asks it, `series_axis` is what is chosen (`way`), `x_axis` the
    /// number that varies (`numbers`), `item` what an iteration processes (`number`).
    pub fn new(id: &str, title: &str, series_axis: &str, x_axis: &str, item: &str) -> Self {
        let [id, title, series_axis, x_axis, item] =
            [id, title, series_axis, x_axis, item].map(str::to_owned);
        Self { id, title, series_axis, x_axis, item, workloads: Vec::new() }
    }

    /// Adds a workload, `question/alternative/x` by name: `run` does its work once, which processes `x`
    /// items, and returns `expected`.
    #[must_use]
    pub fn workload(
        mut self,
        alternative: &str,
        x: u64,
        expected: u64,
        run: impl FnMut() -> u64 + 'static,
    ) -> Self {
        self.workloads.push(Workload {
            alternative: alternative.to_owned(),
            x,
            expected,
            is_peer: false,
            run: Box::new(run),
        });
        self
    }

    /// Adds somebody else's code, to compare with.
    #[must_use]
    pub fn peer(
        self,
        alternative: &str,
        x: u64,
        expected: u64,
        run: impl FnMut() -> u64 + 'static,
    ) -> Self {
        let mut this = self.workload(alternative, x, expected, run);
        this.workloads.iter_mut().last().into_iter().for_each(|peer| peer.is_peer = true);
        this
    }

    /// As the catalogue lists it.
    pub(crate) fn listed(&self) -> Family {
        let default = self.workloads.iter().find(|one| !one.is_peer);
        let defaults = default.map_or_else(Axes::default, |one| {
            Axes::default().with(&self.series_axis, one.alternative.as_str())
        });
        let listed = |one: &Workload| Listed {
            workload: one.name(&self.id),
            comparison: self.id.clone(),
            reason: "an alternative".to_owned(),
            axes: Axes::default()
                .with(&self.series_axis, one.alternative.as_str())
                .with(&self.x_axis, one.x),
            peer: one.is_peer,
            effort: Effort::Quick,
            instruments: vec![Instrument::Wall],
            gating: Gating::Always,
        };
        Family {
            comparison: Comparison {
                id: self.id.clone(),
                title: self.title.clone(),
                explanation: String::new(),
                x_axis: self.x_axis.clone(),
                x_scale: Scale::Log,
                series_axis: self.series_axis.clone(),
                facet_axis: None,
                defaults,
                item: self.item.clone(),
                display: Display::TimePerItem,
            },
            workloads: self.workloads.iter().map(listed).collect(),
        }
    }
}

/// A function that is timed.
pub struct Workload {
    alternative: String,
    x: u64,
    expected: u64,
    is_peer: bool,
    run: Box<dyn FnMut() -> u64>,
}

impl fmt::Debug for Workload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Workload({}/{})", self.alternative, self.x)
    }
}

impl Workload {
    pub(crate) fn name(&self, question: &str) -> String {
        format!("{question}/{}/{}", self.alternative, self.x)
    }

    pub(crate) fn work(&self) -> Work {
        Work { items: self.x.max(1), bytes: None, threads: Some(1) }
    }

    pub(crate) fn once(&mut self) -> u64 {
        (self.run)()
    }

    pub(crate) fn ensure_right(&self, result: u64) -> Result<()> {
        ensure!(result == self.expected, "the result is {result}, but {} is right", self.expected);
        Ok(())
    }

    /// Runs iterations and returns their time.
    pub(crate) fn iterate(&mut self, iterations: u64) -> Result<Duration> {
        let began = Instant::now();
        let mut wrong = None;
        for _ in 0..iterations {
            let result = (self.run)();
            if result != self.expected {
                wrong = Some(result);
                break;
            }
        }
        let elapsed = began.elapsed();
        wrong.map_or(Ok(()), |result| self.ensure_right(result))?;
        Ok(elapsed)
    }

    /// Runs for at least this long. Returns the time of an iteration in ns, never 0.
    pub(crate) fn warm_up(&mut self, at_least: Duration) -> Result<f64> {
        let (mut batch, mut iterations, mut spent) = (1, 0, Duration::ZERO);
        while spent < at_least || iterations == 0 {
            let time = self.iterate(batch)?;
            iterations += batch;
            spent += time;
            if time < at_least / 8 {
                batch *= 2;
            }
        }
        Ok((spent.as_nanos() as f64 / iterations as f64).max(1e-3))
    }
}
