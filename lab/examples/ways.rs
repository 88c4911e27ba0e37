//! An experiment: how narrow an interval do different ways of measuring buy in equal time?
//!
//! One program is compared with itself, so the right answer is known to be "no difference". Blocks of
//! all ways alternate, so they share the machine's moods. For each workload, way and summary of a
//! side's samples it prints how far the interval of the difference reaches to either side, scaled to
//! ten seconds of measuring (it shrinks with the root of the time).
//!
//! ```sh
//! cargo build --release -p simple-benches --bin simple-bench
//! cargo run --release -p simple-lab --example ways -- target/release/simple-bench 30 aop/chain/runtime/4
//! ```
//!
//! Arguments are the program, seconds for each workload, and workloads. METHODOLOGY.md says what was found.

use anyhow::{Context, Result, ensure};
use simple_lab::harness::{Client, sources};
use simple_lab::{owned, programs};
use simple_reports::stats::{quantile, signed_rank};
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

const WARM_UP_NS: u64 = 3_000_000;
const SAMPLE_NS: f64 = 500_000.0;

/// Order of two sides in time, or their arrangement on processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Turns of 4 ms, as the gate takes them.
    Turns,
    /// Turns of 1 ms, four times as many.
    ShortTurns,
    /// Turns of 16 ms.
    LongTurns,
    /// A turn of 1 ms each: more processes in the same time.
    Brief,
    /// Turns of 4 ms, everything on one processor.
    PinnedTurns,
    /// Both sides at once on a processor each, then exchanged (Bulej et al., Duet Benchmarking, 2020).
    Duet,
}

const WAYS: [Way; 6] =
    [Way::Turns, Way::ShortTurns, Way::LongTurns, Way::Brief, Way::PinnedTurns, Way::Duet];

/// The number that represents the samples of a side.
#[derive(Debug, Clone, Copy)]
enum Summary {
    Quantile(f64),
    Mean,
}

const SUMMARIES: [Summary; 5] = [
    Summary::Quantile(0.0),
    Summary::Quantile(0.1),
    Summary::Quantile(0.25),
    Summary::Quantile(0.5),
    Summary::Mean,
];

/// Samples of both sides of a block, in ns an iteration.
type Sides = [Vec<f64>; 2];

/// Blocks of one way.
#[derive(Debug, Default)]
struct Measured {
    blocks: Vec<Sides>,
    elapsed_s: f64,
}

/// The program, and the folder of its files.
struct Ground {
    program: PathBuf,
    data: PathBuf,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let program = PathBuf::from(arguments.next().context("name the program")?);
    ensure!(program.is_file(), "there is no program {}", program.display());
    let seconds = arguments.next().context("say how many seconds for each workload")?;
    let seconds: f64 = seconds.to_string_lossy().parse().context("seconds are a number")?;
    let folder = owned::scratch()?;
    sources::make_list(folder.path(), None)?;
    let ground = Ground { program: std::path::absolute(program)?, data: folder.path().to_owned() };
    println!("reach of the interval to either side after ten seconds, in percent, by summary");
    let names = SUMMARIES.map(|summary| match summary {
        Summary::Quantile(q) => format!("{q:>8.2}"),
        Summary::Mean => format!("{:>8}", "mean"),
    });
    println!("{:46}{:14}{}", "", "", names.concat());
    for workload in arguments {
        measure(&ground, &workload.to_string_lossy(), seconds)?;
    }
    Ok(())
}

fn measure(ground: &Ground, workload: &str, seconds: f64) -> Result<()> {
    let began = Instant::now();
    let mut all: Vec<(Way, Measured)> = WAYS.map(|way| (way, Measured::default())).into();
    while began.elapsed().as_secs_f64() < seconds {
        for (way, measured) in &mut all {
            let began = Instant::now();
            let block = ground.block(*way, workload).with_context(|| workload.to_owned())?;
            measured.elapsed_s += began.elapsed().as_secs_f64();
            measured.blocks.push(block);
        }
    }
    for (way, measured) in &all {
        let reach = SUMMARIES.map(|summary| reach_percent(measured, summary));
        let reach = reach.map(|reach| reach.map_or("-".into(), |reach| format!("{reach:.2}")));
        let columns = reach.map(|reach| format!("{reach:>8}")).concat();
        println!(
            "{workload:46}{:14}{columns}  {} blocks",
            format!("{way:?}"),
            measured.blocks.len()
        );
    }
    Ok(())
}

