//! The door to iai-callgrind; see `simple_benches::instruments`. Its runner takes options:
//! `cargo bench --bench instructions -- --help`.

// What the macros make of this file has no documentation.
#![allow(missing_docs)]

use iai_callgrind::{
    Bench, BinaryBenchmark, BinaryBenchmarkConfig, BinaryBenchmarkGroup, Callgrind, Command, Dhat,
    EntryPoint, binary_benchmark_group, main,
};
use simple_benches::instruments::instructions;
use std::env;
use std::path::PathBuf;

/// Where the counted processes run.
fn data() -> PathBuf {
    let folder = env::var_os(instructions::DATA_VARIABLE)
        .map_or_else(|| env!("CARGO_TARGET_TMPDIR").into(), PathBuf::from);
    std::fs::create_dir_all(&folder).expect("the folder for data can be made");
    folder
}

fn config() -> BinaryBenchmarkConfig {
    let counted = EntryPoint::Custom(instructions::COUNTED.to_owned());
    BinaryBenchmarkConfig::default()
        .valgrind_args(instructions::VALGRIND_ARGUMENTS)
        .env_clear(true)
        .envs(instructions::ENVIRONMENT)
        .current_dir(data())
        .tool(Callgrind::with_args(instructions::CALLGRIND_ARGUMENTS).entry_point(counted.clone()))
        .tool(Dhat::with_args(instructions::DHAT_ARGUMENTS).entry_point(counted))
        .clone()
}

fn add_workloads(group: &mut BinaryBenchmarkGroup) {
    let names = match env::var(instructions::NAMES_VARIABLE) {
        Ok(list) => list.lines().map(str::to_owned).collect(),
        Err(_) => instructions::names(),
    };
    let mut count = BinaryBenchmark::new("count");
    for name in names {
        let command = Command::new(env!("CARGO_BIN_EXE_simple-bench"))
            .env(instructions::WORKLOAD_VARIABLE, &name)
            .build();
        count.bench(Bench::new(instructions::id(&name)).command(command));
    }
    group.binary_benchmark(count);
}

binary_benchmark_group!(
    name = workloads;
    benchmarks = |group: &mut BinaryBenchmarkGroup| add_workloads(group)
);

main!(
    config = config();
    binary_benchmark_groups = workloads
);
