//! Measurements of commands, and the sentences about them.

use crate::work::{compare, folder, lab, newest, work};
use simple_records::{Counter, Instrument};
use simple_reports::analysis::Report;

/// Times of a command by its name, of all its processes.
fn times(run: &simple_records::Run, name: &str) -> Vec<f64> {
    let of = run.samples.iter().filter(|one| one.subject.workload.ends_with(name));
    of.flat_map(|one| &one.samples).map(|sample| sample.total_ns).collect()
}

#[test]
fn ten_times_the_work_is_slower_and_the_record_is_that_of_a_run() {
    let folder = folder();
    let [less, more] = ["3000000", "30000000"].map(|steps| format!("{} {steps} same", work()));
    let options = ["--name", "less", "--name", "more", "--same", "50%", "--fail-if-slower", "10%"];
    let (code, out, err) = compare(folder.path(), &[&[&less[..], &more], &options[..]].concat());
    // On a machine that disturbs even this, the null control or the look stays open: 3.
    assert!(matches!(code, Some(1 | 3)), "{out}{err}");
    assert!(out.contains("null control: the same command twice: "), "{out}");
    let run = newest(folder.path());
    let [least, most] = ["commands/less", "commands/more"]
        .map(|name| times(&run, name).into_iter().reduce(f64::min));
    assert!(least < most, "{least:?} {most:?}");
    let report = Report::new(run.clone());
    let compared = &report.comparisons[0];
    assert_eq!(compared.default_series().as_deref(), Some("less"));
    let ratio = compared.against_default()[0].ratio.unwrap();
    assert!(ratio.median < 0.7, "the other is slower: {ratio:?}");
    if code == Some(1) {
        assert!(out.contains("more is ") && out.contains(" slower than less"), "{out}");
        assert!(out.contains("more is slower by more than 10%"), "{out}");
    }
    // Every block has each command once or more, and the default a second time.
    let rounds = |name: &str| {
        let of = run.samples.iter().filter(|one| one.subject.workload == name);
        of.map(|one| (one.round, one.instrument)).collect::<Vec<_>>()
    };
    let blocks = rounds("commands/less");
    assert!(blocks.len() >= 10 && blocks[0] == (0, Instrument::Wall));
    for name in ["commands/more", "commands/null control/first", "commands/null control/second"] {
        assert_eq!(rounds(name), blocks, "{name}");
    }
    assert!(run.counts.iter().all(|one| one.instrument == Counter::Os));
    assert!(run.counts.iter().any(|one| one.counts["processor_time_ns"] > 0.0));
    assert!(run.end.is_some() && run.start.origin.is_some());
    let record = simple_records::newest_run(&folder.path().join("compare")).unwrap();
    let summary = lab("summary", folder.path(), &[record.to_str().unwrap()]);
    let summary = String::from_utf8(summary.stdout).unwrap();
    assert!(summary.contains(", by compare, "), "{summary}");
    // The record says the same as the terminal.
    let mut said = out.lines().take_while(|line| !line.is_empty());
    assert!(said.all(|line| line.contains("than 10%") || summary.contains(line)), "{out}{summary}");
}

#[test]
fn variables_input_names_and_scripts_reach_the_commands() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("input"), "given\n").unwrap();
    let check = "read line; test \"$line\" = given && test \"$ALL\" = a && echo $ONE";
    let (setup, prepare, cleanup) = (
        format!("echo setup >>{}", path("log")),
        format!("echo prepare >>{}", path("log")),
        format!("echo cleanup >>{}", path("log")),
    );
    let (code, out, err) = compare(
        folder.path(),
        &[
            check,
            &format!("{check} "),
            "--shell",
            "--name=one",
            "--name=two",
            "--env=ALL=a",
            "--env=1:ONE=x",
            "--env=2:ONE=yy",
            "--input",
            &path("input"),
            "--setup",
            &setup,
            "--prepare",
            &prepare,
            "--cleanup",
            &cleanup,
            "--budget=300ms",
            "--export",
            &path("out.csv"),
        ],
    );
    assert!(matches!(code, Some(0 | 3)), "{out}{err}");
    assert!(out.contains("outputs differ: one and two print 2 bytes and 3 bytes"), "{out}");
    let log = std::fs::read_to_string(path("log")).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!((lines[0], lines[lines.len() - 1]), ("setup", "cleanup"));
    let run = newest(folder.path());
    // Those of the null control's first side are the default's own.
    let counted: usize = run.samples.iter().map(|one| one.samples.len()).sum::<usize>()
        - times(&run, "control/first").len();
    let prepared = lines.iter().filter(|line| **line == "prepare").count();
    // Each is tried once more if the budget seems too short.
    assert!([2, 4].map(|tried| counted + tried).contains(&prepared), "{prepared}, {counted}");
    let csv = std::fs::read_to_string(path("out.csv")).unwrap();
    assert!(csv.contains("commands/one,commands,one"), "{csv}");
}

#[test]
fn the_second_command_may_be_the_default() {
    let folder = folder();
    let command = format!("{} 1000", work());
    let arguments = [&command, &command, "--default=2", "--budget=200ms", "--seed=5"];
    let (code, out, err) = compare(folder.path(), &arguments);
    assert!(matches!(code, Some(0 | 3)), "{out}{err}");
    assert!(out.contains(" (2) (default)"), "{out}");
    assert!(err.contains("note: commands 1 and 2 are the same"), "{err}");
    assert!(out.contains("starting a process takes ") || out.contains("open: "), "{out}");
    assert_eq!(newest(folder.path()).start.seed, 5);
}

#[test]
fn failures_and_exit_codes_are_measured_when_that_is_asked_for() {
    let folder = folder();
    let options = ["--shell", "--ignore-failure", "--budget=200ms", "--ignore-output"];
    let commands = ["exit 3", "echo a; exit 4"];
    let (code, out, err) = compare(folder.path(), &[&commands[..], &options].concat());
    assert!(matches!(code, Some(0 | 3)), "{out}{err}");
    assert!(out.contains("exit codes differ: exit 3 ends with exit status: 3"), "{out}");
    assert!(!out.contains("outputs differ"), "{out}");
}

#[test]
fn instructions_are_exact_where_there_is_valgrind() {
    if std::process::Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("no valgrind: nothing is counted");
        return;
    }
    let folder = folder();
    let [less, more] = ["1000", "1001000"].map(|steps| format!("{} {steps}", work()));
    let (_, out, err) = compare(folder.path(), &[&less, &more, "--instructions", "--budget=100ms"]);
    assert!(out.contains("instructions"), "{out}{err}");
    let run = newest(folder.path());
    let counted: Vec<f64> = run
        .counts
        .iter()
        .filter(|one| one.instrument == Counter::Instructions)
        .map(|one| one.counts["instructions"])
        .collect();
    // A step of the loop takes a few instructions, and everything else is the same.
    let a_step = (counted[1] - counted[0]) / 1e6;
    assert!((1.0..20.0).contains(&a_step), "{counted:?}");
}
