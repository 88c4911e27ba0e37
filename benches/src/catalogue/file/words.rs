//! From end to end: count the words of a source tree.

use super::way::Way;
use crate::catalogue::Family;
use crate::catalogue::executor::default_workers;
use crate::peers::{Pool, RayonPool, Settings, TokioPool};
use crate::{Data, Effort, Instrument, Prepared, Workload};
use anyhow::Result;
use rayon::prelude::*;
use simple_records::Scale;
use simple_runtime::file::Prefault;
use simple_runtime::{Value, future};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const WORKERS: [u64; 3] = [1, 2, 4];

fn count_words(bytes: &[u8]) -> u64 {
    bytes.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count() as u64
}

fn words_in(path: &Path) -> u64 {
    fs::read(path).map_or(0, |bytes| count_words(&bytes))
}

fn futures(workers: u64, paths: Arc<[PathBuf]>) -> Result<Box<dyn FnMut() -> u64>> {
    let settings = Settings::threaded(workers)?;
    Ok(Box::new(move || {
        let _held = &settings;
        let make = |index: usize| {
            let paths = paths.clone();
            Value::future_of(move || {
                let words = Way::Runtime(Prefault::Auto).load(&paths[index], count_words);
                Value::int(words.unwrap_or(0) as i64)
            })
        };
        let futures: Vec<_> = (0..paths.len()).map(make).collect();
        future::all(&futures).iter().filter_map(Value::as_int).sum::<i64>() as u64
    }))
}

fn rayon_read(workers: u64, paths: Arc<[PathBuf]>) -> Result<Box<dyn FnMut() -> u64>> {
    let pool = RayonPool::start(workers)?;
    Ok(Box::new(move || pool.install(|| paths.par_iter().map(|path| words_in(path)).sum())))
}

fn tokio_read(workers: u64, paths: Arc<[PathBuf]>) -> Result<Box<dyn FnMut() -> u64>> {
    let pool = TokioPool::start(workers)?;
    Ok(Box::new(move || {
        let paths = paths.clone();
        pool.on_worker(async move {
            let spawn = |index: usize| {
                let paths = paths.clone();
                tokio::spawn(async move { words_in(&paths[index]) })
            };
            let handles: Vec<_> = (0..paths.len()).map(spawn).collect();
            let mut words = 0;
            for handle in handles {
                words += handle.await.unwrap_or(0);
            }
            words
        })
    }))
}

type Make = fn(u64, Arc<[PathBuf]>) -> Result<Box<dyn FnMut() -> u64>>;

fn prepared(make: Make, workers: u64, data: &Data) -> Result<Prepared> {
    let paths: Arc<[PathBuf]> = data.sources()?.into();
    let expected = paths.iter().map(|path| words_in(path)).sum();
    let bytes = paths.iter().filter_map(|path| fs::metadata(path).ok()).map(|file| file.len());
    let bytes = bytes.sum();
    let files = paths.len() as u64;
    Ok(Prepared::new(files, expected, make(workers, paths)?).bytes(bytes))
}

pub(super) fn family() -> Family {
    let mut family = Family::question("end-to-end/words", "What does a whole program gain?")
        .explain(
            "Count the words of every file of the source tree of file/sources, which is in the \
             page cache: a future for each file, which loads it through a handle with the strategy \
             auto, against other pools with std::fs::read.",
        )
        .series("how")
        .along("workers", Scale::Log)
        .default_at("workers", default_workers())
        .item("file");
    for workers in WORKERS {
        let reason = "the runtime, as compiled code would use it";
        add(&mut family, workers, "futures and async files", reason, futures);
        let reason = "what a Rust program would do";
        add(&mut family, workers, "rayon and std::fs::read", reason, rayon_read).peer();
        let reason = "a task for each file";
        add(&mut family, workers, "tokio and std::fs::read", reason, tokio_read).peer();
    }
    family
}

fn add<'f>(
    family: &'f mut Family,
    workers: u64,
    how: &str,
    reason: &'static str,
    make: Make,
) -> &'f mut Workload {
    family
        .add((how, workers), reason, move |data| prepared(make, workers, data))
        .effort(if workers <= 2 { Effort::Quick } else { Effort::Standard })
        .instruments(&[Instrument::Wall, Instrument::Os])
}
