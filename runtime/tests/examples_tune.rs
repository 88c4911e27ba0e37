//! The programs of `examples/tune` print the same, whatever the variables of the runtime say.

mod c;

use c::{Language, Linkage, package};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// Each choice alone, and none.
const CHOICES: [&[(&str, &str)]; 6] = [
    &[],
    &[("SIMPLE_RT_WORKERS", "1")],
    &[("SIMPLE_RT_WORKERS", "4")],
    &[("SIMPLE_RT_LOADERS", "1")],
    &[("SIMPLE_RT_PREFAULT", "none")],
    &[("SIMPLE_RT_PREFAULT", "populate-read")],
];

/// A program of `examples/tune`, built.
struct Program {
    folder: TempDir,
    path: PathBuf,
}

impl Program {
    fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = package().join("../examples/tune").join(name).with_extension("c");
        let path = c::build(&source, folder.path(), Language::C, Linkage::Shared);
        Self { folder, path }
    }

    /// Runs it with every choice.
    #[track_caller]
    fn prints(&self, argument: &str, expected: &str) {
        for variables in CHOICES {
            let mut command = Command::new(&self.path);
            command.arg(argument).current_dir(self.folder.path()).envs(variables.iter().copied());
            assert_eq!(c::output(&mut command), expected, "{variables:?}");
        }
    }

    /// Runs it with arguments that it cannot use, and returns its message.
    #[track_caller]
    fn refuses(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.path).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    }
}

/// The sum of what the tasks are to compute.
fn sum_of_tasks(tasks: u64) -> u64 {
    let step =
        |n: u64| n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (0..tasks).map(|task| (0..64).fold(task, |n, _| step(n)) >> 40).sum()
}

#[test]
fn many_small_tasks() {
    let program = Program::new("many_small_tasks");
    for tasks in [1, 1000, 20_001] {
        let expected = format!("{tasks} tasks, sum {}\n", sum_of_tasks(tasks));
        program.prints(&tasks.to_string(), &expected);
    }
    for wrong in ["0", "many", "1x", "100000001"] {
        assert!(program.refuses(&[wrong]).contains("give a number of tasks from 1 to 100000000"));
    }
}

#[test]
fn long_bodies() {
    let program = Program::new("long_bodies");
    program.prints("100", "25 primes below 100\n");
    program.prints("100000", "9592 primes below 100000\n");
    for wrong in ["15", "all", "1000000001"] {
        assert!(program.refuses(&[wrong]).contains("give a largest number from 16 to 1000000000"));
    }
}

#[test]
fn source_tree() {
    let program = Program::new("source_tree");
    let tree = program.folder.path().join("tree");
    fs::create_dir_all(tree.join("deep/deeper")).unwrap();
    fs::create_dir(tree.join("empty folder")).unwrap();
    // More files than are loaded ahead.
    for i in 0..300 {
        let folder = if i % 2 == 0 { "deep" } else { "deep/deeper" };
        fs::write(tree.join(folder).join(format!("file {i}")), " two\twords\n").unwrap();
    }
    fs::write(tree.join("empty"), "").unwrap();
    // More than is read by default: it is mapped.
    fs::write(tree.join("large"), "word ".repeat(100_000)).unwrap();
    std::os::unix::fs::symlink(&tree, tree.join("link")).unwrap();
    program.prints("tree", "302 files, 503300 bytes, 100600 words\n");
    assert!(program.refuses(&[]).contains("give one folder"));
    assert!(program.refuses(&["/no such folder"]).contains("/no such folder: No such file"));
}
