//! The state of the machine meanwhile: kept with the records, because a figure from a busy machine
//! is another figure.

use simple_records::{Instrument, Noise, Ticks, is_same_regime};
use std::fs;
use std::hint;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Moves of a cache line there and back in a batch.
const MOVES: u64 = 2000;
/// Moves between two looks at the clock.
const MOVES_AT_ONCE: u64 = 40;
/// Batches, of which the median counts: an interrupt spoils one, not all.
const BATCHES: usize = 9;
/// Time after which a batch ends early. Where other programs run, each move may take as long as the
/// scheduler lets them run.
const LONGEST_BATCH: Duration = Duration::from_millis(10);
/// Time of all batches together.
const LONGEST_LOOK: Duration = Duration::from_millis(80);
/// Steps of the arithmetic that shows whether processors share a core: some ten microseconds.
const STEPS: u64 = 2000;
/// Number of times that it is done.
const TRIES: usize = 12;
/// The last turn. It is odd, so the other thread sees it.
const END: u64 = u64::MAX;
/// More of a hundred ticks than this stolen by the host is a busy host.
const STEAL_LIMIT_PERCENT: f64 = 2.0;
/// No line takes as long: the two threads did not run at the same time.
const LONGEST_MOVE_NS: f64 = 1000.0;

/// The state of the machine at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meter {
    began: Instant,
    ticks: Option<Ticks>,
    neighbours: Option<Neighbours>,
}

impl Meter {
    pub(super) fn start() -> Self {
        let neighbours = neighbours();
        Self { began: Instant::now(), ticks: Ticks::now(), neighbours }
    }

    /// Without a look at the processors, which may take longer than a short process.
    pub(crate) fn start_in_brief() -> Self {
        Self { began: Instant::now(), ticks: Ticks::now(), neighbours: None }
    }

    /// The noise since the start.
    pub(crate) fn stop(
        self,
        round: u32,
        comparison: &str,
        instrument: Instrument,
        involuntary_switches: u64,
    ) -> Noise {
        let ticks = self.ticks.zip(Ticks::now());
        let steal_percent = ticks.and_then(|(before, now)| now.stolen_percent_since(before));
        let both = self.neighbours.and_then(|before| Some((before, neighbours()?)));
        let line_move_ns = both.map(|(a, b)| [a.line_move_ns, b.line_move_ns]);
        let elapsed_s = self.began.elapsed().as_secs_f64();
        Noise {
            round,
            comparison: comparison.to_owned(),
            instrument: Some(instrument),
            elapsed_s,
            steal_percent,
            load_1min: load(),
            involuntary_switches: Some(involuntary_switches),
            line_move_ns,
            shared_core: both.map(|(a, b)| [a.shared_core, b.shared_core]),
            warnings: warnings(steal_percent, line_move_ns),
        }
    }
}

fn warnings(steal_percent: Option<f64>, line_move_ns: Option<[f64; 2]>) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(steal) = steal_percent.filter(|steal| *steal > STEAL_LIMIT_PERCENT) {
        warnings.push(format!("the host took {steal:.1}% of the processors' time"));
    }
    let Some([before, after]) = line_move_ns else { return warnings };
    if before.max(after) > LONGEST_MOVE_NS {
        warnings.push("two threads did not get two processors: other programs run".to_owned());
    } else if !is_same_regime([before, after]) {
        warnings.push(format!(
            "moving a cache line between the processors cost {before:.0} ns before and \
             {after:.0} ns after: the host has moved them"
        ));
    }
    warnings
}

fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// The two processors of two threads.
#[derive(Debug, Clone, Copy)]
struct Neighbours {
    /// Cost of moving a cache line from one to the other.
    line_move_ns: f64,
    /// Time of arithmetic while another thread computes as well, as a multiple of its time alone:
    /// about 1 on processors of their own, more where two share the units of one core.
    shared_core: f64,
}

/// Cost of moving a cache line to another thread's processor, one way; `None` where
/// there is only one processor.
pub(crate) fn line_move_ns() -> Option<f64> {
    neighbours().map(|both| both.line_move_ns)
}

