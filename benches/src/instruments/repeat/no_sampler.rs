//! In the place of the sampler, in programs that are built without one.

use anyhow::{Result, bail};
use simple_records::harness::SampledStack;

/// None of these is ever made.
#[derive(Debug)]
pub(super) enum Sampler {}

impl Sampler {
    pub(super) fn new(_hz: u32) -> Result<Self> {
        bail!("this program was built without a sampler: build it with --features sampler")
    }

    pub(super) fn resume(&self) {
        match *self {}
    }

    pub(super) fn finish(self) -> Result<Vec<SampledStack>> {
        match self {}
    }
}
