//! Values that no measurement gives, in files that somebody edited or a fault wrote.

use simple_records::{Instrument, LogFile, RecordError, Run, Skipped};
use std::fs;

const START: &str = r#"{"kind":"run","schema":1,"run":"r","started_unix_s":0,"tool":"t","profile":"quick","seed":0,"fingerprint":{}}"#;

/// Reads a run of these lines.
fn read(lines: &[&str]) -> Result<Run, RecordError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    Run::read(&path)
}

fn samples(iterations: &str, total_ns: &str) -> String {
    format!(
        r#"{{"kind":"samples","workload":"a/b","comparison":"a","reason":"","axes":[],"items":1,"instrument":"wall","round":0,"samples":[{{"iterations":{iterations},"total_ns":{total_ns}}}]}}"#
    )
}

#[test]
fn a_line_with_one_is_left_out_and_named_with_its_field() {
    for (line, field) in [
        (samples("1", "1e308"), "samples.total_ns is 1e308"),
        (samples("18446744073709551615", "5.0"), "samples.iterations is 18446744073709551615"),
        (
            r#"{"kind":"noise","round":0,"comparison":"a","elapsed_s":1.0,"steal_percent":-4.0}"#
                .to_owned(),
            "steal_percent is -4.0",
        ),
    ] {
        let run = read(&[START, &line, &samples("10", "5.0"), &line]).unwrap();
        assert_eq!((run.samples.len(), run.noise.len()), (1, 0), "the others are kept");
        let expected =
            format!("run.jsonl, line 2: {field}, which cannot be: 2 such lines are left out");
        assert!(run.warnings.contains(&expected), "{:?}", run.warnings);
    }
}

/// Without its first line there is no run.
#[test]
fn limits_that_cannot_be_make_the_file_unusable() {
    let limits = |error: &str, same: &str| {
        let limits =
            format!(r#"{{"error":{error},"same":{same},"same_threaded":0.1,"budget_s":270.0}}"#);
        read(&[&START.replace(r#""fingerprint""#, &format!(r#""limits":{limits},"fingerprint""#))])
    };
    assert!(limits("0.01", "0.05").unwrap().start.limits.is_some());
    for (error, same, said) in
        [("2", "0.05", "limits.error is 2.0"), ("0.01", "-1", "limits.same is -1.0")]
    {
        let found = limits(error, same).unwrap_err().to_string();
        assert!(found.contains("run.jsonl, line 1: ") && found.contains(said), "{found}");
    }
}

#[test]
fn figures_that_come_later_take_a_skip_back() {
    let skipped = |instrument: &str| {
        format!(
            r#"{{"kind":"skipped","workload":"a/b","comparison":"a","instrument":"{instrument}","why":"w"}}"#
        )
    };
    let [wall, latency] = [skipped("wall"), skipped("latency")];
    let run = read(&[START, &wall, &latency, &samples("10", "5.0")]).unwrap();
    let left: Vec<_> = run.skipped.iter().map(|Skipped { instrument, .. }| *instrument).collect();
    assert_eq!(left, [Some(Instrument::Latency)]);
    let run = read(&[START, &samples("10", "5.0"), &wall]).unwrap();
    assert_eq!(run.skipped.len(), 1, "it broke off later");
}