/// Looks at the processors of two threads; `None` where there is only one processor.
fn neighbours() -> Option<Neighbours> {
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        return None;
    }
    // Of several, the fastest: others only add to it.
    let fastest_ns = || (0..TRIES).map(|_| compute_ns()).min().unwrap_or(1).max(1) as f64;
    let alone_ns = fastest_ns();
    let (turn, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let (batches, together_ns) = std::thread::scope(|scope| {
        scope.spawn(|| {
            reply_to_turns(&turn);
            while !is_over.load(Ordering::Relaxed) {
                compute_ns();
            }
        });
        let batches = batches(&turn);
        turn.store(END, Ordering::Release);
        // Now the two threads are where they are.
        let together_ns = fastest_ns();
        is_over.store(true, Ordering::Relaxed);
        (batches, together_ns)
    });
    Some(Neighbours { line_move_ns: median(batches)?, shared_core: together_ns / alone_ns })
}

/// Costs of a move, one for each whole batch; of batches that ended early if none was whole. Two
/// threads that begin on the same processor stay there until the scheduler has moved one of them.
fn batches(turn: &AtomicU64) -> Vec<f64> {
    let began = Instant::now();
    let (mut whole, mut others, mut last) = (Vec::new(), Vec::new(), 0);
    while whole.len() < BATCHES && began.elapsed() < LONGEST_LOOK {
        match batch(turn, &mut last) {
            (move_ns, true) => whole.push(move_ns),
            (move_ns, false) => others.push(move_ns),
        }
    }
    if whole.is_empty() { others } else { whole }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Time of some arithmetic that keeps the units of a core busy.
fn compute_ns() -> u64 {
    let began = Instant::now();
    let mut sums = [1_u64, 2, 3, 4, 5, 6, 7, 8];
    for step in 0..STEPS {
        for sum in &mut sums {
            *sum = hint::black_box(sum.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ step);
        }
    }
    hint::black_box(sums);
    began.elapsed().as_nanos() as u64
}

/// Moves the line there and back [`MOVES`] times, or fewer where that takes too long. Returns the
/// time of one move, and whether all were made. `last` is the number of the last turn.
fn batch(turn: &AtomicU64, last: &mut u64) -> (f64, bool) {
    let start = Instant::now();
    let mut moves = 0;
    while moves < MOVES && start.elapsed() < LONGEST_BATCH {
        for _ in 0..MOVES_AT_ONCE {
            turn.store(*last + 1, Ordering::Release);
            *last += 2;
            wait_for(turn, |turn| turn == *last);
        }
        moves += MOVES_AT_ONCE;
    }
    (start.elapsed().as_nanos() as f64 / (2 * moves) as f64, moves == MOVES)
}

/// Replies to each odd turn with the next even one, until the end.
fn reply_to_turns(turn: &AtomicU64) {
    loop {
        let asked = wait_for(turn, |turn| turn % 2 == 1);
        if asked == END {
            return;
        }
        turn.store(asked + 1, Ordering::Release);
    }
}

/// Spins until the turn is a wanted one, and gives the processor away where the other thread seems
/// to need it.
fn wait_for(turn: &AtomicU64, is_wanted: impl Fn(u64) -> bool) -> u64 {
    let mut spins = 0_u32;
    loop {
        let now = turn.load(Ordering::Acquire);
        if is_wanted(now) {
            return now;
        }
        spins += 1;
        if spins.is_multiple_of(4096) {
            std::thread::yield_now();
        }
        hint::spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_host_and_moved_processors_are_said() {
        assert_eq!(warnings(Some(0.5), Some([60.0, 62.0])), [""; 0]);
        assert_eq!(warnings(None, None), [""; 0]);
        assert!(warnings(Some(9.0), None)[0].contains("9.0%"));
        assert!(warnings(None, Some([60.0, 28.0]))[0].contains("moved"));
        assert!(warnings(None, Some([60.0, 280.0]))[0].contains("280 ns"));
        assert!(warnings(None, Some([60.0, 40_000.0]))[0].contains("other programs"));
    }

    #[test]
    fn a_meter_says_what_it_could_find_out() {
        let noise = Meter::start().stop(3, "a/b", Instrument::Wall, 5);
        assert_eq!((noise.round, noise.involuntary_switches), (3, Some(5)));
        assert!(noise.elapsed_s > 0.0);
        if let Some(shared) = noise.shared_core {
            // Alone and together are the same work; together is never much faster.
            assert!(shared.iter().all(|times| *times > 0.5), "{shared:?}");
        }
        if let Some(moves) = noise.line_move_ns {
            assert!(moves.iter().all(|ns| *ns > 0.0));
        }
    }
}
