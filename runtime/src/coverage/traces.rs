//! The open paths of a thread: the blocks passed since each of them began.

use super::chapter::Passed;
use rustc_hash::FxHashMap;

/// Maximum number of blocks kept of one trace; a longer one is counted by its beginning.
const MAX_BLOCKS: usize = 65_536;

/// Maximum number of open traces of one thread, and of the blocks of all of them. Where one more
/// would be too many, the outer half of the traces of each path is forgotten. This bounds the
/// memory of paths that an exception left without an end.
const MAX_OPEN: usize = 1 << 21;
const MAX_HELD: usize = 1 << 24;

/// Maximum number of path numbers that a thread remembers. Where one more would be too many, those
/// without an open trace are removed first; then the half whose traces began first, which enclose
/// the others.
const MAX_PATHS: usize = 1 << 16;

/// Capacity that an empty list keeps, in numbers.
const ROOM: usize = 1024;

/// The traces of one thread.
#[derive(Debug, Default)]
pub(super) struct Traces {
    paths: Vec<Path>,
    /// Indexes of the paths by number, and the index used last.
    places: FxHashMap<u32, usize>,
    last: usize,
    /// Number of open traces, and of blocks held, of all paths.
    open: usize,
    held: usize,
    /// Number of traces begun so far.
    begun: u64,
    /// Paths whose traces were forgotten for lack of room, and the number of these traces.
    lost: Vec<(u32, u64)>,
}

#[derive(Debug, Default)]
struct Path {
    number: u32,
    /// The blocks of all open traces, outermost first.
    blocks: Vec<u32>,
    /// The index in `blocks` at which each open trace begins.
    begins: Vec<u32>,
    /// The ordinal, among all traces of the thread, of the trace that was begun last.
    newest: u64,
    /// True if this path has been begun explicitly. A block outside of any trace then opens none.
    explicit: bool,
    /// The turn in which the traces began.
    turn: u64,
    /// The path that ended last, which the next may equal.
    passed: Option<Passed>,
}

impl Traces {
    /// Opens a trace of `path`, nested in those already open.
    pub(super) fn begin(&mut self, path: u32, turn: u64) {
        let place = self.settled(path, turn);
        self.paths[place].explicit = true;
        self.make_room(path);
        self.open_trace(place);
    }

    /// Opens a trace of the path at this index, for which there is room.
    fn open_trace(&mut self, place: usize) {
        (self.open, self.begun) = (self.open + 1, self.begun + 1);
        let trace = &mut self.paths[place];
        trace.begins.push(trace.blocks.len() as u32);
        trace.newest = self.begun;
    }

    /// Adds a block to the innermost trace of `path`.
    #[inline(always)]
    pub(super) fn block(&mut self, path: u32, block: u32, turn: u64) {
        if let Some(trace) = self.paths.get_mut(self.last)
            && trace.number == path
            && trace.turn == turn
            && (1..MAX_BLOCKS).contains(&trace.innermost())
            && self.held < MAX_HELD
        {
            trace.blocks.push(block);
            self.held += 1;
            return;
        }
        self.other_block(path, block, turn);
    }

    /// Adds a block of another path, the first of its trace, or one too many.
    #[inline(never)]
    fn other_block(&mut self, path: u32, block: u32, turn: u64) {
        let place = self.settled(path, turn);
        let trace = &self.paths[place];
        let begins = trace.begins.is_empty();
        if begins && trace.explicit || trace.innermost() == MAX_BLOCKS {
            return;
        }
        self.make_room(path);
        if begins {
            self.open_trace(place);
        }
        self.paths[place].blocks.push(block);
        self.held += 1;
    }

    /// Makes sure that one more trace and block of `path` fit. Paths keep their indexes.
    #[inline(always)]
    fn make_room(&mut self, path: u32) {
        while self.open >= MAX_OPEN || self.held >= MAX_HELD {
            self.forget_outer(path);
        }
    }

