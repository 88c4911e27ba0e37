//! Programs that speak the language of the harness: an iteration is counted if the program can do that.

use crate::common::{Repository, counted, expect, has_valgrind, record};

const SUITE: &str = "build = \"cc -O1 -o sum sum.c\"

[[benchmarks]]
adapter = \"harness\"
program = \"sum\"
filter = \"4096\"
";

const HEADER: &str = include_str!("../../../harness/lab_harness.h");
const PROGRAM: &str = include_str!("../../../examples/harness/sum.c");

#[test]
fn an_iteration_is_counted_and_more_instructions_are_found() {
    if !has_valgrind() {
        return;
    }
    let repository = Repository::empty("r");
    repository.write("lab.toml", SUITE);
    repository.write("lab_harness.h", HEADER);
    repository.write("sum.c", PROGRAM);
    repository.write(".gitignore", ".lab/\nsum\n");
    repository.commit();
    let volatile = "(const volatile uint32_t *)state;\n    uint64_t sum = 0;\n";
    let twice = format!("{volatile}    for (int i = 0; i < COUNT; i++) sum += at[i] * 0;\n");
    repository.write("sum.c", &PROGRAM.replace(volatile, &twice));
    let said = expect(1, &mut counted(repository.gate("HEAD")));
    assert!(said.contains("slower: sum/sum/one by one/4096"), "{said}");
    // The start of a process takes far more than the loop, and is not counted.
    let record = record(&repository.root);
    assert!(record.counted.iter().all(|one| one.instructions < 100_000), "{:?}", record.counted);
    assert!(record.profiled.iter().all(|one| one.scope == "an iteration"));
}
