//! Entry of iai-callgrind; see `simple_benches::instruments`. Its runner takes options:
//! `cargo bench --bench instructions -- --help`.

// What the macros make of this file has no documentation.
#![allow(missing_docs)]

use iai_callgrind::{
    Bench, BinaryBenchmark, BinaryBenchmarkConfig, BinaryBenchmarkGroup, Callgrind, Command, Dhat,
    EntryPoint, Stdin, binary_benchmark_group, main,
};
use simple_benches::instruments::instructions;
use simple_records::harness::valgrind;
use simple_records::harness::{COUNTED, Request, SERVE};
use std::env;
use std::path::{Path, PathBuf};

/// Where the counted processes run.
fn data() -> PathBuf {
    let ours = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench-data");
    let folder = env::var_os(valgrind::DATA_VARIABLE).map_or(ours, PathBuf::from);
    std::fs::create_dir_all(&folder).expect("the folder for data can be made");
    folder
}

fn config() -> BinaryBenchmarkConfig {
    let counted = EntryPoint::Custom(COUNTED.to_owned());
    BinaryBenchmarkConfig::default()
        .valgrind_args(valgrind::ARGUMENTS)
        .env_clear(true)
        .envs(valgrind::ENVIRONMENT)
        .current_dir(data())
        .tool(Callgrind::with_args(valgrind::CALLGRIND_ARGUMENTS).entry_point(counted.clone()))
        .tool(Dhat::with_args(valgrind::DHAT_ARGUMENTS).entry_point(counted))
        .clone()
}

/// Writes what the process that counts `workload` is asked, and returns the file.
fn requests(id: &str, workload: String) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("requests");
    std::fs::create_dir_all(&folder).expect("the folder for requests can be made");
    let path = folder.join(format!("{id}.jsonl"));
    // The folder of its data is the one that the process runs in.
    let requests = [Request::Prepare { workload, data: ".".into() }, Request::Count];
    let lines = requests.map(|request| serde_json::to_string(&request).expect("it is text") + "\n");
    std::fs::write(&path, lines.concat()).expect("requests can be written");
    path
}

fn add_workloads(group: &mut BinaryBenchmarkGroup) {
    let names = match env::var(valgrind::NAMES_VARIABLE) {
        Ok(list) => list.lines().map(str::to_owned).collect(),
        Err(_) => instructions::names(),
    };
    let mut count = BinaryBenchmark::new("count");
    for name in names {
        let id = valgrind::identifier(&name);
        let command = Command::new(env!("CARGO_BIN_EXE_simple-bench"))
            .arg(SERVE)
            .stdin(Stdin::File(requests(&id, name)))
            .build();
        count.bench(Bench::new(id).command(command));
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
