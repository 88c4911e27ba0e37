//! Code layouts: both programs linked again, with their functions in other orders.
//!
//! A change moves the code of what it does not touch, and where code lies can change its time by a tenth
//! (Mytkowicz et al., ASPLOS 2009). If each side had the one layout that its linker happened to make, that
//! would look like a slow-down. With another layout of each side in each block it is noise, which intervals
//! and tests know (Curtsinger and Berger, Stabilizer, ASPLOS 2013).

use crate::harness::block;
use crate::harness::builds::Kept;
use crate::owned::{Scratch, scratch_in};
use anyhow::{Context, Result, ensure};
use simple_records::{Side, Stage};
use simple_reports::judge::Task;
use std::fs;
use std::path::{Path, PathBuf};

/// Layouts of each side in each stage, unless another number is asked for. None comes twice in the blocks
/// that most workloads get.
pub const USUAL: u32 = 32;

/// The layouts of both programs. They are linked when they are first needed, and vanish with this.
#[derive(Debug)]
pub struct Layouts {
    base: Kept,
    head: Kept,
    count: u32,
    seed: u64,
    folder: Scratch,
}

/// One of the layouts of a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    side: Side,
    /// Suspects are confirmed by other layouts than those that made them suspects.
    stage: Stage,
    number: u32,
}

impl Layouts {
    /// `count` layouts of each side, by `seed`, with their files in a folder of their own in `place`.
    ///
    /// # Errors
    /// If a link was not kept, or its linker cannot choose the order of functions.
    pub fn new(links: [Kept; 2], count: u32, seed: u64, place: &Path) -> Result<Self> {
        let [base, head] = links;
        fs::create_dir_all(place).with_context(|| format!("cannot create {}", place.display()))?;
        let this = Self { base, head, count, seed, folder: scratch_in(place)? };
        this.check()?;
        Ok(this)
    }

    /// Number of layouts of each side in each stage.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Those that a block needs and that are not linked yet, each in words.
    pub fn missing(&self, task: &Task) -> Vec<(Side, String)> {
        let sides = Side::ALL.into_iter();
        let layouts = sides.map(|side| (side, self.path(self.layout(side, task))));
        let missing = layouts.filter(|(_, path)| !path.is_file());
        missing.map(|(side, _)| (side, format!("{side}, block {}", task.block + 1))).collect()
    }

    /// The program that a side runs in a block.
    ///
    /// # Errors
    /// If it cannot be linked.
    pub fn program(&self, side: Side, task: &Task) -> Result<PathBuf> {
        self.linked(self.layout(side, task))
    }

    /// Another layout in each block. Once all have been used, they meet in other pairs.
    fn layout(&self, side: Side, Task { stage, block, .. }: &Task) -> Layout {
        let (round, index) = (block / self.count, block % self.count);
        let number = (index + round * side as u32) % self.count;
        Layout { side, stage: *stage, number }
    }

    fn linked(&self, layout: Layout) -> Result<PathBuf> {
        let path = self.path(layout);
        if !path.is_file() {
            let link = if layout.side == Side::Head { &self.head } else { &self.base };
            link.link(self.order(layout), &path).context("a layout cannot be linked")?;
        }
        Ok(path)
    }

    /// The linker's seed: the same in a comparison that is resumed.
    fn order(&self, Layout { side, stage, number }: Layout) -> u32 {
        let seed = block::seed(&format!("{} {side:?} {stage:?} {number}", self.seed));
        // Linkers differ in whether a larger number is negative.
        (seed >> 33) as u32
    }

    fn path(&self, layout: Layout) -> PathBuf {
        // Names are equally long, because they move the stack.
        self.folder.path().join(format!("{}-{:08x}", layout.side, self.order(layout)))
    }

    /// Tries both links, and makes sure that they do not ignore the order.
    fn check(&self) -> Result<()> {
        let first = |side| Layout { side, stage: Stage::Screen, number: 0 };
        self.linked(first(Side::Head))?;
        let [base, null] = [Side::Base, Side::Null].map(|side| self.linked(first(side)));
        let same = fs::read(base?)? == fs::read(null?)?;
        ensure!(!same, "the linker does not change the order of functions");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::builds::{linked, shuffles};
    use std::collections::BTreeSet;

    fn task(stage: Stage, block: u32) -> Task {
        Task { workload: "any".to_owned(), stage, block }
    }

    /// Layouts of a program that is linked here; `None` where the linker cannot choose an order.
    fn layouts(folder: &Path, seed: u64) -> Option<Layouts> {
        let link = linked(folder, "cc");
        let made = Layouts::new([link.clone(), link], 4, seed, folder);
        assert!(made.is_ok() || !shuffles(), "{made:?}");
        made.ok()
    }

    #[test]
    fn a_comparison_that_is_resumed_has_the_same_layouts() {
        let folder = tempfile::tempdir().unwrap();
        let Some(first) = layouts(folder.path(), 7) else { return };
        let again = layouts(folder.path(), 7).unwrap();
        let other = layouts(folder.path(), 8).unwrap();
        for (side, block) in [(Side::Base, 0), (Side::Head, 3), (Side::Null, 9)] {
            let task = task(Stage::Confirm, block);
            let bytes =
                |layouts: &Layouts| fs::read(layouts.program(side, &task).unwrap()).unwrap();
            assert_eq!(bytes(&first), bytes(&again));
            assert_ne!(bytes(&first), bytes(&other));
        }
    }

    #[test]
    fn no_layout_comes_twice_before_all_have_been_used() {
        let folder = tempfile::tempdir().unwrap();
        let Some(layouts) = layouts(folder.path(), 7) else { return };
        let path = |stage, side, block| layouts.path(layouts.layout(side, &task(stage, block)));
        let mut all = BTreeSet::new();
        let mut pairs = BTreeSet::new();
        for stage in [Stage::Screen, Stage::Confirm] {
            for block in 0..8 {
                all.extend(Side::ALL.map(|side| path(stage, side, block)));
                pairs.insert((path(stage, Side::Base, block), path(stage, Side::Head, block)));
            }
        }
        assert_eq!(all.len(), 2 * 3 * 4, "four of each side in each stage, all of them different");
        assert_eq!(pairs.len(), 2 * 8, "later they meet in other pairs");
    }
}
