//! The variable, and the slow-down that it requests for each place.

use super::Site;
use super::forms::{Form, injected_slowdown};
use crate::sync::atomic::{AtomicU64, Ordering};
use std::cell::Cell;
use std::ffi::OsStr;
use std::io::Write;

pub(super) const VARIABLE: &str = "SIMPLE_RT_SLOWDOWN";

/// Names of the sites in the variable, in the order of [`Site`].
pub(super) const NAMES: [&str; 9] = [
    "future-run",
    "future-new",
    "registry-get",
    "registry-insert",
    "coverage-probe",
    "file-load",
    "deep-copy",
    "aop-call",
    "channel-send",
];

/// A slow-down of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Injection {
    pub(super) form: Form,
    pub(super) steps: u32,
    /// Visits of a thread of which one takes the steps.
    pub(super) every: u32,
}

/// Most visits of which one takes steps.
const MOST_EVERY: u32 = (1 << 24) - 1;

impl Injection {
    /// All of it in one word, which is not [`NOTHING`]: a thread never sees a part.
    pub(super) fn packed(self) -> u64 {
        let form = 1 + self.form as u64;
        form << 56 | u64::from(self.every) << 32 | u64::from(self.steps)
    }

    fn unpacked(word: u64) -> Self {
        let form = Form::ALL[(word >> 56) as usize - 1];
        Self { form, steps: word as u32, every: (word >> 32) as u32 & MOST_EVERY }
    }
}

/// The word of a place that is not slowed.
const NOTHING: u64 = 0;
/// The word of every place while the variable has not been read.
const UNREAD: u64 = u64::MAX;

/// Packed injections by site. Each is written once, and all writers write the same value, so no
/// ordering is needed.
pub(super) static INJECTIONS: [AtomicU64; NAMES.len()] =
    [const { AtomicU64::new(UNREAD) }; NAMES.len()];

thread_local! {
    /// Visits of this thread since it last took steps, by site.
    static VISITS: [Cell<u32>; NAMES.len()] = const { [const { Cell::new(0) }; NAMES.len()] };
}

/// Takes the steps that the environment requests for `site`.
#[inline(always)]
pub(crate) fn at(site: Site) {
    let word = INJECTIONS[site as usize].load(Ordering::Relaxed);
    if word != NOTHING {
        visit(site, word);
    }
}

#[inline(never)]
fn visit(site: Site, word: u64) {
    let word = if word == UNREAD { read(site) } else { word };
    if word == NOTHING {
        return;
    }
    let Injection { form, steps, every } = Injection::unpacked(word);
    if every > 1 {
        let before = VISITS.with(|visits| visits[site as usize].get());
        let is_due = before + 1 >= every;
        VISITS.with(|visits| visits[site as usize].set(if is_due { 0 } else { before + 1 }));
        if !is_due {
            return;
        }
    }
    injected_slowdown(form, steps);
    #[cfg(test)]
    super::tests::taken(site, steps);
}

/// Reads the variable, and returns the word of `site`.
#[cold]
#[inline(never)]
fn read(site: Site) -> u64 {
    let all = std::env::var_os(VARIABLE).map_or(Ok([None; NAMES.len()]), |text| parse(&text));
    let all = all.unwrap_or_else(|reason| {
        // The process ends even if the message cannot be written.
        let _ = writeln!(std::io::stderr(), "simple-runtime: {VARIABLE}: {reason}");
        std::process::exit(2)
    });
    for (place, injection) in INJECTIONS.iter().zip(all) {
        let word = injection.map_or(NOTHING, Injection::packed);
        let _ = place.compare_exchange(UNREAD, word, Ordering::Relaxed, Ordering::Relaxed);
    }
    INJECTIONS[site as usize].load(Ordering::Relaxed)
}

/// Parses the variable. The error is the reason why it is invalid. An empty text is the same as
/// an unset variable.
pub(super) fn parse(text: &OsStr) -> Result<[Option<Injection>; NAMES.len()], String> {
    let mut all = [None; NAMES.len()];
    let text = text.to_str().ok_or_else(|| format!("{text:?} is not UTF-8"))?;
    for entry in text.split(',').filter(|_| !text.is_empty()) {
        let (name, dose) = entry
            .split_once('=')
            .ok_or_else(|| format!("{entry:?} is not SITE=STEPS or SITE=FORM:STEPS"))?;
        let place = NAMES.iter().position(|&known| known == name);
        let place = place
            .ok_or_else(|| format!("there is no site {name:?}; there are {}", NAMES.join(", ")))?;
        if all[place].replace(injection(entry, dose)?).is_some() {
            return Err(format!("{name} is there twice"));
        }
    }
    Ok(all.map(Option::flatten))
}

/// Parses what follows a site: `12`, `fence:12` or `fence:12/16`; nothing for the old `0`.
fn injection(entry: &str, dose: &str) -> Result<Option<Injection>, String> {
    let (form, rest) = match dose.split_once(':') {
        Some((name, rest)) => (Some(form(name)?), rest),
        None => (None, dose),
    };
    let (steps, every) = match rest.split_once('/') {
        Some((steps, every)) => {
            let number = every.parse().ok().filter(|every| (1..=MOST_EVERY).contains(every));
            let why =
                || format!("{entry:?} does not say a number of visits from 1 to {MOST_EVERY}");
            (steps, number.ok_or_else(why)?)
        }
        None => (rest, 1),
    };
    let most = u32::MAX - 1;
    let steps = steps.parse().ok().filter(|&steps| steps <= most);
    let steps = steps
        .ok_or_else(|| format!("{entry:?} does not say a number of steps from 0 to {most}"))?;
    let is_nothing = form.is_none() && steps == 0;
    let form = form.unwrap_or(Form::Spin);
    Ok((!is_nothing).then_some(Injection { form, steps, every }))
}

fn form(name: &str) -> Result<Form, String> {
    let names = Form::ALL.map(Form::name).join(", ");
    let form = Form::ALL.into_iter().find(|form| form.name() == name);
    form.ok_or_else(|| format!("there is no form {name:?}; there are {names}"))
}
