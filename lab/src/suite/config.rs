//! The contents of a `lab.toml`, as types. Nothing is started here.

use super::table::{Key, Source, Table, suggestion};
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
/// If it cannot be read or says something wrong: the message names the file, the line and the key.
pub(super) fn read(path: &Path, kinds: &'static [Kind]) -> Result<Config> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = String::from_utf8(bytes)
        .with_context(|| format!("{} is no text: save it as UTF-8", path.display()))?;
    parse(&path.display().to_string(), &text, kinds)
}

/// Reads the text of a `lab.toml`. `path` is what errors call it.
fn parse(path: &str, text: &str, kinds: &'static [Kind]) -> Result<Config> {
    let source = Source { path: path.to_owned(), text };
    let parsed = source.parsed()?;
    let file = Table::of_file(&source, parsed.get_ref(), FILE_KEYS)?;
    let build = file.text("build")?.map(|text| text.value.to_owned());
    let timeout = file.duration("timeout")?.unwrap_or(USUAL_TIMEOUT);
    let commands = commands(&file)?;
    let benchmarks = benchmarks(&file, kinds)?;
    if commands.is_empty() && benchmarks.is_empty() {
        return Err(file.fault(
            "nothing is measured: add a [[command]] with its name and run, or [[benchmarks]] with \
             their adapter",
        ));
    }
    Ok(Config { build, timeout, commands, benchmarks })
}

fn commands(file: &Table<'_>) -> Result<Vec<Process>> {
    let mut commands: Vec<Process> = Vec::new();
    for table in file.tables("command", "[[command]]", COMMAND_KEYS)? {
        let name = table.needed("name", "by which reports call it")?.value.to_owned();
        if commands.iter().any(|other| other.name == name) {
            let what = format!("two commands have the name '{name}': give each its own");
            return Err(table.fault_at("name", what));
        }
        let run = table.needed("run", "the command line that is measured")?;
        commands.push(Process {
            name,
            words: words(&table, run.value)?,
            input: table.path("input")?,
            prepare: table.text("prepare")?.map(|text| text.value.to_owned()),
            environment: table.variables("environment")?,
        });
    }
    Ok(commands)
}

/// The words of a command line. Bare words that only a shell understands are refused: they would reach the
/// program as they are, which nobody means in a file.
fn words(table: &Table<'_>, line: &str) -> Result<Vec<String>> {
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
    Ok(words)
}

fn benchmarks(
    file: &Table<'_>,
    kinds: &'static [Kind],
) -> Result<Vec<(&'static Kind, Benchmarks)>> {
    let mut all: Vec<(&Kind, Benchmarks)> = Vec::new();
    for table in file.tables("benchmarks", "[[benchmarks]]", BENCHMARK_KEYS)? {
        let kind = kind(&table, kinds)?;
        let program = program(&table, kind)?;
        let filter = table.text("filter")?.map(|text| {
            Regex::new(text.value).map_err(|_| {
                let what = format!(
                    "filter '{}' is no regular expression: write filter = \"^parse\"",
                    text.value
                );
                table.fault_at("filter", what)
            })
        });
        let prefix = prefix(&table, &program)?;
        if prefix == COMMANDS || all.iter().any(|(_, other)| other.prefix == prefix) {
            let what = format!(
                "the name '{prefix}' of these [[benchmarks]] is taken: give them another by \
                 name = \"...\""
            );
            return Err(table.fault(what));
        }
        let benchmarks = Benchmarks {
            prefix,
            program,
            arguments: table.texts("arguments")?,
            filter: filter.transpose()?,
            environment: table.variables("environment")?,
        };
        all.push((kind, benchmarks));
    }
    Ok(all)
}

fn kind(table: &Table<'_>, kinds: &'static [Kind]) -> Result<&'static Kind> {
    let adapter = table.needed("adapter", "the kind of its benchmarks")?;
    kinds.iter().find(|kind| kind.name == adapter.value).ok_or_else(|| {
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
        let advice = suggestion(adapter.value, &names);
        table.fault_at("adapter", format!("there is no adapter '{}': {advice}", adapter.value))
    })
}

fn program(table: &Table<'_>, kind: &Kind) -> Result<Program> {
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
        (None, None) => Err(table.fault(match kind.programs {
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
fn prefix(table: &Table<'_>, program: &Program) -> Result<String> {
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
