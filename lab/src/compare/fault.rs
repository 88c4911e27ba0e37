//! Faults of processes that another attempt does not mend, and advice for the place where the user asked
//! for them.

use anyhow::{Error, anyhow};
use std::fmt;
use std::io::{self, ErrorKind};

/// A fault that another attempt does not mend, in words for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There is no such program.
    Missing(String),
    /// It did not end in time and was killed.
    Hung(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(said) | Self::Hung(said) => f.write_str(said),
        }
    }
}

impl std::error::Error for Fault {}

/// The place where the user asked for processes, for advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The command line of `compare` or `tune`.
    Options,
    /// A `lab.toml`.
    File,
}

impl Asked {
    pub(super) fn on_failure(self) -> &'static str {
        match self {
            Self::Options => "correct it, or add --ignore-failure to measure it as it is",
            Self::File => "correct the command, or what it reads",
        }
    }

    pub(super) fn on_timeout(self) -> &'static str {
        match self {
            Self::Options => "--timeout waits longer",
            Self::File => "timeout = \"5m\" at the top of lab.toml waits longer",
        }
    }

    pub(super) fn on_output(self) -> &'static str {
        match self {
            Self::Options => "--ignore-output throws its output away",
            Self::File => "have it print less to its standard error",
        }
    }

    /// The error of a process that the system does not start. `program` is what the user calls its program,
    /// and `name` what errors call the process.
    pub(super) fn cannot_start(self, error: &io::Error, program: &str, name: &str) -> Error {
        match error.kind() {
            ErrorKind::NotFound => Fault::Missing(self.missing(program, name)).into(),
            ErrorKind::PermissionDenied => anyhow!(
                "{name}: '{program}' is no program that may be started: check its permissions"
            ),
            _ => anyhow!("{name}: cannot start '{program}': {error}"),
        }
    }

    fn missing(self, program: &str, name: &str) -> String {
        match (self, program.contains('=')) {
            (Self::Options, true) => format!(
                "{name}: '{program}' is no program: give a command its variables by --env \
                 '2:NAME=VALUE' (2 is the second command), or have a shell read it with --shell"
            ),
            (Self::Options, false) => format!(
                "{name}: there is no program '{program}': check its path; --shell is needed for \
                 functions of a shell"
            ),
            (Self::File, true) => format!(
                "{name}: '{program}' is no program: variables of a command are in lab.toml as \
                 environment = {{ NAME = \"value\" }}"
            ),
            (Self::File, false) => format!(
                "{name}: there is no program '{program}': check its path in lab.toml, and whether \
                 the build makes it; sh -c '...' runs functions of a shell"
            ),
        }
    }
}
