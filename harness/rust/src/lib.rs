//! Makes functions of a Rust program workloads that `lab` can time.
//!
//! ```no_run
//! use lab_harness::{Harness, Question};
//!
//! let numbers: Vec<u64> = (1..=1000).collect();
//! let (all, same) = (numbers.clone(), numbers);
//! Harness::new()
//!     .question(
//!         Question::new("sum", "Which way of summing?", "way", "numbers", "number")
//!             .workload("loop", 1000, 500_500, move || {
//!                 let mut sum = 0;
//!                 for number in &all {
//!                     sum += number;
//!                 }
//!                 sum
//!             })
//!             .workload("iterator", 1000, 500_500, move || same.iter().sum()),
//!     )
//!     .main();
//! ```
//!
//! `lab run --program target/release/program` times the alternatives in blocks, until they are told
//! apart. Each iteration's result is compared with the right one: work that nobody looks at is removed
//! by compilers, and wrong work is not worth a measurement.
//!
//! The language is that of [`simple_records::harness`].

mod process;
mod workload;

pub use workload::{Question, Workload};

use anyhow::{Result, bail};
use simple_records::harness::{
    Amount, Catalogue, Measured, Outcome, Repeated, Reply, Request, Settings,
};
use simple_records::{Instrument, Sample};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::process::ExitCode;
use std::time::Duration;

/// An iteration that takes longer than this many samples is timed [`SLOW_SAMPLES`] times.
const SLOW: f64 = 4.0;
/// Samples of an iteration that is slow.
const SLOW_SAMPLES: usize = 4;

/// All questions of a program. It is served on the thread that calls [`Harness::main`].
#[derive(Debug, Default)]
pub struct Harness {
    questions: Vec<Question>,
    /// Place of the prepared workload: question, and workload in it.
    prepared: Option<(usize, usize)>,
}

impl Harness {
    /// Without questions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a question with its workloads.
    ///
    /// # Panics
    /// If two workloads have the same name: they could not be told apart.
    #[must_use]
    pub fn question(mut self, question: Question) -> Self {
        self.questions.push(question);
        let mut names = std::collections::BTreeSet::new();
        for question in &self.questions {
            for one in &question.workloads {
                let name = one.name(&question.id);
                assert!(names.insert(name.clone()), "two workloads are called {name}");
            }
        }
        self
    }

    /// Serves requests, if `lab` started the program; says how to use it otherwise.
    ///
    /// Exit codes: 0 all requests were served; 1 some were not; 2 wrong usage, or nobody reads the
    /// replies.
    pub fn main(mut self) -> ExitCode {
        let mut arguments = std::env::args();
        let program = arguments.next().unwrap_or_default();
        if arguments.next().as_deref() != Some(simple_records::harness::SERVE) {
            eprintln!("{program} is measured by: lab run --program {program}");
            return ExitCode::from(2);
        }
        let served = process::take_streams()
            .and_then(|(requests, mut replies)| self.serve(BufReader::new(requests), &mut replies));
        match served {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("error: {error:#}");
                ExitCode::from(2)
            }
        }
    }

    /// Serves requests until there are no more. Returns whether all could be served.
    ///
    /// # Errors
    /// If requests cannot be read, or nobody reads the replies.
    pub fn serve(&mut self, requests: impl BufRead, replies: &mut impl Write) -> Result<bool> {
        let mut are_served = true;
        let mut send = |reply: &Reply| -> Result<()> {
            let mut line = serde_json::to_vec(reply)?;
            line.push(b'\n');
            replies.write_all(&line)?;
            Ok(replies.flush()?)
        };
        send(&Reply::Ready)?;
        for line in requests.lines() {
            let request = serde_json::from_str(&line?).map_err(anyhow::Error::from);
            let reply = request.and_then(|request| self.reply(request)).unwrap_or_else(|error| {
                are_served = false;
                Reply::Failed { why: format!("{error:#}") }
            });
            send(&reply)?;
        }
        Ok(are_served)
    }

    fn reply(&mut self, request: Request) -> Result<Reply> {
        match request {
            Request::Catalogue => {
                let families = self.questions.iter().map(Question::listed).collect();
                return Ok(Reply::Catalogue(Catalogue { families }));
            }
            Request::Prepare { workload, .. } => return self.prepare(&workload),
            _ => {}
        }
        let Some((question, workload)) = self.prepared else { bail!("no workload is prepared") };
        let workload = &mut self.questions[question].workloads[workload];
        Ok(match request {
            Request::Measure { instrument: Instrument::Wall, settings } => {
                Reply::Measured(measure(workload, settings)?)
            }
            Request::Measure { .. } => bail!("this harness has the instrument wall alone"),
            Request::WarmUp { at_least_ns } => Reply::WarmedUp {
                iteration_ns: workload.warm_up(Duration::from_nanos(at_least_ns))?,
            },
            Request::Time { iterations, samples } => time(workload, iterations, samples)?,
            Request::Count => {
                let result = simple_bench_counted(workload);
                workload.ensure_right(result)?;
                Reply::Counted
            }
            Request::Repeat(repeat) => Reply::Repeated(repeated(workload, repeat.amount)?),
            Request::Check => {
                workload.iterate(2)?;
                Reply::Right
            }
            Request::Catalogue | Request::Prepare { .. } => unreachable!("they are served above"),
        })
    }

    fn prepare(&mut self, name: &str) -> Result<Reply> {
        self.prepared = None;
        for (at, question) in self.questions.iter_mut().enumerate() {
            let named = question.workloads.iter().position(|one| one.name(&question.id) == name);
            if let Some(workload) = named {
                question.workloads[workload].iterate(1)?;
                self.prepared = Some((at, workload));
                return Ok(Reply::Prepared(question.workloads[workload].work()));
            }
        }
        bail!("no workload is called '{name}'")
    }
}

