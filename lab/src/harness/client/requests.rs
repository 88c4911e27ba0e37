//! The requests that a client makes.

use super::{Client, Timed};
use crate::owned;
use anyhow::Result;
use simple_records::harness::{Catalogue, Measured, Repeat, Repeated, Reply, Request, Settings};
use simple_records::{Instrument, Work};
use std::path::Path;

/// One function per request, with its reply or an error.
impl Client {
    /// Lists the catalogue.
    pub fn catalogue(&mut self) -> Result<Catalogue> {
        match self.ask(&Request::Catalogue)? {
            Reply::Catalogue(catalogue) => Ok(catalogue),
            other => Err(unexpected(&other)),
        }
    }

    /// Prepares a workload and returns the work of one iteration.
    pub fn prepare(&mut self, workload: &str, data: &Path) -> Result<Work> {
        let (workload, data) = (workload.to_owned(), data.to_owned());
        match self.ask(&Request::Prepare { workload, data })? {
            Reply::Prepared(work) => {
                self.threads = work.threads;
                Ok(work)
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Number of threads of the workload that it has prepared, if the harness says that.
    pub fn threads(&self) -> Option<u64> {
        self.threads
    }

    /// Has it stay on a processor if its workload has one thread. It runs all the same where the system
    /// refuses that.
    pub fn keep_single_thread_on(&self, processor: usize) {
        if self.threads == Some(1) {
            let _ = owned::keep_on(&self.child, processor);
        }
    }

    /// Compares results and effects with the right ones.
    pub fn check(&mut self) -> Result<()> {
        match self.ask(&Request::Check)? {
            Reply::Right => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// Measures by one instrument.
    pub fn measure(&mut self, instrument: Instrument, settings: Settings) -> Result<Measured> {
        match self.ask(&Request::Measure { instrument, settings })? {
            Reply::Measured(measured) => Ok(measured),
            other => Err(unexpected(&other)),
        }
    }

    /// Runs for a while and returns the rough duration of an iteration.
    pub fn warm_up(&mut self, at_least_ns: u64) -> Result<f64> {
        match self.ask(&Request::WarmUp { at_least_ns })? {
            Reply::WarmedUp { iteration_ns } => Ok(iteration_ns),
            other => Err(unexpected(&other)),
        }
    }

    /// Times samples.
    pub fn time(&mut self, iterations: u64, samples: u32) -> Result<Timed> {
        match self.ask(&Request::Time { iterations, samples })? {
            Reply::Timed { totals_ns, page_faults_minor, involuntary_switches } => {
                Ok(Timed { totals_ns, page_faults_minor, involuntary_switches })
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Runs the iteration that a tool of valgrind counts.
    pub fn count(&mut self) -> Result<()> {
        match self.ask(&Request::Count)? {
            Reply::Counted => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// Runs the workload again and again.
    pub fn repeat(&mut self, repeat: Repeat) -> Result<Repeated> {
        match self.ask(&Request::Repeat(repeat))? {
            Reply::Repeated(repeated) => Ok(repeated),
            other => Err(unexpected(&other)),
        }
    }
}

fn unexpected(reply: &Reply) -> anyhow::Error {
    anyhow::anyhow!("it replied {reply:?}, which is no reply to the request")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::sh;
    use rustix::process::Pid;
    use rustix::thread::sched_getaffinity;

    /// Number of processors that a process may use after it prepared a workload with `threads`.
    fn processors_with(threads: &str) -> u32 {
        let script = format!(
            "echo '{{\"reply\":\"ready\"}}'; read line; \
             echo '{{\"reply\":\"prepared\",\"items\":1{threads}}}'; read line"
        );
        let mut client = Client::start(sh(script), None).unwrap();
        client.prepare("a/b", Path::new("/")).unwrap();
        client.keep_single_thread_on(owned::processors()[0]);
        sched_getaffinity(Pid::from_raw(client.child.id() as i32)).unwrap().count()
    }

    #[test]
    fn only_a_process_with_one_thread_stays_on_a_processor() {
        let all = owned::processors().len() as u32;
        assert_eq!(processors_with(",\"threads\":1"), 1);
        assert_eq!(processors_with(",\"threads\":2"), all);
        assert_eq!(processors_with(""), all, "it does not say how many it has");
    }
}
