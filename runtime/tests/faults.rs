//! Every call of the system's, and every allocation, that can fail: the first fails, then the
//! second, and so on, until a scenario gets to its end without a fault. The call that needed it
//! says so or does without, nothing is left behind, and the same scenario then succeeds.
//!
//! Each attempt is a forked process, for which the runtime is as new.

#[path = "faults/allocator.rs"]
mod allocator;
#[path = "faults/attempt.rs"]
mod attempt;
#[path = "common/c.rs"]
mod c;
#[path = "faults/files.rs"]
mod files;
#[path = "faults/limits.rs"]
mod limits;
#[path = "faults/memory.rs"]
mod memory;
#[path = "faults/resources.rs"]
mod resources;
#[path = "faults/scenarios.rs"]
mod scenarios;
#[path = "faults/system.rs"]
mod system;
#[path = "faults/timelines.rs"]
mod timelines;
#[path = "faults/told.rs"]
mod told;
