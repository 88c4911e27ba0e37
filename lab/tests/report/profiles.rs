//! Profiles on the page: on the right cards, with their files beside it, and with any content.

use crate::common::profiles::{
    PICTURE, profiled, sites, stacks, timeline, waits, whole, write_profile,
};
use crate::common::tags::{assert_harmless, tags, values};
use assert_cmd::Command;
use simple_records::{ProfileRecord, ProfiledProgram, View};
use simple_reports::html::{Context, Pages, pages};
use simple_reports::profiles::Profiles;
use std::fs;
use std::path::Path;

const WORKLOAD: &str = "registry/lookup/slab/4/5% updates";
const ANCHOR: &str = "w-registry-lookup-slab-4-5--updates";

/// The page with the profiles of a folder.
fn page_of(folder: &Path) -> Pages {
    let profiles = Profiles::read(folder);
    let context = Context { profiles: Some(&profiles), ..Context::default() };
    pages(&crate::common::report(&crate::common::whole_run(5)), &context).unwrap()
}

/// The page with one profile.
fn page_with(records: &[ProfileRecord]) -> Pages {
    let folder = tempfile::tempdir().unwrap();
    write_profile(folder.path(), records);
    let pages = page_of(folder.path());
    assert_harmless(&pages.html);
    pages
}

/// The card with this anchor.
fn card<'a>(page: &'a str, anchor: &str) -> &'a str {
    let (_, from) = page.split_once(&format!("id=\"{anchor}\" data-s")).unwrap();
    from.split_once("</article>").unwrap().0
}

/// Writes a run and returns the command that makes its page.
fn html(folder: &Path, out: &Path) -> Command {
    let records = crate::common::write(&folder.join("records"), &crate::common::whole_run(1));
    let mut command = Command::cargo_bin("lab").unwrap();
    command.args(["report", "--records"]).arg(records).arg("--out").arg(out);
    command.arg("--profiles").arg(folder.join("profiles"));
    command
}

#[test]
fn a_profile_is_on_the_card_of_its_workload_with_all_that_it_says() {
    let page = page_with(&whole(WORKLOAD)).html;
    let card = card(&page, ANCHOR);
    for expected in [
        "Profile of 2026-01-31 12:00:00 UTC by example 0",
        "an example of cpu; 1,000 samples in 20 iterations, which took 1.50 ms",
        "<td class=\"num\">25%</td><td class=\"num\">40%</td>",
        "A note on cpu.",
        "Missing: perf may not sample here: sysctl kernel.perf_event_paranoid=1",
        // Memory, by bytes.
        "2.50 blocks and 150 bytes an iteration, over 20 iterations",
        "at most 1,234,567 bytes at once",
        "<td class=\"num\">2.00</td><td class=\"num\">50.0</td><td class=\"num\">4.10 k</td>\
         <td class=\"num\">12.3 k</td>",
        "B::new ← a::work ← a::outer</code>",
        // Waits and threads.
        "<th scope=\"row\">futex</th><td class=\"num\">12,345</td><td class=\"num\">2.50 ms</td>",
        "<th scope=\"row\">page fault</th><td class=\"num\">7</td><td class=\"num\">–</td>",
        "A note on waits.",
        "1 iteration in 1.00 ms",
        "chrome://tracing",
        "<th scope=\"row\">worker 1</th>",
        "events missing",
    ] {
        assert!(card.contains(expected), "{expected}\n{card}");
    }
    assert_eq!(page.matches("class=\"profile\"").count(), 1, "on no other card");
    assert!(!card.contains("of commit"), "it is of the commit that the run is of");
    let position = |text: &str| card.find(text).unwrap();
    assert!(position("Vec::drop") < position("Slab::get"), "the largest share comes first");
    assert!(position("format::format_inner") < position("B::new ←"), "and the most bytes");
}

