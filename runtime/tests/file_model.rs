//! Random sequences of calls on files, compared with a model of their states.

use proptest::prelude::*;
use simple_runtime::file::{self, FileError, FileState, Prefault};
use simple_runtime::registry::Handle;
use std::fs;
use std::path::PathBuf;

#[derive(Debug, Clone)]
enum Op {
    Create { content: usize, strategy: i32, mode: i32 },
    Start(usize),
    Wait(usize),
    Look(usize),
    Close(usize),
}

fn op() -> impl Strategy<Value = Op> {
    let pick = 0..32_usize;
    prop_oneof![
        3 => (0..CONTENTS.len() + 1, -1..10_i32, 0..3_i32)
            .prop_map(|(content, strategy, mode)| Op::Create { content, strategy, mode }),
        2 => pick.clone().prop_map(Op::Start),
        2 => pick.clone().prop_map(Op::Wait),
        2 => pick.clone().prop_map(Op::Look),
        1 => pick.prop_map(Op::Close),
    ]
}

/// Sizes of the files there are; one more index means a file that is missing.
const CONTENTS: [usize; 4] = [0, 5, 5000, 300_000];

/// The model's knowledge of a file.
struct Known {
    handle: Handle,
    /// Bytes, or none if loading must fail.
    expected: Option<Vec<u8>>,
    asked_for: bool,
    finished: bool,
    open: bool,
}

impl Known {
    fn check_state(&self) {
        let state = file::state(self.handle);
        let end = if self.expected.is_some() { FileState::Ready } else { FileState::Failed };
        if !self.open {
            assert_eq!(state, FileState::Failed);
        } else if self.finished {
            assert_eq!(state, end);
        } else if self.asked_for {
            assert!(state == FileState::Loading || state == end);
        } else {
            assert_eq!(state, FileState::Pending);
        }
        assert!(!file::is_ready(self.handle) || (self.open && self.expected.is_some()));
        if self.open && self.finished {
            assert_eq!(file::size(self.handle), self.expected.as_ref().map(Vec::len));
            assert_eq!(file::error(self.handle).is_some(), self.expected.is_none());
        }
    }

    fn wait(&mut self) {
        let answer = file::wait(self.handle);
        if !self.open {
            assert_eq!(answer, Err(FileError::BadHandle));
            return;
        }
        (self.asked_for, self.finished) = (true, true);
        match (&self.expected, answer) {
            (Some(expected), Ok(loaded)) => {
                assert_ne!(loaded.address, 0);
                // SAFETY: the file is open, and nobody changes it.
                let bytes = unsafe {
                    std::slice::from_raw_parts(loaded.address as *const u8, loaded.len_bytes)
                };
                assert!(bytes == expected);
            }
            (None, Err(FileError::Load { .. })) => {}
            (_, other) => panic!("{other:?}"),
        }
    }
}

fn create(paths: &[PathBuf], content: usize, strategy: i32, mode: i32) -> Option<Known> {
    let strategy = match Prefault::try_from(strategy) {
        Ok(strategy) => strategy,
        Err(error) => {
            assert!(!(0..=8).contains(&strategy));
            assert_eq!(error, FileError::UnknownPrefault(strategy));
            return None;
        }
    };
    let handle = file::create(&paths[content], mode, strategy).unwrap();
    let readable = mode != libc::O_WRONLY && content < CONTENTS.len();
    let expected = readable.then(|| fs::read(&paths[content]).unwrap());
    Some(Known { handle, expected, asked_for: false, finished: false, open: true })
}

fn run(ops: &[Op], paths: &[PathBuf]) {
    let mut files: Vec<Known> = Vec::new();
    for op in ops {
        if let Op::Create { content, strategy, mode } = *op {
            files.extend(create(paths, content, strategy, mode));
            continue;
        }
        let (Op::Start(i) | Op::Wait(i) | Op::Look(i) | Op::Close(i)) = op else { continue };
        let len = files.len().max(1);
        let Some(known) = files.get_mut(i % len) else { continue };
        match op {
            Op::Start(_) => {
                let answer = file::start_loading(known.handle);
                let expected = known.open.then_some(!known.asked_for).ok_or(FileError::BadHandle);
                assert_eq!(answer, expected);
                known.asked_for |= known.open;
            }
            Op::Wait(_) => known.wait(),
            Op::Close(_) => {
                assert_eq!(file::close(known.handle).is_ok(), known.open);
                known.open = false;
            }
            Op::Look(_) | Op::Create { .. } => {}
        }
        known.check_state();
    }
    for known in files.iter().filter(|known| known.open) {
        file::close(known.handle).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_model(ops in prop::collection::vec(op(), 0..120)) {
        let directory = tempfile::tempdir().unwrap();
        let paths: Vec<_> = (0..=CONTENTS.len()).map(|i| directory.path().join(i.to_string())).collect();
        for (path, &len) in paths.iter().zip(&CONTENTS) {
            fs::write(path, (0..len).map(|i| (i % 251) as u8).collect::<Vec<_>>()).unwrap();
        }
        run(&ops, &paths);
    }
}
