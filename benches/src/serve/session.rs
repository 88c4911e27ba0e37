//! The requests, one by one.

use crate::instruments::{self, instructions, repeat, turns};
use crate::{Data, Prepared, Workload, catalogue};
use anyhow::{Context, Result, anyhow, ensure};
use simple_records::Instrument;
use simple_records::harness::{Reply, Request, Settings};
use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

/// Iterations of a check: what the first leaves behind must not change the result of the next.
const CHECKED_ITERATIONS: u64 = 2;

/// The workload that requests are about.
#[derive(Debug, Default)]
pub(super) struct Session(Option<Held>);

/// A workload that is prepared.
#[derive(Debug)]
struct Held {
    workload: Workload,
    data: Data,
    prepared: Prepared,
}

impl Session {
    /// Serves one request. A panic of the workload is a failure like others; what is left of the
    /// workload then is not touched any more.
    ///
    /// # Errors
    /// If the request comes too early, is about something that does not exist, or the workload
    /// fails.
    pub(super) fn serve(&mut self, request: Request) -> Result<Reply> {
        // Whoever panicked is forgotten below, so that nobody sees what it left undone.
        match catch_unwind(AssertUnwindSafe(|| self.serve_one(request))) {
            Ok(reply) => reply,
            Err(panic) => {
                mem::forget(self.0.take());
                Err(anyhow!("it panicked: {}", message(&*panic)))
            }
        }
    }

    fn serve_one(&mut self, request: Request) -> Result<Reply> {
        match request {
            Request::Catalogue => Ok(Reply::Catalogue(catalogue::listed())),
            Request::Prepare { workload, data } => self.prepare(&workload, data),
            Request::Check => {
                self.take()?.prepared.check(CHECKED_ITERATIONS)?;
                Ok(Reply::Right)
            }
            Request::Measure { instrument, settings } => self.measure(instrument, settings),
            Request::WarmUp { at_least_ns } => turns::warm_up(self.prepared()?, at_least_ns),
            Request::Time { iterations, samples } => {
                turns::time(self.prepared()?, iterations, samples)
            }
            Request::Count => {
                instructions::count(self.prepared()?)?;
                Ok(Reply::Counted)
            }
            Request::Repeat(wanted) => {
                repeat::repeat(self.prepared()?, &wanted).map(Reply::Repeated)
            }
        }
    }

    fn prepare(&mut self, name: &str, data: PathBuf) -> Result<Reply> {
        // The previous workload may hold something that the next one needs.
        drop(self.0.take());
        let workload = catalogue::find(name).with_context(|| {
            format!("no workload is called '{name}': the request \"catalogue\" lists all")
        })?;
        let data = Data::new(data);
        let prepared = workload.prepare(&data).context("it cannot be prepared here")?;
        let held = self.0.insert(Held { workload, data, prepared });
        // The first iteration makes what later ones find made.
        if let Err(wrong) = held.prepared.time(1) {
            self.0 = None;
            return Err(wrong);
        }
        Ok(Reply::Prepared(instruments::work(self.prepared()?)))
    }

    fn measure(&mut self, instrument: Instrument, settings: Settings) -> Result<Reply> {
        let workload = &self.held()?.workload;
        ensure!(
            workload.instruments.contains(&instrument),
            "{} does not suit the instrument {instrument}",
            workload.name
        );
        if instrument == Instrument::Wall {
            let Held { data, prepared, .. } = self.held()?;
            return instruments::time(prepared, settings, data).map(Reply::Measured);
        }
        let Held { data, prepared, .. } = self.take()?;
        instruments::measure(prepared, instrument, settings, &data).map(Reply::Measured)
    }

    fn held(&mut self) -> Result<&mut Held> {
        self.0.as_mut().with_context(nothing_prepared)
    }

    fn prepared(&mut self) -> Result<&mut Prepared> {
        Ok(&mut self.held()?.prepared)
    }

    fn take(&mut self) -> Result<Held> {
        self.0.take().with_context(nothing_prepared)
    }
}

fn nothing_prepared() -> &'static str {
    "no workload is prepared: the request \"prepare\" comes before this one, and again after \
     \"check\" and \"measure\""
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}