#[test]
fn pictures_are_shown_loaded_late_and_open_alone() {
    let pages = page_with(&whole(WORKLOAD));
    let card = card(&pages.html, ANCHOR);
    let picture = format!("flame/{ANCHOR}-cpu.svg");
    assert!(card.contains(&format!("href=\"{picture}\"")));
    assert!(card.contains(&format!("src=\"{picture}\" loading=\"lazy\"")));
    assert!(card.contains("width=\"1200\" height=\"390\""), "it has its place before it is there");
    let copied: Vec<&str> = pages.copied.iter().map(|copied| copied.to.as_str()).collect();
    let memory = format!("flame/{ANCHOR}-memory.svg");
    let trace = format!("flame/{ANCHOR}-timeline.json");
    let lanes = format!("flame/{ANCHOR}-timeline.svg");
    assert_eq!(copied, [&picture, &memory, &trace, &lanes]);
    let tags = tags(&pages.html);
    let linked = values(&tags, "href").into_iter().chain(values(&tags, "src"));
    for link in linked.filter(|link| !link.starts_with('#')) {
        assert!(copied.contains(&link), "{link}");
    }
    assert!(pages.html.contains("img-src "));
}

#[test]
fn files_are_copied_beside_the_page() {
    let folder = tempfile::tempdir().unwrap();
    write_profile(&folder.path().join("profiles"), &whole(WORKLOAD));
    let out = folder.path().join("made/on demand");
    html(folder.path(), &out).assert().success();
    let picture = out.join(format!("flame/{ANCHOR}-cpu.svg"));
    assert_eq!(fs::read_to_string(picture).unwrap(), PICTURE);
    assert!(out.join(format!("flame/{ANCHOR}-timeline.json")).is_file());
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    assert!(page.contains("class=\"profile\""));
}

#[test]
fn a_damaged_profile_is_reported_and_the_others_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let profiles = folder.path().join("profiles");
    write_profile(&profiles, &whole(WORKLOAD));
    let damaged = write_profile(&profiles, &whole("file/load/auto/warm"));
    fs::write(damaged.join("profile.jsonl"), "damaged <b>\n{}\n").unwrap();
    let without = write_profile(&profiles, &whole("file/load/touch/warm"));
    fs::remove_file(without.join("cpu.svg")).unwrap();
    fs::create_dir(profiles.join("begun")).unwrap();
    let out = folder.path().join("report");
    let assert = html(folder.path(), &out).assert().success();
    let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    assert_harmless(&page);
    for expected in ["file-load-auto-warm/profile.jsonl", "the file cpu.svg"] {
        assert!(said.contains(expected) && page.contains(expected), "{expected}: {said}");
    }
    assert_eq!(said.matches("warning:").count(), 2, "{said}");
    assert_eq!(page.matches("class=\"profile\"").count(), 2);
    let card = card(&page, "w-file-load-touch-warm");
    assert!(card.contains("Its flame graph is missing") && !card.contains("-cpu.svg"));
}

#[test]
fn only_files_beside_the_record_are_copied() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.svg"), "secret").unwrap();
    for (number, picture) in ["../secret.svg", "/etc/hostname", "."].into_iter().enumerate() {
        let mut records = whole(WORKLOAD);
        records.truncate(2);
        let path = write_profile(&folder.path().join(number.to_string()), &records);
        let file = path.join("profile.jsonl");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("\"cpu.svg\"", &format!("\"{picture}\""))).unwrap();
        let pages = page_of(path.parent().unwrap());
        assert_eq!(pages.copied, [], "{picture}");
        assert!(pages.html.contains("which the profile names"), "{picture}");
    }
}

#[test]
fn the_newer_of_two_profiles_of_a_workload_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let made = |seconds, tool: &str| {
        let mut start = profiled(WORKLOAD);
        (start.started_unix_s, start.tool) = (seconds, tool.to_owned());
        vec![ProfileRecord::Profile(Box::new(start))]
    };
    let other = write_profile(folder.path(), &made(2, "the newer"));
    fs::rename(other, folder.path().join("another")).unwrap();
    write_profile(folder.path(), &made(1, "the older"));
    let page = page_of(folder.path()).html;
    assert!(card(&page, ANCHOR).contains("the newer") && !page.contains("the older"));
    assert!(page.contains("are of one workload"));
}

