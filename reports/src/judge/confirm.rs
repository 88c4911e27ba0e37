//! Judging a suspect by fresh blocks, at most twice.

use super::effect::{Effects, effects_of_first, tested};
use super::plan::count;
use simple_records::{Gate, Stage};

/// Share of the chance of an error that the first judgement gets, of two.
pub(super) const FIRST_SHARE: f64 = 0.7;

/// Fresh blocks of a suspect, judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Confirmation {
    /// The effects in all blocks that were judged.
    pub(super) effects: Effects,
    /// Probability of such blocks if the head is not slower.
    pub(super) p_slower: f64,
    /// Probability of such blocks if the head is not faster.
    pub(super) p_faster: f64,
    /// Probability of such blocks if both copies of the base are equal.
    pub(super) p_null: f64,
    /// True if the slow-down that is looked for is not excluded.
    pub(super) is_open: bool,
}

/// Judges the fresh blocks of a workload; `None` before the first judgement.
///
/// Two judgements are two chances of an error, so each gets a share of it: a probability is divided by
/// the share of its judgement, and the smaller of two counts (Bonferroni's inequality). Blocks of a
/// second judgement include those of the first.
pub(super) fn confirmation(gate: &Gate, workload: &str) -> Option<Confirmation> {
    let limits = &gate.start.limits;
    let (first, again) = (limits.confirm_blocks, limits.confirm_again_blocks);
    let blocks = count(gate, workload, Stage::Confirm);
    if blocks < first {
        return None;
    }
    let judge = |most: u32, share: f64| {
        let effects = effects_of_first(gate, workload, Stage::Confirm, most as usize)?;
        let tested = tested(gate, workload, Stage::Confirm, most as usize)?;
        let spent = |p: f64| (p / share).min(1.0);
        Some(Confirmation {
            effects,
            p_slower: spent(tested.slower),
            p_faster: spent(tested.faster),
            p_null: spent(tested.null),
            is_open: effects.head.interval.high >= limits.min_effect.ln_1p(),
        })
    };
    if again <= first {
        return judge(first, 1.0);
    }
    let early = judge(first, FIRST_SHARE)?;
    if blocks < again {
        return Some(early);
    }
    let late = judge(again, 1.0 - FIRST_SHARE)?;
    Some(Confirmation {
        p_slower: early.p_slower.min(late.p_slower),
        p_faster: early.p_faster.min(late.p_faster),
        p_null: early.p_null.min(late.p_null),
        ..late
    })
}
