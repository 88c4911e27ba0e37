//! A workload: something to measure, with what must be known to read its figures.

use crate::Data;
use anyhow::{Result, ensure};
use simple_records::{Axes, Comparison};

/// A way to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instrument {
    /// Wall time, by criterion.
    Wall,
}

impl Instrument {
    /// What records call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wall => "wall",
        }
    }
}

type Prepare = Box<dyn Fn(&Data) -> Result<Prepared>>;

/// Something to measure.
pub struct Workload {
    /// The comparison's id and the value on each axis: `file/load/populate/1MiB/warm`.
    pub name: String,
    /// The id of the comparison it belongs to.
    pub comparison: String,
    /// Why it exists.
    pub reason: &'static str,
    /// Where it stands in its comparison.
    pub axes: Axes,
    /// Whether it is somebody else's code, to compare with.
    pub peer: bool,
    /// The instruments that suit it.
    pub instruments: &'static [Instrument],
    prepare: Prepare,
}

impl std::fmt::Debug for Workload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Workload({})", self.name)
    }
}

impl Workload {
    /// A workload of the runtime for all instruments. `prepare` is not measured.
    pub fn new(
        comparison: &Comparison,
        axes: Axes,
        reason: &'static str,
        prepare: impl Fn(&Data) -> Result<Prepared> + 'static,
    ) -> Self {
        let values = axes.iter().map(|(_, value)| format!("/{value}")).collect::<String>();
        Self {
            name: comparison.id.clone() + &values,
            comparison: comparison.id.clone(),
            reason,
            axes,
            peer: false,
            instruments: &[Instrument::Wall],
            prepare: Box::new(prepare),
        }
    }

    /// The same, of somebody else's code.
    #[must_use]
    pub fn peer(mut self) -> Self {
        self.peer = true;
        self
    }

    /// Does all that comes before measuring.
    pub fn prepare(&self, data: &Data) -> Result<Prepared> {
        (self.prepare)(data)
    }
}

/// A workload that is ready to run.
pub struct Prepared {
    /// One iteration. What it was prepared with is taken down when it is dropped.
    pub run: Box<dyn FnMut() -> u64>,
    /// What every iteration answers, if all is right.
    pub expected: u64,
    /// Items that one iteration processes.
    pub items: u64,
    /// Bytes that one iteration processes, where that makes sense.
    pub bytes: Option<u64>,
    audit: Option<Box<dyn FnOnce(u64) -> Result<()>>>,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prepared({} items)", self.items)
    }
}

impl Prepared {
    /// A closure that processes `items` and answers `expected`.
    pub fn new(items: u64, expected: u64, run: impl FnMut() -> u64 + 'static) -> Self {
        Self { run: Box::new(run), expected, items, bytes: None, audit: None }
    }

    /// Adds how many bytes an iteration processes.
    #[must_use]
    pub fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = Some(bytes);
        self
    }

    /// Adds a look at the effects, after so many iterations.
    #[must_use]
    pub fn audit(mut self, audit: impl FnOnce(u64) -> Result<()> + 'static) -> Self {
        self.audit = Some(Box::new(audit));
        self
    }

    /// Runs it `iterations` times and fails where an answer or an effect is wrong.
    pub fn check(mut self, iterations: u64) -> Result<()> {
        for _ in 0..iterations {
            let answer = (self.run)();
            ensure!(
                answer == self.expected,
                "it answered {answer} where {} is right",
                self.expected
            );
        }
        match self.audit.take() {
            Some(audit) => audit(iterations),
            None => Ok(()),
        }
    }
}
