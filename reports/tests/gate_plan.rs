//! The plan of a comparison, also after an interruption.

mod common;

use common::gate::{At, begun, block, calm, judged, measured, run_to_end, whole};
use proptest::prelude::*;
use simple_records::{Block, Gate, GateRecord, LogFile, Side, Stage, Witness};
use simple_reports::judge::{Outlook, Reason, Standing, Status, next, outlook, standing};

const SIX: [&str; 6] = ["clear", "slow", "fast", "biased", "noisy", "edge"];

/// Workloads of all kinds.
fn model(at: At) -> f64 {
    let extra = match (at.workload, at.side) {
        ("slow", Side::Head) | ("biased", Side::Null) => 0.1,
        ("fast", Side::Head) => -0.1,
        ("edge", Side::Head) => 0.045,
        _ => 0.0,
    };
    let noise = match at.workload {
        "noisy" => 0.15,
        "edge" => 0.02,
        _ => 0.005,
    };
    extra + at.normal(noise)
}

fn blocks(gate: &Gate, workload: &str, stage: Stage) -> Vec<u32> {
    let blocks = gate.blocks.iter();
    let here = |block: &&Block| block.workload == workload && block.stage == stage;
    blocks.filter(here).map(|block| block.block).collect()
}

#[test]
fn clear_workloads_stop_early_and_suspects_get_fresh_blocks() {
    let gate = whole(&SIX, 1, model);
    let count = |workload, stage| blocks(&gate, workload, stage).len();
    assert_eq!((count("clear", Stage::Screen), count("clear", Stage::Confirm)), (6, 0));
    for suspect in ["slow", "fast", "biased"] {
        assert_eq!(blocks(&gate, suspect, Stage::Screen), Vec::from_iter(0..6), "{suspect}");
        assert_eq!(blocks(&gate, suspect, Stage::Confirm), Vec::from_iter(0..20), "{suspect}");
    }
    assert!(count("noisy", Stage::Screen) > 6);
    assert!(matches!(standing(&gate, "clear"), Standing::Clear(_)));
    assert!(matches!(standing(&gate, "slow"), Standing::Suspect(_)));
}

#[test]
fn confirming_begins_when_all_screening_is_done_and_blocks_are_spread() {
    let gate = whole(&SIX, 1, model);
    let first_confirm = gate.blocks.iter().position(|b| b.stage == Stage::Confirm).unwrap();
    assert!(gate.blocks[first_confirm..].iter().all(|b| b.stage == Stage::Confirm));
    assert!(gate.blocks[..first_confirm].is_sorted_by_key(|block| block.block));
}

#[test]
fn blocks_that_raised_a_suspicion_do_not_convict() {
    // Slower while screened only: a neighbour was busy then.
    let model = |at: At| {
        let was_busy = at.stage == Stage::Screen && at.side == Side::Head;
        at.normal(0.005) + if was_busy { 0.2 } else { 0.0 }
    };
    let report = judged(&whole(&["a", "b"], 1, model));
    assert_eq!(report.verdict.word(), "pass");
    assert!(report.rows.iter().all(|row| row.time.as_ref().unwrap().is_confirmed));
}

#[test]
fn a_retired_workload_is_not_measured_again() {
    let mut gate = begun(&SIX);
    common::gate::retired(&mut gate, "slow", Witness::Time, None, "why not");
    assert!(next(&gate).iter().all(|task| task.workload != "slow"));
    run_to_end(&mut gate, 1, &model);
    assert!(blocks(&gate, "slow", Stage::Screen).is_empty());
}

#[test]
fn blocks_that_lack_a_side_do_not_keep_a_gate_from_ending() {
    let mut gate = begun(&["a"]);
    for _ in 0..100 {
        let tasks = next(&gate);
        let Some(task) = tasks.first() else { break };
        let mut torn = block(task, |_| 1000.0);
        torn.turns.retain(|turn| turn.side != Side::Null);
        gate.add(GateRecord::Block(torn));
    }
    assert!(next(&gate).is_empty(), "{} blocks and no end", gate.blocks.len());
}

/// The plan continues from the record alone.
fn resumed(gate: &Gate, cut: usize, seed: u64) -> Gate {
    let mut gate = gate.clone();
    gate.end = None;
    gate.blocks.truncate(cut);
    run_to_end(&mut gate, seed, &model);
    gate
}

fn sorted(gate: &Gate) -> Vec<(Stage, u32, String)> {
    let key = |block: &Block| (block.stage, block.block, block.workload.clone());
    let mut blocks: Vec<_> = gate.blocks.iter().map(key).collect();
    blocks.sort();
    blocks
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_cut_at_any_block_changes_neither_tasks_nor_verdict(seed in 0..1000_u64, share in 0.0..1f64) {
        let gate = whole(&SIX, seed, model);
        let cut = (share * gate.blocks.len() as f64) as usize;
        let mut begun = gate.clone();
        begun.end = None;
        begun.blocks.truncate(cut);
        let tasks = next(&begun);
        // They are the rest of what was cut.
        prop_assert_eq!(tasks.is_empty(), cut == gate.blocks.len());
        prop_assert!(tasks.len() <= gate.blocks.len() - cut);
        for (task, block) in tasks.iter().zip(&gate.blocks[cut..]) {
            prop_assert_eq!(&measured(seed, task, &model), block);
        }
        let again = resumed(&gate, cut, seed);
        prop_assert_eq!(sorted(&gate), sorted(&again));
        let (there, here) = (judged(&gate), judged(&again));
        prop_assert_eq!(there.verdict, here.verdict);
        prop_assert_eq!(there.reasons, here.reasons);
    }
}

