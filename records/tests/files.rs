//! Run files: written, read back, cut off, damaged.

use simple_records::{
    Axes, AxisValue, Comparison, Counter, Counts, Display, Gate, Instrument, Latency, Log, LogFile,
    Loop, Noise, Record, RecordError, Run, RunEnd, RunStart, Sample, Samples, Scale, Skipped,
    Subject, Work,
};
use std::fs;
use std::path::{Path, PathBuf};

fn samples(workload: &str) -> Samples {
    Samples {
        subject: Subject {
            workload: workload.to_owned(),
            reason: "a \"reason\"\nin two lines".to_owned(),
            axes: Axes::default().with("size", AxisValue::Bytes(4096)).with("lock", "slab"),
            peer: false,
            ..subject()
        },
        work: Work { items: 3, bytes: None, threads: None },
        instrument: Instrument::Wall,
        round: 1,
        samples: vec![Sample { iterations: 7, total_ns: 1234.5 }],
        discarded: 0,
        residency: None,
        layout: None,
    }
}

/// A line break in a text is read as a space.
fn as_read(workload: &str) -> Samples {
    let mut samples = samples(workload);
    samples.subject.reason = "a \"reason\" in two lines".to_owned();
    samples
}

fn subject() -> Subject {
    Subject {
        workload: "a/b/slab/4KiB".to_owned(),
        comparison: "a/b".to_owned(),
        reason: "a reason".to_owned(),
        axes: Axes::default().with("lock", "slab"),
        peer: true,
    }
}

fn comparison() -> Comparison {
    Comparison {
        id: "a/b".to_owned(),
        title: "Which?".to_owned(),
        explanation: "Just so.".to_owned(),
        x_axis: "size".to_owned(),
        x_scale: Scale::Log,
        series_axis: "lock".to_owned(),
        facet_axis: None,
        defaults: Axes::default(),
        item: "operation".to_owned(),
        display: Display::TimePerItem,
    }
}

fn counts() -> Counts {
    Counts {
        subject: subject(),
        work: Work { items: 3, bytes: Some(4096), threads: None },
        instrument: Counter::Os,
        round: 0,
        counts: [("page_faults_minor".to_owned(), 1.5)].into(),
    }
}

fn latency() -> Latency {
    Latency {
        subject: subject(),
        work: Work { items: 3, bytes: Some(4096), threads: None },
        instrument: Loop::Open,
        round: 0,
        offered_per_s: Some(1000.0),
        achieved_per_s: 999.5,
        duration_s: 1.0,
        histogram_ns: "HISTFAAA".to_owned(),
        percentiles_ns: [("p50".to_owned(), 400)].into(),
    }
}

fn noise() -> Noise {
    Noise {
        round: 2,
        comparison: "a/b".to_owned(),
        elapsed_s: 0.5,
        steal_percent: Some(0.25),
        line_move_ns: Some([60.0, 61.5]),
        warnings: vec!["loud".to_owned()],
        ..Noise::default()
    }
}

fn records() -> Vec<Record> {
    vec![
        Record::Run(RunStart::example().into()),
        Record::Samples(samples("a/b/slab/4KiB")),
        Record::Comparison(comparison()),
        Record::Counts(counts()),
        Record::Latency(latency()),
        Record::Noise(noise()),
        Record::Skipped(Skipped {
            instrument: Some(Instrument::Instructions),
            workload: "a/b/c".to_owned(),
            comparison: "a/b".to_owned(),
            why: "no reason".to_owned(),
        }),
        Record::End(RunEnd {
            finished_unix_s: 2,
            measured: 1,
            skipped: 1,
            not_selected: 0,
            ..RunEnd::default()
        }),
    ]
}

fn written(directory: &Path, records: &[Record]) -> PathBuf {
    let mut log = Log::<Run>::create(&directory.join("made/on/demand"), "run-1").unwrap();
    for record in records {
        log.append(record).unwrap();
    }
    log.path().to_owned()
}

