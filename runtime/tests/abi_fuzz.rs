//! All calls of all families in any order, with any values and handles: results stay within
//! the header's contract, nothing crashes or hangs, and in the end everything is released.
//!
//! Calls outside of the contract are left out: uncounted words of live objects, and calls that
//! wait for ever by right (receiving from an open channel that stays empty, rings of futures
//! across threads; see `abi_fuzz/world.rs`).
//!
//! Each run makes the programs of one seed that is always the same, and of one that never was
//! before; PROPTEST_RNG_SEED chooses one instead.

#[path = "common/c.rs"]
mod c;
mod common;
#[path = "common/watchdog.rs"]
mod watchdog;

mod abi_fuzz {
    pub mod async_calls;
    pub mod bodies;
    pub mod handle_calls;
    pub mod value_calls;
    pub mod world;
}

use abi_fuzz::world::{Op, World};
use abi_fuzz::{async_calls, handle_calls, value_calls};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use std::hash::{BuildHasher, RandomState};
use std::io::{Write, stderr};

const CASES: u32 = 600;
const LONGEST: usize = 300;

/// Small numbers, which are indices, lengths and milliseconds, and the ends of the range.
fn number() -> impl Strategy<Value = i64> {
    let ends = vec![i64::MIN, i64::MIN + 1, -(1 << 60) - 1, 1 << 60, 1 << 32, i64::MAX];
    prop_oneof![6 => -4..12_i64, 2 => any::<i64>(), 1 => prop::sample::select(ends)]
}

fn op() -> impl Strategy<Value = Op> {
    let calls = value_calls::CALLS.len() + async_calls::CALLS.len() + handle_calls::CALLS.len();
    (0..calls, any::<u8>(), any::<u8>(), number()).prop_map(|(call, a, b, n)| Op { call, a, b, n })
}

fn apply(op: &Op, world: &mut World) {
    let mut calls = value_calls::CALLS.iter().chain(async_calls::CALLS).chain(handle_calls::CALLS);
    calls.nth(op.call).expect("ops are made from these lists")(world, op);
}

const ALWAYS: u64 = 20_251_124;

/// The seeds of this run.
fn seeds() -> Vec<u64> {
    match ProptestConfig::default().rng_seed {
        RngSeed::Fixed(chosen) => vec![chosen],
        RngSeed::Random => vec![ALWAYS, RandomState::new().hash_one(ALWAYS)],
    }
}

/// Says where to begin again. Not by a macro: a program that crashes takes with it what the test
/// harness has of its output.
fn announce(seed: u64) {
    let line = format!("abi_fuzz: PROPTEST_RNG_SEED={seed} makes these programs again\n");
    stderr().write_all(line.as_bytes()).unwrap();
}

#[test]
fn any_calls_in_any_order_are_answered_and_leave_nothing_behind() {
    let _alone = common::alone();
    let _watchdog = watchdog::watch("the calls of a random program");
    let ops = prop::collection::vec(op(), 1..LONGEST);
    let run = |ops: Vec<Op>| {
        let mut world = World::new();
        for op in &ops {
            apply(op, &mut world);
        }
        world.end();
        Ok(())
    };
    let seeds = seeds();
    for &seed in &seeds {
        announce(seed);
        let config = ProptestConfig {
            cases: CASES / seeds.len() as u32,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(seed),
            ..ProptestConfig::default()
        };
        let result = TestRunner::new(config).run(&ops, run);
        result.unwrap_or_else(|failure| panic!("PROPTEST_RNG_SEED={seed}: {failure}"));
    }
}
