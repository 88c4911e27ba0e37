//! Progress on the terminal.

use super::takes_bar;
use crate::say;
use indicatif::{ProgressBar, ProgressStyle};
use simple_reports::text;
use std::time::{Duration, Instant};

/// Time after which the same part is named again without a bar.
const LINE_EVERY: Duration = Duration::from_secs(15);

/// Amount of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Exactly these steps.
    Steps(u64),
    /// Not known in advance: [`Progress::expect`] adds to it.
    Grows,
}

/// A bar with the time left on a terminal; elsewhere a line now and then.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    has_bar: bool,
    amount: Amount,
    started: Instant,
    last_line: Option<(String, Instant)>,
    /// State in words, where steps do not say it.
    words: Option<String>,
}

impl Progress {
    /// Nothing done yet of an amount.
    pub fn of(amount: Amount) -> Self {
        let steps = match amount {
            Amount::Steps(steps) => steps,
            Amount::Grows => 0,
        };
        let has_bar = takes_bar();
        let bar = if has_bar { ProgressBar::new(steps) } else { ProgressBar::hidden() };
        bar.set_length(steps);
        if has_bar {
            let style =
                ProgressStyle::with_template("{bar:30} {pos}/{len}  {eta} left  {wide_msg}");
            bar.set_style(style.expect("the template is a constant"));
            bar.enable_steady_tick(Duration::from_millis(500));
        }
        Self { bar, has_bar, amount, started: Instant::now(), last_line: None, words: None }
    }

    /// Expects this many more steps.
    pub fn expect(&self, steps: usize) {
        self.bar.set_length(self.bar.position() + steps as u64);
    }

    /// Expects this many steps in all, of which these are done.
    pub fn expect_all(&self, done: u32, all: u32) {
        self.bar.set_length(u64::from(all.max(done)));
        self.bar.set_position(u64::from(done));
    }

    /// Shows the part, and the step in it.
    pub fn show(&mut self, part: &str, what: &str) {
        let message = match &self.words {
            Some(words) => format!("{part}: {words}: {what}"),
            None => format!("{part}: {what}"),
        };
        self.bar.set_message(message);
        let is_due = match &self.last_line {
            Some((shown, at)) => shown != part || at.elapsed() > LINE_EVERY,
            None => true,
        };
        if !self.has_bar && is_due {
            say!("{part}: {}", self.state());
            self.last_line = Some((part.to_owned(), Instant::now()));
        }
    }

    /// Says how far it is, in words that take the place of steps until [`say_steps`](Self::say_steps).
    pub fn say_state(&mut self, words: String) {
        self.words = Some(words);
    }

    /// Says how far it is by steps again.
    pub fn say_steps(&mut self) {
        self.words = None;
    }

    /// One step is done.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// Prints a line that stays.
    pub fn note(&self, line: &str) {
        if self.has_bar { self.bar.println(line) } else { say!("{line}") }
    }

    /// Ends it, and returns the whole duration.
    pub fn finish(self) -> Duration {
        self.started.elapsed()
    }

    /// `3 of 12 steps done (20 s so far, 60 s left)`.
    fn state(&self) -> String {
        if let Some(words) = &self.words {
            return words.clone();
        }
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
        let elapsed = self.started.elapsed();
        let left = match self.amount {
            // Assumes that all steps take equally long.
            Amount::Steps(_) if done > 0 => {
                let left = elapsed.mul_f64(all.saturating_sub(done) as f64 / done as f64);
                format!(", {} left", text::duration(left))
            }
            _ => String::new(),
        };
        format!("{done} of {all} steps done ({} so far{left})", text::duration(elapsed))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_amount_may_grow() {
        let progress = Progress::of(Amount::Grows);
        progress.expect(2);
        progress.step();
        progress.expect(3);
        assert!(
            progress.state().starts_with("1 of 4 steps done (0 s so far)"),
            "{}",
            progress.state()
        );
    }

    #[test]
    fn words_take_the_place_of_steps() {
        let mut progress = Progress::of(Amount::Grows);
        progress.say_state("3 of 4 answered".to_owned());
        assert_eq!(progress.state(), "3 of 4 answered");
        progress.say_steps();
        assert!(progress.state().starts_with("0 of 0 steps done"), "{}", progress.state());
    }

    #[test]
    fn a_known_amount_gives_the_time_left() {
        let progress = Progress::of(Amount::Steps(2));
        assert!(!progress.state().contains("left"));
        progress.step();
        assert!(progress.state().contains("left"), "{}", progress.state());
    }
}
