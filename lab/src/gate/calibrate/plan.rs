//! Trials that are wanted, in their order, and the time that they take.

use super::dose::{COUNTED, OTHERWISE, Path, SPUN};
use simple_records::{Calibration, DoseForm, InjectedNoise, NoiseKind, Trial, TrialKind, Witness};

/// Slow-downs that are injected.
pub const LEVELS: [f64; 4] = [0.01, 0.02, 0.05, 0.10];

/// A trial that is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    pub change: Change,
    /// The load on the machine, if any.
    pub noise: Option<NoiseKind>,
    pub number: u32,
}

/// The change of the head.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// None.
    Nothing,
    /// A path is slowed.
    Slowed(Slowed),
}

/// A path that is slowed by a share, judged by a witness.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slowed {
    pub path: &'static Path,
    pub witness: Witness,
    pub by: f64,
}

/// Numbers of trials of each kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Amounts {
    pub null: u32,
    /// For each kind of noise.
    pub under_load: u32,
    /// For each path and size.
    pub slowed: u32,
    /// For each path, size and kind of noise.
    pub slowed_under_load: u32,
    pub noises: Vec<NoiseKind>,
}

/// All trials. Kinds alternate in proportion to their numbers: an interrupted calibration has the same part
/// of each.
pub fn plan(amounts: &Amounts) -> Vec<Wanted> {
    let noises = || amounts.noises.iter().copied().map(Some);
    let null = |noise| vec![(Change::Nothing, noise)];
    let slowed = |noise| slowed().map(|one| (Change::Slowed(one), noise)).collect::<Vec<_>>();
    let mut groups = vec![(amounts.null, null(None)), (amounts.slowed, slowed(None))];
    groups.extend(noises().map(|noise| (amounts.under_load, null(noise))));
    groups.extend(noises().map(|noise| (amounts.slowed_under_load, slowed(noise))));
    let mut all: Vec<(f64, Wanted)> = Vec::new();
    for (count, changes) in groups {
        for number in 0..count {
            let place = (f64::from(number) + 0.5) / f64::from(count);
            let of = |(change, noise)| (place, Wanted { change, noise, number });
            all.extend(changes.iter().copied().map(of));
        }
    }
    all.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    all.into_iter().map(|(_, wanted)| wanted).collect()
}

/// Every path, slowed by every size.
fn slowed() -> impl Iterator<Item = Slowed> {
    let timed = SPUN.iter().chain(&OTHERWISE).map(|path| (Witness::Time, path));
    let all = timed.chain(COUNTED.iter().map(|path| (Witness::Instructions, path)));
    all.flat_map(|(witness, path)| LEVELS.map(|by| Slowed { path, witness, by }))
}

impl Slowed {
    pub fn kind(&self) -> TrialKind {
        match self.witness {
            Witness::Time => TrialKind::SlowedTime { by: self.by },
            Witness::Instructions => TrialKind::SlowedInstructions { by: self.by },
        }
    }

    /// Returns whether lines of a record are about it.
    pub fn is(&self, kind: &TrialKind, workload: &str, form: Option<DoseForm>) -> bool {
        // Older files know one form.
        *kind == self.kind()
            && workload == self.path.workload
            && form.unwrap_or(DoseForm::Spin) == self.path.form
    }

    fn is_left_out(&self, record: &Calibration) -> bool {
        let form = |one: &simple_records::LeftOut| one.form.as_ref().and_then(|form| form.known());
        record.left_out.iter().any(|one| self.is(&one.kind_of_trial, &one.workload, form(one)))
    }

    fn has_dose(&self, record: &Calibration) -> bool {
        let mut doses = record.doses.iter();
        doses.any(|one| self.is(&one.kind_of_trial, &one.workload, one.dose.form.known()))
    }
}

impl Wanted {
    pub fn kind(&self) -> TrialKind {
        match (&self.change, self.noise) {
            (Change::Slowed(slowed), _) => slowed.kind(),
            (Change::Nothing, None) => TrialKind::Null,
            (Change::Nothing, Some(_)) => TrialKind::NullUnderLoad,
        }
    }

