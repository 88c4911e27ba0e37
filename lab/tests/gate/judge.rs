//! Presenting a verdict, on records that may come from anywhere.

use assert_cmd::Command;
use simple_records::{
    Axes, Build, Candidate, Counted, Effort, Fingerprint, Gate, GateEnd, GateLimits, GateRecord,
    GateStart, Harness, Log, Profiled, SCHEMA_VERSION, Side, Stage, Subject, Witness,
};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;

/// A folder with a record in which a workload executes a tenth more instructions; `files` are
/// named as those of its profile.
fn recorded(files: &[&str]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Log::<Gate>::create(folder.path(), "gate").unwrap();
    let workload = "tiny/hot".to_owned();
    let build = || Build { name: "any".to_owned(), key: "k".to_owned(), ..Build::default() };
    let mut records = vec![
        GateRecord::Gate(Box::new(GateStart {
            schema: SCHEMA_VERSION,
            run: "gate".to_owned(),
            started_unix_s: 1,
            tool: "test".to_owned(),
            effort: Effort::Quick.into(),
            filters: Vec::new(),
            instruments: Vec::new(),
            candidates: 1,
            seed: 1,
            base: build(),
            head: build(),
            harness: Harness::Same,
            notes: Vec::new(),
            corpus: None,
            suite: None,
            layouts: None,
            same_program: None,
            limits: GateLimits::default(),
            fingerprint: Fingerprint::default(),
        })),
        GateRecord::Candidate(Candidate {
            subject: Subject {
                workload: workload.clone(),
                comparison: "tiny".to_owned(),
                reason: "test".to_owned(),
                axes: Axes::default(),
                peer: false,
            },
            instruments: vec![Witness::Instructions],
        }),
    ];
    for stage in [Stage::Screen, Stage::Confirm] {
        for (side, instructions) in [(Side::Base, 100_000), (Side::Head, 110_000)] {
            let workload = workload.clone();
            let counted = Counted { workload, side, stage, instructions, allocations: 0 };
            records.push(GateRecord::Counted(counted));
        }
    }
    records.push(GateRecord::Profiled(Profiled {
        workload,
        scope: "an iteration".to_owned(),
        totals: [100_000, 110_000],
        functions: Vec::new(),
        files: files.iter().map(|file| (*file).to_owned()).collect(),
    }));
    records.push(GateRecord::GateEnd(GateEnd { finished_unix_s: 2 }));
    records.iter().for_each(|record| writer.append(record).unwrap());
    let path = writer.path().to_owned();
    (folder, path)
}

