//! Which profiles a page shows: those of a folder that has one folder for each workload, and for each
//! program of anybody.

use simple_records::{LogFile, PROFILE_FILE, Profile, harmless};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File};
use std::path::{Component, Path, PathBuf};

/// Profiles by workload, and of programs of anybody; none by default.
#[derive(Debug, Default)]
pub struct Profiles {
    by_workload: BTreeMap<String, Profiled>,
    of_programs: Vec<Profiled>,
    /// Warnings about unusable profiles, in sentences.
    pub warnings: Vec<String>,
}

/// A workload's profile.
#[derive(Debug)]
pub struct Profiled {
    /// The profile.
    pub profile: Profile,
    folder: PathBuf,
}

impl Profiles {
    /// Reads each `*/profile.jsonl` of a folder. What cannot be used is left out with a warning;
    /// a folder that is not there holds none.
    pub fn read(folder: &Path) -> Self {
        let mut profiles = Self::default();
        let entries = fs::read_dir(folder).into_iter().flatten();
        let is_hidden = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
        };
        let folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
        // What is being made has a name that is hidden.
        let mut folders: Vec<PathBuf> = folders.filter(|path| !is_hidden(path)).collect();
        folders.sort_unstable();
        for folder in folders {
            let file = folder.join(PROFILE_FILE);
            if !file.exists() {
                continue;
            }
            match Profile::read(&file) {
                Ok(profile) => profiles.add(Profiled { profile, folder }),
                Err(error) => profiles.warn(&format!(
                    "A profile cannot be read: {error}. Delete it, or profile again."
                )),
            }
        }
        profiles
    }

    /// The newer one stays if there are two of one workload.
    fn add(&mut self, profiled: Profiled) {
        for name in profiled.files().filter(|name| profiled.file(name).is_none()) {
            self.warn(&format!(
                "{}: the file {name}, which the profile names, cannot be read. Profile \
                 again.",
                profiled.folder.display()
            ));
        }
        if profiled.profile.start.program.is_some() {
            // Its folder has its name: there are no two of one.
            self.of_programs.push(profiled);
            return;
        }
        let two = match self.by_workload.entry(profiled.profile.start.workload.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(profiled);
                return;
            }
            Entry::Occupied(mut entry) => {
                let started = |profiled: &Profiled| profiled.profile.start.started_unix_s;
                let (newer, older) = if started(&profiled) > started(entry.get()) {
                    let folder = profiled.folder.clone();
                    (folder, entry.insert(profiled).folder)
                } else {
                    (entry.get().folder.clone(), profiled.folder)
                };
                [newer, older].map(|folder| folder.display().to_string())
            }
        };
        self.warn(&format!("{} and {} are of one workload: the first is shown.", two[0], two[1]));
    }

    fn warn(&mut self, warning: &str) {
        self.warnings.push(harmless(warning));
    }

    /// The profile of a workload.
    pub fn of(&self, workload: &str) -> Option<&Profiled> {
        self.by_workload.get(workload)
    }

    /// Those of programs of anybody, by the names of their folders.
    pub fn of_programs(&self) -> &[Profiled] {
        &self.of_programs
    }

    /// Those of workloads, by the names of these.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Profiled)> {
        self.by_workload.iter().map(|(workload, profiled)| (workload.as_str(), profiled))
    }
}

impl Profiled {
    /// A file that the record names: one beside it, that can be read.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        let mut components = Path::new(name).components();
        let is_beside =
            matches!((components.next(), components.next()), (Some(Component::Normal(_)), None));
        let path = self.folder.join(name);
        (is_beside && path.is_file() && File::open(&path).is_ok()).then_some(path)
    }

    /// The files that a page shows.
    fn files(&self) -> impl Iterator<Item = &str> {
        let pictures = self.profile.stacks.iter().map(|stacks| stacks.picture.as_str());
        let timeline = self.profile.timeline.iter();
        let of_timeline =
            timeline.flat_map(|timeline| [Some(&timeline.trace), timeline.picture.as_ref()]);
        pictures.chain(of_timeline.flatten().map(String::as_str))
    }
}
