//! The folder of a workload's profile. It is written beside the existing one, and replaces it as a
//! whole.

use crate::files::{self, unix_s};
use crate::owned::{Scratch, scratch_in};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use simple_records::{
    Build, Fingerprint, Log, LogFile, PROFILE_FILE, Profile, ProfileRecord, ProfileStart,
    ProfiledProgram, SCHEMA_VERSION, View, profile_folder,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A profile that is being made.
#[derive(Debug)]
pub struct Folder {
    place: PathBuf,
    unfinished: Scratch,
    writer: Log<Profile>,
}

/// The subject of a profile.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The name of the workload, or of the folder of a program of anybody.
    pub name: &'a str,
    /// The program of anybody.
    pub program: Option<&'a ProfiledProgram>,
}

/// Describes a program, identified by its bytes. It was just built here, unless it was given.
pub fn build_of(program: &Path, is_given: bool, fingerprint: &Fingerprint) -> Result<Build> {
    let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let digest = Sha256::digest(&bytes);
    let key = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    if is_given {
        return Ok(Build { name: program.display().to_string(), key, ..Build::default() });
    }
    Ok(Build {
        name: "this checkout".to_owned(),
        commit: fingerprint.commit.clone(),
        modified: fingerprint.modified.unwrap_or(false),
        key,
    })
}

impl Folder {
    /// Begins a profile below `profiles`, which gets new `views`. Other views of the same build are
    /// kept.
    pub fn begin(
        profiles: &Path,
        Subject { name, program }: Subject<'_>,
        build: &Build,
        fingerprint: &Fingerprint,
        views: &[View],
    ) -> Result<Self> {
        fs::create_dir_all(profiles)
            .with_context(|| format!("cannot create the folder {}", profiles.display()))?;
        let place = profiles.join(profile_folder(name));
        let unfinished = scratch_in(profiles)?;
        let file = PROFILE_FILE.trim_end_matches(".jsonl");
        let mut writer = Log::<Profile>::create(unfinished.path(), file)?;
        writer.append(&ProfileRecord::Profile(Box::new(ProfileStart {
            schema: SCHEMA_VERSION,
            started_unix_s: unix_s(SystemTime::now()),
            tool: concat!("simple-profiler ", env!("CARGO_PKG_VERSION")).to_owned(),
            workload: name.to_owned(),
            program: program.cloned(),
            build: build.clone(),
            fingerprint: fingerprint.clone(),
        })))?;
        let mut folder = Self { place, unfinished, writer };
        // A profile that cannot be read is replaced.
        if let Ok(before) = Profile::read(&folder.place.join(PROFILE_FILE))
            && (before.start.build.key == build.key && before.start.workload == name)
        {
            folder.keep(before, views)?;
        }
        Ok(folder)
    }

    /// Keeps the other views.
    fn keep(&mut self, before: Profile, replaced: &[View]) -> Result<()> {
        let stays = |view: View| !replaced.contains(&view);
        let copy = |file: &String| fs::copy(self.place.join(file), self.path(file)).is_ok();
        let mut records = Vec::new();
        // A view without its files is not kept.
        for stacks in before.stacks.into_iter().filter(|stacks| stays(stacks.view)) {
            if copy(&stacks.folded) && copy(&stacks.picture) {
                records.push(ProfileRecord::Stacks(stacks));
            }
        }
        let allocations = before.allocations.filter(|_| stays(View::Memory));
        records.extend(allocations.map(ProfileRecord::AllocationSites));
        records.extend(before.waits.filter(|_| stays(View::Waiting)).map(ProfileRecord::Waits));
        let timeline = before.timeline.filter(|timeline| {
            stays(View::Timeline) && copy(&timeline.trace) && timeline.picture.iter().all(copy)
        });
        records.extend(timeline.map(ProfileRecord::Timeline));
        let missing = before.missing.into_iter().filter(|missing| stays(missing.view));
        records.extend(missing.map(ProfileRecord::Missing));
        let processes = before.processes.into_iter().filter(|process| stays(process.view));
        let processes = processes.filter(|process| process.output.iter().all(copy));
        records.extend(processes.map(ProfileRecord::Process));
        records.iter().try_for_each(|record| self.record(record))
    }

    /// Path at which a file of this profile is written.
    pub fn path(&self, name: &str) -> PathBuf {
        self.unfinished.path().join(name)
    }

    /// Writes a file of this profile.
    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Adds a line to the record.
    pub fn record(&mut self, record: &ProfileRecord) -> Result<()> {
        Ok(self.writer.append(record)?)
    }

