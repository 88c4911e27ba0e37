//! Words that threads write share their cache lines with nothing.
//!
//! A counter next to a flag that every call reads makes those calls slower by a
//! cache miss, and which statics are neighbours changes with every build. So each static that can
//! be written is padded (`CachePadded`), or is listed here among those that are written seldom.

mod c;

use std::fs;

/// Unit in which processors move memory: a pair of cache lines.
const PAIR_BYTES: u64 = 128;

/// Written once, or when a thread, a file of output or a subsystem begins or ends, or by what
/// costs far more than a cache miss. By the ends of their paths.
const WRITTEN_SELDOM: &[&str] = &[
    // What was found out once.
    "auto::memory_bytes::BYTES",
    "loader::default_loaders::MOST",
    "file::page_bytes::PAGE",
    "os_thread::STACK_BYTES",
    "spin::more_than_one_cpu::KNOWN",
    "fixed_texts::FOUND",
    "log::log_is_on::ASKED",
    "unwind::IS_FILTERED",
    "unwind::FILTER",
    "unwind::FORMER",
    // By a fork, and by the loader.
    "fork::GENERATION",
    "fork::COUNT_FORKS",
    "coverage::process::WATCH_FORKS",
    "stay_loaded::STAY_LOADED",
    "timeline::env::LOOK",
    // When the first thread comes.
    "coverage::thread_end::KEY",
    "executor::thread_end::KEY",
    "cache::END",
    // When the first stack of its range of addresses comes.
    "stack::addresses::LEAVES",
    // Never.
    "sites::Page::new::EMPTY",
    "sites::NOWHERE",
    // Settings.
    "coverage::local::ENABLED",
    "coverage::local::SWITCHED_ON",
    "control::WORKERS",
    "control::TURN",
    "control::PHASES",
    // When a process begins or ends.
    "environment::choices::choices::CHOICES",
    "environment::choices::LOOK",
    "environment::stats::BEGIN",
    "environment::stats::CLAIM",
    "environment::stats::HELD",
    // When a recording begins or ends.
    "timeline::env::HELD",
    "timeline::env::LOADED",
    "timeline::env::RECORDED",
    "timeline::env::STATE",
    "timeline::env::prepare_ends::ONCE",
    "timeline::recording::end_in_children::ONCE",
    "timeline::recording::GENERATION",
    "timeline::recording::SESSION",
];

/// A variable of the library.
#[derive(Debug)]
struct Variable {
    name: String,
    address: u64,
    bytes: u64,
}

fn word<const N: usize>(file: &[u8], at: u64) -> [u8; N] {
    file[at as usize..][..N].try_into().unwrap()
}

fn u64_at(file: &[u8], at: u64) -> u64 {
    u64::from_le_bytes(word(file, at))
}

fn u32_at(file: &[u8], at: u64) -> u32 {
    u32::from_le_bytes(word(file, at))
}

fn u16_at(file: &[u8], at: u64) -> u16 {
    u16::from_le_bytes(word(file, at))
}

/// The variables of the shared library that can be written, by the tables of its file (elf(5)).
fn variables() -> Vec<Variable> {
    const SYMBOLS: u32 = 2;
    const WRITABLE: u64 = 1;
    const VARIABLE: u8 = 1;
    const ENTRY_BYTES: u64 = 24;
    let file = fs::read(c::shared_library()).unwrap();
    let section = |i: u64| u64_at(&file, 40) + i * u64::from(u16_at(&file, 58));
    let mut variables = Vec::new();
    let count = u64::from(u16_at(&file, 60));
    for table in (0..count).map(section).filter(|&table| u32_at(&file, table + 4) == SYMBOLS) {
        let (start, bytes) = (u64_at(&file, table + 24), u64_at(&file, table + 32));
        let names = u64_at(&file, section(u32_at(&file, table + 40).into()) + 24);
        for symbol in (start..start + bytes).step_by(ENTRY_BYTES as usize) {
            let home = u64::from(u16_at(&file, symbol + 6));
            let is_variable = file[symbol as usize + 4] & 0xf == VARIABLE && home < count;
            if !is_variable || u64_at(&file, section(home) + 8) & WRITABLE == 0 {
                continue;
            }
            let name = &file[(names + u64::from(u32_at(&file, symbol))) as usize..];
            let name = name.split(|&byte| byte == 0).next().unwrap();
            let name = demangled(std::str::from_utf8(name).unwrap());
            let (address, bytes) = (u64_at(&file, symbol + 8), u64_at(&file, symbol + 16));
            variables.push(Variable { name, address, bytes });
        }
    }
    variables
}

/// The path in a mangled name (`_ZN4path2to4ItemE`), without its hash.
fn demangled(name: &str) -> String {
    let mut path = Vec::new();
    let mut rest = name.strip_prefix("_ZN").unwrap_or_default();
    while let Some(digits) = rest.find(|c: char| !c.is_ascii_digit()).filter(|&digits| digits > 0) {
        let len: usize = rest[..digits].parse().unwrap();
        path.push(&rest[digits..digits + len]);
        rest = &rest[digits + len..];
    }
    path.retain(|part| !(part.len() == 17 && part.starts_with('h')));
    path.join("::").replace("$u7b$", "{").replace("$u7d$", "}").replace("..", "::")
}

fn shares_lines(variable: &Variable) -> bool {
    !variable.address.is_multiple_of(PAIR_BYTES) || !variable.bytes.is_multiple_of(PAIR_BYTES)
}

/// Tables of functions, constants with addresses in them: the loader alone writes those.
fn is_constant(name: &str) -> bool {
    name.contains("anon.") || name.contains("vtable") || name.is_empty()
}

#[test]
fn variables_that_threads_write_share_no_cache_line() {
    let all: Vec<_> = variables()
        .into_iter()
        .filter(|variable| variable.name.starts_with("simple_runtime::") && variable.bytes > 0)
        .filter(|variable| !is_constant(&variable.name))
        .collect();
    assert!(all.len() > 10, "the library has no symbols: {all:?}");
    let faulty: Vec<_> = all
        .iter()
        .filter(|variable| shares_lines(variable))
        .filter(|variable| !WRITTEN_SELDOM.iter().any(|seldom| variable.name.ends_with(seldom)))
        .collect();
    assert!(faulty.is_empty(), "pad these, or say that they are written seldom: {faulty:#?}");
}
