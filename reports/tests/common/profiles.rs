//! Invented profiles.

use simple_records::{
    AllocationSite, AllocationSites, Build, Fingerprint, FunctionShare, Log, MissingView, Profile,
    ProfileRecord, ProfileStart, SCHEMA_VERSION, StackProfile, ThreadTotals, TimelineProfile, View,
    Wait, Waits, Word, profile_folder,
};
use std::fs;
use std::path::{Path, PathBuf};

/// A picture that says what it is.
pub const PICTURE: &str = "<svg width=\"1200\" height=\"390\" xmlns=\"http://www.w3.org/2000/svg\">\
    <rect width=\"1200\" height=\"390\" fill=\"#fe8\"/></svg>";

pub fn profiled(workload: &str) -> ProfileStart {
    ProfileStart {
        schema: SCHEMA_VERSION,
        started_unix_s: 1_769_860_800,
        tool: "example 0".to_owned(),
        workload: workload.to_owned(),
        program: None,
        build: Build { commit: Some("0123456789abcdef".to_owned()), ..Build::default() },
        fingerprint: Fingerprint::default(),
    }
}

pub fn stacks(view: View, unit: &str) -> StackProfile {
    let share = |function: &str, short: &str, own, inclusive| FunctionShare {
        function: function.to_owned(),
        short: short.to_owned(),
        own,
        inclusive,
    };
    StackProfile {
        view,
        sampler: format!("an example of {}", view.name()),
        unit: unit.parse().map_or_else(|_| Word::Unknown(unit.to_owned()), Word::Known),
        total: 1000,
        iterations: 20,
        measured_ns: Some(1_500_000),
        functions: vec![
            share("simple_runtime::slab::Slab<T>::get", "Slab::get", 250, 400),
            share("<alloc::vec::Vec<T> as core::ops::Drop>::drop", "Vec::drop", 500, 500),
            share("main", "main", 0, 1000),
        ],
        notes: vec![format!("A note on {}.", view.name())],
        folded: format!("{}.folded", view.name()),
        picture: format!("{}.svg", view.name()),
    }
}

pub fn sites() -> AllocationSites {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    let site = |stack: &[&str], short: &[&str], blocks, bytes| AllocationSite {
        stack: texts(stack),
        short: texts(short),
        blocks,
        bytes,
        peak_bytes: 4096,
        lifetime_instructions: 12_345.6,
    };
    AllocationSites {
        iterations: 20,
        blocks: 50,
        bytes: 3000,
        peak_bytes: 1_234_567,
        sites: vec![
            site(
                &["main", "a::outer", "a::work", "<a::B<T> as a::C>::new"],
                &["main", "a::outer", "a::work", "B::new"],
                40,
                1000,
            ),
            site(
                &["main", "alloc::fmt::format::format_inner"],
                &["main", "format::format_inner"],
                10,
                2000,
            ),
        ],
    }
}

pub fn waits() -> Waits {
    let wait = |kind: &str, count, total_ns| Wait {
        kind: kind.to_owned(),
        count,
        total_ns,
        longest_ns: total_ns,
    };
    Waits {
        sampler: "perf record, sched:sched_switch".to_owned(),
        kinds: vec![wait("futex", 12_345, Some(2_500_000)), wait("page fault", 7, None)],
        notes: vec!["A note on waits.".to_owned()],
    }
}

pub fn timeline() -> TimelineProfile {
    let thread = |name: &str, dropped| ThreadTotals {
        name: name.to_owned(),
        jobs: 1000,
        run_ns: 750_000,
        parks: 3,
        parked_ns: 250_000,
        steals: 17,
        wakes: 4,
        dropped,
    };
    TimelineProfile {
        iterations: 1,
        measured_ns: 1_000_000,
        trace: "timeline.json".to_owned(),
        picture: Some("timeline.svg".to_owned()),
        threads: vec![thread("worker 0", 0), thread("worker 1", 5)],
        notes: Vec::new(),
    }
}

/// All views but waiting for the processor, with all files.
pub fn whole(workload: &str) -> Vec<ProfileRecord> {
    let why = "perf may not sample here: sysctl kernel.perf_event_paranoid=1".to_owned();
    vec![
        ProfileRecord::Profile(Box::new(profiled(workload))),
        ProfileRecord::Stacks(stacks(View::Cpu, "samples")),
        ProfileRecord::Stacks(stacks(View::Memory, "bytes")),
        ProfileRecord::AllocationSites(sites()),
        ProfileRecord::Waits(waits()),
        ProfileRecord::Timeline(timeline()),
        ProfileRecord::Missing(MissingView { view: View::Instructions, why }),
    ]
}

/// Writes a profile into the folder of its workload below `folder`, with the files that it names.
pub fn write_profile(folder: &Path, records: &[ProfileRecord]) -> PathBuf {
    let Some(ProfileRecord::Profile(start)) = records.first() else { panic!("no profile") };
    let folder = folder.join(profile_folder(&start.workload));
    let mut writer = Log::<Profile>::create(&folder, "profile").unwrap();
    for record in records {
        writer.append(record).unwrap();
        match record {
            ProfileRecord::Stacks(stacks) => {
                fs::write(folder.join(&stacks.picture), PICTURE).unwrap();
            }
            ProfileRecord::Timeline(timeline) => {
                fs::write(folder.join(&timeline.trace), "[]").unwrap();
                fs::write(folder.join(timeline.picture.as_ref().unwrap()), PICTURE).unwrap();
            }
            _ => {}
        }
    }
    folder
}
