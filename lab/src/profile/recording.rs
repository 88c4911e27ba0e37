//! A workload under perf(1).

use crate::owned::Scratch;
use crate::profile::harness::{Harness, read_answer};
use crate::profile::tools::{self, Event};
use crate::programs;
use anyhow::{Context, Result, bail, ensure};
use simple_profiles::perf::Windows;
use simple_records::repeat::Repeated;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

/// What perf recorded, and what the workload said.
#[derive(Debug)]
pub struct Recording {
    folder: Scratch,
    time: Duration,
    /// What the workload said at its end.
    pub repeated: Repeated,
}

impl Recording {
    /// Runs a workload for so long under `perf record` with these options.
    pub fn make(
        harness: &Harness,
        workload: &str,
        time: Duration,
        event: Event,
        options: &[&str],
    ) -> Result<Self> {
        ensure!(
            programs::is_there("perf"),
            "perf is missing (Debian: apt-get install linux-perf; Ubuntu: linux-tools-generic)"
        );
        let folder = harness.scratch()?;
        let answer = folder.path().join("answer.json");
        let mut command = programs::perf();
        command
            .args(["record", "-k", "CLOCK_MONOTONIC"])
            .args(options)
            .arg("-o")
            .arg(folder.path().join("perf.data"))
            .arg("--")
            .arg(&harness.program)
            .args(harness.repeat(workload, time, &answer))
            .stdout(Stdio::null());
        if let Err(error) = tools::run(command, time) {
            bail!("{}", tools::perf_advice(&format!("{error:#}"), event));
        }
        let repeated = read_answer(&answer)?;
        Ok(Self { folder, time, repeated })
    }

    /// When the measured part ran.
    pub fn windows(&self) -> Windows {
        self.repeated.windows.iter().map(|[began, ended]| (*began, *ended)).collect()
    }

    /// What `perf script` prints of it with these options and fields.
    ///
    /// New versions print addresses, and only with `dsoff` the places in files by which symbols
    /// are found; old versions print these places, and do not know that field.
    pub fn script(&self, options: &[&str], fields: &str) -> Result<BufReader<File>> {
        match self.script_with(options, &format!("{fields},dsoff")) {
            Err(error) if format!("{error:#}").contains("field") => {
                self.script_with(options, fields)
            }
            done => done,
        }
    }

    fn script_with(&self, options: &[&str], fields: &str) -> Result<BufReader<File>> {
        let path: PathBuf = self.folder.path().join("perf.txt");
        let text = File::create(&path).context("cannot make a temporary file")?;
        let mut command = programs::perf();
        command
            // It is our own recording, whoever owns the file: under sudo that may be another.
            .args(["script", "--force", "--ns", "--no-inline", "--max-stack", "1024"])
            .args(options)
            .args(["-F", fields])
            .arg("-i")
            .arg(self.folder.path().join("perf.data"))
            .stdout(text);
        tools::run(command, self.time).context("perf cannot read what it recorded")?;
        Ok(BufReader::new(File::open(&path)?))
    }
}