fn judge(record: &Path, arguments: &[&str]) -> std::process::Output {
    let target = record.parent().unwrap().join("target");
    let mut command = Command::cargo_bin("lab").unwrap();
    command.arg("judge").arg(record).arg("--target").arg(target).args(arguments);
    command.current_dir(record.parent().unwrap());
    command.output().unwrap()
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn inputs_are_not_overwritten() {
    let (folder, record) = recorded(&[]);
    let text = fs::read_to_string(&record).unwrap();
    for name in ["x.json", "x.md", "same.jsonl"] {
        let path = folder.path().join(name);
        fs::write(&path, &text).unwrap();
        let more = path.to_str().unwrap();
        let more: &[&str] = if name == "same.jsonl" { &["--markdown", more] } else { &[] };
        for _ in 0..2 {
            let output = judge(&path, more);
            assert_eq!(output.status.code(), Some(1), "{}", said(&output));
            assert!(said(&output).contains("was read as input"), "{}", said(&output));
            assert_eq!(fs::read_to_string(&path).unwrap(), text, "{name}");
        }
    }
    let limits = folder.path().join("gate.toml");
    fs::write(&limits, "").unwrap();
    let limits = limits.to_str().unwrap();
    let output = judge(&record, &["--file", limits, "--markdown", limits]);
    assert_eq!(
        (output.status.code(), fs::read_to_string(limits).unwrap()),
        (Some(1), String::new())
    );
}

#[test]
fn a_foreign_file_beside_the_record_is_not_overwritten() {
    let (folder, record) = recorded(&[]);
    let notes = folder.path().join("gate.md");
    fs::write(&notes, "# My notes\n").unwrap();
    let output = judge(&record, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("not written by the gate"), "{}", said(&output));
    assert_eq!(fs::read_to_string(&notes).unwrap(), "# My notes\n");
    // Its own files are overwritten.
    fs::remove_file(&notes).unwrap();
    for _ in 0..2 {
        let output = judge(&record, &[]);
        assert!(!said(&output).contains("warning"), "{}", said(&output));
    }
    assert!(fs::read_to_string(notes).unwrap().starts_with("## REGRESSION"));
}

#[test]
fn names_in_a_record_lead_nowhere_else() {
    let victims = tempfile::tempdir().unwrap();
    let victim = victims.path().join("holiday.svg");
    fs::write(&victim, "precious").unwrap();
    for name in [victim.to_str().unwrap(), "../planted.svg", "in/planted.svg"] {
        let (folder, record) = recorded(&[name]);
        let beside = record.with_extension("");
        fs::create_dir_all(beside.join("in")).unwrap();
        for planted in [folder.path().join("planted.svg"), beside.join("in/planted.svg")] {
            fs::write(planted, "planted").unwrap();
        }
        assert_eq!(judge(&record, &[]).status.code(), Some(1));
        let report = folder.path().join("target/report");
        assert!(report.join("gate.html").is_file());
        assert!(!report.join("planted.svg").exists() && !report.join("gate/in").exists());
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    // A link in the place of a picture, on either side.
    let (_folder, record) = recorded(&["hot.svg"]);
    let beside = record.with_extension("");
    let shown = record.parent().unwrap().join("target/report/gate");
    fs::create_dir_all(&beside).unwrap();
    fs::create_dir_all(&shown).unwrap();
    fs::write(beside.join("hot.svg"), "<svg/>").unwrap();
    std::os::unix::fs::symlink(&victim, shown.join("hot.svg")).unwrap();
    judge(&record, &[]);
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
}

#[test]
fn a_picture_that_is_in_its_place_stays() {
    let (folder, record) = recorded(&["hot.svg"]);
    let report = folder.path().join("target/report");
    fs::create_dir_all(report.join("gate")).unwrap();
    let there = report.join("gate.jsonl");
    fs::copy(&record, &there).unwrap();
    fs::write(report.join("gate/hot.svg"), "<svg/>").unwrap();
    let mut command = Command::cargo_bin("lab").unwrap();
    command.arg("judge").arg(&there).arg("--target").arg(folder.path().join("target"));
    assert_eq!(command.output().unwrap().status.code(), Some(1));
    assert_eq!(fs::read_to_string(report.join("gate/hot.svg")).unwrap(), "<svg/>");
}

#[test]
fn a_summary_is_added_to_what_others_wrote() {
    let (folder, record) = recorded(&[]);
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "# Other step\n").unwrap();
    judge(&record, &["--markdown", summary.to_str().unwrap()]);
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("# Other step\n") && text.contains("## REGRESSION"), "{text}");
    // GitHub drops a summary beyond its limit as a whole.
    let full = "x".repeat((1 << 20) - 10);
    fs::write(&summary, &full).unwrap();
    let output = judge(&record, &["--markdown", summary.to_str().unwrap()]);
    assert!(said(&output).contains("beyond the limit of a summary"), "{}", said(&output));
    assert_eq!(fs::read_to_string(&summary).unwrap(), full);
}

#[test]
fn an_unwritable_file_does_not_cost_the_verdict() {
    let (folder, record) = recorded(&[]);
    // There is a folder in the place of the page.
    fs::create_dir_all(folder.path().join("target/report/gate.html")).unwrap();
    for markdown in ["/dev/null/x", ""] {
        let output = judge(&record, &["--markdown", markdown]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(String::from_utf8_lossy(&output.stdout).contains("tiny/hot"));
        assert_eq!(said(&output).matches("warning: ").count(), 2, "{}", said(&output));
    }
}

#[test]
fn nobody_has_to_read_the_verdict() {
    let (_folder, record) = recorded(&[]);
    let (reader, closed) = std::io::pipe().unwrap();
    drop(reader);
    let full = File::options().write(true).open("/dev/full").unwrap();
    for (output, complaint) in [(Stdio::from(closed), ""), (Stdio::from(full), "standard output")] {
        let program = assert_cmd::cargo::cargo_bin("lab");
        let ended = std::process::Command::new(program)
            .arg("judge")
            .arg(&record)
            .arg("--target")
            .arg(record.parent().unwrap().join("target"))
            .stdout(output)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(ended.status.code(), Some(1));
        assert!(said(&ended).contains(complaint), "{}", said(&ended));
        assert_eq!(said(&ended).is_empty(), complaint.is_empty());
    }
}

#[test]
fn without_a_comparison_advice_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let output = judge(&folder.path().join("gone"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("`just gate REV`"), "{}", said(&output));
    let other = folder.path().join("other.jsonl");
    fs::write(&other, "{\"kind\":\"end\"}\n").unwrap();
    let output = judge(&other, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("`just gate REV`"), "{}", said(&output));
}
