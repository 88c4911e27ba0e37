//! A workload: something to measure, with what must be known to read its figures.

use crate::{Data, Prepared};
use anyhow::Result;
use clap::ValueEnum;
use simple_records::{Axes, Subject};

/// A way to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum)]
pub enum Instrument {
    /// Wall time, by criterion.
    Wall,
    /// Page faults and context switches, by getrusage.
    Os,
    /// Latency at a fixed rate, by an open-loop generator and hdrhistogram.
    Latency,
    /// Instructions, by callgrind, and heap use, by DHAT.
    Instructions,
}

impl Instrument {
    /// Every instrument, in the order in which a run uses them.
    pub const ALL: [Self; 4] = [Self::Wall, Self::Os, Self::Latency, Self::Instructions];

    /// What records and the command line call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Os => "os",
            Self::Latency => "latency",
            Self::Instructions => "instructions",
        }
    }
}

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Profile {
    /// A few minutes: the most telling workloads, enough to see what is twice as fast.
    Quick,
    /// Longer: many more workloads, as closely.
    Standard,
    /// Hours: every workload, enough to see a few percent.
    Full,
}

impl Profile {
    /// What records call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }
}

/// When a workload is judged where two builds are compared by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gating {
    /// Where every choice is the default, and no more threads run than there are processors.
    AtDefaults,
    /// Always: it represents a mode for which people choose this runtime.
    Always,
    /// Never: its time is the disk's.
    Never,
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
    /// The least profile that measures it.
    pub profile: Profile,
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
    /// A workload of the runtime, for wall time, in every profile, judged at the defaults.
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
            profile: Profile::Quick,
            instruments: &[Instrument::Wall],
            gating: Gating::AtDefaults,
            prepare: Box::new(prepare),
        }
    }

    /// Makes it somebody else's code, to compare with.
    pub fn peer(&mut self) -> &mut Self {
        self.peer_if(true)
    }

    /// Says whether it is somebody else's code.
    pub fn peer_if(&mut self, peer: bool) -> &mut Self {
        self.peer = peer;
        self
    }

    /// Leaves it out of smaller profiles than this.
    pub fn in_profile(&mut self, profile: Profile) -> &mut Self {
        self.profile = profile;
        self
    }

    /// Has every profile measure it.
    pub fn quick(&mut self) -> &mut Self {
        self.in_profile(Profile::Quick)
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

    /// What the list of names says of it.
    pub fn listed(&self) -> simple_names::Workload {
        let axes = self.axes.iter().map(|(axis, value)| (axis.to_owned(), value.to_string()));
        simple_names::Workload {
            name: self.name.clone(),
            profile: self.profile.name().to_owned(),
            axes: axes.collect(),
        }
    }

    /// What records say of it, with what an iteration of it processes.
    pub fn subject(&self, items: u64, bytes: Option<u64>) -> Subject {
        Subject {
            workload: self.name.clone(),
            comparison: self.comparison.clone(),
            reason: self.reason.to_owned(),
            axes: self.axes.clone(),
            peer: self.peer,
            items,
            bytes,
        }
    }
}
