//! Drives the page in headless Chromium: what only a browser can tell.

mod common;

use std::path::Path;
use std::process::Command;

/// What the page is asked, from inside. Each line answered is `ok` or what is wrong.
const CHECKS: &str = r##"
const said = [];
const check = (what, good) => said.push((good ? 'ok ' : 'WRONG ') + what);
const visible = selector => [...document.querySelectorAll(selector)].filter(e => e.offsetParent);
const type = (id, text) => {
  const input = document.getElementById(id);
  input.value = text;
  input.dispatchEvent(new Event('input'));
};
check('the deep link is marked', document.querySelector('.target')?.id === 'w-file-load-auto-warm');
const top = document.querySelector('.target')?.getBoundingClientRect().top;
check('the deep link is in view: ' + top, top >= 0 && top < innerHeight);

check('all workloads are there', visible('.workload').length === 27);
type('search', 'slab 4');
check('search narrows', visible('.workload').length === 2);
check('search narrows tables', visible('#t-c-registry-lookup tbody tr').length === 2);
check('search hides what has no hit', visible('#c-file-load').length === 0);
check('search counts', document.getElementById('hits').textContent === '2 of 27 workloads');
check('search is in the address: ' + location.hash, location.hash.includes('q=slab+4'));
type('search', 'nothing like this');
check('no hit says so', document.getElementById('hits').textContent === 'none of 27 workloads');
type('search', '');

const table = document.getElementById('t-c-registry-lookup');
const column = [...table.tHead.rows[0].cells].findIndex(c => c.textContent.startsWith('time per'));
const figures = () => [...table.tBodies[0].rows].map(r => Number(r.cells[column].dataset.v));
const sorted = (values, sign) => values.every((v, i) => i === 0 || sign * (v - values[i - 1]) >= 0);
const button = table.tHead.rows[0].cells[column].querySelector('button');
button.click();
check('sorts ascending', sorted(figures(), 1));
button.click();
check('sorts descending', sorted(figures(), -1));
check('says so', table.querySelector('[aria-sort]').getAttribute('aria-sort') === 'descending');
check('order is in the address', location.hash.includes('sort.t-c-registry-lookup='));

type('f-c-registry-lookup', 'dashmap');
check('a filter narrows its table', visible('#t-c-registry-lookup tbody tr').length === 6);
check('and no other', visible('#t-c-file-load tbody tr').length === 3);
type('f-c-registry-lookup', '');

const ground = () => getComputedStyle(document.body).backgroundColor;
const before = ground();
document.getElementById('theme').click();
check('the theme changes', ground() !== before);
const ink = getComputedStyle(document.querySelector('.plot text')).fill;
check('texts of plots stand out', ink !== ground());
document.getElementById('theme').click();
check('and changes back', ground() === before);

const result = document.createElement('pre');
result.id = 'result';
result.textContent = said.join('\n');
document.body.append(result);
"##;

fn is_there() -> bool {
    Command::new("chromium").arg("--version").output().is_ok_and(|out| out.status.success())
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

#[test]
fn search_order_links_and_themes_work_in_a_browser() {
    if !is_there() {
        println!("skipped: no `chromium` on the PATH (Debian: apt-get install chromium)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let report = common::report(&common::whole_run(5));
    let page = simple_reports::html::page(&report).unwrap();
    let path = folder.path().join("index.html");
    std::fs::write(&path, &page).unwrap();

    let (dom, errors) = opened(folder.path(), &format!("file://{}", path.display()));
    assert_eq!(errors, [""; 0], "the page as it is opens without complaints");
    assert!(dom.contains("class=\"with-js\""), "its policy lets its own script run");

    // The checks are no part of the page, so its policy would keep them from running.
    let start = page.find("<meta http-equiv").unwrap();
    let end = start + page[start..].find('>').unwrap() + 1;
    let open = page[..start].to_owned() + &page[end..];
    let tested =
        open.replace("</body>", &format!("<script type=\"module\">{CHECKS}</script></body>"));
    std::fs::write(&path, tested).unwrap();
    let url = format!("file://{}#w-file-load-auto-warm", path.display());
    let (dom, errors) = opened(folder.path(), &url);
    assert_eq!(errors, [""; 0]);
    let (_, result) = dom.split_once("<pre id=\"result\">").expect("the checks ran");
    let result = result.split_once("</pre>").unwrap().0;
    assert!(!result.contains("WRONG"), "{result}");
    assert!(result.lines().count() > 15, "{result}");
}

#[test]
fn nothing_sticks_out_of_a_small_window() {
    if !is_there() {
        println!("skipped: no `chromium` on the PATH (Debian: apt-get install chromium)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let report = common::report(&common::whole_run(5));
    let page = simple_reports::html::page(&report).unwrap();
    let start = page.find("<meta http-equiv").unwrap();
    let end = start + page[start..].find('>').unwrap() + 1;
    let open = page[..start].to_owned() + &page[end..];
    let tell = "<script>{ const e = document.documentElement; \
        parent.postMessage(e.scrollWidth - e.clientWidth + ' px', '*') }</script>";
    std::fs::write(folder.path().join("page.html"), open + tell).unwrap();
    // A frame, because headless windows have a least width.
    let frame = "<iframe src=\"page.html\" width=\"400\" height=\"800\" style=\"border:0\"></iframe>\
        <pre id=\"result\"></pre><script>addEventListener('message', e => {\
        document.getElementById('result').textContent = e.data })</script>";
    let path = folder.path().join("frame.html");
    std::fs::write(&path, frame).unwrap();
    let (dom, _) = opened(folder.path(), &format!("file://{}", path.display()));
    assert!(dom.contains("<pre id=\"result\">0 px</pre>"), "{dom}");
}
