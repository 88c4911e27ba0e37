//! The paths a thread is on: the blocks passed since each of them began.

use super::ledger::Tally;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Blocks kept of one trace; a longer one is counted by its beginning.
const MAX_BLOCKS: usize = 65_536;

/// Traces of one path open at once on one thread, and the blocks of all of them. Where one
/// more would be too many, the outer half of the traces is forgotten. That bounds the memory
/// of paths that an exception left without an end.
const MAX_OPEN: usize = 1 << 21;
const MAX_HELD: usize = 1 << 24;

/// The traces of one thread.
#[derive(Debug, Default)]
pub(super) struct Traces(FxHashMap<u32, Path>);

#[derive(Debug, Default)]
struct Path {
    /// The blocks of all open traces, outermost first.
    blocks: Vec<u32>,
    /// Where in `blocks` each open trace begins.
    begins: Vec<u32>,
    /// This path has been begun explicitly, so a block outside of any trace opens none.
    explicit: bool,
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
        self.0.entry(path).or_default().add(block);
    }

    /// Ends the innermost trace of `path` and answers its tally, which `enrol` makes for
    /// blocks not seen before; `None` if no trace is open.
    pub(super) fn finish(
        &mut self,
        path: u32,
        enrol: impl FnOnce(Arc<[u32]>) -> *const Tally,
    ) -> Option<*const Tally> {
        let path = self.0.get_mut(&path)?;
        let begin = path.begins.pop()? as usize;
        let trace = &path.blocks[begin..];
        let tally = match path.tallies.get(trace) {
            Some(tally) => *tally,
            None => {
                let blocks: Arc<[u32]> = trace.into();
                let tally = enrol(blocks.clone());
                path.tallies.insert(blocks, tally);
                tally
            }
        };
        path.blocks.truncate(begin);
        Some(tally)
    }
}

impl Path {
    fn open(&mut self) {
        if self.begins.len() == MAX_OPEN {
            self.forget_outer();
        }
        self.begins.push(self.blocks.len() as u32);
    }

    fn add(&mut self, block: u32) {
        if self.begins.is_empty() {
            if self.explicit {
                return;
            }
            self.open();
        }
        if self.innermost() == MAX_BLOCKS {
            return;
        }
        while self.blocks.len() >= MAX_HELD {
            self.forget_outer();
        }
        self.blocks.push(block);
    }

    /// The length of the innermost trace.
    fn innermost(&self) -> usize {
        self.begins.last().map_or(0, |&begin| self.blocks.len() - begin as usize)
    }

    /// Forgets half of the traces, of which there are two or more. (One alone does not reach
    /// a bound.)
    #[cold]
    fn forget_outer(&mut self) {
        let forgotten = self.begins.len() / 2;
        let kept_from = self.begins[forgotten];
        self.begins.drain(..forgotten);
        self.blocks.drain(..kept_from as usize);
        for begin in &mut self.begins {
            *begin -= kept_from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BLOCKS, MAX_HELD, MAX_OPEN, Traces};
    use std::ptr;

    fn finish(traces: &mut Traces, path: u32) -> Option<Vec<u32>> {
        let mut blocks = None;
        traces.finish(path, |new| {
            blocks = Some(new.to_vec());
            ptr::null()
        })?;
        Some(blocks.expect("each trace of these tests is new"))
    }

    #[test]
    fn outer_traces_are_forgotten_and_leave_no_partial_path() {
        let mut traces = Traces::default();
        let last = MAX_OPEN as u32;
        for depth in 0..=last {
            traces.begin(1);
            traces.block(1, depth);
        }
        for depth in (last - MAX_OPEN as u32 / 2..=last).rev() {
            assert_eq!(finish(&mut traces, 1), Some(vec![depth]));
        }
        assert_eq!(finish(&mut traces, 1), None);
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

    /// Outer traces without blocks, which free nothing, and inner ones with as many as fit.
    #[test]
    fn many_blocks_push_out_outer_traces() {
        let mut traces = Traces::default();
        for _ in 0..1000 {
            traces.begin(1);
        }
        let whole = MAX_HELD / MAX_BLOCKS;
        for trace in 0..=whole as u32 {
            traces.begin(1);
            for _ in 0..MAX_BLOCKS {
                traces.block(1, trace);
            }
        }
        for trace in (whole as u32 / 2 + 1..=whole as u32).rev() {
            assert_eq!(finish(&mut traces, 1), Some(vec![trace; MAX_BLOCKS]));
        }
    }
}
