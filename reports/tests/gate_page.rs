//! The page of a gate.

mod common;

use common::calibration::calibration;
use common::gate::{begun, calm, counted, judged, judged_with, of_all_kinds, whole};
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