    /// The workload that is slowed, if one is.
    pub fn workload(&self) -> Option<&'static str> {
        match &self.change {
            Change::Nothing => None,
            Change::Slowed(slowed) => Some(slowed.path.workload),
        }
    }

    /// Returns whether a trial is this one.
    fn is(&self, trial: &Trial) -> bool {
        let is_change = match &self.change {
            Change::Nothing => trial.kind_of_trial == self.kind(),
            Change::Slowed(slowed) => {
                let form = trial.dose.as_ref().and_then(|dose| dose.form.known());
                let mut named = trial.workloads.iter();
                named.any(|workload| slowed.is(&trial.kind_of_trial, workload, form))
            }
        };
        is_change && trial.number == self.number && noise_of(trial) == self.noise
    }

    /// Returns whether it is neither on record nor left out.
    pub fn is_open(&self, record: &Calibration) -> bool {
        let is_left_out =
            matches!(&self.change, Change::Slowed(slowed) if slowed.is_left_out(record));
        !is_left_out && !record.trials.iter().any(|trial| self.is(trial))
    }
}

/// The load of a trial that is known.
fn noise_of(trial: &Trial) -> Option<NoiseKind> {
    match &trial.noise {
        Some(InjectedNoise { kind, .. }) => kind.known(),
        // Older files do not name it.
        None => (trial.kind_of_trial == TrialKind::NullUnderLoad).then_some(NoiseKind::Busy),
    }
}

/// Seconds that trials take, by what a calibration has needed so far. Before it has any, as on a machine with two
/// processors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Costs {
    null_s: f64,
    null_under_load_s: f64,
    timed_s: f64,
    counted_s: f64,
}

/// Time to set a dose.
const DOSE_S: f64 = 20.0;

impl Costs {
    pub fn of(record: &Calibration) -> Self {
        let mean = |is_of: fn(&TrialKind) -> bool, otherwise: f64| {
            let of = record.trials.iter().filter(|trial| is_of(&trial.kind_of_trial));
            let times: Vec<f64> = of.map(|trial| trial.elapsed_s).collect();
            match times.len() {
                0 => otherwise,
                count => times.iter().sum::<f64>() / count as f64,
            }
        };
        Self {
            null_s: mean(|kind| *kind == TrialKind::Null, 60.0),
            null_under_load_s: mean(|kind| *kind == TrialKind::NullUnderLoad, 85.0),
            timed_s: mean(|kind| matches!(kind, TrialKind::SlowedTime { .. }), 2.0),
            counted_s: mean(|kind| matches!(kind, TrialKind::SlowedInstructions { .. }), 1.0),
        }
    }

    fn of_one(&self, wanted: &Wanted) -> f64 {
        match (&wanted.change, wanted.noise) {
            (Change::Nothing, None) => self.null_s,
            (Change::Nothing, Some(_)) => self.null_under_load_s,
            (Change::Slowed(slowed), _) => match slowed.witness {
                Witness::Time => self.timed_s,
                Witness::Instructions => self.counted_s,
            },
        }
    }