    /// Puts the profile into its place, and returns the place.
    pub fn finish(self) -> Result<PathBuf> {
        files::replace(self.unfinished.path(), &self.place)?;
        Ok(self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_records::{MissingView, StackProfile, Unit};

    fn stacks(view: View) -> ProfileRecord {
        ProfileRecord::Stacks(StackProfile {
            view,
            sampler: "test".to_owned(),
            unit: Unit::Samples.into(),
            total: 1,
            iterations: 1,
            measured_ns: None,
            functions: Vec::new(),
            notes: Vec::new(),
            folded: format!("{}.folded", view.name()),
            picture: format!("{}.svg", view.name()),
        })
    }

    fn profile(profiles: &Path, key: &str, views: &[View]) -> Profile {
        let build = Build { key: key.to_owned(), ..Build::default() };
        let fingerprint = Fingerprint::default();
        let subject = Subject { name: "a/b", program: None };
        let mut folder = Folder::begin(profiles, subject, &build, &fingerprint, views).unwrap();
        for view in views {
            folder.write(&format!("{}.folded", view.name()), "f 1\n").unwrap();
            folder.write(&format!("{}.svg", view.name()), "<svg/>").unwrap();
            folder.record(&stacks(*view)).unwrap();
        }
        let place = folder.finish().unwrap();
        Profile::read(&place.join(PROFILE_FILE)).unwrap()
    }

    #[test]
    fn other_views_of_the_same_build_are_kept() {
        let profiles = tempfile::tempdir().unwrap();
        let profiles = profiles.path();
        assert_eq!(profile(profiles, "1", &[View::Cpu, View::Waiting]).stacks.len(), 2);
        let views = |profile: Profile| -> Vec<View> {
            profile.stacks.iter().map(|stacks| stacks.view).collect()
        };
        assert_eq!(views(profile(profiles, "1", &[View::Cpu])), [View::Waiting, View::Cpu]);
        assert!(profiles.join("a-b/waiting.svg").is_file());
        // Nothing of another build stays.
        assert_eq!(views(profile(profiles, "2", &[View::Cpu])), [View::Cpu]);
        assert!(!profiles.join("a-b/waiting.svg").exists());
        // Nothing unfinished is left behind.
        assert_eq!(fs::read_dir(profiles).unwrap().count(), 1);
    }

    #[test]
    fn a_profile_has_the_permissions_that_new_folders_have() {
        use std::os::unix::fs::PermissionsExt;
        let profiles = tempfile::tempdir().unwrap();
        let profiles = profiles.path();
        fs::create_dir(profiles.join("new")).unwrap();
        profile(profiles, "1", &[View::Cpu]);
        let mode = |name| fs::metadata(profiles.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("a-b"), mode("new"));
    }

    #[test]
    fn a_view_whose_picture_is_gone_is_not_kept() {
        let profiles = tempfile::tempdir().unwrap();
        let profiles = profiles.path();
        profile(profiles, "1", &[View::Cpu, View::Waiting]);
        fs::remove_file(profiles.join("a-b/waiting.svg")).unwrap();
        assert_eq!(profile(profiles, "1", &[View::Cpu]).stacks.len(), 1);
    }

    #[test]
    fn the_leftovers_of_a_killed_profiler_are_removed() {
        let profiles = tempfile::tempdir().unwrap();
        let profiles = profiles.path();
        profile(profiles, "1", &[View::Cpu]);
        fs::create_dir_all(profiles.join(".unfinished-x/former")).unwrap();
        crate::owned::remove_leftovers(profiles);
        assert_eq!(fs::read_dir(profiles).unwrap().count(), 1);
    }

    #[test]
    fn an_abandoned_profile_leaves_the_previous_one() {
        let profiles = tempfile::tempdir().unwrap();
        let profiles = profiles.path();
        profile(profiles, "1", &[View::Cpu]);
        let (build, fingerprint) = (Build::default(), Fingerprint::default());
        let subject = Subject { name: "a/b", program: None };
        let mut abandoned =
            Folder::begin(profiles, subject, &build, &fingerprint, &View::ALL).unwrap();
        let why = "no".to_owned();
        abandoned.record(&ProfileRecord::Missing(MissingView { view: View::Cpu, why })).unwrap();
        drop(abandoned);
        let profile = Profile::read(&profiles.join("a-b").join(PROFILE_FILE)).unwrap();
        assert_eq!(profile.stacks.len(), 1);
        assert_eq!(fs::read_dir(profiles).unwrap().count(), 1);
    }
}
