//! The contents of a `lab.toml`, as types. Nothing is started here.

use super::source::{Read, Source};
use super::table::{Key, Table, suggestion};
use super::{COMMANDS, Kind, Programs};
use crate::compare::command;
use anyhow::{Context, Result};
use regex::Regex;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Most time of a process if nobody says otherwise.
const USUAL_TIMEOUT: Duration = Duration::from_secs(60);

const FILE_KEYS: &[Key] = &[
    Key { name: "build", example: "\"cargo build --release\"" },
    Key { name: "timeout", example: "\"60s\"" },
    Key { name: "command", example: "" },
    Key { name: "benchmarks", example: "" },
];
const COMMAND_KEYS: &[Key] = &[
    Key { name: "name", example: "\"sort\"" },
    Key { name: "run", example: "\"./target/release/tool --in data/x\"" },
    Key { name: "input", example: "\"data/in.txt\"" },
    Key { name: "prepare", example: "\"rm -f cache\"" },
    Key { name: "environment", example: "{ KEY = \"value\" }" },
];
const BENCHMARK_KEYS: &[Key] = &[
    Key { name: "adapter", example: "\"criterion\"" },
    Key { name: "name", example: "\"parser\"" },
    Key { name: "bench", example: "\"my_bench\"" },
    Key { name: "package", example: "\"my-package\"" },
    Key { name: "features", example: "[\"fast\"]" },
    Key { name: "program", example: "\"build/bench_x\"" },
    Key { name: "arguments", example: "[\"--size\", \"10\"]" },
    Key { name: "filter", example: "\"^parse\"" },
    Key { name: "environment", example: "{ KEY = \"value\" }" },
];

/// All that a `lab.toml` says.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) build: Option<String>,
    pub(super) timeout: Duration,
    /// Whole processes.
    pub(super) commands: Vec<Process>,
    /// Programs with benchmarks, each with its kind. Their prefixes differ.
    pub(super) benchmarks: Vec<(&'static Kind, Benchmarks)>,
}

/// A command whose iteration is a process.
#[derive(Debug, Clone)]
pub(super) struct Process {
    pub(super) name: String,
    /// Program and arguments; at least one.
    pub(super) words: Vec<String>,
    /// Relative to the folder of `lab.toml`.
    pub(super) input: Option<PathBuf>,
    /// A script for the shell before each process, not timed.
    pub(super) prepare: Option<String>,
    pub(super) environment: Vec<(String, String)>,
}

/// A program that has benchmarks.
#[derive(Debug, Clone)]
pub(super) struct Benchmarks {
    pub(super) prefix: String,
    pub(super) program: Program,
    pub(super) arguments: Vec<String>,
    /// Benchmarks whose name it does not find are left out.
    pub(super) filter: Option<Regex>,
    pub(super) environment: Vec<(String, String)>,
}

/// The way in which a program is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Program {
    /// A bench target that cargo builds.
    Target(Target),
    /// A file, relative to the folder of `lab.toml`.
    File(PathBuf),
}

/// A bench target of cargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) bench: String,
    pub(super) package: Option<String>,
    pub(super) features: Vec<String>,
}

/// Reads a `lab.toml`.
///
/// # Errors
/// If it cannot be read or says something wrong: the message names file, line and key of each fault.
pub(super) fn read(path: &Path, kinds: &'static [Kind]) -> Result<Config> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = String::from_utf8(bytes)
        .with_context(|| format!("{} is no text: save it as UTF-8", path.display()))?;
    let source = Source::new(path.display().to_string(), &text, depth(path));
    let config = source.keep(source.parsed()).map(|parsed| {
        let file = Table::of_file(&source, parsed.get_ref(), FILE_KEYS);
        parse(&file, &source, kinds)
    });
    source.check()?;
    config.context("it has no contents")
}

