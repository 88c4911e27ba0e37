//! The program whose workloads are profiled.

use crate::harness::perf::{Event, Recording, for_time};
use crate::harness::valgrind::Subject;
use crate::harness::{self, Client, sources};
use crate::target::Target;
use crate::{files, programs};
use anyhow::{Context, Result, bail, ensure};
use simple_profiles::sample::Windows;
use simple_profiles::symbols::has_symbol;
use simple_records::harness::{Listed, MEASURED, Repeat, Repeated};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Maximum number of names that are shown where one is ambiguous.
const SHOWN: usize = 10;

/// A build of the harness.
#[derive(Debug, Clone)]
pub struct Harness {
    /// Absolute path of the program.
    pub program: PathBuf,
    /// Folder of the files that workloads read.
    pub data: PathBuf,
    /// Folder of the profiles.
    pub profiles: PathBuf,
}

impl Harness {
    /// The harness at `program`; workloads and profiles keep their files in `target`.
    ///
    /// # Errors
    /// If there is no such program, or folders cannot be made.
    pub fn new(program: &Path, target: &Target) -> Result<Self> {
        ensure!(program.is_file(), "there is no program {}", program.display());
        let absolute = |path: &Path| {
            std::path::absolute(path).with_context(|| format!("cannot find {}", path.display()))
        };
        let program = absolute(program)?;
        let (data, profiles) = (absolute(&target.data())?, absolute(&target.profiles())?);
        for folder in [&data, &profiles] {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        }
        sources::make_list(&data, None)?;
        Ok(Self { program, data, profiles })
    }

    /// Returns whether its functions have names: a stripped program has none.
    pub fn has_symbols(&self) -> bool {
        has_symbol(&self.program, MEASURED)
    }

    /// The workloads that match `filters`, or all if there are none.
    ///
    /// # Errors
    /// If the program lists none.
    pub fn workloads(&self, filters: &[String]) -> Result<Vec<Listed>> {
        let families = harness::chosen(harness::catalogue(&self.program)?, filters);
        Ok(families.into_iter().flat_map(|family| family.workloads).collect())
    }

    /// The workload with this whole name, or the only one whose name contains it.
    ///
    /// # Errors
    /// If there is none, or several contain it.
    pub fn workload(&self, name: &str) -> Result<Listed> {
        let mut found = self.workloads(&[name.to_owned()])?;
        if let Some(at) = found.iter().position(|listed| listed.workload == name) {
            return Ok(found.swap_remove(at));
        }
        match found.len() {
            0 => {
                bail!("no workload is called '{name}': `{}` shows all of them", files::call("list"))
            }
            1 => Ok(found.swap_remove(0)),
            several => {
                let names = found.iter().take(SHOWN).map(|one| format!("\n  {}", one.workload));
                let more = if several > SHOWN { "\n  ..." } else { "" };
                bail!(
                    "'{name}' could be any of {several} workloads: name one of them, or profile \
                     all of them with `{} '{name}'`{}{more}",
                    files::call("profile-all"),
                    names.collect::<String>()
                )
            }
        }
    }

    /// Runs a workload again and again for `time`, and returns the report of the process.
    ///
    /// # Errors
    /// If the process fails.
    pub fn repeat_for(&self, workload: &str, time: Duration) -> Result<Repeated> {
        self.repeat(workload, for_time(time))
    }

    /// Runs a workload again and again, and returns the report of the process. Relative paths are
    /// in the folder of the files that workloads read.
    ///
    /// # Errors
    /// If the process fails.
    pub fn repeat(&self, workload: &str, repeat: Repeat) -> Result<Repeated> {
        let command = programs::measured(&self.program);
        let mut client = Client::prepared(command, workload, &self.data, None)?;
        let repeated = client.repeat(repeat)?;
        client.finish()?;
        Ok(repeated)
    }

    /// Runs a workload for `time` under `perf record` with these options.
    ///
    /// # Errors
    /// If perf refuses, or the process fails.
    pub fn record(
        &self,
        workload: &str,
        time: Duration,
        event: Event,
        options: &[&str],
    ) -> Result<Recording> {
        let folders = (self.profiles.as_path(), self.data.as_path());
        Recording::make(&self.program, workload, folders, (time, event), options)
    }

    /// A workload, to be run under valgrind.
    pub fn subject<'a>(&'a self, workload: &'a str) -> Subject<'a> {
        Subject { program: &self.program, workload, data: &self.data, environment: &[] }
    }
}

/// The times at which the measured part ran.
pub fn windows(repeated: &Repeated) -> Windows {
    repeated.windows.iter().map(|[began, ended]| (*began, *ended)).collect()
}
