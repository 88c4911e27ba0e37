//! The paths a thread is on: the blocks passed since each of them began.

use rustc_hash::FxHashMap;

/// Blocks kept of one trace; a longer one is counted by its beginning.
const MAX_BLOCKS: usize = 65_536;

/// Traces open at once on one thread, and the blocks of all of them. Where one more would be
/// too many, the outer half of the traces of each path is forgotten. That bounds the memory of
/// paths that an exception left without an end.
const MAX_OPEN: usize = 1 << 21;
const MAX_HELD: usize = 1 << 24;

/// Path numbers that a thread keeps in mind. Where one more would be too many, those without an
/// open trace go first.
const MAX_PATHS: usize = 1 << 16;

/// Numbers that a list without content keeps room for.
const ROOM: usize = 1024;

/// The traces of one thread.
#[derive(Debug, Default)]
pub(super) struct Traces {
    paths: Vec<Path>,
    /// Their places by their numbers, and the one asked for last.
    places: FxHashMap<u32, usize>,
    last: usize,
    /// Traces open, and blocks held, of all paths.
    open: usize,
    held: usize,
    /// Paths whose traces were forgotten for want of room, and how many.
    lost: Vec<(u32, u64)>,
}

#[derive(Debug, Default)]
struct Path {
    number: u32,
    /// The blocks of all open traces, outermost first.
    blocks: Vec<u32>,
    /// Where in `blocks` each open trace begins.
    begins: Vec<u32>,
    /// This path has been begun explicitly, so a block outside of any trace opens none.
    explicit: bool,
    /// The clear after which the traces began.
    turn: u64,
}

impl Traces {
    /// Opens a trace of `path`, inside of those already open.
    pub(super) fn begin(&mut self, path: u32, turn: u64) {
        let (trace, room) = self.path_and_room(path, turn);
        trace.explicit = true;
        if !room {
            self.make_room(path);
        }
        let (trace, _) = self.path_and_room(path, turn);
        trace.begins.push(trace.blocks.len() as u32);
        self.open += 1;
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

    /// A block of another path, the first of its trace, or one too many.
    #[inline(never)]
    fn other_block(&mut self, path: u32, block: u32, turn: u64) {
        let (trace, room) = self.path_and_room(path, turn);
        let begins = trace.begins.is_empty();
        if begins && trace.explicit || trace.innermost() == MAX_BLOCKS {
            return;
        }
        if !room {
            self.make_room(path);
        }
        let (trace, _) = self.path_and_room(path, turn);
        if begins {
            trace.begins.push(trace.blocks.len() as u32);
        }
        trace.blocks.push(block);
        self.open += usize::from(begins);
        self.held += 1;
    }

    /// The path, and whether one more trace and block would not be too many.
    fn path_and_room(&mut self, path: u32, turn: u64) -> (&mut Path, bool) {
        let place = self.settled(path, turn);
        let room = self.open < MAX_OPEN && self.held < MAX_HELD;
        (&mut self.paths[place], room)
    }

    #[cold]
    fn make_room(&mut self, path: u32) {
        while self.open >= MAX_OPEN || self.held >= MAX_HELD {
            self.forget_outer(path);
        }
    }

    /// Ends the innermost trace of `path` and gives it to `count`; nothing happens if none is
    /// open.
    pub(super) fn finish(&mut self, path: u32, turn: u64, count: impl FnOnce(&[u32])) {
        let Some(place) = self.place(path) else { return };
        let trace = &mut self.paths[place];
        if trace.turn != turn {
            return;
        }
        let Some(begin) = trace.begins.pop() else { return };
        let blocks = &trace.blocks[begin as usize..];
        count(blocks);
        let passed = blocks.len();
        trace.blocks.truncate(begin as usize);
        if trace.begins.is_empty() {
            trace.blocks.shrink_to(ROOM);
            trace.begins.shrink_to(ROOM);
        }
        self.open -= 1;
        self.held -= passed;
    }

    /// Takes out the paths whose traces were forgotten, and how many of each.
    pub(super) fn lost(&mut self) -> Vec<(u32, u64)> {
        std::mem::take(&mut self.lost)
    }

    #[inline(always)]
    pub(super) fn has_lost(&self) -> bool {
        !self.lost.is_empty()
    }

    /// Goes on in another turn with what is in progress in this one.
    pub(super) fn turn_over(&mut self, from: u64, to: u64) {
        for at in 0..self.paths.len() {
            let place = self.settled(self.paths[at].number, from);
            self.paths[place].turn = to;
        }
    }

    /// Where the path is, if it is known.
    #[inline(always)]
    fn place(&mut self, path: u32) -> Option<usize> {
        if self.paths.get(self.last).is_none_or(|last| last.number != path) {
            self.last = *self.places.get(&path)?;
        }
        Some(self.last)
    }

    /// Where the path is, without traces that were begun before this turn.
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

    /// Forgets half of the traces of each path, but not the innermost of `current`. (That one
    /// alone does not reach a bound.)
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

    /// Forgets the paths without an open trace; and all others, if these are too many.
    #[cold]
    fn forget_paths(&mut self) {
        self.paths.retain(|trace| !trace.begins.is_empty());
        if self.paths.len() > MAX_PATHS / 2 {
            let lost = self.paths.drain(..).map(|trace| (trace.number, trace.begins.len() as u64));
            self.lost.extend(lost);
            (self.open, self.held) = (0, 0);
        }
        self.places = (0..).zip(&self.paths).map(|(at, trace)| (trace.number, at)).collect();
    }
}

impl Path {
    /// The length of the innermost trace.
    fn innermost(&self) -> usize {
        self.begins.last().map_or(0, |&begin| self.blocks.len() - begin as usize)
    }

