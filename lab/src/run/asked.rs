//! The request for a run. It is part of the run's record, so that a run that was interrupted goes on
//! as it was begun.

use super::settings;
use crate::console::typed;
use crate::harness::sources;
use crate::target::{self, Target};
use crate::words;
use anyhow::{Context, Result, bail};
use clap::Args;
use sha2::{Digest, Sha256};
use simple_records::{Effort, Instrument, Origin, RunStart, Verb};
use simple_reports::text;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The options that choose what a run measures, and how.
#[derive(Debug, Args)]
pub(super) struct Request {
    /// Only workloads whose name contains this (`*` and `?` are any text and any one character), or
    /// that have this value on an axis: `workers=2`.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// The effort: quick if none is named, unless a run is resumed. It may also be the first word.
    #[arg(long, aliases = ["profile", "setting"], value_parser = words::effort())]
    effort: Option<Effort>,
    /// Only with these instruments.
    #[arg(long, value_delimiter = ',', value_parser = words::instrument())]
    instruments: Vec<Instrument>,
    /// Keep measuring processes on these processors, as taskset(1) names them: `0,1`.
    #[arg(long, value_name = "CPUS")]
    pin: Option<String>,
    /// Have workloads that read sources read the files below this folder, instead of a generated
    /// tree that is the same everywhere.
    #[arg(long, value_name = "FOLDER")]
    corpus: Option<PathBuf>,
}

/// The name in records of the user's tree of sources.
const CORPUS: &str = "corpus";

/// The name in records of the hash of somebody's program.
const PROGRAM: &str = "program_sha256";

/// A program of somebody whose functions are measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Foreign {
    /// The command line that names it.
    pub(super) origin: Origin,
    /// Hash of its file, in hexadecimal digits: another state of it is another program.
    pub(super) sha256: String,
}

impl Foreign {
    /// The program of this file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn new(program: &Path, target: &Target) -> Result<Self> {
        let bytes = fs::read(program)
            .with_context(|| format!("--program {} cannot be read", program.display()))?;
        let mut arguments = vec!["--program".to_owned(), program.display().to_string()];
        if target.path() != target::default() {
            arguments.extend(["--target".to_owned(), target.path().display().to_string()]);
        }
        let digits = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { origin: Origin { verb: Verb::Run.into(), arguments }, sha256: digits })
    }

    /// The command line that lists its workloads.
    pub(super) fn list(&self) -> String {
        format!("lab list {}", shell_words::join(&self.origin.arguments))
    }

    fn of(start: &RunStart) -> Option<Self> {
        let sha256 = start.settings.get(PROGRAM).cloned().unwrap_or_default();
        start.origin.clone().map(|origin| Self { origin, sha256 })
    }
}

/// All of it, with nothing left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) filters: Vec<String>,
    pub(super) effort: Effort,
    /// In the order in which a run uses them.
    pub(super) instruments: Vec<Instrument>,
    pub(super) pin: Option<String>,
    /// The user's own tree of sources, if it is to be read.
    pub(super) corpus: Option<PathBuf>,
    /// The program, if it is not that of this project.
    pub(super) foreign: Option<Foreign>,
}

impl Request {
    /// The request of a new run.
    ///
    /// # Errors
    /// If the tree of sources has no files.
    pub(super) fn of_new_run(&self) -> Result<Asked> {
        let (effort, filters) = self.effort_and_filters();
        Ok(Asked {
            filters: filters.to_vec(),
            effort: effort.unwrap_or(Effort::Quick),
            instruments: self.wanted().unwrap_or(Instrument::ALL.to_vec()),
            pin: self.pin.clone(),
            corpus: self.own_corpus()?,
            foreign: None,
        })
    }

    fn own_corpus(&self) -> Result<Option<PathBuf>> {
        self.corpus.as_deref().map(sources::corpus).transpose()
    }

