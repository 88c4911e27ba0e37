//! The program that runs workloads, and what it can be asked.

use crate::owned::{self, Scratch};
use crate::profile::tools;
use crate::programs;
use anyhow::{Context, Result, bail, ensure};
use simple_profiles::symbols::has_symbol;
use simple_records::repeat::{Listed, MEASURED, Repeated};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// A build of the harness.
#[derive(Debug, Clone)]
pub struct Harness {
    /// Where it is.
    pub program: PathBuf,
    /// Where workloads keep their files.
    pub data: PathBuf,
    /// Where profiles are kept.
    pub profiles: PathBuf,
}

/// What of a workload runs under valgrind.
#[derive(Debug, Clone, Copy)]
pub enum Scope {
    /// One iteration, on its thread.
    Iteration,
    /// The whole process with all its threads, and so many iterations after the first.
    Process(u64),
}

impl Harness {
    /// The harness at `program`; workloads and profiles keep their files in `target`.
    pub fn new(program: &Path, target: &Path) -> Result<Self> {
        ensure!(
            program.is_file(),
            "there is no program {}: `just profile` builds it",
            program.display()
        );
        let absolute = |path: &Path| {
            std::path::absolute(path).with_context(|| format!("cannot find {}", path.display()))
        };
        let (program, target) = (absolute(program)?, absolute(target)?);
        let (data, profiles) = (target.join("bench-data"), target.join("profiles"));
        for folder in [&data, &profiles] {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        }
        Ok(Self { program, data, profiles })
    }

    /// Whether its functions have names.
    pub fn has_symbols(&self) -> bool {
        has_symbol(&self.program, MEASURED)
    }

    /// Whether it is new enough to be profiled.
    pub fn can_be_profiled(&self) -> bool {
        let mut command = programs::measured(&self.program);
        command.args(["repeat", "--help"]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// A folder for what is only of use for a while, on the disk and not in memory.
    pub fn scratch(&self) -> Result<Scratch> {
        owned::scratch_in(&self.profiles)
    }

    /// The workloads that match `filters`, or all.
    pub fn workloads(&self, filters: &[String]) -> Result<Vec<Listed>> {
        let output = programs::measured(&self.program).arg("workloads").args(filters).output();
        let output = output.with_context(|| format!("cannot start {}", self.program.display()))?;
        ensure!(
            output.status.success(),
            "{} cannot list its workloads: it was built before it could be profiled",
            self.program.display()
        );
        let text = String::from_utf8(output.stdout)?;
        text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }

    /// The one workload that `name` names: wholly, or as the only one that it is a part of.
    pub fn workload(&self, name: &str) -> Result<Listed> {
        const SHOWN: usize = 10;
        let mut found = self.workloads(&[name.to_owned()])?;
        if let Some(at) = found.iter().position(|listed| listed.workload == name) {
            return Ok(found.swap_remove(at));
        }
        match found.len() {
            0 => bail!("no workload is called '{name}': `just list` shows all of them"),
            1 => Ok(found.swap_remove(0)),
            several => {
                let names = found.iter().take(SHOWN).map(|one| format!("\n  {}", one.workload));
                let more = if several > SHOWN { "\n  ..." } else { "" };
                bail!(
                    "'{name}' could be any of {several} workloads: name one of them, or profile \
                     all of them with `just profile-all '{name}'`{}{more}",
                    names.collect::<String>()
                )
            }
        }
    }

    /// The arguments with which the program runs a workload again and again for this time, and
    /// leaves its report in the file `answer`.
    pub fn repeat(&self, workload: &str, time: Duration, answer: &Path) -> Vec<OsString> {
        let mut arguments = vec![OsString::from("repeat")];
        let mut add = |name: &str, value: OsString| arguments.extend([name.into(), value]);
        add("--workload", workload.into());
        add("--data", self.data.clone().into());
        add("--answer", answer.into());
        add("--for-ms", time.as_millis().to_string().into());
        arguments
    }

    /// Runs a workload under one of valgrind's tools; answers what the tool wrote.
    pub fn valgrind(&self, tool: &str, workload: &str, scope: Scope) -> Result<String> {
        let folder = self.scratch()?;
        let out = folder.path().join("out");
        let mut command = programs::measured(&self.program);
        command.args(["valgrind", "--tool", tool, "--workload", workload]);
        command
            .args(["--callers", callers(tool)])
            .arg("--data")
            .arg(&self.data)
            .arg("--out")
            .arg(&out);
        if let Scope::Process(iterations) = scope {
            command.args(["--whole", "--iterations", &iterations.to_string()]);
        }
        tools::run(command, Duration::ZERO)?;
        fs::read_to_string(&out).with_context(|| format!("{tool} left nothing behind"))
    }
}

/// What the program said when it was done.
pub fn read_answer(answer: &Path) -> Result<Repeated> {
    let text = fs::read(answer).context("the workload said nothing at its end")?;
    serde_json::from_slice(&text).context("what the workload said at its end is illegible")
}

/// So many callers are recorded: by callgrind as the gate does, by DHAT as many as it can.
fn callers(tool: &str) -> &'static str {
    if tool == "dhat" { "500" } else { "200" }
}
