//! Nodes that threads use one after the other, and that readers see all the time.
//!
//! # Protocol
//!
//! * All nodes ever created form a list that only grows, at its head. Readers walk it without a
//!   lock.
//! * A free node is also on a stack. Giving one back is a push, which waits for nobody. Taking one
//!   is a pop. Pops take turns with a lock that is used for nothing else: a node at the head then
//!   cannot be taken and come back while a pop reads it.
//! * Everything that an owner did to its node happened before the next owner takes it: the push
//!   releases, the pop acquires. (A push on top of others is a read-modify-write, which continues
//!   the release sequence of those.)

use super::lock::{Lock, constructor};
use crate::sync::atomic::{AtomicPtr, Ordering};
use std::iter::successors;
use std::ptr;

#[derive(Debug)]
pub(super) struct Pool<T> {
    all: AtomicPtr<Node<T>>,
    free: AtomicPtr<Node<T>>,
    taking: Lock<()>,
}

/// A node of a pool.
#[derive(Debug)]
pub(super) struct Node<T> {
    pub(super) value: T,
    next: *const Node<T>,
    next_free: AtomicPtr<Node<T>>,
}

impl<T: Sync> Pool<T> {
    constructor! {
        pub(super) fn new() -> Self {
            Self {
                all: AtomicPtr::new(ptr::null_mut()),
                free: AtomicPtr::new(ptr::null_mut()),
                taking: Lock::new(()),
            }
        }
    }

    /// Returns a node that only the caller may write to: a free one, or a new one. Give it back
    /// with [`Pool::give_back`].
    pub(super) fn take(&self, make: impl FnOnce() -> T) -> &Node<T> {
        self.pop().unwrap_or_else(|| self.add(make()))
    }

    fn pop(&self) -> Option<&Node<T>> {
        let _taking = self.taking.lock();
        let mut head = self.free.load(Ordering::Acquire);
        loop {
            // SAFETY: null, or a node; they live as long as the pool.
            let node = unsafe { head.as_ref() }?;
            let next = node.next_free.load(Ordering::Relaxed);
            match self.free.compare_exchange(head, next, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => return Some(node),
                Err(newer) => head = newer,
            }
        }
    }

    fn add(&self, value: T) -> &Node<T> {
        let node = Box::into_raw(Box::new(Node {
            value,
            next: ptr::null(),
            next_free: AtomicPtr::new(ptr::null_mut()),
        }));
        let mut head = self.all.load(Ordering::Relaxed);
        loop {
            // SAFETY: not published yet, so nobody else sees it.
            unsafe { (*node).next = head };
            match self.all.compare_exchange(head, node, Ordering::Release, Ordering::Relaxed) {
                // SAFETY: nodes live as long as the pool.
                Ok(_) => return unsafe { &*node },
                Err(newer) => head = newer,
            }
        }
    }

    /// Ends the caller's use of a node that it has taken from this pool.
    pub(super) fn give_back(&self, node: &Node<T>) {
        let mut head = self.free.load(Ordering::Relaxed);
        loop {
            node.next_free.store(head, Ordering::Relaxed);
            let node = ptr::from_ref(node).cast_mut();
            match self.free.compare_exchange(head, node, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(newer) => head = newer,
            }
        }
    }

    /// Returns all nodes, in use or not.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        // SAFETY: null, or a node; they live as long as the pool.
        let first = unsafe { self.all.load(Ordering::Acquire).as_ref() };
        // SAFETY: as above.
        successors(first, |node| unsafe { node.next.as_ref() }).map(|node| &node.value)
    }
}

impl<T> Drop for Pool<T> {
    fn drop(&mut self) {
        let mut node = self.all.load(Ordering::Relaxed).cast_const();
        while !node.is_null() {
            // SAFETY: made by `add`; nobody can reach it any more.
            node = unsafe { Box::from_raw(node.cast_mut()) }.next;
        }
    }
}
