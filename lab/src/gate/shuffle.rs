//! The layouts that a comparison runs: as many as were asked for, where the linker can make them.

use crate::gate::matter::Matter;
use crate::gate::sides::{Layouts, Programs, USUAL_LAYOUTS};
use crate::harness::builds::Kept;
use crate::say;
use anyhow::Result;
use simple_records::Witness;
use std::path::Path;
use std::sync::Arc;

/// The layouts that a comparison is to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Their number for each side in each stage; fewer than two are none.
    pub(super) count: Option<u32>,
    /// The number that they are made from.
    pub(super) seed: u64,
    /// The folder that they lie in for a while.
    pub(super) place: &'a Path,
}

impl Wanted<'_> {
    /// Has the blocks of a new comparison run layouts. If there are none, its notes say why.
    pub(super) fn begin(&self, programs: &mut Programs, mut matter: Matter) -> Matter {
        let count = self.count.unwrap_or(USUAL_LAYOUTS);
        let mut candidates = matter.candidates.iter();
        let is_timed = candidates.any(|one| one.instruments.contains(&Witness::Time));
        if count < 2 || !is_timed {
            return matter;
        }
        match self.of(programs, count) {
            Ok(layouts) => programs.layouts = Some(Arc::new(layouts)),
            Err(why) => {
                let note = format!(
                    "the layout of code is not randomised, so a change that only moves code can look \
                     slower: {why:#}"
                );
                say!("{note}");
                matter.notes.push(note);
            }
        }
        matter
    }

    /// Has the blocks of a comparison that is resumed run the same layouts as before.
    ///
    /// # Errors
    /// If they cannot be made any more.
    pub(super) fn resume(&self, programs: &mut Programs) -> Result<()> {
        // A record is no reason to divide by nothing.
        if let Some(count) = self.count.filter(|count| *count > 1) {
            programs.layouts = Some(Arc::new(self.of(programs, count)?));
        }
        Ok(())
    }

    fn of(&self, programs: &Programs, count: u32) -> Result<Layouts> {
        let links = [Kept::of(&programs.base)?, Kept::of(&programs.head)?];
        Layouts::new(links, count, self.seed, self.place)
    }
}

/// The layouts of one program on both sides, as a comparison has them; `None` where there cannot be any.
pub(super) fn layouts_of(program: &Path, place: &Path) -> Option<Arc<Layouts>> {
    let made = Kept::of(program).and_then(|link| {
        let links = [link.clone(), link];
        Layouts::new(links, USUAL_LAYOUTS, fastrand::u64(..), place)
    });
    let made = made.map_err(|why| say!("the layout of code is not randomised: {why:#}"));
    made.ok().map(Arc::new)
}
