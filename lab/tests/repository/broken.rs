//! Programs of benchmarks that cannot run, in both builds or in the checkout alone.

use crate::common::{Repository, expect, record};
use simple_records::Side;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

const SUITE: &str = "[[benchmarks]]
adapter = \"google-benchmark\"
program = \"bench\"
name = \"b\"
";

/// A program that lists two benchmarks as Google Benchmark does, and runs them if `line` lets it.
fn program(line: &str) -> String {
    format!(
        r#"#!/bin/sh
for word; do
    case $word in
    --benchmark_list_tests=true) echo one; echo two; exit ;;
    --benchmark_filter=*) name=${{word#*=^}}; name=${{name%$}} ;;
    --benchmark_out=*) out=${{word#*=}} ;;
    esac
done
{line}
run='"run_name":"'$name'","run_type":"iteration","iterations":1000,"time_unit":"ns"'
echo '{{"benchmarks":[{{"name":"'$name'",'$run',"real_time":1e4,"cpu_time":1e4}}]}}' > "$out"
"#
    )
}

fn write(repository: &Repository, line: &str) {
    repository.write("bench", &program(line));
    fs::set_permissions(repository.root.join("bench"), Permissions::from_mode(0o755)).unwrap();
}

/// A repository whose only commit has a program with this line.
fn repository(line: &str) -> Repository {
    let repository = Repository::empty("r");
    repository.write("lab.toml", SUITE);
    repository.write(".gitignore", ".lab/\n");
    write(&repository, line);
    repository.commit();
    repository.write("change", "");
    repository
}

const BREAKS: &str = "echo 'it broke on purpose' >&2; exit 3";

#[test]
fn benchmarks_of_which_none_runs_cannot_be_compared() {
    let said = expect(2, &mut repository(BREAKS).gate("HEAD"));
    assert!(said.contains("no benchmark of lab.toml that is to be compared can be run"), "{said}");
    assert!(said.contains("neither in HEAD nor in this checkout"), "{said}");
    for name in ["b/one: ", "b/two: "] {
        assert_eq!(said.matches(name).count(), 1, "{said}");
    }
    assert!(said.contains("it broke on purpose") && !said.contains("quiet machine"), "{said}");
}

#[test]
fn benchmarks_that_the_checkout_broke_are_a_failure() {
    let repository = repository("");
    write(&repository, BREAKS);
    let said = expect(1, &mut repository.gate("HEAD"));
    assert!(said.contains("cannot be run by the judged build: b/one, b/two"), "{said}");
    let retired = record(&repository.root).retired;
    assert!(retired.iter().all(|one| one.side == Some(Side::Head)), "{retired:?}");
}

#[test]
fn one_that_the_checkout_broke_beside_others_is_a_failure() {
    let repository = repository("");
    write(&repository, &format!("if [ \"$name\" = two ]; then {BREAKS}; fi"));
    let said = expect(1, repository.gate("HEAD").arg("--budget=1s"));
    assert!(said.contains("cannot be run by the judged build: b/two"), "{said}");
}