#[test]
fn another_commit_and_another_processor_are_said() {
    let of = |commit: &str, is_modified| {
        let mut start = profiled(WORKLOAD);
        start.build.commit = Some(commit.to_owned());
        start.build.modified = is_modified;
        start.fingerprint.cpu_model = Some("Another CPU".to_owned());
        page_with(&[ProfileRecord::Profile(Box::new(start))]).html
    };
    let page = of("fedcba9876543210", false);
    let expected = "made of commit fedcba987654, while the run is of 0123456789ab";
    assert!(card(&page, ANCHOR).contains(expected));
    assert!(card(&page, ANCHOR).contains("another processor: Another CPU"));
    let page = of("0123456789abcdef", true);
    assert!(card(&page, ANCHOR).contains("there were changes since the commit"));
    assert!(page.contains("0123456789ab with changes"));
}

#[test]
fn profiles_of_workloads_that_are_not_in_the_run_are_only_named() {
    let pages = page_with(&whole("of/another <run>"));
    assert_eq!(pages.copied, []);
    assert!(!pages.html.contains("class=\"profile\"") && !pages.html.contains("img-src"));
    assert!(pages.html.contains("<code>of/another &#60;run&#62;</code>"));
}

#[test]
fn the_overview_links_each_workload_with_its_hottest_function() {
    let folder = tempfile::tempdir().unwrap();
    write_profile(folder.path(), &whole(WORKLOAD));
    let start = |workload| ProfileRecord::Profile(Box::new(profiled(workload)));
    let mut instructions = stacks(View::Instructions, "instructions");
    instructions.functions.remove(1);
    let by_instructions = [start("file/load/auto/warm"), ProfileRecord::Stacks(instructions)];
    write_profile(folder.path(), &by_instructions);
    write_profile(folder.path(), &[start("file/load/touch/warm"), ProfileRecord::Waits(waits())]);
    let page = page_of(folder.path()).html;
    assert_harmless(&page);
    let (_, table) = page.split_once("id=\"t-profiles\"").unwrap();
    let rows: Vec<&str> = table.split_once("</tbody>").unwrap().0.split("<tr ").skip(1).collect();
    assert_eq!(rows.len(), 3);
    for (row, [name, function, share, of]) in rows.iter().zip([
        ["#w-file-load-auto-warm", ">Slab::get<", ">25%<", ">instructions<"],
        ["#w-file-load-touch-warm", ">–<", ">–<", "></td>"],
        [&format!("#{ANCHOR}"), ">Vec::drop<", ">50%<", ">processor time<"],
    ]) {
        assert!([name, function, share, of].iter().all(|text| row.contains(text)), "{row}");
    }
    assert!(page.contains("<a href=\"#profiles\">Profiles</a>"));
}

#[test]
fn without_profiles_the_page_says_how_to_make_one() {
    let folder = tempfile::tempdir().unwrap();
    let pages = page_of(&folder.path().join("not there"));
    let plain =
        simple_reports::html::page(&crate::common::report(&crate::common::whole_run(5))).unwrap();
    assert_eq!(pages.html, plain);
    assert_eq!(pages.copied, []);
    for absent in ["id=\"profiles\"", "<img", "img-src", "flame/"] {
        assert!(!plain.contains(absent), "{absent}");
    }
    assert_eq!(plain.matches("\njust profile ").count(), 27);
    assert!(plain.contains("\njust profile &#39;registry/lookup/slab/4/5% updates&#39;</code>"));
}

