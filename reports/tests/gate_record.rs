//! From the file of a comparison to what other programs read.

mod common;

use common::gate::{begun, calm, counted, judged, of_all_kinds, text, whole};
use simple_records::{Candidate, Gate, LogFile};
use simple_reports::export::gate_json;
use simple_reports::judge::{Reason, Verdict};
use simple_reports::text::GateView;

fn read(text: &str) -> Gate {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gate.jsonl");
    std::fs::write(&path, text).unwrap();
    Gate::read(&path).unwrap()
}

#[test]
fn a_file_is_judged_as_what_was_written() {
    let gate = whole(&["a", "b"], 1, calm(|_, _| 0.0));
    let again = read(&text(&gate));
    assert_eq!(again, gate);
    assert_eq!(judged(&again).verdict, Verdict::Pass);
}

#[test]
fn a_last_line_that_was_cut_off_is_an_interruption_with_a_warning() {
    let mut gate = whole(&["a", "b"], 1, calm(|_, _| 0.0));
    gate.end = None;
    let whole = text(&gate);
    let again = read(&whole[..whole.len() - 30]);
    assert_eq!(again.blocks.len(), gate.blocks.len() - 1);
    let report = judged(&again);
    assert_eq!(report.reasons, [Reason::Interrupted]);
    assert!(report.notes[0].contains("was cut off"), "{:?}", report.notes);
}

#[test]
fn json_has_all_rows_and_null_for_what_is_infinite() {
    let mut gate = of_all_kinds();
    counted(&mut gate, "value/copy/2", &[[0, 5], [0, 5]]);
    let report = judged(&gate);
    let json: serde_json::Value =
        serde_json::from_str(&gate_json(&GateView::new(&report, None))).unwrap();
    assert_eq!(json["verdict"], "regression");
    assert_eq!(json["exit_code"], 1);
    assert_eq!(json["rows"].as_array().unwrap().len(), gate.candidates.len());
    let row = json["rows"].as_array().unwrap().iter().find(|r| r["workload"] == "value/copy/2");
    let found = &row.unwrap()["instructions"];
    assert!(found["change"].is_null() && found["is_beyond"] == true, "{found}");
    assert!(json["operating_curve"].is_null());
    assert!(json["why"][0].as_str().unwrap().contains("slower: "));
}

#[test]
fn a_workload_without_instruments_is_not_measured() {
    let mut gate = begun(&["a"]);
    gate.candidates = gate
        .candidates
        .into_iter()
        .map(|candidate| Candidate { instruments: Vec::new(), ..candidate })
        .collect();
    let report = judged(&gate);
    assert_eq!(report.reasons, [Reason::Interrupted, Reason::NothingMeasured]);
}
