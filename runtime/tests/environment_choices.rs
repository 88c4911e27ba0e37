//! `SIMPLE_RT_WORKERS`, `SIMPLE_RT_LOADERS` and `SIMPLE_RT_PREFAULT`: they replace a default, the
//! program's own choice wins, and a value that cannot be used is named and ignored.

mod c;
#[path = "common/environment.rs"]
mod environment;

use environment::Program;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;

const UNUSABLE_COUNTS: [&str; 6] = ["0", "-1", "two", "4097", "1.5", "99999999999999999999"];

/// The threads of a started program: its own, and its workers.
#[track_caller]
fn threads(program: &Program, orders: &str, variables: &[(&str, &str)]) -> usize {
    let printed = program.run(&format!("{orders} threads"), variables);
    printed.strip_suffix(" threads\n").unwrap().parse().unwrap()
}

#[test]
fn the_variable_is_the_number_of_workers_where_the_program_sets_none() {
    let program = Program::new();
    for workers in [1, 2, 5] {
        let text = workers.to_string();
        assert_eq!(threads(&program, "start", &[("WORKERS", &text)]), 1 + workers);
        let counters = program.counters("start", &[("WORKERS", &text)]);
        assert_eq!(counters["executor"]["workers_started"], workers);
        let expected = json!({
            "value": workers, "from": "environment", "variable": "SIMPLE_RT_WORKERS", "text": text,
            "ignored": null,
        });
        assert_eq!(counters["settings"]["workers"], expected);
    }
}

#[test]
fn the_number_that_the_program_sets_wins() {
    let program = Program::new();
    assert_eq!(threads(&program, "workers=3 start", &[("WORKERS", "5")]), 4);
    let counters = program.counters("workers=3 submit shutdown", &[("WORKERS", "5")]);
    let expected = json!({
        "value": 3, "from": "program", "variable": "SIMPLE_RT_WORKERS", "text": "5",
        "ignored": "the program has set it itself",
    });
    assert_eq!(counters["settings"]["workers"], expected);
}

#[test]
fn after_a_shutdown_the_variable_is_the_default_again() {
    let program = Program::new();
    let orders = "workers=3 start shutdown start";
    let counters = program.counters(orders, &[("WORKERS", "5")]);
    assert_eq!(counters["executor"]["workers_started"], 5);
    assert_eq!(counters["settings"]["workers"]["from"], "environment");
}

#[test]
fn a_number_that_cannot_be_used_is_named_once_and_ignored() {
    let program = Program::new();
    let usual = program.counters("start", &[])["executor"]["workers_started"].clone();
    for text in UNUSABLE_COUNTS {
        let variables = [("WORKERS", text)];
        let message = format!(
            "SIMPLE_RT_WORKERS={text} in the environment is ignored: use a whole number from 1 to \
             4096"
        );
        let printed = program.run("error start error", &variables);
        assert_eq!(printed, format!("error: \nerror: {message}\n"));
        let told = program.messages("start shutdown submit shutdown", &variables);
        assert_eq!(told, format!("simple-runtime: {message}\n"));
        let counters = program.counters("start", &variables);
        assert_eq!(counters["executor"]["workers_started"], usual);
        let setting = &counters["settings"]["workers"];
        assert_eq!((&setting["from"], &setting["text"]), (&json!("default"), &json!(text)));
        assert_eq!(setting["ignored"], "use a whole number from 1 to 4096");
    }
}

#[test]
fn it_concerns_no_call_of_a_program_that_sets_the_number_itself() {
    let program = Program::new();
    let printed = program.run("workers=2 start shutdown error", &[("WORKERS", "many")]);
    assert_eq!(printed, "error: \n");
}

#[test]
fn empty_variables_are_not_set() {
    let program = Program::new();
    let counters = program.counters("start", &[("WORKERS", ""), ("PREFAULT", "")]);
    for setting in ["workers", "prefault_auto"] {
        let setting = &counters["settings"][setting];
        assert_eq!((&setting["from"], &setting["text"]), (&json!("default"), &Value::Null));
    }
}

/// Files that were loaded, by the names of strategies.
fn loaded(counters: &Value) -> Vec<(String, u64, u64)> {
    let loaded = counters["files"]["loaded"].as_object().unwrap().iter();
    let number = |value: &Value| value.as_u64().unwrap();
    let loaded = loaded.map(|(name, loads)| {
        (name.clone(), number(&loads["files"]), number(&loads["loaded_bytes"]))
    });
    loaded.filter(|(_, files, _)| *files > 0).collect()
}

#[test]
fn the_variable_is_what_auto_means() {
    let program = Program::new();
    fs::write(program.file("data"), vec![b'x'; 5000]).unwrap();
    let names = ["none", "progressive", "populate", "populate-read", "touch", "parallel-touch"];
    for name in names.into_iter().chain(["copy", "huge"]) {
        let counters = program.counters("load=data load=data", &[("PREFAULT", name)]);
        assert_eq!(loaded(&counters), [(name.to_owned(), 2, 10_000)]);
        let setting = &counters["settings"]["prefault_auto"];
        assert_eq!((&setting["value"], &setting["from"]), (&json!(name), &json!("environment")));
    }
    for variables in [&[][..], &[("PREFAULT", "auto")]] {
        let counters = program.counters("load=data", variables);
        assert_eq!(loaded(&counters), [("copy".to_owned(), 1, 5000)], "as measured for its size");
    }
}

