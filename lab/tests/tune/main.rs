//! Tuning a program that honours the variables of the runtime, made for the test: the runtime's own
//! behaviour is tested with the runtime.

#[path = "../common/c.rs"]
mod c;

use assert_cmd::Command;
use c::compiled;
use simple_records::{LogFile, Run, Verb, newest_run};
use std::path::Path;
use std::sync::OnceLock;
use tempfile::TempDir;

/// A program with work for several workers: with one it takes twelve times as long as by default; with
/// three it prints something else; with four it never ends. Files do not matter to it.
const SOURCE: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int count, char **words) {
    const char *set = getenv("SIMPLE_RT_WORKERS"), *file = getenv("SIMPLE_RT_STATS");
    int workers = set ? atoi(set) : 2;
    const char *from = set ? "environment" : "default";
    const char *how = count > 1 ? words[1] : "";
    volatile unsigned long sum = 0;
    if (workers == 4) for (;;) pause();
    for (unsigned long i = 0; i < (workers == 1 ? 24000000UL : 2000000UL); i++) sum += i;
    puts(workers == 3 ? "three" : "done");
    if (!strcmp(how, "unwritable") && getenv("SIMPLE_RT_LOG"))
        fputs("simple-runtime: SIMPLE_RT_STATS: cannot write there: not allowed\n", stderr);
    if (!file || !strcmp(how, "apart") || !strcmp(how, "unwritable")) return 0;
    FILE *out = fopen(file, "w");
    if (!strcmp(how, "own")) from = "program";
    fprintf(out, "{\"format\": \"simple-runtime-stats\", \"version\": 1,"
        "\"executor\": {\"starts\": 1, \"wakes\": %d},"
        "\"files\": {\"loaded\": {\"copy\": {\"files\": %d}}},"
        "\"settings\": {\"workers\": {\"value\": %d, \"from\": \"%s\"}}}\n",
        5 * workers, !strcmp(how, "files"), workers, from);
    return fclose(out);
}
"#;

fn program() -> &'static str {
    static BUILT: OnceLock<(TempDir, String)> = OnceLock::new();
    let (_, program) = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let program = compiled(SOURCE, folder.path(), None);
        (folder, program.to_str().unwrap().to_owned())
    });
    program
}

/// Tunes in `folder`, and returns the exit code and both outputs.
fn tune(folder: &Path, options: &[&str], command: &[&str]) -> (Option<i32>, String, String) {
    let mut lab = Command::cargo_bin("lab").unwrap();
    lab.arg("tune").arg("--target").arg(folder).args(options).arg("--").args(command);
    let output = lab.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn settings_are_compared_with_the_default_and_what_hangs_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--workers=1,3,4", "--same=50%", "--timeout=2s"];
    let (code, out, err) = tune(folder.path(), &options, &[program()]);
    assert!(matches!(code, Some(0 | 3)), "{out}{err}");
    assert!(err.contains("prefault: not tried: the program loaded no file"), "{err}");
    assert!(err.contains("left out: workers 4 did not end within 2 s"), "{err}");
    assert!(out.starts_with("workers: "), "{out}");
    assert!(!out.contains("choose workers 1"), "{out}");
    assert!(
        out.contains("outputs differ: default and workers 3 print 5 bytes and 6 bytes"),
        "{out}"
    );
    assert!(out.contains("wakes") && out.contains("null control: the same setting twice"), "{out}");
    let run = Run::read(&newest_run(&folder.path().join("compare")).unwrap()).unwrap();
    let origin = run.start.origin.as_ref().unwrap();
    assert_eq!(origin.verb, Verb::Tune);
    assert!(run.skipped.iter().any(|one| one.workload == "settings/workers/workers 4"));
    let least = |name: &str| {
        let of = run.samples.iter().filter(|one| one.subject.workload == name);
        of.flat_map(|one| &one.samples).map(|sample| sample.total_ns).reduce(f64::min).unwrap()
    };
    assert!(least("settings/workers/workers 1") > least("settings/workers/default"));
    let wakes = run.counts.iter().find(|one| one.subject.workload == "settings/workers/workers 1");
    assert_eq!(wakes.unwrap().counts["wakes"], 5.0);
}

#[test]
fn each_axis_that_can_matter_is_tried() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--workers=3", "--prefault=copy", "--loaders=2", "--budget=300ms"];
    let (code, out, err) = tune(folder.path(), &options, &[program(), "files"]);
    assert!(matches!(code, Some(0 | 3)), "{out}{err}");
    for expected in
        ["workers: ", "prefault: ", "\n    default ", "workers 3", "prefault copy", "loaders 2"]
    {
        assert!(out.contains(expected), "{expected}: {out}");
    }
}

#[test]
fn a_program_that_the_variables_do_not_reach_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (command, expected) in [
        (&[program(), "apart"][..], "never reaches the runtime"),
        (&[program(), "unwritable"], "cannot write there: not allowed): have TMPDIR name a folder"),
        (&[program(), "own"], "no setting of the runtime can matter"),
        (&["/no/such-program"], "there is no program '/no/such-program'"),
        (&["sh", "-c", "exit 3"], "exit status: 3"),
    ] {
        let (code, out, err) = tune(folder.path(), &[], command);
        assert_eq!(code, Some(2), "{out}{err}");
        assert!(err.contains(expected), "{err}");
        assert!(out.is_empty(), "{out}");
    }
    for option in ["--workers=2,3,2", "--loaders=1,1", "--prefault=copy,copy"] {
        let (code, _, err) = tune(folder.path(), &[option], &[program()]);
        assert_eq!(code, Some(2));
        assert!(err.contains("is there twice: name it once"), "{err}");
    }
    let (code, _, err) = tune(folder.path(), &["--prefault=slow"], &[program(), "files"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("slow") && err.contains("populate-read"), "{err}");
}
