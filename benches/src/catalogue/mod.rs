//! Every comparison and its workloads; one file a family.

mod abi;
mod coverage;
mod executor;
mod file;
mod future;
mod registry;

use crate::Workload;
use simple_records::Comparison;

/// A question and the workloads that answer it.
#[derive(Debug)]
pub struct Family {
    /// What is compared.
    pub comparison: Comparison,
    /// The alternatives, the runtime's and its peers'.
    pub workloads: Vec<Workload>,
}

/// The whole catalogue.
pub fn all() -> Vec<Family> {
    [
        executor::families(),
        future::families(),
        file::families(),
        registry::families(),
        coverage::families(),
        abi::families(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
