//! The two builds of a comparison.

use serde::{Deserialize, Serialize};

/// One of the two builds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Build {
    /// As whoever asked called it: `main`, `HEAD~3`, `this checkout`.
    pub name: String,
    /// The commit that it is, or that it is a change of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// True if there were changes that are not in the commit.
    #[serde(default)]
    pub modified: bool,
    /// Identifies sources, toolchain and flags; builds of the same key are the same program.
    pub key: String,
}

/// The part that is the same in two builds that are one program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SameProgram {
    /// The sources, and all that they are built with.
    Sources,
    /// All that is loaded of the program.
    Program,
    /// The same but for the numbers of lines that panics name.
    ExceptLines,
}

/// The suite of a comparison of anybody's repository. Its workloads are called `part/benchmark`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GateSuite {
    /// The file that describes it, as a path in the repository. Both sides were measured by the file
    /// of the checkout.
    pub file: String,
    /// The command that built both sides, for the shell; absent if nothing had to be built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
}

/// Origin of the harness of both builds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Harness {
    /// Both builds have the workloads of the build that is judged.
    #[default]
    Same,
    /// Each build has its own, because the one does not build with the other's, or because it is that of
    /// the repository itself.
    Own,
}
