//! What a run is asked for. It stands in the run's record, so that a run that was interrupted
//! goes on as it was begun.

use super::settings;
use crate::{Effort, Instrument};
use anyhow::{Context, Result, bail};
use clap::Args;
use simple_records::RunStart;
use std::collections::BTreeMap;

/// The options that choose what a run measures, and how.
#[derive(Debug, Args)]
pub(super) struct Request {
    /// Only workloads whose name contains this (`*` and `?` stand for any text and any one
    /// character), or that stand there on an axis: `workers=2`.
    #[arg(value_name = "FILTER")]
    pub(super) filters: Vec<String>,
    /// How much to measure; `quick` if nothing is said.
    #[arg(long)]
    profile: Option<Effort>,
    /// Only with these instruments.
    #[arg(long, value_delimiter = ',')]
    instruments: Vec<Instrument>,
    /// Keep measuring processes on these processors, as taskset(1) names them: `0,1`.
    #[arg(long, value_name = "CPUS")]
    pin: Option<String>,
}

/// All of it, with nothing left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) filters: Vec<String>,
    pub(super) profile: Effort,
    /// In the order in which a run uses them.
    pub(super) instruments: Vec<Instrument>,
    pub(super) pin: Option<String>,
}

impl Request {
    /// What a new run is asked for.
    pub(super) fn of_new_run(&self) -> Asked {
        Asked {
            filters: self.filters.clone(),
            profile: self.profile.unwrap_or(Effort::Quick),
            instruments: self.wanted().unwrap_or(Instrument::ALL.to_vec()),
            pin: self.pin.clone(),
        }
    }

    /// What the run that began with `start` was asked for, which is what its rest is asked for.
    ///
    /// # Errors
    /// If the command line says something else, or the record does not say it.
    pub(super) fn of_resumed(&self, start: &RunStart) -> Result<Asked> {
        let was = Asked::of(start)?;
        let shown = |filters: &[String]| match filters {
            [] => "all workloads".to_owned(),
            filters => format!("'{}'", filters.join("' '")),
        };
        if !self.filters.is_empty() && sorted(&self.filters) != sorted(&was.filters) {
            return refuse("workloads", &shown(&was.filters), &shown(&self.filters));
        }
        if let Some(profile) = self.profile.filter(|profile| *profile != was.profile) {
            return refuse("the profile", was.profile.name(), profile.name());
        }
        if let Some(wanted) = self.wanted().filter(|wanted| *wanted != was.instruments) {
            return refuse("instruments", &names(&was.instruments), &names(&wanted));
        }
        if self.pin.is_some() && self.pin != was.pin {
            let shown = |pin: &Option<String>| pin.clone().unwrap_or("all".to_owned());
            return refuse("processors", &shown(&was.pin), &shown(&self.pin));
        }
        Ok(was)
    }

    fn wanted(&self) -> Option<Vec<Instrument>> {
        let wanted = Instrument::ALL.into_iter().filter(|one| self.instruments.contains(one));
        (!self.instruments.is_empty()).then(|| wanted.collect())
    }
}

fn refuse(what: &str, was: &str, is: &str) -> Result<Asked> {
    bail!(
        "it was asked for {what}: {was}, not {is}: go on with `just bench --resume`, which asks \
         for the same, or begin a new run"
    )
}

fn sorted(filters: &[String]) -> Vec<&String> {
    let mut filters: Vec<_> = filters.iter().collect();
    filters.sort_unstable();
    filters.dedup();
    filters
}

fn names(instruments: &[Instrument]) -> String {
    instruments.iter().map(|one| one.name()).collect::<Vec<_>>().join(", ")
}

impl Asked {
    fn of(start: &RunStart) -> Result<Self> {
        let filters = start.filters.clone().context(
            "its record does not say which workloads were asked for: it is of an older program; \
             begin a new run",
        )?;
        let profile = start
            .profile
            .parse::<Effort>()
            .map_err(|_| anyhow::anyhow!("its profile {} is not known", start.profile))?;
        let instruments = Instrument::ALL.into_iter();
        let instruments = instruments.filter(|one| start.rounds.contains_key(one.name())).collect();
        Ok(Self { filters, profile, instruments, pin: settings::pin(&start.settings) })
    }

    /// How many rounds each instrument is to have, as records keep it.
    pub(super) fn rounds(&self) -> BTreeMap<String, u32> {
        let rounds = settings::rounds(self.profile);
        let of = |one: &Instrument| (one.name().to_owned(), rounds.of(*one));
        self.instruments.iter().map(of).collect()
    }

    /// The settings, as records keep them.
    pub(super) fn settings(&self) -> BTreeMap<String, String> {
        settings::as_map(settings::settings(self.profile), self.pin.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        request: Request,
    }

    fn request(words: &[&str]) -> Request {
        Line::parse_from([&["bench"], words].concat()).request
    }

    fn start(words: &[&str]) -> RunStart {
        let asked = request(words).of_new_run();
        RunStart {
            profile: asked.profile.name().to_owned(),
            filters: Some(asked.filters.clone()),
            rounds: asked.rounds(),
            settings: asked.settings(),
            ..RunStart::example()
        }
    }

    const BEGUN: [&str; 7] =
        ["a", "b=1", "--profile=standard", "--instruments", "wall,os", "--pin", "0,1"];

    #[test]
    fn going_on_asks_for_what_the_run_was_begun_with() {
        let asked = request(&BEGUN).of_new_run();
        assert_eq!(request(&[]).of_resumed(&start(&BEGUN)).unwrap(), asked);
        assert_eq!(request(&BEGUN).of_resumed(&start(&BEGUN)).unwrap(), asked);
        assert_eq!(request(&["b=1", "a"]).of_resumed(&start(&BEGUN)).unwrap(), asked);
        assert_eq!(request(&["--instruments=os,wall"]).of_resumed(&start(&BEGUN)).unwrap(), asked);
    }

    #[test]
    fn what_differs_is_refused_by_its_name() {
        for (word, name) in [
            ("c", "workloads: 'a' 'b=1', not 'c'"),
            ("--profile=quick", "profile: standard, not quick"),
            ("--instruments=wall", "instruments: wall, os, not wall"),
            ("--pin=1", "processors: 0,1, not 1"),
        ] {
            let said = request(&[word]).of_resumed(&start(&BEGUN)).unwrap_err().to_string();
            assert!(said.contains(name), "{said}");
        }
        let said = request(&["a"]).of_resumed(&start(&[])).unwrap_err().to_string();
        assert!(said.contains("all workloads, not 'a'"), "{said}");
    }

    #[test]
    fn a_record_that_does_not_say_what_was_asked_is_refused() {
        let start = RunStart { filters: None, ..start(&BEGUN) };
        let said = request(&[]).of_resumed(&start).unwrap_err().to_string();
        assert!(said.contains("begin a new run"), "{said}");
    }
}