#[test]
fn records_are_read_as_they_were_written() {
    let directory = tempfile::tempdir().unwrap();
    let path = written(directory.path(), &records());
    let run = Run::read(&path).unwrap();
    assert_eq!(run.start, RunStart::example());
    assert_eq!(run.samples, [as_read("a/b/slab/4KiB")]);
    assert_eq!(run.comparisons, [comparison()]);
    assert_eq!(run.counts, [counts()]);
    assert_eq!(run.latencies, [latency()]);
    assert_eq!(run.noise, [noise()]);
    assert_eq!(run.skipped.len(), 1);
    assert_eq!(run.end.unwrap().measured, 1);
    assert_eq!(run.warnings, [""; 0]);
}

#[test]
fn a_run_is_never_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let path = written(directory.path(), &records());
    let error = Log::<Run>::create(path.parent().unwrap(), "run-1").unwrap_err();
    assert!(error.to_string().contains("run-1.jsonl"), "{error}");
    assert_eq!(Run::read(&path).unwrap().samples.len(), 1);
}

/// Cut at any byte, a file yields its whole lines, or an error says what is missing.
#[test]
fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
    let directory = tempfile::tempdir().unwrap();
    let path = written(directory.path(), &records());
    let whole = fs::read(&path).unwrap();
    let first_line = whole.iter().position(|byte| *byte == b'\n').unwrap();
    for len in 0..whole.len() {
        fs::write(&path, &whole[..len]).unwrap();
        match Run::read(&path) {
            Ok(run) => {
                assert!(len > first_line);
                // A line that lacks only its end is left out too: a resumed run removes it.
                assert!(run.end.is_none(), "{len}");
                assert_eq!(run.end.is_none(), !run.warnings.is_empty());
            }
            Err(error) => {
                assert!(len <= first_line, "{len}: {error}");
                match len {
                    0 => assert!(matches!(error, RecordError::Empty(_))),
                    _ => assert!(matches!(error, RecordError::OtherKind { .. })),
                }
            }
        }
    }
}

#[test]
fn an_interrupted_run_goes_on_after_its_last_whole_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = written(directory.path(), &records()[..2]);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 5]).unwrap();
    let mut log = Log::<Run>::resume(&path).unwrap();
    for record in &records()[1..] {
        log.append(record).unwrap();
    }
    let run = Run::read(&path).unwrap();
    assert_eq!(run.samples, [as_read("a/b/slab/4KiB")]);
    assert!(run.end.is_some());
    assert_eq!(run.warnings, [""; 0]);
    assert!(Log::<Run>::resume(&directory.path().join("missing")).is_err());
}

#[test]
fn a_line_that_was_removed_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = written(directory.path(), &records());
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let warnings = |kept: Vec<&str>| {
        fs::write(&path, kept.join("\n") + "\n").unwrap();
        Run::read(&path).unwrap().warnings.join(" ")
    };
    assert!(!warnings(lines.clone()).contains("missing"));
    let without = |removed: &[usize]| {
        let lines = lines.iter().enumerate().filter(|(index, _)| !removed.contains(index));
        lines.map(|(_, line)| *line).collect::<Vec<_>>()
    };
    assert!(warnings(without(&[2])).contains("line 3 is missing"));
    assert!(warnings(without(&[1, 2])).contains("lines 2 to 3 are missing"));
    // Resuming does not hide that, and adds no other fault.
    fs::write(&path, without(&[2]).join("\n") + "\n{\"torn").unwrap();
    Log::<Run>::resume(&path).unwrap().append(&records()[2]).unwrap();
    let warnings_then = Run::read(&path).unwrap().warnings.join(" ");
    assert!(warnings_then.contains("line 3 is missing"), "{warnings_then}");
    assert!(!warnings_then.contains("twice"), "{warnings_then}");
    let twice = [&lines[..2], &lines[1..]].concat();
    assert!(warnings(twice).contains("line 2 is there twice"));
}

#[test]
fn records_of_older_programs_have_no_numbers_and_can_be_resumed() {
    let directory = tempfile::tempdir().unwrap();
    let path = written(directory.path(), &records()[..3]);
    let text = fs::read_to_string(&path).unwrap();
    let old =
        (1..=3).fold(text, |text, number| text.replace(&format!(",\"line\":{number}}}\n"), "}\n"));
    assert!(!old.contains("\"line\":"), "{old}");
    fs::write(&path, old).unwrap();
    Log::<Run>::resume(&path).unwrap().append(&records()[3]).unwrap();
    assert!(fs::read_to_string(&path).unwrap().ends_with(",\"line\":4}\n"));
    let warnings = Run::read(&path).unwrap().warnings;
    assert!(warnings.iter().all(|warning| !warning.contains("missing")), "{warnings:?}");
}

