//! rayon, with a one-place channel for each result.

use super::{Pool, Task};
use anyhow::Result;
use crossbeam_channel::{Receiver, bounded};

/// A rayon pool.
#[derive(Debug)]
pub struct RayonPool(rayon::ThreadPool);

impl RayonPool {
    /// Runs `code` on the pool, for what only rayon's own calls can do.
    pub fn install<R: Send>(&self, code: impl FnOnce() -> R + Send) -> R {
        self.0.install(code)
    }
}

impl Pool for RayonPool {
    type Reply = Receiver<u64>;

    fn start(workers: u64) -> Result<Self> {
        Ok(Self(rayon::ThreadPoolBuilder::new().num_threads(workers as usize).build()?))
    }

    fn submit<T: Task>(&self, argument: u64) {
        self.0.spawn(move || {
            T::run(argument);
        });
    }

    fn ask<T: Task>(&self, argument: u64) -> Receiver<u64> {
        let (send, receive) = bounded(1);
        self.0.spawn(move || send.send(T::run(argument)).unwrap_or_default());
        receive
    }

    fn wait(&self, reply: Receiver<u64>) -> u64 {
        reply.recv().unwrap_or(0)
    }
}