    /// Forgets the outermost traces; gives the number of their blocks.
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
mod tests {
    use super::{MAX_BLOCKS, MAX_HELD, MAX_OPEN, MAX_PATHS, Traces};

    fn finish(traces: &mut Traces, path: u32) -> Option<Vec<u32>> {
        let mut blocks = None;
        traces.finish(path, 0, |passed| blocks = Some(passed.to_vec()));
        blocks
    }

    /// The totals are those of the paths.
    fn check(traces: &Traces) {
        let paths = traces.paths.iter();
        assert_eq!(traces.open, paths.clone().map(|path| path.begins.len()).sum::<usize>());
        assert_eq!(traces.held, paths.map(|path| path.blocks.len()).sum::<usize>());
    }

    fn lost(traces: &mut Traces) -> u64 {
        traces.lost().iter().map(|(_, times)| times).sum()
    }

    #[test]
    fn outer_traces_are_forgotten_and_leave_no_partial_path() {
        let mut traces = Traces::default();
        let last = MAX_OPEN as u32;
        for depth in 0..=last {
            traces.begin(1, 0);
            traces.block(1, depth, 0);
        }
        assert_eq!(traces.lost(), [(1, u64::from(last / 2))]);
        for depth in (last - MAX_OPEN as u32 / 2..=last).rev() {
            assert_eq!(finish(&mut traces, 1), Some(vec![depth]));
        }
        assert_eq!(finish(&mut traces, 1), None);
        traces.block(1, 99, 0);
        assert_eq!(finish(&mut traces, 1), None);
        check(&traces);
    }

    #[test]
    fn a_trace_keeps_its_beginning() {
        let mut traces = Traces::default();
        for block in 0..MAX_BLOCKS as u32 + 5 {
            traces.block(7, block, 0);
        }
        assert_eq!(finish(&mut traces, 7), Some((0..MAX_BLOCKS as u32).collect()));
        check(&traces);
    }

    /// Outer traces without blocks, which free nothing, and inner ones with as many as fit.
    #[test]
    fn many_blocks_push_out_outer_traces() {
        let mut traces = Traces::default();
        for _ in 0..1000 {
            traces.begin(1, 0);
        }
        let whole = MAX_HELD / MAX_BLOCKS;
        for trace in 0..=whole as u32 {
            traces.begin(1, 0);
            for _ in 0..MAX_BLOCKS {
                traces.block(1, trace, 0);
            }
        }
        for trace in (whole as u32 / 2 + 1..=whole as u32).rev() {
            assert_eq!(finish(&mut traces, 1), Some(vec![trace; MAX_BLOCKS]));
        }
        check(&traces);
    }

    /// Long traces of many numbers, none of which ends.
    #[test]
    fn traces_of_many_numbers_are_bounded_together() {
        let mut traces = Traces::default();
        for path in 0..2 * (MAX_HELD / MAX_BLOCKS) as u32 {
            for block in 0..MAX_BLOCKS as u32 {
                traces.block(path, block, 0);
            }
        }
        check(&traces);
        assert!(traces.held <= MAX_HELD);
        let last = 2 * (MAX_HELD / MAX_BLOCKS) as u32 - 1;
        assert_eq!(finish(&mut traces, last).unwrap().len(), MAX_BLOCKS);
        assert!(lost(&mut traces) > 0);
    }

    #[test]
    fn numbers_are_bounded_and_none_is_lost_silently() {
        let mut traces = Traces::default();
        let numbers = 3 * MAX_PATHS as u32;
        for path in 0..numbers {
            traces.block(path, 1, 0);
        }
        check(&traces);
        assert!(traces.paths.len() <= MAX_PATHS);
        assert_eq!(lost(&mut traces) + traces.open as u64, u64::from(numbers));
        for path in 0..numbers {
            traces.block(path, 1, 0);
            assert!(finish(&mut traces, path).is_some());
        }
        assert!(traces.paths.len() <= MAX_PATHS);
    }

    #[test]
    fn a_clear_forgets_what_is_open() {
        let mut traces = Traces::default();
        traces.block(1, 1, 0);
        traces.begin(2, 0);
        traces.begin(2, 0);
        traces.block(1, 2, 2);
        let mut blocks = Vec::new();
        traces.finish(1, 2, |passed| blocks = passed.to_vec());
        assert_eq!(blocks, [2]);
        traces.block(2, 3, 2);
        traces.finish(2, 2, |_| panic!("a path that was begun explicitly stays so"));
        check(&traces);
    }
}
