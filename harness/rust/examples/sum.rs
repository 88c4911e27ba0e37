//! Which way of summing is faster in Rust? Build: cargo build --release -p lab-harness --example sum
//! Measure: lab run --program target/release/examples/sum

use lab_harness::{Harness, Question};
use std::process::ExitCode;

const COUNT: u64 = 4096;

fn main() -> ExitCode {
    let numbers: Vec<u64> = (1..=COUNT).collect();
    let (indexed, folded) = (numbers.clone(), numbers);
    let expected = COUNT * (COUNT + 1) / 2;
    let question =
        Question::new("sum", "Which way of summing numbers?", "way", "numbers", "number")
            .workload("backwards", COUNT, expected, move || {
                indexed.iter().rev().fold(0, |sum, number| std::hint::black_box(sum + number))
            })
            .workload("iterator", COUNT, expected, move || folded.iter().sum());
    Harness::new().question(question).main()
}
