//! Tables of allocations, waits and threads.

use super::graphs::Scope;
use crate::text;
use simple_records::{AllocationSite, AllocationSites, ThreadTotals, TimelineProfile, Waits};

/// Maximum number of sites.
const MOST_SITES: usize = 15;

/// Maximum number of functions of a site's stack, the innermost first.
const SITE_FUNCTIONS: usize = 3;

/// Allocation sites.
pub(in crate::html) struct Memory {
    pub(in crate::html) what: String,
    /// The unit over which blocks and bytes are counted: `per iteration`, `in all`.
    pub(in crate::html) each: &'static str,
    pub(in crate::html) sites: Vec<Site>,
    /// Number of sites of the record that are not shown.
    pub(in crate::html) more: usize,
}

/// A place in the code that allocates.
pub(in crate::html) struct Site {
    /// The innermost functions, beginning with the one that allocates.
    pub(in crate::html) short: String,
    /// All functions of the stack, one per line.
    pub(in crate::html) stack: String,
    /// Blocks and bytes per iteration, bytes at the peak, mean lifetime; with the number to sort by.
    pub(in crate::html) cells: [(String, f64); 4],
}

pub(super) fn memory(record: &AllocationSites, scope: Scope) -> Memory {
    let mut sites: Vec<&AllocationSite> = record.sites.iter().collect();
    sites.sort_by_key(|site| std::cmp::Reverse(site.bytes));
    let more = sites.len().saturating_sub(MOST_SITES);
    let each = |count| text::count(an_iteration(count, record.iterations));
    let asked = match scope {
        Scope::Iterations => format!(
            "{} blocks and {} bytes an iteration, over {}",
            each(record.blocks),
            each(record.bytes),
            scope.words(record.iterations)
        ),
        Scope::Whole => format!(
            "{} blocks and {} bytes in all",
            text::exactly(record.blocks),
            text::exactly(record.bytes)
        ),
    };
    let peak = text::exactly(record.peak_bytes);
    Memory {
        what: format!("{asked}; the process held at most {peak} bytes at once"),
        each: match scope {
            Scope::Iterations => "per iteration",
            Scope::Whole => "in all",
        },
        sites: sites.into_iter().take(MOST_SITES).map(|s| site(s, record.iterations)).collect(),
        more,
    }
}

fn site(site: &AllocationSite, iterations: u64) -> Site {
    let innermost = site.short.iter().rev().take(SITE_FUNCTIONS);
    let short: Vec<&str> = innermost.map(String::as_str).collect();
    let stack: Vec<&str> = site.stack.iter().rev().map(String::as_str).collect();
    let figure = |figure: f64| (text::count(figure), figure);
    Site {
        short: short.join(" ← "),
        stack: stack.join("\n"),
        cells: [
            figure(an_iteration(site.blocks, iterations)),
            figure(an_iteration(site.bytes, iterations)),
            figure(site.peak_bytes as f64),
            figure(site.lifetime_instructions),
        ],
    }
}

fn an_iteration(count: u64, iterations: u64) -> f64 {
    count as f64 / iterations.max(1) as f64
}

/// Waits of threads.
pub(in crate::html) struct WaitRows {
    pub(in crate::html) sampler: String,
    /// Kind, number, total and longest time.
    pub(in crate::html) rows: Vec<[String; 4]>,
    pub(in crate::html) notes: Vec<String>,
}

pub(super) fn waits(record: &Waits) -> WaitRows {
    let time = |ns: Option<u64>| ns.map_or("–".to_owned(), |ns| text::time_ns(ns as f64));
    let rows = record.kinds.iter().map(|wait| {
        let (total, longest) = (time(wait.total_ns), time(wait.longest_ns));
        [wait.kind.clone(), text::exactly(wait.count), total, longest]
    });
    WaitRows { sampler: record.sampler.clone(), rows: rows.collect(), notes: record.notes.clone() }
}

/// Threads of the executor.
pub(in crate::html) struct Threads {
    pub(in crate::html) what: String,
    /// Path of the trace relative to the page; `None` if the file is missing.
    pub(in crate::html) trace: Option<String>,
    /// Its picture, relative to the page, and the size of that.
    pub(in crate::html) picture: Option<Picture>,
    pub(in crate::html) has_dropped: bool,
    /// The name, then jobs, time in them and its share, parks, time in them, steals, wakes,
    /// events that are missing.
    pub(in crate::html) rows: Vec<(String, [String; 8])>,
    pub(in crate::html) notes: Vec<String>,
}

/// Path of a picture, and its width and height in pixels.
pub(in crate::html) type Picture = (String, Option<(u32, u32)>);

pub(super) fn threads(
    record: &TimelineProfile,
    scope: Scope,
    trace: Option<String>,
    picture: Option<Picture>,
) -> Threads {
    let row = |thread: &ThreadTotals| {
        let share = super::graphs::share(thread.run_ns, record.measured_ns);
        let cells = [
            text::exactly(thread.jobs),
            text::time_ns(thread.run_ns as f64),
            share.map_or("–".to_owned(), text::percent),
            text::exactly(thread.parks),
            text::time_ns(thread.parked_ns as f64),
            text::exactly(thread.steals),
            text::exactly(thread.wakes),
            text::exactly(thread.dropped),
        ];
        (thread.name.clone(), cells)
    };
    Threads {
        what: format!(
            "{} in {}",
            scope.words(record.iterations),
            text::time_ns(record.measured_ns as f64)
        ),
        trace,
        picture,
        has_dropped: record.threads.iter().any(|thread| thread.dropped > 0),
        rows: record.threads.iter().map(row).collect(),
        notes: record.notes.clone(),
    }
}
