//! Drives the page in headless Chromium, for checks that need a browser.

mod common;

use simple_reports::analysis::{History, RunComparison};
use simple_reports::html::{Context, gate_page, page, page_with, pages};
use simple_reports::judge::OperatingCurve;
use simple_reports::profiles::Profiles;
use simple_reports::text::GateView;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Tools for checks inside of pages. Each line of output is `ok` or an error.
const TOOLS: &str = include_str!("browser/tools.js");

/// Returns whether there is a browser; prints a note if not.
fn is_there() -> bool {
    let is_there =
        Command::new("chromium").arg("--version").output().is_ok_and(|out| out.status.success());
    if !is_there {
        println!("skipped: no `chromium` on the PATH (Debian: apt-get install chromium)");
    }
    is_there
}

/// A page with everything: a baseline, and a history with a step.
fn full_page() -> String {
    let first = common::whole_run(5);
    let faster = |name: &str| if name.contains("slab/4") { 0.5 } else { 1.0 };
    let runs: Vec<_> = (0..8)
        .map(|day| common::later(&first, day, |name| if day > 3 { faster(name) } else { 1.0 }))
        .map(|records| common::report(&records))
        .collect();
    let (before, after) = (&runs[0], &runs[7]);
    let comparison = RunComparison::new(before, after);
    let history = History::new(after, &runs, Vec::new());
    let context =
        Context { baseline: Some(&comparison), history: Some(&history), ..Context::default() };
    page_with(after, &context).unwrap()
}

/// The page without its policy, which would keep what tests add to it from running.
fn without_policy(page: &str) -> String {
    let start = page.find("<meta http-equiv").unwrap();
    let end = start + page[start..].find('>').unwrap() + 1;
    page[..start].to_owned() + &page[end..]
}

/// The document after its scripts ran, and what the console said.
fn opened(folder: &Path, url: &str) -> (String, Vec<String>) {
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"])
        .args(["--virtual-time-budget=5000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(url)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let errors = errors.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned);
    (String::from_utf8_lossy(&output.stdout).into_owned(), errors.collect())
}

/// The output of `checks` in a page that is opened at `anchor`, and the console's.
fn asked(page: &str, anchor: &str, checks: &str) -> (String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.html");
    let script = format!("<script type=\"module\">{TOOLS}{checks}\nsay();</script></body>");
    fs::write(&path, without_policy(page).replace("</body>", &script)).unwrap();
    let (dom, errors) = opened(folder.path(), &format!("file://{}{anchor}", path.display()));
    let (_, result) = dom.split_once("<pre id=\"result\">").expect("the checks ran");
    (result.split_once("</pre>").unwrap().0.to_owned(), errors)
}

/// Asserts that nothing is wrong in at least `least` lines of output.
fn assert_all_good((answers, errors): (String, Vec<String>), least: usize) {
    assert_eq!(errors, [""; 0]);
    assert!(!answers.contains("WRONG"), "{answers}");
    assert!(answers.lines().count() >= least, "{answers}");
}

#[test]
fn the_page_as_it_is_opens_without_complaints() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.html");
    fs::write(&path, full_page()).unwrap();
    let (dom, errors) = opened(folder.path(), &format!("file://{}", path.display()));
    assert_eq!(errors, [""; 0]);
    assert!(dom.contains("class=\"with-js\""), "its policy lets its own script run");
}

#[test]
fn links_search_order_and_filters_work() {
    if !is_there() {
        return;
    }
    let checks = include_str!("browser/search.js");
    assert_all_good(asked(&full_page(), "#w-file-load-auto-warm", checks), 20);
}

#[test]
fn the_address_restores_what_was_shown() {
    if !is_there() {
        return;
    }
    let address = "#c-registry-lookup?q=lookup&filter.t-c-registry-lookup=dashmap\
        &sort.t-c-registry-lookup=3.descending";
    assert_all_good(asked(&full_page(), address, include_str!("browser/address.js")), 8);
}

#[test]
fn both_themes_can_be_read() {
    if !is_there() {
        return;
    }
    let checks = include_str!("browser/themes.js");
    assert_all_good(asked(&full_page(), "#w-file-load-auto-warm", checks), 6);
}

#[test]
fn the_first_screen_answers_and_its_picture_is_whole() {
    if !is_there() {
        return;
    }
    let page = page(&common::report(&common::blocks::blocks())).unwrap();
    assert_all_good(asked(&page, "", include_str!("browser/answers.js")), 8);
    assert_all_good(asked(&page, "", include_str!("browser/themes.js")), 6);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(wider_by(folder.path(), &page), "0 px");
}

/// A frame that may run no script holds the page.
#[test]
fn without_script_all_tables_and_plots_are_shown() {
    if !is_there() {
        return;
    }
    let page = full_page().replace('&', "&amp;").replace('"', "&quot;");
    let holder = format!(
        "<!DOCTYPE html><head><meta http-equiv=\"a\"></head><body><iframe id=\"page\" \
         sandbox=\"allow-same-origin\" width=\"1200\" height=\"900\" srcdoc=\"{page}\"></iframe></body>"
    );
    let (answers, errors) = asked(&holder, "", include_str!("browser/plain.js"));
    assert!(errors.iter().all(|line| line.contains("Blocked script execution")), "{errors:?}");
    assert_all_good((answers, Vec::new()), 6);
}

#[test]
fn nothing_sticks_out_of_a_small_window() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(wider_by(folder.path(), &full_page()), "0 px");
}