/// Number of folders from the root of the repository to that of a file; 0 outside of repositories.
fn depth(path: &Path) -> usize {
    let folder = path.parent().and_then(|folder| fs::canonicalize(folder).ok()).unwrap_or_default();
    folder.ancestors().position(|folder| folder.join(".git").exists()).unwrap_or(0)
}

/// The contents of a file. Faults are kept by `source`; without any, nothing is missing.
fn parse(file: &Table<'_>, source: &Source<'_>, kinds: &'static [Kind]) -> Config {
    let build = file.keep(file.text("build")).flatten().map(|text| text.value.to_owned());
    let timeout = file.keep(file.duration("timeout")).flatten().unwrap_or(USUAL_TIMEOUT);
    let commands = commands(file);
    let benchmarks = benchmarks(file, kinds);
    if commands.is_empty() && benchmarks.is_empty() && source.is_right() {
        file.keep::<()>(Err(file.fault(
            "nothing is measured: add a [[command]] with its name and run, or [[benchmarks]] with \
             their adapter",
        )));
    }
    Config { build, timeout, commands, benchmarks }
}

fn commands(file: &Table<'_>) -> Vec<Process> {
    let mut commands: Vec<Process> = Vec::new();
    for table in file.tables("command", "[[command]]", COMMAND_KEYS) {
        let name = table.keep(table.needed("name", "by which reports call it"));
        let name = name.map(|name| name.value.to_owned());
        if let Some(name) = &name
            && commands.iter().any(|other| other.name == *name)
        {
            let what = format!("two commands have the name '{name}': give each its own");
            table.keep::<()>(Err(table.fault_at("name", what)));
        }
        let run = table.keep(table.needed("run", "the command line that is measured"));
        let words = run.and_then(|run| table.keep(words(&table, run.value)));
        let input = table.keep(table.path("input")).flatten();
        let prepare = table.keep(table.text("prepare")).flatten();
        let environment = table.keep(table.variables("environment")).unwrap_or_default();
        let (Some(name), Some(words)) = (name, words) else { continue };
        let prepare = prepare.map(|text| text.value.to_owned());
        commands.push(Process { name, words, input, prepare, environment });
    }
    commands
}

/// The words of a command line. Bare words that only a shell understands are refused: they would reach the
/// program as they are, which nobody means in a file.
fn words(table: &Table<'_>, line: &str) -> Read<Vec<String>> {
    let words = command::split(line);
    let words = words.map_err(|error| table.fault_at("run", format!("run: {error:#}")))?;
    // A word that was quoted does not stand in the line as it is.
    let is_bare = |word: &&str| line.split_whitespace().any(|part| part == *word);
    if let Some(word) = command::for_shell(&words).find(is_bare) {
        let what =
            format!("run: no shell reads '{word}': have one read it by run = \"sh -c '...'\"");
        return Err(table.fault_at("run", what));
    }
    if words[0].contains('=') {
        let what = format!(
            "run: '{}' is no program: give it variables by environment = {{ KEY = \"value\" }}",
            words[0]
        );
        return Err(table.fault_at("run", what));
    }
    words.iter().try_for_each(|word| table.check_word("run", "run:", word))?;
    Ok(words)
}

fn benchmarks(file: &Table<'_>, kinds: &'static [Kind]) -> Vec<(&'static Kind, Benchmarks)> {
    let mut all: Vec<(&Kind, Benchmarks)> = Vec::new();
    for table in file.tables("benchmarks", "[[benchmarks]]", BENCHMARK_KEYS) {
        let kind = table.keep(kind(&table, kinds));
        let program = kind.and_then(|kind| table.keep(program(&table, kind)));
        let filter = table.keep(filter(&table));
        let prefix = program.as_ref().and_then(|program| table.keep(prefix(&table, program)));
        if let Some(prefix) = &prefix
            && (prefix == COMMANDS || all.iter().any(|(_, other)| other.prefix == *prefix))
        {
            let what = format!(
                "the name '{prefix}' of these [[benchmarks]] is taken: give them another by \
                 name = \"...\""
            );
            table.keep::<()>(Err(table.fault(what)));
        }
        let arguments = table.keep(arguments(&table));
        let environment = table.keep(table.variables("environment"));
        if let (Some(kind), Some(program), Some(prefix), Some(filter)) =
            (kind, program, prefix, filter)
        {
            let arguments = arguments.unwrap_or_default();
            let environment = environment.unwrap_or_default();
            all.push((kind, Benchmarks { prefix, program, arguments, filter, environment }));
        }
    }
    all
}

