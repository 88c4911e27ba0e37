//! `SIMPLE_RT_STATS=FILE`: the counters of a process, as it ends.

mod c;
#[path = "common/environment.rs"]
mod environment;

use environment::Program;
use serde_json::{Value, json};
use std::fs;

/// Checks the counts of a program that has submitted 100 tasks this many times.
#[track_caller]
fn assert_ran(counters: &Value, times: u64) {
    let executor = &counters["executor"];
    assert_eq!(
        (&executor["submitted"], &executor["completed"]),
        (&json!(100 * times), &json!(100 * times))
    );
}

#[test]
fn the_file_has_the_numbers_of_a_known_program() {
    let program = Program::new();
    fs::write(program.file("data"), vec![b'x'; 1000]).unwrap();
    let counters = program.counters("workers=2 submit shutdown copy=data", &[]);
    assert_ran(&counters, 1);
    let head = ["format", "version", "written_at"].map(|name| counters[name].clone());
    assert_eq!(head, [json!("simple-runtime-stats"), json!(1), json!("exit")]);
    assert_eq!(counters["runtime_version"], env!("CARGO_PKG_VERSION"));
    let executor = &counters["executor"];
    assert_eq!((&executor["starts"], &executor["workers_started"]), (&json!(1), &json!(2)));
    assert_eq!((&executor["inline_run"], &executor["panics"]), (&json!(0), &json!(0)));
    for name in ["stolen", "parks", "wakes"] {
        assert!(executor[name].is_u64(), "{name}");
    }
    let files = &counters["files"];
    assert_eq!((&files["loads_by_waiters"], &files["loads_by_loaders"]), (&json!(1), &json!(0)));
    assert_eq!(files["loaded"]["copy"], json!({"files": 1, "loaded_bytes": 1000}));
    assert_eq!(counters["settings"]["mode"], json!({"value": "threaded", "from": "default"}));
}

#[test]
fn a_program_that_does_nothing_has_zeros() {
    for linkage in [c::Linkage::Shared, c::Linkage::Static] {
        let counters = Program::linked(linkage).counters("", &[("WORKERS", "3")]);
        let counts = counters["executor"].as_object().unwrap();
        assert_eq!(counts.len(), 9);
        assert!(counts.values().all(|count| count == 0), "{counts:?}");
        let loaded = counters["files"]["loaded"].as_object().unwrap();
        assert_eq!(loaded.len(), 8, "every strategy but auto");
        assert!(loaded.values().all(|loads| loads == &json!({"files": 0, "loaded_bytes": 0})));
        assert_eq!(counters["written_at"], "exit");
        assert_eq!(counters["settings"]["workers"]["value"], 3, "a start would have them");
    }
}

#[test]
fn manual_mode_has_no_workers() {
    let counters = Program::new().counters("manual start submit", &[]);
    assert_eq!(counters["settings"]["mode"], json!({"value": "manual", "from": "program"}));
    let executor = &counters["executor"];
    assert_eq!((&executor["starts"], &executor["workers_started"]), (&json!(1), &json!(0)));
    assert_eq!((&executor["submitted"], &executor["completed"]), (&json!(100), &json!(0)));
}

#[test]
fn it_counts_on_over_several_starts() {
    let counters = Program::new().counters("submit shutdown workers=1 submit shutdown", &[]);
    assert_ran(&counters, 2);
    assert_eq!(
        (&counters["executor"]["starts"], &counters["executor"]["workers_started"]),
        (&json!(2), &json!(1))
    );
}

/// The variable's file after a program that ends in some way.
fn left_by(orders: &str) -> Value {
    let program = Program::new();
    fs::write(program.file("stats.json"), "of an earlier process").unwrap();
    program.run_to_any_end(orders, &[("STATS", "stats.json")]);
    program.read("stats.json")
}

#[test]
fn a_process_that_does_not_exit_leaves_what_was_written_before() {
    for end in ["abort", "_exit"] {
        let counters = left_by(&format!("submit shutdown submit {end}"));
        assert_eq!(counters["written_at"], "shutdown", "{end}");
        assert_ran(&counters, 1);
        let counters = left_by(&format!("submit {end}"));
        assert_eq!(counters["written_at"], "load", "{end}");
        assert_ran(&counters, 0);
    }
}

#[test]
fn a_forked_child_writes_nothing() {
    let program = Program::new();
    let counters = program.counters("submit shutdown fork _exit", &[]);
    assert_eq!(counters["written_at"], "shutdown", "the child has exited in order");
    assert_ran(&counters, 1);
    assert_ran(&program.counters("fork submit shutdown fork", &[]), 1);
}

#[test]
fn a_child_has_the_choices_of_its_parent() {
    let program = Program::new();
    let told = program.messages("fork", &[("WORKERS", "none")]);
    assert!(told.contains("SIMPLE_RT_WORKERS=none"), "{told}");
    let told = program.messages("start fork", &[("WORKERS", "none")]);
    assert_eq!(told.matches("SIMPLE_RT_WORKERS").count(), 1, "once for a program: {told}");
}

#[test]
fn another_program_has_its_own_file_or_none() {
    let program = Program::new();
    let counters = program.counters("submit submit exec shutdown", &[]);
    assert_ran(&counters, 2);
    let told = program.messages("exec", &[("STATS", "stats.json")]);
    assert!(told.contains("SIMPLE_RT_STATS: cannot write stats.json: another process"), "{told}");
    fs::remove_file(program.file("stats.json")).unwrap();
    program.run("exec", &[("STATS", "%p.%%.json")]);
    let names = fs::read_dir(program.folder()).unwrap().map(|file| file.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".%.json"));
    assert_eq!(names.len(), 2, "{names:?}");
    let mut submitted: Vec<_> = names
        .iter()
        .map(|name| {
            let counters = program.read(name);
            assert_eq!(format!("{}.%.json", counters["process"]), *name);
            counters["executor"]["submitted"].as_u64().unwrap()
        })
        .collect();
    submitted.sort();
    assert_eq!(submitted, [0, 100]);
}

#[test]
fn the_name_counts_from_the_folder_in_which_the_process_began() {
    let program = Program::new();
    program.run("leave submit shutdown", &[("STATS", "stats.json")]);
    assert_ran(&program.read("stats.json"), 1);
}

#[test]
fn a_link_is_not_followed() {
    let program = Program::new();
    let (file, link) = (program.file("elsewhere"), program.file("link"));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let variables = [("STATS", link.to_str().unwrap())];
    assert_eq!(program.run("submit shutdown error", &variables), "error: \n");
    assert!(!file.exists() && link.is_symlink());
    fs::write(&file, "of somebody else").unwrap();
    let told = program.messages("submit shutdown", &variables);
    assert!(told.contains("a symbolic link: name the file itself"), "{told}");
    assert_eq!(fs::read(&file).unwrap(), b"of somebody else");
}

#[test]
fn a_file_that_cannot_be_written_is_told_only_where_messages_are_asked_for() {
    let program = Program::new();
    for file in ["no such folder/stats.json", "/dev/null", "."] {
        let variables = [("STATS", file)];
        assert_eq!(program.run("submit shutdown error", &variables), "error: \n");
        let told = program.messages("submit shutdown", &variables);
        assert_eq!(told.matches("SIMPLE_RT_STATS: cannot write").count(), 1, "{file}: {told}");
    }
}

#[test]
fn text_of_any_kind_is_written_as_json() {
    let program = Program::new();
    let text = "\"\\\n\u{1}ü";
    let counters = program.counters("", &[("WORKERS", text)]);
    assert_eq!(counters["settings"]["workers"]["text"], text);
}