    /// The request of the run that began with `start`, which is that of its rest.
    ///
    /// # Errors
    /// If the command line says something else, or the record does not say it.
    pub(super) fn of_resumed(&self, start: &RunStart) -> Result<Asked> {
        let was = Asked::of(start)?;
        let shown = |filters: &[String]| match filters {
            [] => "all workloads".to_owned(),
            filters => format!("'{}'", filters.join("' '")),
        };
        let (effort, filters) = self.effort_and_filters();
        if !filters.is_empty() && sorted(filters) != sorted(&was.filters) {
            return refuse("workloads", &shown(&was.filters), &shown(filters));
        }
        if let Some(effort) = effort.filter(|effort| *effort != was.effort) {
            return refuse("the effort", was.effort.name(), effort.name());
        }
        if let Some(wanted) = self.wanted().filter(|wanted| *wanted != was.instruments) {
            return refuse("instruments", &names(&was.instruments), &names(&wanted));
        }
        if self.pin.is_some() && self.pin != was.pin {
            let shown = |pin: &Option<String>| pin.clone().unwrap_or("all".to_owned());
            return refuse("processors", &shown(&was.pin), &shown(&self.pin));
        }
        let corpus = self.own_corpus()?;
        if corpus.is_some() && corpus != was.corpus {
            let shown = |corpus: &Option<PathBuf>| {
                corpus.as_ref().map_or("generated".to_owned(), |it| it.display().to_string())
            };
            return refuse("sources", &shown(&was.corpus), &shown(&corpus));
        }
        Ok(was)
    }

    /// The filters, without a word that is the effort.
    pub(super) fn filters(&self) -> &[String] {
        self.effort_and_filters().1
    }

    /// The effort and the filters. The first word is the effort if it names one and no option does.
    fn effort_and_filters(&self) -> (Option<Effort>, &[String]) {
        match (self.effort, self.filters.split_first()) {
            (None, Some((first, rest))) if first.parse::<Effort>().is_ok() => {
                (first.parse().ok(), rest)
            }
            (effort, _) => (effort, &self.filters),
        }
    }

    fn wanted(&self) -> Option<Vec<Instrument>> {
        let wanted = Instrument::ALL.into_iter().filter(|one| self.instruments.contains(one));
        (!self.instruments.is_empty()).then(|| wanted.collect())
    }
}

