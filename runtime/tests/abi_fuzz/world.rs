//! The possessions of a random program: values of all types, and handles of all sorts.
//!
//! Values carry a level: how high the containers stand on top of each other below them, at
//! the most. Containers only get values of lower levels, and a future's context stands below
//! the future. So no program makes a cycle, which would leak, or a ring of futures, which
//! across threads would wait for ever.

use super::bodies;
use crate::c::*;
use simple_runtime::Value;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

const POOL: usize = 32;
/// Higher than this nothing is built.
pub const HIGHEST: u8 = 6;

/// One call of a random program.
#[derive(Debug, Clone)]
pub struct Op {
    /// Which call.
    pub call: usize,
    /// Which values or handles it gets.
    pub a: u8,
    pub b: u8,
    /// A number for it.
    pub n: i64,
}

pub type Call = fn(&mut World, &Op);

pub struct Entry {
    pub value: Value,
    pub level: u8,
    /// The level is that of the container itself, not a bound: it may be given items.
    pub exact: bool,
}

pub struct World {
    pool: Vec<Entry>,
    next_place: usize,
    /// Every handle there ever was, with the level of what a join gives.
    pub threads: Vec<(u64, u8)>,
    pub files: Vec<i64>,
    /// Held by every tracked value, wherever the program has put it.
    tracked: Arc<()>,
}

impl World {
    pub fn new() -> Self {
        let mut world = Self {
            pool: Vec::new(),
            next_place: 0,
            threads: Vec::new(),
            files: Vec::new(),
            tracked: Arc::new(()),
        };
        let plain = [rt_value_nil(), rt_value_bool(true), rt_value_int(3), rt_value_float(0.1)];
        plain.into_iter().for_each(|value| world.add(value, 0));
        [0x1, 0x4, 0x5, 0x7, !0].into_iter().for_each(|bits| world.add(invalid(bits), 0));
        for text in ["", "/proc/self/status", "/nonexistent", "/tmp", "a\0b"] {
            world.add(rt_string_new(text.as_bytes()), 0);
        }
        for level in 1..4 {
            world.add_container(rt_array_new(level.into()), level);
            world.add_container(rt_channel_new(), level);
            world.add_tracked();
        }
        world
    }

    /// A value whose end is noticed.
    pub fn add_tracked(&mut self) {
        let tracked = self.tracked.clone();
        let future = Value::future_of(move || {
            drop(tracked);
            Value::int(1)
        });
        self.add(future, 1);
    }

    /// Adds the result of a call.
    pub fn add(&mut self, value: Value, level: u8) {
        self.put(Entry { value, level, exact: false });
    }

    /// Adds a container that nothing else stands in yet.
    pub fn add_container(&mut self, value: Value, level: u8) {
        self.put(Entry { value, level, exact: true });
    }

    pub fn put(&mut self, entry: Entry) {
        assert!(entry.level <= HIGHEST + 1, "levels are kept low");
        let has_nil = || self.pool.iter().any(|known| rt_value_is_nil(&known.value));
        if rt_value_is_nil(&entry.value) && has_nil() {
            return;
        }
        if self.pool.len() < POOL {
            return self.pool.push(entry);
        }
        self.next_place = (self.next_place + 1) % POOL;
        self.pool[self.next_place] = entry;
    }

    pub fn pick(&self, which: u8) -> &Entry {
        &self.pool[usize::from(which) % self.pool.len()]
    }

    /// The place of a value of this type, or now and then of any other.
    pub fn prefer(&self, which: u8, name: &str) -> u8 {
        let is_named = |place: &u8| rt_value_type_name(&self.pick(*place).value) == name;
        let places: Vec<_> = (0..self.pool.len() as u8).filter(is_named).collect();
        match usize::from(which) {
            which if which % 4 == 0 || places.is_empty() => (which / 4 % self.pool.len()) as u8,
            which => places[which / 4 % places.len()],
        }
    }

    pub fn value(&self, which: u8) -> Value {
        rt_value_retain(&self.pick(which).value)
    }

    /// Removes a value from the pool, where enough others are left.
    pub fn take(&mut self, which: u8) -> Option<Entry> {
        let place = usize::from(which) % self.pool.len();
        (self.pool.len() > POOL / 2).then(|| self.pool.swap_remove(place))
    }

    /// The value to put into a container: `which`, or nil if that would be too high for it.
    pub fn item_for(&self, container: u8, which: u8) -> Value {
        let (container, item) = (self.pick(container), self.pick(which));
        let fits = item.level == 0 || (container.exact && item.level < container.level);
        if fits { rt_value_retain(&item.value) } else { rt_value_nil() }
    }

    /// The value to make something higher of: `which`, or nil if that is high already.
    pub fn below(&self, which: u8) -> (Value, u8) {
        let Entry { value, level, .. } = self.pick(which);
        if *level < HIGHEST { (rt_value_retain(value), *level) } else { (rt_value_nil(), 0) }
    }

    /// A thread, or now and then a file.
    pub fn thread(&self, op: &Op) -> u64 {
        match self.files.last() {
            Some(&file) if op.b % 16 == 15 => file as u64,
            _ => handle(self.threads.iter().map(|thread| thread.0 as i64), op) as u64,
        }
    }

    /// A file, or now and then a thread.
    pub fn file(&self, op: &Op) -> i64 {
        match self.threads.last() {
            Some(&(thread, _)) if op.b % 16 == 15 => thread as i64,
            _ => handle(self.files.iter().copied(), op),
        }
    }

    /// Ends everything the program has begun, and checks that nothing is left of it.
    pub fn end(mut self) {
        for &(thread, _) in &self.threads {
            drop(rt_thread_join(thread));
            rt_thread_free(thread);
            assert_eq!(rt_thread_id(thread), 0, "a freed handle is stale");
        }
        for &file in &self.files {
            native_async_file_close(file);
            assert_eq!(native_async_file_get_state(file), 3, "a closed handle is stale");
        }
        self.pool.clear();
        // Threads that were freed while they ran may still run, and have tasks for the executor.
        while bodies::threads_running() > 0 {
            rt_thread_yield();
        }
        rt_executor_shutdown();
        while Arc::strong_count(&self.tracked) > 1 {
            rt_thread_yield();
        }
        fence(Ordering::Acquire);
        assert_eq!(bodies::mistake(), None);
        let stats = rt_executor_stats();
        assert_eq!(stats.submitted, stats.completed, "every accepted task is over");
        assert_eq!(rt_executor_pending_count(), 0);
        assert_eq!(rt_executor_get_mode(), 0, "after a shutdown it is as new");
    }
}

/// A handle that lives, is stale, or never was.
fn handle(known: impl ExactSizeIterator<Item = i64>, op: &Op) -> i64 {
    let count = known.len();
    let mut known = known;
    match (op.a % 8, count) {
        (0, _) | (_, 0) => op.n,
        (1, _) => known.nth(usize::from(op.b) % count).unwrap_or(0) ^ (1 << (32 + op.b % 32)),
        _ => known.nth(usize::from(op.b) % count).unwrap_or(0),
    }
}
