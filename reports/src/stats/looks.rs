//! Looks at data that grow: when they may be judged, and with which chance of an error.
//!
//! A judge after every block stops at the first block that happens to look right, and errs far
//! more often than each judgement says. So there are few looks, at numbers of blocks that are
//! fixed beforehand, and the chance of an error is divided among them: it is spent, never more
//! than all of it (Lan and DeMets, Discrete Sequential Boundaries for Clinical Trials, Biometrika
//! 70(3), 1983; here by the inequality of Bonferroni, which assumes nothing). There is always
//! another look, so data may grow later as well.

/// Blocks at the first look. The exact interval of fewer does not reach the certainty of one.
pub const FIRST_LOOK: usize = 10;

/// One look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Number of blocks that it looks at.
    pub blocks: usize,
    /// Chance of an error that is spent on it, of 1 for all looks together.
    pub share: f64,
}

/// All looks, one after the other.
pub fn looks() -> impl Iterator<Item = Look> {
    // Shares 4/((k+4)(k+5)) add up to 1; the first is the largest, because most is decided there.
    let share = |k: f64| 4.0 / ((k + 4.0) * (k + 5.0));
    let blocks = std::iter::successors(Some(FIRST_LOOK), |blocks: &usize| {
        blocks.checked_add(blocks / 4 + 1)
    });
    (0_u32..).zip(blocks).map(move |(k, blocks)| Look { blocks, share: share(f64::from(k)) })
}

/// The last look at data of this many blocks; `None` before the first.
pub fn last_look(blocks: usize) -> Option<Look> {
    looks().take_while(|look| look.blocks <= blocks).last()
}

/// Blocks until the look after this many.
pub fn next_look(blocks: usize) -> usize {
    looks().map(|look| look.blocks).find(|next| *next > blocks).unwrap_or(blocks + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_never_more_than_all() {
        let spent: f64 = looks().map(|look| look.share).sum();
        assert!((0.97..1.0).contains(&spent), "{spent}");
        assert!(looks().take(20).is_sorted_by(|a, b| a.blocks < b.blocks && a.share > b.share));
    }

    #[test]
    fn between_two_looks_the_last_one_counts() {
        assert_eq!(last_look(FIRST_LOOK - 1), None);
        for blocks in FIRST_LOOK..next_look(FIRST_LOOK) {
            assert_eq!(last_look(blocks).unwrap().blocks, FIRST_LOOK);
        }
        assert_eq!((next_look(0), next_look(FIRST_LOOK)), (10, 13));
    }
}