    /// Seconds that these trials take, with the doses that have to be set for them.
    pub fn of_all(&self, wanted: &[Wanted], record: &Calibration) -> f64 {
        let mut doses: Vec<Slowed> = Vec::new();
        for one in wanted {
            if let Change::Slowed(slowed) = one.change
                && !slowed.has_dose(record)
                && !doses.contains(&slowed)
            {
                doses.push(slowed);
            }
        }
        wanted.iter().map(|one| self.of_one(one)).sum::<f64>() + DOSE_S * doses.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_records::{CalibrationRecord, CalibrationStart, LeftOut, LogFile};

    const AMOUNTS: Amounts =
        Amounts { null: 10, under_load: 5, slowed: 2, slowed_under_load: 0, noises: Vec::new() };

    fn amounts() -> Amounts {
        Amounts { noises: vec![NoiseKind::Busy, NoiseKind::Steal], ..AMOUNTS }
    }

    fn record() -> Calibration {
        let start: CalibrationStart = serde_json::from_value(serde_json::json!({
            "schema": 1, "run": "a", "started_unix_s": 0, "tool": "example 0", "setting": "quick",
            "limits": simple_records::GateLimits::default(),
            "fingerprint": simple_records::Fingerprint::default(),
        }))
        .unwrap();
        Calibration::begin(CalibrationRecord::Calibration(Box::new(start))).unwrap()
    }

    fn trial(wanted: &Wanted) -> Trial {
        Trial {
            kind_of_trial: wanted.kind(),
            number: wanted.number,
            verdict: "pass".to_owned(),
            workloads: Vec::new(),
            found: None,
            dose: None,
            noise: wanted.noise.map(|kind| InjectedNoise { kind: kind.into(), seed: 1 }),
            elapsed_s: 30.0,
        }
    }

    #[test]
    fn half_of_a_calibration_has_half_of_each_kind() {
        let all = plan(&amounts());
        let paths = SPUN.len() + OTHERWISE.len() + COUNTED.len();
        assert_eq!(all.len(), 10 + 2 * 5 + 2 * paths * LEVELS.len());
        let (half, _) = all.split_at(all.len() / 2);
        let of = |noise| {
            half.iter().filter(move |one| one.change == Change::Nothing && one.noise == noise)
        };
        assert!((3..=6).contains(&of(None).count()), "{}", of(None).count());
        assert!((2..=3).contains(&of(Some(NoiseKind::Steal)).count()));
        let slowed = half.iter().filter(|one| one.change != Change::Nothing);
        assert!(slowed.clone().count() > paths && slowed.clone().any(|one| one.number == 0));
    }

    #[test]
    fn what_is_on_record_is_not_wanted_again() {
        let mut record = record();
        let all = plan(&amounts());
        assert!(all.iter().all(|one| one.is_open(&record)));
        let null = all.iter().filter(|one| one.change == Change::Nothing);
        record.trials = null.clone().take(7).map(trial).collect();
        assert_eq!(null.filter(|one| one.is_open(&record)).count(), 13);
        // A load without a name was a busy process.
        record.trials = vec![Trial {
            noise: None,
            ..trial(&Wanted { change: Change::Nothing, noise: Some(NoiseKind::Busy), number: 3 })
        }];
        let done: Vec<&Wanted> = all.iter().filter(|one| !one.is_open(&record)).collect();
        assert_eq!((done.len(), done[0].noise, done[0].number), (1, Some(NoiseKind::Busy), 3));
    }

    #[test]
    fn what_was_left_out_is_not_tried_again_in_that_form() {
        let mut record = record();
        let [spun, otherwise] = [&SPUN[3], &OTHERWISE[1]];
        assert_eq!(spun.workload, otherwise.workload);
        record.left_out = vec![LeftOut {
            kind_of_trial: TrialKind::SlowedTime { by: 0.05 },
            workload: spun.workload.to_owned(),
            form: None,
            why: None,
        }];
        let one = |path, by| Wanted {
            change: Change::Slowed(Slowed { path, witness: Witness::Time, by }),
            noise: None,
            number: 0,
        };
        assert!(!one(spun, 0.05).is_open(&record));
        assert!(one(spun, 0.1).is_open(&record) && one(otherwise, 0.05).is_open(&record));
    }

    #[test]
    fn times_are_those_of_the_trials_so_far() {
        let mut record = record();
        let all = plan(&Amounts { slowed: 0, ..amounts() });
        assert_eq!(Costs::of(&record).of_all(&all, &record), 10.0 * 60.0 + 10.0 * 85.0);
        record.trials = all.iter().take(4).map(trial).collect();
        assert_eq!(Costs::of(&record).of_all(&all, &record), 20.0 * 30.0);
        let slowed = plan(&Amounts { null: 0, under_load: 0, ..amounts() });
        let doses = slowed.len() as f64 / 2.0 * DOSE_S;
        assert!(Costs::of(&record).of_all(&slowed, &record) > doses);
    }
}
