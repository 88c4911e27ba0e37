//! What the terminal shows meanwhile.

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// A bar with the time left where there is a terminal; elsewhere a line now and then.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    started: Instant,
    last_line: Option<String>,
}

impl Progress {
    pub(super) fn new(steps: u64) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = if is_terminal { ProgressBar::new(steps) } else { ProgressBar::hidden() };
        bar.set_length(steps);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {eta} left  {wide_msg}");
        bar.set_style(style.expect("the template is a constant"));
        bar.enable_steady_tick(Duration::from_millis(500));
        Self { bar, is_terminal, started: Instant::now(), last_line: None }
    }

    /// Says what is being done: `group`, and what in it.
    pub(super) fn show(&mut self, group: &str, what: &str) {
        self.bar.set_message(what.to_owned());
        if !self.is_terminal && self.last_line.as_deref() != Some(group) {
            match self.left() {
                Some(left) => eprintln!("{group} ({} left)", HumanDuration(left)),
                None => eprintln!("{group}"),
            }
            self.last_line = Some(group.to_owned());
        }
    }

    pub(super) fn step(&self) {
        self.bar.inc(1);
    }

    /// Prints a line that stays.
    pub(super) fn note(&self, line: &str) {
        if self.is_terminal {
            self.bar.println(line);
        } else {
            eprintln!("{line}");
        }
    }

    /// Ends the bar and answers how long it all took.
    pub(super) fn finish(self) -> HumanDuration {
        self.bar.finish_and_clear();
        HumanDuration(self.started.elapsed())
    }

    /// All steps are taken to last alike.
    fn left(&self) -> Option<Duration> {
        let (done, all) = (self.bar.position(), self.bar.length()?);
        (done > 0)
            .then(|| self.started.elapsed().mul_f64(all.saturating_sub(done) as f64 / done as f64))
    }
}
