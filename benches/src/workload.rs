//! A workload: something to measure, and all that a reader of its figures must know.

use crate::{Data, Prepared};
use anyhow::Result;
use simple_records::harness::{Gating, Listed};
use simple_records::{Axes, Effort, Instrument};

type Prepare = Box<dyn Fn(&Data) -> Result<Prepared>>;

/// Something to measure.
pub struct Workload {
    /// The comparison's id and the value on each axis: `file/load/populate/1MiB/warm`.
    pub name: String,
    /// The id of the comparison it belongs to.
    pub comparison: String,
    /// Why it exists.
    pub reason: &'static str,
    /// Its place in its comparison.
    pub axes: Axes,
    /// True for somebody else's code, to compare with.
    pub peer: bool,
    /// The least effort that measures it.
    pub effort: Effort,
    /// The instruments that suit it.
    pub instruments: &'static [Instrument],
    /// When it is judged where two builds are compared.
    pub gating: Gating,
    prepare: Prepare,
}

impl std::fmt::Debug for Workload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Workload({})", self.name)
    }
}

impl Workload {
    /// A workload of the runtime, for wall time, at every effort, judged at the defaults.
    /// `prepare` is not measured.
    pub fn new(
        comparison: &str,
        axes: Axes,
        reason: &'static str,
        prepare: impl Fn(&Data) -> Result<Prepared> + 'static,
    ) -> Self {
        let values = axes.iter().map(|(_, value)| format!("/{value}")).collect::<String>();
        Self {
            name: comparison.to_owned() + &values,
            comparison: comparison.to_owned(),
            reason,
            axes,
            peer: false,
            effort: Effort::Quick,
            instruments: &[Instrument::Wall],
            gating: Gating::AtDefaults,
            prepare: Box::new(prepare),
        }
    }

    /// Makes it somebody else's code, to compare with.
    pub fn peer(&mut self) -> &mut Self {
        self.peer_if(true)
    }

    /// Makes it somebody else's code, or the runtime's own.
    pub fn peer_if(&mut self, peer: bool) -> &mut Self {
        self.peer = peer;
        self
    }

    /// Leaves it out where less effort than this is made.
    pub fn effort(&mut self, effort: Effort) -> &mut Self {
        self.effort = effort;
        self
    }

    /// Has it measured at every effort.
    pub fn quick(&mut self) -> &mut Self {
        self.effort(Effort::Quick)
    }

    /// Sets the instruments that suit it.
    pub fn instruments(&mut self, instruments: &'static [Instrument]) -> &mut Self {
        self.instruments = instruments;
        self
    }

    /// Has it judged also beside the defaults.
    pub fn gated(&mut self) -> &mut Self {
        self.gating = Gating::Always;
        self
    }

    /// Never has it judged: its time is the disk's.
    pub fn not_gated(&mut self) -> &mut Self {
        self.gating = Gating::Never;
        self
    }

    /// Does all that comes before measuring.
    pub fn prepare(&self, data: &Data) -> Result<Prepared> {
        (self.prepare)(data)
    }

    /// Its line of the catalogue.
    pub fn listed(&self) -> Listed {
        Listed {
            workload: self.name.clone(),
            comparison: self.comparison.clone(),
            reason: self.reason.to_owned(),
            axes: self.axes.clone(),
            peer: self.peer,
            effort: self.effort,
            instruments: self.instruments.to_vec(),
            gating: self.gating,
        }
    }
}
