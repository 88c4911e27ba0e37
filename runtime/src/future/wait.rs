//! Awaiting one future.

use super::object::Future;
use super::state;
use crate::error::set_last_error;
use crate::executor::local::{self, Local};
use crate::executor::{blocking_until, is_idle, is_manual, is_only_worker};
use crate::stack::Stack;
use crate::sync::fork::PerProcess;
use crate::sync::wait_table::WaitTable;
use crate::value::Value;
use std::ptr;
use std::time::{Duration, Instant};

/// Message of an await of a future that a fork has cut off.
pub(super) const LOST: &str =
    "the future was running when the process was forked, and never ends in the child";
const ONLY_THIS_THREAD: &str =
    "only the calling thread could run the future, which has not begun: await it instead";

/// The table in which threads sleep that wait for futures.
pub(super) static WAITERS: PerProcess<WaitTable> =
    PerProcess::new(WaitTable::new(), WaitTable::new);

impl Future<'_> {
    /// Waits for its result and returns it; `None` if it is rejected.
    ///
    /// A future whose body has not begun is run by the calling thread. In Manual mode, outside a
    /// poll, this never blocks: it starts the future and returns `None` while there is no result.
    /// Inside a poll it behaves as in Threaded mode.
    ///
    /// A future that awaits itself, directly or through others that run on the same thread, is
    /// rejected, and so are those others; rings across threads wait for ever.
    #[inline(never)]
    pub fn wait(self) -> Option<Value> {
        self.wait_once()
    }

    /// As [`wait`](Self::wait), for a function that is never inlined and waits once.
    #[inline(always)]
    pub(crate) fn wait_once(self) -> Option<Value> {
        if self.is_ready() {
            return self.result();
        }
        local::with(|local| {
            if must_not_block(local) {
                self.start();
            } else if !self.run_inline(local) {
                self.wait_for_another_thread(local);
            }
            self.result()
        })
    }

    /// Starts it and waits until it is finished, for at most `limit`. Returns true if it is
    /// finished. The calling thread does not run the body, so the limit holds.
    ///
    /// In Manual mode, outside a poll, this returns at once. It also returns at once, with a
    /// message for [`last_error`](crate::error::last_error), inside the future's own body, and
    /// where the body has not begun and only the calling thread could run it: inside a poll, on the
    /// only worker, on a worker that is ending (in a destructor of its thread), and where there are
    /// no threads.
    pub fn wait_timeout(self, limit: Duration) -> bool {
        self.start();
        if self.is_ready() || limit.is_zero() || local::with(must_not_block) {
            return self.is_ready();
        }
        // A limit beyond the clock's end is no limit.
        let deadline = Instant::now().checked_add(limit);
        let mut spin = local::with(Local::spin);
        while !self.is_ready() {
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return false;
            }
            if let Some(reason) = self.is_hopeless() {
                set_last_error(format_args!("await_timeout: {reason}"));
                return false;
            }
            if !spin.again() {
                self.sleep(deadline);
            }
        }
        true
    }

    /// Returns the reason why no other thread will ever finish it, if there is one.
    fn is_hopeless(self) -> Option<&'static str> {
        if self.is_lost() {
            return Some(LOST);
        }
        if local::with(|local| self.runs_beneath(local)) {
            return Some("the future awaits itself");
        }
        // A shutdown that waits for this thread starts no workers before its end.
        let is_ended_worker = || local::with(Local::is_ended_worker);
        let nobody_begins_it = || is_manual() || is_only_worker() || is_ended_worker() || is_idle();
        (self.state().is_unbegun() && nobody_begins_it()).then_some(ONLY_THIS_THREAD)
    }

    #[cold]
    fn wait_for_another_thread(self, local: &Local) {
        if self.runs_beneath(local) {
            return self.reject_ring(local);
        }
        if self.is_lost() {
            return set_last_error(format_args!("await: {LOST}"));
        }
        let mut spin = local.spin();
        while !self.is_ready() {
            if !spin.again() {
                self.sleep(None);
            }
        }
    }

    fn sleep(self, deadline: Option<Instant>) {
        blocking_until(deadline, || {
            WAITERS.get().wait_for(self.0.address(), deadline, || {
                state::announce_waiter(&self.0.header.word)
            });
        });
    }

    /// True if it was left running in a parent of this process.
    pub(super) fn is_lost(self) -> bool {
        state::is_lost(&self.0.header.word)
    }

    /// True if it runs on this very thread, beneath the caller: waiting for it would never end.
    pub(super) fn runs_beneath(self, local: &Local) -> bool {
        let is_owner = |token| self.0.is_owned_by(token);
        (is_owner(Stack::here(local).token()) || is_owner(local.token()))
            && local.bodies().any(|running| ptr::eq(running, self.0))
    }

    /// Marks this future, which runs beneath the caller, and all that run above it, to be rejected
    /// when their bodies end.
    pub(super) fn reject_ring(self, local: &Local) {
        for running in local.bodies() {
            state::mark_ring(&running.header.word);
            if ptr::eq(running, self.0) {
                break;
            }
        }
        set_last_error("await: the future awaits itself");
    }
}

/// True where a wait must not block: in Manual mode outside a poll. Bodies run only inside polls
/// there, so the wait would be for a poll that only the calling thread may make.
pub(super) fn must_not_block(local: &Local) -> bool {
    is_manual() && !local.is_inside()
}