    /// Ends the innermost trace of `path` and passes it to `count`, together with the last result
    /// of `count` for this path in this turn. Does nothing if no trace is open.
    #[inline(always)]
    pub(super) fn finish(
        &mut self,
        path: u32,
        turn: u64,
        count: impl FnOnce(&[u32], &mut Option<Passed>),
    ) {
        let Some(place) = self.place(path) else { return };
        let trace = &mut self.paths[place];
        if trace.turn != turn {
            return;
        }
        let Some(begin) = trace.begins.pop() else { return };
        let blocks = &trace.blocks[begin as usize..];
        count(blocks, &mut trace.passed);
        let passed = blocks.len();
        trace.blocks.truncate(begin as usize);
        if trace.begins.is_empty() {
            trace.blocks.shrink_to(ROOM);
            trace.begins.shrink_to(ROOM);
        }
        self.open -= 1;
        self.held -= passed;
    }

    /// Takes out the paths whose traces were forgotten, and the number of these traces for each.
    pub(super) fn lost(&mut self) -> Vec<(u32, u64)> {
        std::mem::take(&mut self.lost)
    }

    #[inline(always)]
    pub(super) fn has_lost(&self) -> bool {
        !self.lost.is_empty()
    }

    /// Moves everything in progress from one turn to another.
    pub(super) fn turn_over(&mut self, from: u64, to: u64) {
        for at in 0..self.paths.len() {
            let place = self.settled(self.paths[at].number, from);
            self.paths[place].turn = to;
            self.paths[place].passed = None;
        }
    }

    /// Returns the index of the path, if it is known.
    #[inline(always)]
    fn place(&mut self, path: u32) -> Option<usize> {
        if self.paths.get(self.last).is_none_or(|last| last.number != path) {
            self.last = *self.places.get(&path)?;
        }
        Some(self.last)
    }

    /// Returns the index of the path, without traces that were begun before this turn.
    fn settled(&mut self, path: u32, turn: u64) -> usize {
        let place = match self.place(path) {
            Some(place) => place,
            None => self.add_path(path),
        };
        let trace = &mut self.paths[place];
        if trace.turn != turn {
            self.open -= trace.begins.len();
            self.held -= trace.blocks.len();
            *trace = Path { number: path, explicit: trace.explicit, turn, ..Path::default() };
        }
        place
    }

    fn add_path(&mut self, number: u32) -> usize {
        if self.paths.len() >= MAX_PATHS {
            self.forget_paths();
        }
        self.last = self.paths.len();
        self.places.insert(number, self.last);
        self.paths.push(Path { number, ..Path::default() });
        self.last
    }

    /// Forgets half of the traces of each path, but not the innermost of `current`. (That one alone
    /// does not reach a limit.)
    #[cold]
    fn forget_outer(&mut self, current: u32) {
        for trace in &mut self.paths {
            let open = trace.begins.len();
            let forgotten = if trace.number == current { open / 2 } else { open.div_ceil(2) };
            self.open -= forgotten;
            self.held -= trace.forget_outer(forgotten);
            if forgotten > 0 {
                self.lost.push((trace.number, forgotten as u64));
            }
        }
    }

    /// Forgets the paths without an open trace; if the others are too many, also the outer half of
    /// them.
    #[cold]
    fn forget_paths(&mut self) {
        self.paths.retain(|trace| !trace.begins.is_empty());
        if self.paths.len() > MAX_PATHS / 2 {
            let mut newest: Vec<u64> = self.paths.iter().map(|trace| trace.newest).collect();
            let (_, &mut kept_from, _) = newest.select_nth_unstable(self.paths.len() / 2);
            for trace in self.paths.extract_if(.., |trace| trace.newest < kept_from) {
                self.lost.push((trace.number, trace.begins.len() as u64));
                self.open -= trace.begins.len();
                self.held -= trace.blocks.len();
            }
        }
        self.places = (0..).zip(&self.paths).map(|(at, trace)| (trace.number, at)).collect();
    }
}

impl Path {
    /// Returns the length of the innermost trace.
    fn innermost(&self) -> usize {
        self.begins.last().map_or(0, |&begin| self.blocks.len() - begin as usize)
    }

    /// Forgets the outermost traces; returns the number of their blocks.
    fn forget_outer(&mut self, traces: usize) -> usize {
        let kept_from = self.begins.get(traces).map_or(self.blocks.len(), |&begin| begin as usize);
        self.begins.drain(..traces);
        self.blocks.drain(..kept_from);
        for begin in &mut self.begins {
            *begin -= kept_from as u32;
        }
        kept_from
    }
}

#[cfg(test)]
mod tests;