fn refuse(what: &str, was: &str, is: &str) -> Result<Asked> {
    bail!(
        "it was asked for {what}: {was}, not {is}: go on with --resume alone, which asks for the \
         same, or begin a new run"
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
    pub(super) fn of(start: &RunStart) -> Result<Self> {
        let filters = start.filters.clone().context(
            "its record does not say which workloads were asked for: it is of an older program; \
             begin a new run",
        )?;
        let effort = start.effort.known();
        let effort = effort.with_context(|| format!("its effort {} is not known", start.effort))?;
        let instruments = Instrument::ALL.into_iter();
        let instruments = instruments.filter(|one| start.rounds.contains_key(one)).collect();
        let pin = settings::pin(&start.settings);
        let corpus = start.settings.get(CORPUS).map(PathBuf::from);
        let foreign = Foreign::of(start);
        Ok(Self { filters, effort, instruments, pin, corpus, foreign })
    }

    /// Returns whether a run that was asked for `other` measured as this asks: with the same settings, and
    /// with these instruments, perhaps among others. Filters are not looked at.
    pub(super) fn is_part_of(&self, other: &Self) -> bool {
        (self.effort, &self.pin, &self.corpus) == (other.effort, &other.pin, &other.corpus)
            && self.foreign == other.foreign
            && self.instruments.iter().all(|one| other.instruments.contains(one))
    }

    /// The beginning of a command line that measures it again or goes on with it.
    pub(super) fn begins(&self) -> String {
        match &self.foreign {
            Some(foreign) => text::command_of(&foreign.origin),
            None => typed("bench"),
        }
    }

    /// The command line that lists all workloads.
    pub(super) fn list(&self) -> String {
        self.foreign.as_ref().map_or_else(|| typed("list"), Foreign::list)
    }

    /// The command line that shows the newest run.
    pub(super) fn report(&self) -> String {
        match &self.foreign {
            Some(foreign) if foreign.origin.arguments.len() > 2 => {
                let arguments = foreign.origin.arguments[2..].to_vec();
                format!("lab report {}", shell_words::join(arguments))
            }
            Some(_) => "lab report".to_owned(),
            None => typed("report"),
        }
    }

    /// Number of rounds of each instrument, as records keep it.
    pub(super) fn rounds(&self) -> BTreeMap<Instrument, u32> {
        let rounds = settings::ROUNDS;
        let of = |one: &Instrument| (*one, rounds.of(*one));
        self.instruments.iter().map(of).collect()
    }

    /// The settings, as records keep them.
    pub(super) fn settings(&self) -> BTreeMap<String, String> {
        let mut map = settings::as_map(settings::settings(self.effort), self.pin.as_deref());
        let corpus = self.corpus.as_ref();
        map.extend(corpus.map(|folder| (CORPUS.to_owned(), folder.display().to_string())));
        let foreign = self.foreign.as_ref();
        map.extend(foreign.map(|one| (PROGRAM.to_owned(), one.sha256.clone())));
        map
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
        let asked = request(words).of_new_run().unwrap();
        RunStart {
            effort: asked.effort.into(),
            filters: Some(asked.filters.clone()),
            rounds: asked.rounds(),
            settings: asked.settings(),
            ..RunStart::example()
        }
    }

    const BEGUN: [&str; 7] =
        ["a", "b=1", "--effort=standard", "--instruments", "wall,os", "--pin", "0,1"];

    #[test]
    fn going_on_asks_for_what_the_run_was_begun_with() {
        let asked = request(&BEGUN).of_new_run().unwrap();
        assert_eq!(request(&[]).of_resumed(&start(&BEGUN)).unwrap(), asked);
        assert_eq!(request(&BEGUN).of_resumed(&start(&BEGUN)).unwrap(), asked);
        assert_eq!(request(&["b=1", "a"]).of_resumed(&start(&BEGUN)).unwrap(), asked);
        assert_eq!(request(&["--instruments=os,wall"]).of_resumed(&start(&BEGUN)).unwrap(), asked);
    }

    #[test]
    fn a_first_word_that_is_an_effort_is_no_filter() {
        let asked = request(&["standard", "a"]).of_new_run().unwrap();
        assert_eq!((asked.effort, asked.filters), (Effort::Standard, vec!["a".to_owned()]));
        let asked = request(&["a", "standard"]).of_new_run().unwrap();
        assert_eq!((asked.effort, asked.filters.len()), (Effort::Quick, 2));
        let asked = request(&["--profile=full", "quick"]).of_new_run().unwrap();
        assert_eq!((asked.effort, asked.filters), (Effort::Full, vec!["quick".to_owned()]));
    }

    #[test]
    fn what_differs_is_refused_by_its_name() {
        for (word, name) in [
            ("c", "workloads: 'a' 'b=1', not 'c'"),
            ("--effort=quick", "effort: standard, not quick"),
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
    fn a_part_has_the_same_settings_and_no_other_instrument() {
        let asked = |words: &[&str]| request(words).of_new_run().unwrap();
        let whole = asked(&["--instruments=wall,os"]);
        assert!(asked(&["a", "--instruments=wall"]).is_part_of(&whole));
        for other in ["--instruments=latency", "--effort=full", "--pin=1"] {
            assert!(!asked(&["--instruments=wall", other]).is_part_of(&whole), "{other}");
        }
    }

    #[test]
    fn a_tree_of_the_users_is_part_of_the_request() {
        let own = tempfile::tempdir().unwrap();
        std::fs::write(own.path().join("a"), "a").unwrap();
        let option = format!("--corpus={}", own.path().display());
        let begun = start(&[&option]);
        assert_eq!(begun.settings[CORPUS], own.path().display().to_string());
        let asked = request(&[&option]).of_new_run().unwrap();
        assert_eq!(asked.corpus.as_deref(), Some(own.path()));
        assert_eq!(request(&[]).of_resumed(&begun).unwrap(), asked);
        let said = request(&[&option]).of_resumed(&start(&[])).unwrap_err().to_string();
        assert!(said.contains("sources: generated, not /"), "{said}");
    }

    #[test]
    fn a_record_that_does_not_say_what_was_asked_is_refused() {
        let start = RunStart { filters: None, ..start(&BEGUN) };
        let said = request(&[]).of_resumed(&start).unwrap_err().to_string();
        assert!(said.contains("begin a new run"), "{said}");
    }
}
