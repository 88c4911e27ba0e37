//! The laboratory's conductor: the one crate that starts processes.
//!
//! The laboratory runs on machines that others have set up, so each contact with the machine has one
//! place: [`programs`] starts external programs, [`owned`] gives processes and temporary folders an
//! owner, [`console`] talks to the terminal, [`files`] keeps files, and [`fingerprint`] describes the
//! machine. `harness` knows the builds of the program that is measured.
//!
//! On top of these are the verbs of the program `lab` ([`cli`]): [`run`] measures, [`report`] shows
//! what was measured, [`compare`] measures programs of anybody, [`tune`] tries
//! settings of the runtime on them, [`gate`] compares two revisions, [`profile`] finds out where time goes.

pub mod cli;
pub mod compare;
pub mod console;
pub mod files;
pub mod fingerprint;
pub mod gate;
pub mod harness;
pub mod owned;
pub mod profile;
pub mod programs;
pub mod report;
pub mod run;
pub mod suite;
pub mod tune;

mod difference;
mod doctor;
mod target;
mod tools;
mod words;