/// Excess of a page's width over a small window.
fn wider_by(folder: &Path, page: &str) -> String {
    let ask = "const e = document.documentElement; tell(e.scrollWidth - e.clientWidth + ' px')";
    told(folder, page, 400, ask)
}

/// Output of a script in a page that is as wide as a frame.
fn told(folder: &Path, page: &str, width_px: u32, ask: &str) -> String {
    let script =
        format!("<script>{{ const tell = text => parent.postMessage(text, '*'); {ask} }}</script>");
    fs::write(folder.join("page.html"), without_policy(page) + &script).unwrap();
    // A frame, because headless windows have a least width.
    let frame = format!(
        "<iframe src=\"page.html\" width=\"{width_px}\" height=\"800\" style=\"border:0\">\
         </iframe><pre id=\"result\"></pre><script>addEventListener('message', e => {{\
         document.getElementById('result').textContent = e.data }})</script>"
    );
    let path = folder.join("frame.html");
    fs::write(&path, frame).unwrap();
    let (dom, _) = opened(folder, &format!("file://{}", path.display()));
    let (_, result) = dom.split_once("<pre id=\"result\">").expect("the frame is there");
    result.split_once("</pre>").unwrap().0.to_owned()
}

/// A page with profiles below `folder`, and its pictures beside where it would be.
fn page_with_profiles(folder: &Path) -> String {
    let from = folder.join("profiles");
    for workload in ["file/load/auto/warm", "registry/lookup/slab/4/get only"] {
        common::profiles::write_profile(&from, &common::profiles::whole(workload));
    }
    let profiles = Profiles::read(&from);
    let context = Context { profiles: Some(&profiles), ..Context::default() };
    let pages = pages(&common::report(&common::whole_run(5)), &context).unwrap();
    fs::create_dir(folder.join("flame")).unwrap();
    for copied in pages.copied {
        fs::copy(copied.from, folder.join(copied.to)).unwrap();
    }
    pages.html
}

#[test]
fn the_policy_of_a_page_with_profiles_lets_their_pictures_be_seen() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.html");
    fs::write(&path, page_with_profiles(folder.path())).unwrap();
    let url = format!("file://{}#w-file-load-auto-warm", path.display());
    let (dom, errors) = opened(folder.path(), &url);
    assert_eq!(errors, [""; 0]);
    assert!(dom.contains("<img"));
}

#[test]
fn profiles_can_be_read_in_both_themes_and_in_a_small_window() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let page = page_with_profiles(folder.path());
    assert_all_good(asked(&page, "#profiles", include_str!("browser/themes.js")), 6);
    assert_eq!(wider_by(folder.path(), &page), "0 px");
}

#[test]
fn the_page_of_a_gate_breaks_no_policy_and_is_no_wider_than_its_window() {
    if !is_there() {
        return;
    }
    let curve = OperatingCurve::new(&common::calibration::calibration());
    let report = common::gate::judged(&common::gate::of_all_kinds());
    let page = gate_page(&GateView::new(&report, Some(&curve)), &[]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gate.html");
    fs::write(&path, &page).unwrap();
    let (dom, errors) = opened(folder.path(), &format!("file://{}", path.display()));
    assert!(dom.contains("REGRESSION") && errors.is_empty(), "{errors:?}");
    let wide = "check('no wider', document.documentElement.scrollWidth <= innerWidth);";
    assert_all_good(asked(&page, "", wide), 1);
}

/// All blocks are shown, and a workload has a long name without a slash.
#[test]
fn no_table_of_a_gate_is_cut_at_either_side() {
    if !is_there() {
        return;
    }
    let report = common::gate::judged(&common::gate::of_all_kinds());
    let page = gate_page(&GateView::new(&report, None), &[]).unwrap();
    let page = page.replace("<details>", "<details open>").replace("touch", &"touch-".repeat(30));
    let folder = tempfile::tempdir().unwrap();
    let ask = "const wide = e => e.scrollWidth > e.clientWidth;\
        const cut = [...document.querySelectorAll('#times .scroll, #workloads .scroll')];\
        tell([cut.length, ...cut.map(wide), wide(document.documentElement)].join(' '))";
    for width_px in [1400, 400] {
        let told = told(folder.path(), &page, width_px, ask);
        assert_eq!(told, "2 false false false", "{width_px}");
    }
}
