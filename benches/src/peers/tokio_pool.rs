//! tokio's multi-threaded runtime.

use super::{Pool, Task};
use anyhow::Result;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// A tokio runtime.
#[derive(Debug)]
pub struct TokioPool(Runtime);

impl TokioPool {
    /// Runs a future on a worker and waits for it, for what only tokio's own calls can do.
    pub fn on_worker<R: Send + 'static>(
        &self,
        future: impl Future<Output = R> + Send + 'static,
    ) -> R {
        let handle = self.0.spawn(future);
        self.0.block_on(handle).expect("tasks of benchmarks do not panic")
    }
}

impl Pool for TokioPool {
    type Reply = JoinHandle<u64>;

    fn start(workers: u64) -> Result<Self> {
        Ok(Self(Builder::new_multi_thread().worker_threads(workers as usize).build()?))
    }

    fn submit<T: Task>(&self, argument: u64) {
        self.0.spawn(async move { T::run(argument) });
    }

    fn ask<T: Task>(&self, argument: u64) -> JoinHandle<u64> {
        self.0.spawn(async move { T::run(argument) })
    }

    fn wait(&self, reply: JoinHandle<u64>) -> u64 {
        self.0.block_on(reply).unwrap_or(0)
    }
}
