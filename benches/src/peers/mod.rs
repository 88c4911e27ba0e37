//! What the runtime is compared with, where no library offers it ready-made.

mod channel_pool;
mod naive_pool;

pub use channel_pool::ChannelPool;
pub use naive_pool::{NaivePool, Promise};
