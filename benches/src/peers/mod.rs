//! What the runtime is compared with, where no library offers it ready-made.

mod naive_pool;

pub use naive_pool::{NaivePool, Promise};
