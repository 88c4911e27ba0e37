//! The page of a gate.

mod common;

use common::calibration::calibration;
use common::gate::{begun, calm, counted, judged, judged_with, of_all_kinds, whole};
use simple_reports::export::gate_json;
use simple_reports::html::gate_page;
use simple_reports::judge::{GateFile, GateReport, OperatingCurve};
use simple_reports::text::GateView;

fn of_everything() -> GateReport {
    let file = "[[waiver]]\nworkload = \"file/load/touch/*\"\nreason = \"asks the device\"\n\
                expires = \"2026-03-31\"\n";
    judged_with(&of_all_kinds(), &GateFile::parse(file).unwrap())
}

fn full_page() -> String {
    let curve = OperatingCurve::new(&calibration());
    let flames = [("registry/lookup/slab/4".to_owned(), "flame/slab-4.svg".to_owned())];
    gate_page(&GateView::new(&of_everything(), Some(&curve)), &flames).unwrap()
}

#[test]
fn the_page_says_all_there_is() {
    let page = full_page();
    if let Ok(path) = std::env::var("GATE_PAGE") {
        std::fs::write(path, &page).unwrap();
    }
    for expected in [
        ">REGRESSION</span> this checkout (0123456789ab, with changes) against main",
        "waived: slower by time",
        "asks the device",
        "until 2026-03-31",
        "href=\"flame/slab-4.svg\"",
        "Slab&#60;T&#62;::get",
        "it panicked: no queue",
        "file/load/new/4KiB",
        "In 40 comparisons of a build with itself on Example CPU",
        "19 of 20 [75%, 100%]",
        "<code>just gate fedcba987654 ",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    let report = of_everything();
    let timed = report.rows.iter().filter(|row| row.time.is_some()).count();
    assert_eq!(page.matches("<svg class=\"forest").count(), timed + 1, "and the axis");
    for row in &report.rows {
        let id = row.workload.replace(['/', '|'], "-");
        assert!(page.contains(&format!("id=\"w-{id}\"")), "{id}");
    }
}

#[test]
fn what_is_slower_open_or_suspected_opens_to_its_blocks() {
    let (page, report) = (full_page(), of_everything());
    let shown = |name: &str| page.contains(&format!("<figure id=\"b-{}\"", name.replace('/', "-")));
    for name in ["registry/lookup/slab/4", "file/load/touch/4KiB", "thread/start", "future/tree/12"]
    {
        assert!(shown(name), "{name}");
        let id = name.replace('/', "-");
        assert!(page.contains(&format!("<a href=\"#b-{id}\"")), "{name} is linked from its row");
    }
    assert!(!shown("value/copy/3"), "it is the same after its screening");
    let slab = report.rows.iter().find(|row| row.workload == "registry/lookup/slab/4").unwrap();
    assert!(page.contains("In 20 of 20 confirming blocks, the head took longer than both copies"));
    // A ring for each block in both sizes of the picture, and one in each legend.
    let picture = page.split("<figure id=\"b-registry-lookup-slab-4\"").nth(1).unwrap();
    let picture = picture.split("</figure>").next().unwrap();
    let rings = picture.split("class=\"again\" d=\"").skip(1);
    let rings: usize = rings.map(|path| path.split('"').next().unwrap().matches('M').count()).sum();
    assert_eq!(rings, 2 * (slab.blocks.len() + 1));
    assert!(picture.contains(">screen</text>") && picture.contains(">confirm</text>"));
    assert!(picture.contains("<title>Times of registry/lookup/slab/4 in each block</title>"));
}

#[test]
fn the_power_is_beside_each_time_and_in_the_json() {
    let (report, curve) = (of_everything(), OperatingCurve::new(&calibration()));
    let view = GateView::new(&report, Some(&curve));
    let page = gate_page(&view, &[]).unwrap();
    assert!(page.contains(">5.0% found</th>"));
    assert!(page.contains("Calibrated, with real slow-downs of 5.0%: 19 of 20 [75%, 100%]."));
    let json: serde_json::Value = serde_json::from_str(&gate_json(&view)).unwrap();
    let found = |name: &str| {
        let power = json["power"].as_array().unwrap();
        power.iter().find(|one| one["workload"] == name).unwrap().clone()
    };
    assert!(found("value/copy/3")["found"].as_f64().unwrap() > 0.99);
    assert!(found("thread/start")["found"].as_f64().unwrap() < 0.1, "noise of 30% hides 5%");
    assert_eq!(found("value/copy/3")["by"], 0.05);
    assert_eq!(found("value/copy/3")["calibrated"]["count"], 19);
    let uncalibrated = gate_page(&GateView::new(&report, None), &[]).unwrap();
    assert!(!uncalibrated.contains("Calibrated, with"));
}

#[test]
fn columns_without_any_cell_vanish() {
    let page_of = |report: &GateReport| gate_page(&GateView::new(report, None), &[]).unwrap();
    let columns = ["growth of instructions</th>", ">allocations</th>", ">page faults</th>"];
    let full = page_of(&of_everything());
    assert!(columns.iter().all(|column| full.contains(column)));
    let timed = page_of(&judged(&whole(&["a", "b"], 1, calm(|_, _| 0.0))));
    assert!(columns.iter().all(|column| !timed.contains(column)));
    let mut gate = begun(&["a"]);
    counted(&mut gate, "a", &[[100, 100]]);
    let counts = page_of(&judged(&gate));
    assert!(counts.contains(columns[0]) && !counts.contains("5.0% found"));
}

#[test]
fn the_page_runs_no_script_and_needs_no_other_file() {
    let page = full_page();
    assert!(page.contains("default-src 'none'") || page.contains("default-src &#39;none&#39;"));
    for forbidden in ["<script", "http:", "https:", "<link", "<img", " style=\"", "onclick"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn every_link_within_the_page_has_its_end() {
    let page = full_page();
    for link in page.split("href=\"#").skip(1) {
        let id = link.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
}

#[test]
fn names_are_text() {
    let evil = "a\"><script>alert(1)</script>";
    let mut gate = begun(&[evil]);
    counted(&mut gate, evil, &[[100, 200], [100, 200]]);
    let page = gate_page(&GateView::new(&judged(&gate), None), &[]).unwrap();
    assert!(!page.contains("<script"));
}

#[test]
fn little_is_a_page_too() {
    let pass = judged(&whole(&["a", "b"], 1, calm(|_, _| 0.0)));
    let page = gate_page(&GateView::new(&pass, None), &[]).unwrap();
    assert!(page.contains(">PASS</span>") && page.contains("run <code>just calibrate</code>"));
    let nothing = judged(&begun::<&str>(&[]));
    let page = gate_page(&GateView::new(&nothing, None), &[]).unwrap();
    assert!(page.contains(">INCONCLUSIVE</span>") && page.contains("There is no workload"));
}
