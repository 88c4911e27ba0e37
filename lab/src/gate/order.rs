//! The order of a comparison, compared with that of one that is resumed.

use anyhow::{Result, bail};
use simple_records::{Effort, GateLimits, GateStart, Witness};
use std::fmt::Display;
use std::path::PathBuf;

/// The order of a comparison.
#[derive(Debug, Clone)]
pub struct Order {
    /// The effort whose workloads are judged.
    pub effort: Effort,
    /// Patterns that the workloads are chosen by, if any.
    pub filters: Vec<String>,
    /// Only the workload of exactly this name among them.
    pub exactly: Option<String>,
    /// Only these instruments; all if empty.
    pub instruments: Vec<Witness>,
    /// Limits of the verdict.
    pub limits: GateLimits,
}

/// The order of a comparison that is resumed. Its record fills in what is absent.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The effort whose workloads are judged.
    pub effort: Option<Effort>,
    /// Patterns that the workloads are chosen by.
    pub filters: Vec<String>,
    /// Only these instruments.
    pub instruments: Vec<Witness>,
    /// The slow-down that is to be found.
    pub min_effect: Option<f64>,
    /// Time for all blocks in seconds.
    pub budget_s: Option<f64>,
    /// Seed of all orders.
    pub seed: Option<u64>,
    /// Number of code layouts.
    pub layouts: Option<u32>,
    /// The user's own tree of sources.
    pub corpus: Option<PathBuf>,
}

impl Asked {
    /// Refuses to resume a comparison that was begun with other options, naming what differs.
    ///
    /// # Errors
    /// If anything differs.
    pub fn check(&self, start: &GateStart) -> Result<()> {
        let percent = |share: f64| format!("{}%", share * 100.0);
        let mut differences = Vec::new();
        let mut differs = |what: &str, was: String, is: Option<String>| {
            if let Some(is) = is.filter(|is| *is != was) {
                differences.push(format!("its {what} {was}, not {is}"));
            }
        };
        let filters = |filters: &[String]| match filters {
            [] => "all workloads".to_owned(),
            filters => quoted(filters),
        };
        let asked = (!self.filters.is_empty()).then(|| filters(&self.filters));
        differs("workloads are", filters(&start.filters), asked);
        differs("effort is", start.effort.to_string(), self.effort.map(|it| it.to_string()));
        let asked = (!self.instruments.is_empty()).then(|| instruments(&self.instruments));
        differs("instruments are", instruments(&start.instruments), asked);
        let effect = percent(start.limits.min_effect);
        differs("smallest slow-down is", effect, self.min_effect.map(percent));
        let time = |seconds: f64| format!("{seconds} s");
        let budget = start.limits.budget_s.map_or("without a limit".to_owned(), time);
        differs("time for blocks is", budget, self.budget_s.map(time));
        differs("seed is", start.seed.to_string(), self.seed.map(|seed| seed.to_string()));
        let layouts = |count: u32| match count {
            0 | 1 => "those of the linker".to_owned(),
            count => count.to_string(),
        };
        let was = layouts(start.layouts.unwrap_or_default());
        differs("code layouts are", was, self.layouts.map(layouts));
        let corpus = |folder: &PathBuf| folder.display().to_string();
        let was = start.corpus.as_ref().map_or("generated".to_owned(), corpus);
        differs("sources are", was, self.corpus.as_ref().map(corpus));
        if differences.is_empty() {
            return Ok(());
        }
        bail!(
            "it was begun with other options: {}; leave them out to resume it, or start again without \
             --resume",
            differences.join("; ")
        )
    }
}

fn quoted(names: &[impl Display]) -> String {
    names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(" ")
}

/// In one order, however they were named.
fn instruments(named: &[Witness]) -> String {
    // A record that names none means all.
    let is_named = |one: &Witness| named.is_empty() || named.contains(one);
    Witness::ALL.into_iter().filter(is_named).map(Witness::name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_records::{Build, Fingerprint, Harness, SCHEMA_VERSION};

    fn start() -> GateStart {
        GateStart {
            schema: SCHEMA_VERSION,
            run: "run".to_owned(),
            started_unix_s: 0,
            tool: "test".to_owned(),
            effort: Effort::Quick.into(),
            filters: vec!["channel".to_owned()],
            instruments: vec![Witness::Time],
            candidates: 1,
            seed: 7,
            base: Build::default(),
            head: Build::default(),
            harness: Harness::Same,
            notes: Vec::new(),
            corpus: None,
            suite: None,
            layouts: None,
            same_program: None,
            limits: GateLimits::default(),
            fingerprint: Fingerprint::default(),
        }
    }

    #[test]
    fn what_is_left_out_is_as_it_was() {
        Asked::default().check(&start()).unwrap();
        let same = Asked {
            effort: Some(Effort::Quick),
            filters: vec!["channel".to_owned()],
            instruments: vec![Witness::Time],
            min_effect: Some(0.05),
            budget_s: Some(600.0),
            seed: Some(7),
            layouts: Some(0),
            corpus: None,
        };
        same.check(&start()).unwrap();
    }

    #[test]
    fn all_that_differs_is_named() {
        let other = Asked {
            effort: Some(Effort::Full),
            filters: vec!["registry".to_owned()],
            instruments: vec![Witness::Instructions, Witness::Time],
            min_effect: Some(0.01),
            budget_s: Some(60.0),
            seed: Some(8),
            layouts: Some(32),
            corpus: Some("/own".into()),
        };
        let said = other.check(&start()).unwrap_err().to_string();
        for named in [
            "workloads are 'channel', not 'registry'",
            "effort is quick, not full",
            "instruments are wall, not wall, instructions",
            "slow-down is 5%, not 1%",
            "time for blocks is 600 s, not 60 s",
            "seed is 7, not 8",
            "code layouts are those of the linker, not 32",
            "sources are generated, not /own",
        ] {
            assert!(said.contains(named), "{said}");
        }
        let all = GateStart { instruments: Vec::new(), filters: Vec::new(), ..start() };
        let said = Asked { filters: vec!["a".to_owned()], ..Asked::default() };
        let said = said.check(&all).unwrap_err().to_string();
        assert!(said.contains("workloads are all workloads, not 'a'"), "{said}");
    }
}