fn filter(table: &Table<'_>) -> Read<Option<Regex>> {
    let Some(text) = table.text("filter")? else { return Ok(None) };
    Regex::new(text.value).map(Some).map_err(|_| {
        let what =
            format!("filter '{}' is no regular expression: write filter = \"^parse\"", text.value);
        table.fault_at("filter", what)
    })
}

fn arguments(table: &Table<'_>) -> Read<Vec<String>> {
    let arguments = table.texts("arguments")?;
    let check = |word: &String| table.check_word("arguments", "an element of arguments,", word);
    arguments.iter().try_for_each(check)?;
    Ok(arguments)
}

fn kind(table: &Table<'_>, kinds: &'static [Kind]) -> Read<&'static Kind> {
    let adapter = table.needed("adapter", "the kind of its benchmarks")?;
    kinds.iter().find(|kind| kind.name == adapter.value).ok_or_else(|| {
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
        let advice = suggestion(adapter.value, &names);
        table.fault_at("adapter", format!("there is no adapter '{}': {advice}", adapter.value))
    })
}

fn program(table: &Table<'_>, kind: &Kind) -> Read<Program> {
    let (bench, file) = (table.text("bench")?, table.path("program")?);
    let package = table.text("package")?.map(|text| text.value.to_owned());
    let features = table.texts("features")?;
    let of_cargo = ["package", "features"].into_iter().find(|key| table.has(key));
    match (bench, file) {
        (Some(_), Some(_)) => Err(table.fault_at(
            "program",
            "bench and program are both there: keep bench for a bench target of cargo, or program \
             for a file that is there after the build",
        )),
        (Some(_), None) if kind.programs == Programs::Files => Err(table.fault_at(
            "bench",
            format!(
                "bench is a bench target of cargo, which adapter '{}' does not run: write \
                 program = \"build/bench_x\"",
                kind.name
            ),
        )),
        (None, Some(_)) if of_cargo.is_some() => {
            let key = of_cargo.unwrap_or_default();
            Err(table.fault_at(key, format!("{key} belongs to bench, not to program: remove it")))
        }
        (Some(bench), None) => {
            Ok(Program::Target(Target { bench: bench.value.to_owned(), package, features }))
        }
        (None, Some(file)) => Ok(Program::File(file)),
        (None, None) => Err(table.lacks(&["bench", "program"], match kind.programs {
            Programs::Files => {
                "these [[benchmarks]] have no program: add program = \"build/bench_x\", a file below \
                 the folder of lab.toml"
            }
            Programs::TargetsAndFiles => {
                "these [[benchmarks]] have neither bench nor program: add bench = \"my_bench\", the \
                 name of a bench target of cargo"
            }
        })),
    }
}

/// The first part of the names of benchmarks.
fn prefix(table: &Table<'_>, program: &Program) -> Read<String> {
    let prefix = match (table.text("name")?, program) {
        (Some(name), _) => name.value.to_owned(),
        (None, Program::Target(target)) => target.bench.clone(),
        (None, Program::File(file)) => {
            file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        }
    };
    match prefix.contains('/') || prefix.is_empty() {
        false => Ok(prefix),
        true => Err(table.fault_at(
            "name",
            format!(
                "the name '{prefix}' has a slash or is empty: names of benchmarks follow it, so \
                     write name = \"parser\""
            ),
        )),
    }
}
