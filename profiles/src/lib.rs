//! What profilers write, as costs by function, folded stacks and flame graphs.
//!
//! * [`callgrind`]: reads what valgrind's callgrind writes.
//! * [`dhat`]: reads what valgrind's DHAT writes: who asks for memory.
//! * [`costs`]: what a program executed, by function.
//! * [`folded`]: stacks with counts, and their text format.
//! * [`growth`]: which functions cost more than before.
//! * [`flame`]: flame graphs, of one profile or of the difference of two.
//! * [`lanes`]: what threads did over time, as a picture.
//! * [`perf`]: reads what `perf script` prints, and makes stacks of samples.
//! * [`recursion`]: drawn as a few levels.
//! * [`symbols`]: functions by addresses, with those that were inlined.
//! * [`waiting`]: where threads waited, for what, and who woke them.
//!
//! Nothing here starts a process, and nothing knows of workloads or records.

pub mod callgrind;
pub mod costs;
pub mod dhat;
pub mod flame;
pub mod folded;
pub mod growth;
pub mod lanes;
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