fn reach_percent(measured: &Measured, summary: Summary) -> Option<f64> {
    let side = |samples: &Vec<f64>| match summary {
        Summary::Quantile(q) => quantile(samples, q).map(f64::ln),
        Summary::Mean => Some((samples.iter().sum::<f64>() / samples.len() as f64).ln()),
    };
    let differences =
        measured.blocks.iter().filter_map(|[one, other]| Some(side(one)? - side(other)?));
    let interval = signed_rank(&differences.collect::<Vec<_>>())?.interval;
    Some((interval.high - interval.low) / 2.0 * (measured.elapsed_s / 10.0).sqrt() * 100.0)
}

impl Ground {
    fn block(&self, way: Way, workload: &str) -> Result<Sides> {
        match way {
            Way::Turns => self.turns(workload, None, 8, &[0, 1, 1, 0]),
            Way::ShortTurns => self.turns(workload, None, 2, &[0, 1, 1, 0].repeat(4)),
            Way::LongTurns => self.turns(workload, None, 32, &[0, 1, 1, 0]),
            Way::Brief => self.turns(workload, None, 2, &[0, 1]),
            Way::PinnedTurns => self.turns(workload, Some("0"), 8, &[0, 1, 1, 0]),
            Way::Duet => self.duet(workload),
        }
    }

    fn start(&self, workload: &str, processor: Option<&str>) -> Result<Client> {
        let mut command = match processor {
            Some(processor) => programs::taskset(processor),
            None => programs::measured(&self.program),
        };
        if processor.is_some() {
            command.arg(&self.program);
        }
        command.env("SIMPLE_BENCH_PADDING", "x".repeat(fastrand::usize(..4096)));
        Client::prepared(command, workload, &self.data, None)
    }

    /// Turns of `samples` samples in the `order` of sides.
    fn turns(
        &self,
        workload: &str,
        pin: Option<&str>,
        samples: u32,
        order: &[usize],
    ) -> Result<Sides> {
        let mut clients = [self.start(workload, pin)?, self.start(workload, pin)?];
        let iterations = iterations(clients[0].warm_up(WARM_UP_NS)?);
        clients[1].warm_up(WARM_UP_NS)?;
        let mut sides = Sides::default();
        for &side in order {
            sides[side].extend(timed(&mut clients[side], iterations, samples)?);
        }
        Ok(sides)
    }

    /// Both at once, on one processor each; then two fresh ones the other way round.
    fn duet(&self, workload: &str) -> Result<Sides> {
        let mut sides = Sides::default();
        for places in [["0", "1"], ["1", "0"]] {
            let [mut one, mut other] =
                [self.start(workload, Some(places[0]))?, self.start(workload, Some(places[1]))?];
            let iterations = iterations(one.warm_up(WARM_UP_NS)?);
            let run = |client: &mut Client| {
                client.warm_up(WARM_UP_NS)?;
                timed(client, iterations, 16)
            };
            let [first, second] = thread::scope(|scope| {
                let second = scope.spawn(|| run(&mut other));
                [run(&mut one), second.join().expect("it does not panic")]
            });
            sides[0].extend(first?);
            sides[1].extend(second?);
        }
        Ok(sides)
    }
}

fn iterations(iteration_ns: f64) -> u64 {
    (SAMPLE_NS / iteration_ns.max(0.1)).ceil().max(1.0) as u64
}

fn timed(client: &mut Client, iterations: u64, samples: u32) -> Result<Vec<f64>> {
    let totals = client.time(iterations, samples)?.totals_ns;
    Ok(totals.into_iter().map(|total| total / iterations as f64).collect())
}