#[test]
fn the_strategy_that_the_program_passes_wins() {
    let program = Program::new();
    fs::write(program.file("data"), vec![b'x'; 5000]).unwrap();
    let counters = program.counters("copy=data load=data", &[("PREFAULT", "none")]);
    let expected = [("copy".to_owned(), 1, 5000), ("none".to_owned(), 1, 5000)];
    assert_eq!(loaded(&counters), expected);
}

/// It would evict the memory of others. The file has no content: it takes no room on the disk.
#[test]
fn a_file_of_more_than_a_quarter_of_the_memory_is_only_mapped() {
    let program = Program::new();
    let bytes = memory_bytes() / 2;
    fs::File::create(program.file("huge")).unwrap().set_len(bytes).unwrap();
    let counters = program.counters("load=huge", &[("PREFAULT", "populate-read")]);
    assert_eq!(loaded(&counters), [("none".to_owned(), 1, bytes)]);
}

/// The memory of the machine.
fn memory_bytes() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:")).unwrap();
    total.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn a_strategy_that_does_not_exist_is_named_once_and_ignored() {
    let program = Program::new();
    fs::write(program.file("data"), vec![b'x'; 5000]).unwrap();
    let variables = [("PREFAULT", "fast")];
    let message = "SIMPLE_RT_PREFAULT=fast in the environment is ignored: use none, progressive, \
                   populate, populate-read, touch, parallel-touch, copy, huge, or auto";
    let printed = program.run("copy=data error load=data error", &variables);
    assert_eq!(printed, format!("error: \nerror: {message}\n"));
    let told = program.messages("load=data load=data", &variables);
    assert_eq!(told, format!("simple-runtime: {message}\n"));
    let counters = program.counters("load=data", &variables);
    assert_eq!(loaded(&counters), [("copy".to_owned(), 1, 5000)]);
    let setting = &counters["settings"]["prefault_auto"];
    assert_eq!((&setting["value"], &setting["from"]), (&json!("auto"), &json!("default")));
    assert!(setting["ignored"].as_str().unwrap().starts_with("use none, "));
}

/// The program is made to run as another user than the one who starts it, which only root can do.
#[test]
fn a_program_with_more_rights_than_its_user_ignores_all_of_them() {
    let program = Program::linked(c::Linkage::Static);
    let owner = std::os::unix::fs::chown(program.path(), Some(1), Some(1));
    fs::set_permissions(program.path(), fs::Permissions::from_mode(0o6755)).unwrap();
    fs::set_permissions(program.folder(), fs::Permissions::from_mode(0o777)).unwrap();
    if owner.is_err() || program.run("secure", &[]) != "1\n" {
        let skipped = "the program cannot be given more rights: not tested\n";
        std::io::Write::write_all(&mut std::io::stderr(), skipped.as_bytes()).unwrap();
        return;
    }
    let stats = program.file("stats.json");
    let variables = [("WORKERS", "7"), ("STATS", stats.to_str().unwrap())];
    assert_ne!(threads(&program, "start", &variables), 8);
    assert!(!stats.exists());
    assert_eq!(program.messages("start shutdown", &[("WORKERS", "many")]), "");
    // The same program without those rights does as the variables say.
    fs::set_permissions(program.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(threads(&program, "start", &variables), 8);
    assert!(stats.exists());
}

/// A loader starts only if no other is free, so there may be fewer.
#[test]
fn the_variable_is_the_largest_number_of_loaders() {
    let program = Program::new();
    fs::write(program.file("data"), vec![b'x'; 100_000]).unwrap();
    for loaders in [1, 3, 64] {
        let text = loaders.to_string();
        let counters = program.counters("behind=data", &[("LOADERS", &text)]);
        let expected = json!({
            "value": loaders, "from": "environment", "variable": "SIMPLE_RT_LOADERS",
            "text": text, "ignored": null,
        });
        assert_eq!(counters["settings"]["loaders"], expected);
        let files = &counters["files"];
        assert!((1..=loaders).contains(&files["loader_starts"].as_u64().unwrap()));
        let loads = ["loads_by_waiters", "loads_by_loaders"].map(|by| files[by].as_u64().unwrap());
        assert_eq!(loads.iter().sum::<u64>(), 100);
        assert_eq!(loaded(&counters), [("copy".to_owned(), 100, 10_000_000)]);
    }
}

#[test]
fn a_number_of_loaders_that_cannot_be_used_is_named_once_and_ignored() {
    let program = Program::new();
    fs::write(program.file("data"), "data").unwrap();
    let usual = program.counters("", &[])["settings"]["loaders"]["value"].clone();
    assert!((1..=4).contains(&usual.as_u64().unwrap()));
    for text in ["0", "65", "all"] {
        let variables = [("LOADERS", text)];
        let message = format!(
            "SIMPLE_RT_LOADERS={text} in the environment is ignored: use a whole number from 1 to 64"
        );
        let printed = program.run("copy=data error behind=data error", &variables);
        assert_eq!(printed, format!("error: \nerror: {message}\n"));
        let told = program.messages("behind=data", &variables);
        assert_eq!(told, format!("simple-runtime: {message}\n"));
        let counters = program.counters("", &variables);
        assert_eq!(counters["settings"]["loaders"]["value"], usual);
    }
}