#[test]
fn an_ended_comparison_has_nothing_left() {
    assert!(next(&whole(&SIX, 3, calm(|_, _| 0.0))).is_empty());
}

/// Noise that a few dozen blocks average out, and noise that no budget does.
fn two_noises(at: At) -> f64 {
    at.normal(if at.workload == "wild" { 1.0 } else { 0.08 })
}

#[test]
fn time_that_is_left_goes_to_what_it_can_decide() {
    let names: Vec<String> = (0..6).map(|n| format!("w/{n}")).chain(["wild".to_owned()]).collect();
    let gate = whole(&names, 5, two_noises);
    let counts: Vec<usize> =
        names.iter().map(|name| blocks(&gate, name, Stage::Screen).len()).collect();
    assert!(counts[..6].iter().any(|count| *count > 24), "{counts:?}");
    assert!(counts[6] < 60, "little is spent on what stays open all the same: {counts:?}");
    let open = |gate: &Gate| {
        let report = judged(gate);
        let rows = report.rows.iter().filter(|row| row.status == Status::Open);
        rows.map(|row| row.workload.clone()).collect::<Vec<_>>()
    };
    assert_eq!(open(&gate), ["wild"]);
    let mut short = begun(&names);
    short.start.limits.most_screen_blocks = 24;
    run_to_end(&mut short, 5, &two_noises);
    assert!(open(&short).len() > 1, "{:?}", open(&short));
}

#[test]
fn a_budget_bounds_all_but_what_a_verdict_needs() {
    let mut gate = begun(&["a", "b", "slow"]);
    // Fewer than six blocks of each.
    gate.start.limits.budget_s = Some(10.0 * common::gate::BLOCK_S);
    let model = |at: At| match at.workload {
        "slow" => model(at),
        _ => at.normal(0.3),
    };
    run_to_end(&mut gate, 2, &model);
    for (workload, screen, confirm) in [("a", 6, 0), ("b", 6, 0), ("slow", 6, 20)] {
        let count = |stage| blocks(&gate, workload, stage).len();
        assert_eq!((count(Stage::Screen), count(Stage::Confirm)), (screen, confirm), "{workload}");
    }
    let report = judged(&gate);
    let status = |name| report.rows.iter().find(|row| row.workload == name).unwrap().status;
    assert_eq!((status("a"), status("slow")), (Status::Open, Status::Slower));
}

#[test]
fn a_suspect_that_stays_open_is_judged_once_more() {
    // So noisy that twenty blocks tell little, with a slow-down that sixty find.
    let model = |at: At| {
        let slower = if at.side == Side::Head { 0.08 } else { 0.0 };
        slower + at.normal(0.09)
    };
    let mut convicted = [0, 0];
    for seed in 0..30 {
        let mut once = begun(&["a"]);
        once.start.limits.confirm_again_blocks = 0;
        run_to_end(&mut once, seed, &model);
        let twice = whole(&["a"], seed, model);
        let count = blocks(&twice, "a", Stage::Confirm).len();
        assert!([0, 20, 60].contains(&count), "{count}");
        for (gate, convicted) in [once, twice].iter().zip(&mut convicted) {
            *convicted += u32::from(judged(gate).rows[0].status == Status::Slower);
        }
    }
    assert!(convicted[1] > convicted[0], "{convicted:?}");
}

#[test]
fn a_budget_that_is_far_too_short_ends_the_comparison() {
    let names: Vec<String> =
        ["slow".to_owned()].into_iter().chain((0..199).map(|n| format!("w/{n}"))).collect();
    let mut gate = begun(&names);
    gate.start.limits.budget_s = Some(10.0);
    run_to_end(&mut gate, 4, &model);
    let spent_s = gate.blocks.len() as f64 * common::gate::BLOCK_S;
    assert!(spent_s < 72.0, "{spent_s} s of 10 s and a minute");
    let counts = |name: &String| blocks(&gate, name, Stage::Screen).len();
    let whole = names.iter().filter(|name| counts(name) >= 6).count();
    assert!(whole > 20, "{whole} workloads have all that they need");
    let report = judged(&gate);
    let [Reason::Slower(slow), Reason::OutOfTime(cut)] = &report.reasons[..] else {
        panic!("{:?}", report.reasons)
    };
    assert_eq!((&slow[..], cut.len()), (&["slow".to_owned()][..], names.len() - whole));
    // With enough time nothing is cut.
    gate.start.limits.budget_s = Some(1000.0);
    gate.end = None;
    run_to_end(&mut gate, 4, &model);
    assert_eq!(judged(&gate).reasons, [Reason::Slower(slow.clone())]);
}

#[test]
fn the_outlook_says_what_is_done_and_what_is_due() {
    let mut gate = begun(&["a", "b", "wild"]);
    let fresh = Outlook { blocks: 0, expected: 18, answered: 0, workloads: 3 };
    assert_eq!(outlook(&gate), fresh);
    run_to_end(&mut gate, 5, &two_noises);
    let Outlook { blocks, expected, answered, workloads } = outlook(&gate);
    assert_eq!((blocks, expected), (gate.blocks.len() as u32, blocks));
    assert_eq!((answered, workloads), (2, 3));
}
