//! What the terminal shows meanwhile.

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Where there is no terminal, a line so often at most.
const LINE_EVERY: Duration = Duration::from_secs(15);

/// A bar with the time left where there is a terminal; elsewhere a line now and then. How much
/// there is to do is not known from the start: it grows with what stays undecided.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    started: Instant,
    last_line: Option<(String, Instant)>,
}

/// Nothing done yet.
impl Default for Progress {
    fn default() -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = if is_terminal { ProgressBar::new(0) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {eta} left  {wide_msg}");
        bar.set_style(style.expect("the template is a constant"));
        bar.enable_steady_tick(Duration::from_millis(500));
        Self { bar, is_terminal, started: Instant::now(), last_line: None }
    }
}

impl Progress {
    /// Begins a part with so many steps, or adds them to the part that goes on.
    pub fn expect(&self, steps: usize) {
        self.bar.set_length(self.bar.position() + steps as u64);
    }

    /// Says what is being done: `part`, and what in it.
    pub fn show(&mut self, part: &str, what: &str) {
        self.bar.set_message(format!("{part}: {what}"));
        let is_due = match &self.last_line {
            Some((shown, at)) => shown != part || at.elapsed() > LINE_EVERY,
            None => true,
        };
        if !self.is_terminal && is_due {
            let done = format!("{} of {}", self.bar.position(), self.bar.length().unwrap_or(0));
            eprintln!("{part}: {done} ({} so far)", HumanDuration(self.started.elapsed()));
            self.last_line = Some((part.to_owned(), Instant::now()));
        }
    }

    /// One step is done.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// Prints a line that stays.
    pub fn note(&self, line: &str) {
        if self.is_terminal { self.bar.println(line) } else { eprintln!("{line}") }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
