//! Workloads for the tests of this program and of what looks at it, wrong on purpose or with
//! known answers: they are in the catalogue only when the environment asks for them.

use super::{Family, example};
use crate::{Data, Instrument, Prepared};
use anyhow::{Result, bail};
use simple_records::Scale;

/// Set, to anything, it adds this family to the catalogue.
pub(crate) const SWITCH: &str = "SIMPLE_BENCH_SELF_TEST";

fn right() -> Result<Prepared> {
    Ok(Prepared::new(1, 7, || std::hint::black_box(7)))
}

fn wrong_answer() -> Result<Prepared> {
    Ok(Prepared::new(1, 7, || std::hint::black_box(8)))
}

fn wrong_effect() -> Result<Prepared> {
    Ok(right()?.audit(|_| bail!("the effect is wrong")))
}

fn panics() -> Result<Prepared> {
    Ok(Prepared::new(1, 7, || panic!("it panicked")))
}

/// Prints where replies would go if nobody minded.
fn prints() -> Result<Prepared> {
    Ok(Prepared::new(1, 7, || {
        println!("it prints");
        7
    }))
}

fn cannot_be_prepared() -> Result<Prepared> {
    bail!("something is missing")
}

/// Ends its process in the first turn; a second process, which finds the mark of the first, is right.
fn dies_once(data: &Data) -> Result<Prepared> {
    let (mark, mut is_prepared) = (data.folder().join("died"), false);
    Ok(Prepared::new(1, 7, move || {
        if is_prepared && !mark.exists() {
            std::fs::write(&mark, "").expect("the folder of the data can be written to");
            std::process::abort();
        }
        is_prepared = true;
        std::hint::black_box(7)
    }))
}

fn never_ready() -> Result<Prepared> {
    Ok(Prepared::staged(1, 7, || Ok(crate::Condition::Fails), || 7))
}

/// Where 70% of the time of `seventy to thirty` goes.
#[inline(never)]
#[unsafe(no_mangle)]
fn self_test_seventy(seed: u64) -> u64 {
    std::hint::black_box(spin(seed, 70_000))
}

/// Where 30% goes.
#[inline(never)]
#[unsafe(no_mangle)]
fn self_test_thirty(seed: u64) -> u64 {
    std::hint::black_box(spin(seed, 30_000))
}

/// The part that comes before, and must not be seen.
#[inline(never)]
#[unsafe(no_mangle)]
fn self_test_set_up(seed: u64) -> u64 {
    std::hint::black_box(spin(seed, 20_000_000))
}

/// The same code for all, so that a turn takes as long for each.
#[inline(never)]
fn spin(seed: u64, turns: u64) -> u64 {
    (0..turns).fold(seed, |sum, i| std::hint::black_box(sum.rotate_left(5) ^ i))
}

/// Also asks for memory: in set-up, and a little in each iteration.
fn seventy_to_thirty() -> Result<Prepared> {
    std::hint::black_box((self_test_set_up(1), vec![0_u8; 1 << 20]));
    let run = || {
        std::hint::black_box(Box::new([0_u8; 1000]));
        let [seventy, thirty] = [self_test_seventy(1), self_test_thirty(1)];
        std::hint::black_box(seventy ^ thirty);
        7
    };
    Ok(Prepared::new(1, 7, run))
}

pub(super) fn families() -> Vec<Family> {
    if std::env::var_os(SWITCH).is_none() {
        return Vec::new();
    }
    let mut families = vec![kinds(), profiled(), noisy(), fragile()];
    families.extend(example::families());
    families
}

fn question(id: &str, title: &str) -> Family {
    Family::question(id, title).series("kind").along("kind", Scale::Category).item("run")
}

/// A known answer for profilers.
fn profiled() -> Family {
    let mut family = question("self-test/profiled", "Does a profiler find what is known?").explain(
        "Of the measured part one function takes 70%, another one 30%, and set-up nothing.",
    );
    family
        .add(("seventy to thirty",), "to test profilers", |_| seventy_to_thirty())
        .instruments(&[Instrument::Wall, Instrument::Instructions]);
    family
}

/// A right one that does not keep quiet.
fn noisy() -> Family {
    let mut family = question("self-test/noisy", "Does it disturb what a workload prints?")
        .explain("One workload prints a line in each iteration.");
    family.add(("prints",), "to test the channel of replies", |_| prints());
    family
}

/// One whose process ends although it is right.
fn fragile() -> Family {
    let mut family = question("fragile", "Does a process that ends take its workload along?")
        .explain("One workload ends its process in the first turn.");
    family.add(("dies once",), "to test the second attempt", dies_once);
    family
}

fn kinds() -> Family {
    let mut family = question("self-test/kinds", "Does a broken workload show?")
        .explain("One workload is right, the others are not.");
    type Prepare = fn() -> Result<Prepared>;
    let kinds: [(&str, Prepare); 6] = [
        ("right", right),
        ("wrong answer", wrong_answer),
        ("wrong effect", wrong_effect),
        ("panics", panics),
        ("cannot be prepared", cannot_be_prepared),
        ("never ready", never_ready),
    ];
    for (kind, prepare) in kinds {
        family.add((kind,), "to test the tests", move |_| prepare());
    }
    family
}
