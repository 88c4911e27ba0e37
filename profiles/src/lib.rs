//! Reads the files of profilers, as costs by function, folded stacks and flame graphs.
//!
//! * [`callgrind`]: files of valgrind's callgrind: instructions.
//! * [`dhat`]: files of valgrind's DHAT: allocations.
//! * [`perf`]: the text of `perf script`: samples and events.
//! * [`sample`]: samples of any sampler, and the stacks that are made of them.
//! * [`names`]: names of functions, and the meaning of those that are known.
//! * [`symbols`]: functions by addresses, with those that were inlined.
//! * [`waiting`]: waits of threads, with their reasons and wakers.
//! * [`costs`]: instructions by function.
//! * [`folded`]: stacks with counts, and their text format.
//! * [`merge`]: costs of the standard library, merged into its callers.
//! * [`top`]: functions with the largest counts.
//! * [`growth`]: functions that cost more or less than before.
//! * [`machine_code`]: programs, compared by what the machine executes.
//! * [`normalize`]: profiles of two builds, brought to the same scale.
//! * [`recursion`]: recursion, drawn as a few levels.
//! * [`flame`]: flame graphs, of one profile or of the difference of two.
//! * [`lanes`]: activity of threads over time, as a picture.
//!
//! Nothing here starts a process, and nothing knows of workloads or records.

pub mod callgrind;
pub mod costs;
pub mod dhat;
pub mod flame;
pub mod folded;
pub mod growth;
pub mod lanes;
pub mod machine_code;
pub mod merge;
pub mod names;
pub mod normalize;
pub mod perf;
pub mod recursion;
pub mod sample;
pub mod symbols;
pub mod top;
pub mod waiting;
mod xml;

pub use costs::{Cost, Costs};
pub use dhat::Heap;
pub use folded::Folded;
