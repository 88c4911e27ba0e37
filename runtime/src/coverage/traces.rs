//! The paths a thread is on: the blocks passed since each of them began.

use super::ledger::Tally;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::Arc;

/// Blocks kept of one trace; a longer one is counted by its beginning.
const MAX_BLOCKS: usize = 65_536;

/// Traces of one path open at once on one thread. Beyond it the outermost is forgotten,
/// which is also what bounds the memory of paths that an exception left without an end.
const MAX_OPEN: usize = 4096;

/// The traces of one thread.
#[derive(Debug, Default)]
pub(super) struct Traces(FxHashMap<u32, Path>);

#[derive(Debug, Default)]
struct Path {
    /// Outermost first.
    open: VecDeque<Vec<u32>>,
    /// This path has been begun explicitly, so a block outside of any trace opens none.
    explicit: bool,
    /// Kept for the next trace: loops would otherwise allocate on each round.
    spare: Vec<u32>,
    tallies: FxHashMap<Arc<[u32]>, *const Tally>,
}

impl Traces {
    /// Opens a trace of `path`, inside of those already open.
    pub(super) fn begin(&mut self, path: u32) {
        let path = self.0.entry(path).or_default();
        path.explicit = true;
        path.open();
    }

    /// Adds a block to the innermost trace of `path`.
    pub(super) fn block(&mut self, path: u32, block: u32) {
        let path = self.0.entry(path).or_default();
        if path.open.is_empty() {
            if path.explicit {
                return;
            }
            path.open();
        }
        if let Some(trace) = path.open.back_mut()
            && trace.len() < MAX_BLOCKS
        {
            trace.push(block);
        }
    }

    /// Ends the innermost trace of `path` and answers its tally, which `enrol` makes for
    /// blocks not seen before; `None` if no trace is open.
    pub(super) fn finish(
        &mut self,
        path: u32,
        enrol: impl FnOnce(Arc<[u32]>) -> *const Tally,
    ) -> Option<*const Tally> {
        let path = self.0.get_mut(&path)?;
        let mut trace = path.open.pop_back()?;
        let tally = match path.tallies.get(trace.as_slice()) {
            Some(tally) => *tally,
            None => {
                let blocks: Arc<[u32]> = trace.as_slice().into();
                let tally = enrol(blocks.clone());
                path.tallies.insert(blocks, tally);
                tally
            }
        };
        trace.clear();
        path.spare = trace;
        Some(tally)
    }
}

impl Path {
    fn open(&mut self) {
        if self.open.len() == MAX_OPEN {
            self.open.pop_front();
        }
        self.open.push_back(std::mem::take(&mut self.spare));
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BLOCKS, MAX_OPEN, Traces};

    fn finish(traces: &mut Traces, path: u32) -> Option<Vec<u32>> {
        let mut blocks = None;
        traces.finish(path, |new| {
            blocks = Some(new.to_vec());
            std::ptr::null()
        })?;
        Some(blocks.expect("each trace of these tests is new"))
    }

    #[test]
    fn the_outermost_traces_are_forgotten_and_leave_no_partial_path() {
        let mut traces = Traces::default();
        for depth in 0..=MAX_OPEN as u32 {
            traces.begin(1);
            traces.block(1, depth);
        }
        for depth in (1..=MAX_OPEN as u32).rev() {
            assert_eq!(finish(&mut traces, 1), Some(vec![depth]));
        }
        traces.block(1, 99);
        assert_eq!(finish(&mut traces, 1), None);
    }

    #[test]
    fn a_trace_keeps_its_beginning() {
        let mut traces = Traces::default();
        for block in 0..MAX_BLOCKS as u32 + 5 {
            traces.block(7, block);
        }
        assert_eq!(finish(&mut traces, 7), Some((0..MAX_BLOCKS as u32).collect()));
    }
}
