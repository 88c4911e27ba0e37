//! Benchmarks that time themselves: here a script that says what Google Benchmark would, so that times
//! are exact.

use crate::common::{Repository, expect, record};
use simple_records::Side;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const SUITE: &str = "[[benchmarks]]\nadapter = \"google-benchmark\"\nprogram = \"bench\"\n";

/// A program with these benchmarks. One that is called `broken` fails, and `slow` takes this many
/// nanoseconds.
fn program(names: &str, slow_ns: u32) -> String {
    format!(
        r#"#!/bin/sh
for argument; do
    case "$argument" in
    --benchmark_list_tests=true) printf '%s\n' {names}; exit 0 ;;
    --benchmark_out=*) out=${{argument#*=}} ;;
    --benchmark_filter=*) name=${{argument#*^}}; name=${{name%?}} ;;
    esac
done
case "$name" in
broken) echo 'the reason' >&2; exit 1 ;;
slow) time={slow_ns} ;;
*) time=100 ;;
esac
run="\"name\":\"$name\",\"run_name\":\"$name\",\"run_type\":\"iteration\",\"iterations\":1000"
run="{{$run,\"real_time\":$time.0,\"cpu_time\":$time.0,\"time_unit\":\"ns\"}}"
echo "{{\"context\":{{}},\"benchmarks\":[$run,$run]}}" > "$out"
"#
    )
}

fn repository(base: &str, head: &str) -> Repository {
    let repository = Repository::empty("r");
    repository.write("lab.toml", SUITE);
    let write = |text: &str| {
        repository.write("bench", text);
        let path = repository.root.join("bench");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    write(base);
    repository.commit();
    write(head);
    repository
}

#[test]
fn twice_the_time_is_slower_and_less_is_not() {
    let repository = repository(&program("slow same", 100), &program("slow same", 200));
    let said = expect(1, &mut repository.gate("HEAD"));
    assert!(said.contains("slower: bench/slow\n"), "{said}");
    assert!(said.contains("bench/slow") && said.contains("+100%"), "{said}");
    repository.commit();
    expect(0, &mut repository.gate("HEAD"));
    repository.write("bench", &program("slow same", 50));
    let said = expect(0, &mut repository.gate("HEAD"));
    assert!(said.contains("faster"), "{said}");
}

#[test]
fn benchmarks_of_one_side_are_listed_and_broken_ones_are_a_regression() {
    let base = program("same gone", 100);
    let repository = repository(&base, &program("same new", 100));
    let said = expect(0, &mut repository.gate("HEAD"));
    let after = |title: &str| said.split(title).nth(1).unwrap().lines().nth(1).unwrap().trim();
    assert_eq!(after("Only in HEAD, so not compared"), "bench/gone");
    assert_eq!(after("Only in this checkout, so not compared"), "bench/new");
    let sides: Vec<Side> = record(&repository.root).only_in.iter().map(|one| one.side).collect();
    assert_eq!(sides, [Side::Base, Side::Head]);
    repository.write("bench", &program("same gone", 100).replace("broken)", "gone)"));
    let said = expect(1, &mut repository.gate("HEAD"));
    assert!(said.contains("cannot be run by the judged build: bench/gone"), "{said}");
    assert!(said.contains("the reason"), "{said}");
    repository.write("bench", &program("new", 100));
    let said = expect(2, &mut repository.gate("HEAD"));
    assert!(said.contains("no benchmark in common"), "{said}");
}

#[test]
fn the_suite_of_the_checkout_measures_both_sides_and_a_part_may_be_new() {
    let text = program("same", 100);
    let repository = repository(&text, &text);
    repository.write(
        "lab.toml",
        &format!("{SUITE}\n{}name = \"other\"\n", SUITE.replace("\"bench\"", "\"new\"")),
    );
    repository.write("new", &text);
    let path = repository.root.join("new");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    let said = expect(0, &mut repository.gate("HEAD"));
    assert!(
        said.contains("lab.toml of HEAD differs: both sides are built and measured by"),
        "{said}"
    );
    assert!(said.contains("HEAD cannot list the benchmarks of other"), "{said}");
    assert!(said.contains("other/same"), "{said}");
}