#[test]
fn hostile_profiles_stay_text() {
    let hostile = "<T as U>::f\"><img src=x onerror=alert(1)></title>\u{202e}\u{1b}";
    let text = || hostile.to_owned();
    let mut start = profiled(WORKLOAD);
    start.tool = text();
    start.build.commit = Some(text());
    let mut cpu = stacks(View::Cpu, hostile);
    (cpu.sampler, cpu.functions[0].function, cpu.notes[0]) = (text(), text(), text());
    cpu.functions[0].short = text();
    let mut sites = sites();
    (sites.sites[0].stack[0], sites.sites[0].short[0]) = (text(), text());
    let mut waits = waits();
    waits.kinds[0].kind = text();
    let mut timeline = timeline();
    timeline.threads[0].name = text();
    let page = page_with(&[
        ProfileRecord::Profile(Box::new(start)),
        ProfileRecord::Stacks(cpu),
        ProfileRecord::AllocationSites(sites),
        ProfileRecord::Waits(waits),
        ProfileRecord::Timeline(timeline),
    ]);
    assert!(page.html.contains("&#60;T as U&#62;::f"));
    assert_eq!(page.html.matches("<img ").count(), 2, "the pictures of stacks and threads");
}

/// Figures that no profiler writes must not break a share or a unit.
#[test]
fn absurd_figures_do_not_panic() {
    for figure in [0, 1, u64::MAX] {
        let mut cpu = stacks(View::Cpu, "ns");
        (cpu.total, cpu.iterations, cpu.measured_ns) = (figure, figure, Some(figure));
        cpu.functions[0].own = u64::MAX;
        let mut sites = sites();
        (sites.iterations, sites.blocks) = (figure, u64::MAX);
        sites.sites[0].lifetime_instructions = f64::MAX;
        let mut timeline = timeline();
        (timeline.measured_ns, timeline.threads[0].run_ns) = (figure, u64::MAX);
        let page = page_with(&[
            ProfileRecord::Profile(Box::new(profiled(WORKLOAD))),
            ProfileRecord::Stacks(cpu.clone()),
            ProfileRecord::Stacks(cpu),
            ProfileRecord::AllocationSites(sites),
            ProfileRecord::Timeline(timeline),
        ]);
        assert!(!page.html.contains("NaN"), "{figure}");
        assert!(page.html.contains(&format!("{ANCHOR}-cpu-2.svg")), "a second one of a view");
    }
}

#[test]
fn programs_of_anybody_have_their_own_list() {
    let folder = tempfile::tempdir().unwrap();
    let mut records = whole("sort-1a2b3c4d");
    let ProfileRecord::Profile(start) = &mut records[0] else { panic!("{records:?}") };
    let command = ["sort".to_owned(), "<b>.txt".to_owned()].to_vec();
    start.program = Some(ProfiledProgram { command, pid: None });
    write_profile(folder.path(), &records);
    write_profile(folder.path(), &whole(WORKLOAD));
    let pages = page_of(folder.path());
    assert_harmless(&pages.html);
    let (_, section) = pages.html.split_once("id=\"p-sort-1a2b3c4d\"").unwrap();
    let section = section.split_once("</details>").unwrap().0;
    for expected in [
        "sort &#60;b&#62;.txt</code>: 50% of processor time in <code",
        "1,000 samples in all, which took 1.50 ms",
        "bytes in all; the process held at most 1,234,567 bytes at once",
        "bytes in all</th>",
        "src=\"flame/p-sort-1a2b3c4d-cpu.svg\"",
    ] {
        assert!(section.contains(expected), "{expected}\n{section}");
    }
    assert!(!section.contains("iteration") && !section.contains("of commit"), "{section}");
    let copied = |name: &str| pages.copied.iter().any(|copied| copied.to == name);
    assert!(copied("flame/p-sort-1a2b3c4d-cpu.svg"));
    // Workloads have theirs as before.
    assert!(pages.html.contains("id=\"t-profiles\"") && copied(&format!("flame/{ANCHOR}-cpu.svg")));
}