fn measure(workload: &mut Workload, settings: Settings) -> Result<Measured> {
    let switches = process::involuntary_switches();
    let iteration_ns = workload.warm_up(Duration::from_millis(settings.warm_up_ms))?;
    let mut count = settings.samples.max(1);
    let sample_ns = settings.measurement_ms as f64 * 1e6 / count as f64;
    if iteration_ns > SLOW * sample_ns {
        count = count.min(SLOW_SAMPLES);
    }
    let iterations = ((sample_ns / iteration_ns) as u64).max(1);
    let mut samples = Vec::with_capacity(count);
    for _ in 0..count {
        let total_ns = workload.iterate(iterations)?.as_nanos() as f64;
        samples.push(Sample { iterations, total_ns });
    }
    Ok(Measured {
        work: workload.work(),
        outcome: Outcome::Samples { samples, discarded: 0, residency: None, layout: None },
        involuntary_switches: process::involuntary_switches().saturating_sub(switches),
    })
}

fn time(workload: &mut Workload, iterations: u64, samples: u32) -> Result<Reply> {
    workload.iterate(1)?;
    let (faults, switches) = (process::minor_faults(), process::involuntary_switches());
    let mut totals_ns = Vec::with_capacity(samples as usize);
    for _ in 0..samples {
        totals_ns.push(workload.iterate(iterations)?.as_nanos() as f64);
    }
    Ok(Reply::Timed {
        totals_ns,
        page_faults_minor: process::minor_faults().saturating_sub(faults),
        involuntary_switches: process::involuntary_switches().saturating_sub(switches),
    })
}

fn repeated(workload: &mut Workload, amount: Amount) -> Result<Repeated> {
    let iterations = match amount {
        Amount::Iterations(iterations) => iterations,
        Amount::ForMs(ms) => {
            let iteration_ns = workload.warm_up(Duration::from_millis(1))?;
            (ms as f64 * 1e6 / iteration_ns) as u64 + 1
        }
    };
    let began = process::monotonic_ns();
    simple_bench_measured(workload, iterations)?;
    let ended = process::monotonic_ns();
    Ok(Repeated {
        iterations,
        measured_ns: ended - began,
        windows: vec![[began, ended]],
        counters: BTreeMap::new(),
        ..Repeated::default()
    })
}

/// The measured part, by a name that profilers look for.
// SAFETY: no other function of a program has the name.
#[unsafe(no_mangle)]
#[inline(never)]
fn simple_bench_measured(workload: &mut Workload, iterations: u64) -> Result<()> {
    // Not the last act: the call stays on the stack.
    black_box(workload.iterate(iterations)).map(drop)
}

/// The iteration that valgrind counts, by the name that its tools are told.
// SAFETY: no other function of a program has the name.
#[unsafe(no_mangle)]
#[inline(never)]
fn simple_bench_counted(workload: &mut Workload) -> u64 {
    black_box(workload.once())
}