#[test]
fn damage_in_the_middle_is_an_error_that_names_the_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = written(directory.path(), &records());
    let text = fs::read_to_string(&path).unwrap();
    for damage in ["{\"kind\":\"samples\"}", "not json", "[1]", "{\"kind\":3}", "\u{0}"] {
        let mut lines: Vec<_> = text.lines().collect();
        lines[1] = damage;
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        let error = Run::read(&path).unwrap_err();
        assert!(matches!(error, RecordError::Malformed { line: 2, .. }), "{error}");
        assert!(error.to_string().contains("line 2"), "{error}");
    }
}

#[test]
fn unknown_fields_and_kinds_are_skipped_and_newer_schemas_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = written(directory.path(), &records());
    let text = fs::read_to_string(&path).unwrap();
    let extended = text.replace("\"round\":1", "\"round\":1,\"mood\":\"good\"")
        + "{\"kind\":\"weather\",\"sun\":true}\n";
    fs::write(&path, extended).unwrap();
    assert_eq!(Run::read(&path).unwrap().samples, [as_read("a/b/slab/4KiB")]);
    fs::write(&path, text.replace("\"schema\":1", "\"schema\":999")).unwrap();
    let error = Run::read(&path).unwrap_err();
    assert!(matches!(error, RecordError::NewerSchema { found: 999, .. }), "{error}");
}

#[test]
fn lines_with_words_of_a_newer_program_are_left_out_with_a_warning() {
    let directory = tempfile::tempdir().unwrap();
    let path = written(directory.path(), &records());
    let text = fs::read_to_string(&path).unwrap();
    let newer = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        fs::write(&path, text.replace(from, to)).unwrap();
        Run::read(&path).unwrap()
    };
    let run = newer("\"instrument\":\"wall\"", "\"instrument\":\"sundial\"");
    assert_eq!((run.samples.len(), run.counts.len()), (0, 1));
    let [warning] = &run.warnings[..] else { panic!("{:?}", run.warnings) };
    assert!(warning.starts_with("line 2 is of a newer program and left out"), "{warning}");
    assert!(warning.contains("sundial"), "{warning}");
    // The word of an axis, below three fields.
    let run = newer("{\"text\":\"slab\"}", "{\"angle\":90}");
    assert_eq!(run.samples.len() + run.counts.len() + run.latencies.len(), 0);
    assert!(run.warnings[0].contains("3 lines, of which the first is line 2, are"));
    let run = newer("\"profile\":\"quick\"", "\"profile\":\"endless\"");
    assert_eq!((run.start.effort.to_string().as_str(), run.samples.len()), ("endless", 1));
    assert_eq!(run.warnings, [""; 0]);
}

#[test]
fn a_file_has_one_first_line_of_its_kind() {
    let directory = tempfile::tempdir().unwrap();
    let path = written(directory.path(), &records());
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.clone() + &text).unwrap();
    let error = Run::read(&path).unwrap_err();
    assert!(matches!(error, RecordError::Malformed { line: 9, .. }), "{error}");
    fs::write(&path, &text).unwrap();
    let error = Gate::read(&path).unwrap_err();
    assert!(matches!(error, RecordError::OtherKind { .. }), "{error}");
    fs::write(&path, text.lines().skip(1).collect::<Vec<_>>().join("\n") + "\n").unwrap();
    assert!(matches!(Run::read(&path), Err(RecordError::OtherKind { .. })));
    // A newer schema is said even if its first line has other fields.
    fs::write(&path, "{\"kind\":\"run\",\"schema\":2,\"start\":{}}\n").unwrap();
    assert!(matches!(Run::read(&path), Err(RecordError::NewerSchema { found: 2, .. })));
}

/// A printed chain of errors must not repeat the system's reason.
#[test]
fn the_reason_of_the_system_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Log::<Run>::create(&file.join("folder"), "run").unwrap_err();
    let reason = "os error 20";
    assert_eq!(error.to_string().matches(reason).count(), 1, "{error}");
    assert!(std::error::Error::source(&error).is_none());
}
