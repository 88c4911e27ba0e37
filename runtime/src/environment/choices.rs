//! The variables that replace a default: `SIMPLE_RT_WORKERS`, `SIMPLE_RT_LOADERS` and
//! `SIMPLE_RT_PREFAULT`.
//!
//! They are read once, when the library is loaded: later the program may change its environment
//! while another thread reads it. What a program requests by a call wins over them, as
//! `omp_set_num_threads` wins over `OMP_NUM_THREADS`. A value that cannot be used is ignored. The
//! first call that it would have concerned leaves a message, which names it; the call does not
//! fail.

use super::variable;
use crate::error::set_last_error;
use crate::executor::MAX_WORKERS;
use crate::file::{MAX_LOADERS, Prefault};
use crate::sync::atomic::{AtomicBool, Ordering};
use std::ffi::OsStr;
use std::sync::OnceLock;
use thiserror::Error;

/// The party that determined a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The runtime.
    Default,
    /// A variable.
    Environment,
    /// A call of the program.
    Program,
}

impl Origin {
    /// Returns its name in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Environment => "environment",
            Self::Program => "program",
        }
    }
}

/// The reason why a variable has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Reason {
    /// It is no number of threads up to the largest one allowed.
    #[error("use a whole number from 1 to {0}")]
    NoCount(usize),
    /// It names no strategy.
    #[error("use {}", Strategies)]
    NoStrategy,
}

/// The names of all strategies, as a list.
struct Strategies;

impl std::fmt::Display for Strategies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (last, others) = Prefault::ALL.split_last().expect("there are strategies");
        for strategy in others {
            write!(f, "{}, ", strategy.name())?;
        }
        write!(f, "or {}", last.name())
    }
}

/// A variable that replaces a default, as it was when the library was loaded.
#[derive(Debug)]
pub(crate) struct Choice<T> {
    name: &'static str,
    /// Its text and the meaning of that, if it was set.
    given: Option<(String, Result<T, Reason>)>,
    is_told: AtomicBool,
}

impl<T: Copy> Choice<T> {
    fn of_environment(name: &'static str, parse: fn(&str) -> Result<T, Reason>) -> Self {
        Self::new(name, variable(name).as_deref(), parse)
    }

    fn new(
        name: &'static str,
        value: Option<&OsStr>,
        parse: fn(&str) -> Result<T, Reason>,
    ) -> Self {
        let given = value.map(|value| {
            let text = value.to_string_lossy().into_owned();
            let meaning = parse(&text);
            (text, meaning)
        });
        Self { name, given, is_told: AtomicBool::new(false) }
    }

    /// Returns the variable's name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the value to use in place of the default. The first time that there is one which
    /// cannot be used, leaves a message for `rt_last_error` and the log.
    pub(crate) fn value_or_message(&self) -> Option<T> {
        let (text, meaning) = self.given.as_ref()?;
        if let Err(reason) = meaning
            && !self.is_told.swap(true, Ordering::Relaxed)
        {
            let name = self.name;
            set_last_error(format_args!("{name}={text} in the environment is ignored: {reason}"));
        }
        meaning.ok()
    }

    /// Returns the value to use in place of the default, without a message.
    pub(crate) fn value(&self) -> Option<T> {
        self.given.as_ref()?.1.ok()
    }

    /// Returns the text of the variable, if it was set.
    pub(crate) fn text(&self) -> Option<&str> {
        Some(&self.given.as_ref()?.0)
    }

    /// Returns the reason why the text cannot be used.
    pub(crate) fn refusal(&self) -> Option<Reason> {
        self.given.as_ref()?.1.err()
    }
}

/// All variables that replace a default.
#[derive(Debug)]
pub(crate) struct Choices {
    /// The number of workers: `SIMPLE_RT_WORKERS`.
    pub(crate) workers: Choice<usize>,
    /// The largest number of loader threads: `SIMPLE_RT_LOADERS`.
    pub(crate) loaders: Choice<usize>,
    /// The meaning of the strategy `auto`: `SIMPLE_RT_PREFAULT`.
    pub(crate) prefault: Choice<Prefault>,
}

/// Returns the variables as they were when the library was loaded.
#[inline]
pub(crate) fn choices() -> &'static Choices {
    static CHOICES: OnceLock<Choices> = OnceLock::new();
    CHOICES.get_or_init(|| Choices {
        workers: Choice::of_environment("SIMPLE_RT_WORKERS", |text| count(text, MAX_WORKERS)),
        loaders: Choice::of_environment("SIMPLE_RT_LOADERS", |text| count(text, MAX_LOADERS)),
        prefault: Choice::of_environment("SIMPLE_RT_PREFAULT", prefault),
    })
}

/// Reads the variables before anything can change them, and before a fork could interrupt it.
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = {
    extern "C" fn at_load() {
        choices();
    }
    at_load
};

/// Returns the number of threads that a text names.
fn count(text: &str, most: usize) -> Result<usize, Reason> {
    let is_plain = text.bytes().all(|letter| letter.is_ascii_digit());
    let count = text.parse().ok().filter(|count| (1..=most).contains(count));
    count.filter(|_| is_plain).ok_or(Reason::NoCount(most))
}

fn prefault(text: &str) -> Result<Prefault, Reason> {
    Prefault::ALL.into_iter().find(|strategy| strategy.name() == text).ok_or(Reason::NoStrategy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_threads_are_whole_and_in_range() {
        for (text, expected) in [("1", 1), ("2", 2), ("007", 7), ("4096", 4096)] {
            assert_eq!(count(text, 4096), Ok(expected), "{text}");
        }
        for text in ["0", "4097", "-1", "+4", "4.5", "2 ", "two", "99999999999999999999", "２"] {
            assert_eq!(count(text, 4096), Err(Reason::NoCount(4096)), "{text}");
        }
    }

    #[test]
    fn strategies_have_the_names_of_reports() {
        for strategy in Prefault::ALL {
            assert_eq!(prefault(strategy.name()), Ok(strategy));
        }
        for text in ["", "None", "populate_read", "copy ", "6"] {
            assert_eq!(prefault(text), Err(Reason::NoStrategy), "{text}");
        }
    }

    #[test]
    fn a_variable_that_cannot_be_used_is_told_once_with_what_can() {
        let choice = Choice::new("CHOICE", Some(OsStr::new("fast")), prefault);
        assert_eq!(choice.value(), None);
        assert_eq!(crate::error::last_error(), None);
        assert_eq!(choice.value_or_message(), None);
        let expected = "CHOICE=fast in the environment is ignored: use none, progressive, \
                        populate, populate-read, touch, parallel-touch, copy, huge, or auto";
        assert_eq!(crate::error::last_error().as_deref(), Some(expected));
        set_last_error("another");
        assert_eq!(choice.value_or_message(), None);
        assert_eq!(crate::error::last_error().as_deref(), Some("another"));
    }

    #[test]
    fn a_variable_that_is_not_set_says_nothing() {
        let choice = Choice::new("CHOICE", None, prefault);
        assert_eq!((choice.value(), choice.text(), choice.refusal()), (None, None, None));
    }
}
