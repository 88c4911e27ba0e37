//! Exports, checked against what their readers document.

mod common;

use serde_json::Value;
use simple_reports::export::{Format, export};

fn exported(format: Format) -> String {
    export(&common::report(&common::whole_run(5)), format).unwrap()
}

/// <https://bencher.dev/docs/reference/bencher-metric-format/>: any names map to any names of
/// measures, which map to an object with a number `value` and perhaps `lower_value` and
/// `upper_value`. Names are at most 1024 characters.
#[test]
fn bencher_metric_format() {
    let json: Value = serde_json::from_str(&exported(Format::Bencher)).unwrap();
    let benchmarks = json.as_object().unwrap();
    assert_eq!(benchmarks.len(), 27);
    for (name, measures) in benchmarks {
        assert!(name.len() <= 1024);
        let measures = measures.as_object().unwrap();
        assert_eq!(measures.keys().collect::<Vec<_>>(), ["latency", "throughput"]);
        for metric in measures.values() {
            let number = |key: &str| metric[key].as_f64().unwrap();
            assert!(number("lower_value") <= number("value"));
            assert!(number("value") <= number("upper_value"));
            assert_eq!(metric.as_object().unwrap().len(), 3);
        }
    }
    // 20 ns an item; the median of the drifts is 1.01.
    let slab = &benchmarks["registry/lookup/slab/1/get only"];
    assert!((slab["latency"]["value"].as_f64().unwrap() - 20.2).abs() < 1e-9);
    assert!((slab["throughput"]["value"].as_f64().unwrap() - 1e9 / 20.2).abs() < 1.0);
}

/// <https://github.com/benchmark-action/github-action-benchmark>, `customSmallerIsBetter`: an
/// array of objects with `name`, `unit` (texts) and `value` (number); `range` and `extra` are
/// texts and may be missing.
#[test]
fn github_action_benchmark() {
    let json: Value = serde_json::from_str(&exported(Format::GithubActionBenchmark)).unwrap();
    let entries = json.as_array().unwrap();
    assert_eq!(entries.len(), 27);
    for entry in entries {
        assert!(entry["name"].is_string() && entry["unit"].is_string());
        assert!(entry["value"].as_f64().unwrap() > 0.0);
        for (key, value) in entry.as_object().unwrap() {
            match key.as_str() {
                "name" | "unit" | "value" => {}
                "range" | "extra" => assert!(value.is_string()),
                other => panic!("the format has no {other}"),
            }
        }
    }
}

#[test]
fn csv_has_a_header_and_as_many_fields_in_each_line() {
    let csv = exported(Format::Csv);
    let mut lines = csv.lines();
    let fields = lines.next().unwrap().split(',').count();
    let rest: Vec<&str> = lines.collect();
    assert_eq!(rest.len(), 27);
    assert!(rest.iter().all(|line| line.split(',').count() == fields), "{csv}");
}
