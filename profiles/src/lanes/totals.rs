//! Activity of threads, summed up.

use super::{Lane, Span};

/// Totals of a thread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Its name.
    pub name: String,
    /// Jobs that it ran.
    pub jobs: u64,
    /// Time spent on jobs, in ns.
    pub run_ns: u64,
    /// Times that it slept for want of work.
    pub parks: u64,
    /// Time spent asleep, in ns.
    pub parked_ns: u64,
    /// Times that it took jobs from another thread.
    pub steals: u64,
    /// Times that it woke another thread.
    pub wakes: u64,
    /// Older events that did not fit and count in none of the others.
    pub dropped: u64,
}

/// Sums up each lane, in their order.
pub fn totals(lanes: &[Lane]) -> Vec<Totals> {
    lanes.iter().map(of_lane).collect()
}

/// The time from the first event of all lanes to the last one, in ns.
pub fn span_ns(lanes: &[Lane]) -> u64 {
    let spans = lanes.iter().flat_map(|lane| &lane.spans);
    let times = spans.flat_map(|span| [span.begin_us, span.end_us]);
    let times = times.chain(lanes.iter().flat_map(|lane| &lane.marks).map(|mark| mark.at_us));
    let (first, last) =
        times.fold((f64::MAX, f64::MIN), |(first, last), time| (first.min(time), last.max(time)));
    ns(last - first)
}

fn of_lane(lane: &Lane) -> Totals {
    let spans = |name: &'static str| lane.spans.iter().filter(move |span| span.name == name);
    let marks = |name: &'static str| lane.marks.iter().filter(move |mark| mark.name == name);
    let time_ns = |name| spans(name).map(|span: &Span| ns(span.end_us - span.begin_us)).sum();
    Totals {
        name: lane.name.clone(),
        jobs: spans("run").map(|span| span.jobs).sum(),
        run_ns: time_ns("run"),
        parks: spans("park").count() as u64,
        parked_ns: time_ns("park"),
        steals: marks("steal").count() as u64,
        wakes: marks("wake").count() as u64,
        dropped: marks("dropped").map(|mark| mark.dropped).sum(),
    }
}

/// Microseconds as whole nanoseconds; 0 if there are none.
fn ns(us: f64) -> u64 {
    (us * 1000.0).round().max(0.0) as u64
}
