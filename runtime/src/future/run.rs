//! Claiming a future and running its body: by a queue, by an awaiter, or not at all.

use super::object::{Future, FutureObject};
use super::state::{self, Outcome, Queue, Unbegun};
use super::wait::WAITERS;
use crate::error::set_last_error;
use crate::executor::job::Job;
use crate::executor::local::{self, Local};
use crate::executor::{enqueue, enqueue_all, entry_became_stale, entry_never_came, is_manual};
use crate::slowdown::{self, Site};
use crate::stack::{Stack, has_room, try_on_ample_stack};
use crate::sync::atomic::Ordering;
use crate::sync::fork;
use crate::unwind;
use crate::value::heap::{Header, destroy};
use crate::value::{RuntimeValue, Value};
use std::ptr::{self, NonNull};

const AWAITS_ITSELF: &str = "the future awaits itself";
const NO_ROOM: &str = "not enough memory to queue the future";
const NO_STACK: &str = "no memory for the stack of one more await";

/// Result of running an entry that a queue gave out.
pub(crate) struct QueueEntry {
    /// True if its future was run just now; false if it had been claimed elsewhere.
    pub(crate) was_claimed: bool,
    /// The queue it was put into.
    pub(crate) queue: Queue,
}

/// Runs a future that a queue gave out, unless it has been claimed meanwhile.
///
/// # Safety
///
/// `address` is that of a live future, and one reference to it passes to the call.
pub(crate) unsafe fn run_queued(address: usize, local: &Local) -> QueueEntry {
    let object = NonNull::new(ptr::with_exposed_provenance_mut::<FutureObject>(address))
        .expect("jobs hold addresses of live futures");
    // SAFETY: by the caller's promise.
    let word = unsafe { &object.as_ref().header.word };
    match state::claim(word) {
        Some(before) => {
            // SAFETY: this call has just claimed it, and holds the reference that is given back.
            unsafe { execute(object, local, Accepted::Yes, 1) };
            let Unbegun::Queued(queue) = before else { unreachable!("it was in a queue") };
            QueueEntry { was_claimed: true, queue }
        }
        None => {
            // SAFETY: by the caller's promise.
            QueueEntry { was_claimed: false, queue: unsafe { give_up_entry(address) } }
        }
    }
}

/// Gives up an entry of a queue whose future has been claimed elsewhere. Returns the queue that it
/// was put into.
///
/// # Safety
///
/// As [`run_queued`].
pub(crate) unsafe fn give_up_entry(address: usize) -> Queue {
    // SAFETY: the queue's reference, which no other code gives back.
    let entry = unsafe { Value::from_raw(RuntimeValue::from_heap_address(address)) };
    let queue = entry.as_future().map(|future| state::queue(&future.0.header.word));
    queue.expect("jobs hold addresses of live futures")
}

/// Rejects a future that was marked as queued, but for which the queue had no memory. (To make it
/// pending again would leave those alone that wait for it already.)
///
/// # Safety
///
/// `address` is that of a live future, and the reference meant for the queue passes to the call.
#[cold]
unsafe fn reject_unqueued(address: usize) {
    set_last_error(format_args!("future: {NO_ROOM}"));
    let object = NonNull::new(ptr::with_exposed_provenance_mut::<FutureObject>(address))
        .expect("jobs hold addresses of live futures");
    // SAFETY: by the caller's promise.
    unsafe {
        if state::claim(&object.as_ref().header.word).is_some() {
            finish(object, Value::string(NO_ROOM), Outcome::Rejected, 1);
        } else {
            entry_never_came(give_up_entry(address));
        }
    }
}

/// True if the body of a queued future has not begun, in the queue's turn or elsewhere.
///
/// # Safety
///
/// `address` is that of a live future.
pub(crate) unsafe fn is_unbegun(address: usize) -> bool {
    let object = NonNull::new(ptr::with_exposed_provenance_mut::<FutureObject>(address))
        .expect("jobs hold addresses of live futures");
    // SAFETY: by the caller's promise.
    state::state(unsafe { &object.as_ref().header.word }).is_unbegun()
}

/// Tells whether the executor had accepted the future, and so counts its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Accepted {
    Yes,
    No,
}

/// Runs the body and finishes the future, giving back `references` references with it.
///
/// # Safety
///
/// The calling thread has claimed the future, holds a reference to it until the call ends,
/// and passes `references` of its references to the call.
unsafe fn execute(
    object: NonNull<FutureObject>,
    local: &Local,
    accepted: Accepted,
    references: u64,
) {
    // SAFETY: alive by the caller's promise.
    let future = unsafe { object.as_ref() };
    // SAFETY: the claim gives this call the cell.
    let context = future.cell.with_mut(|cell| unsafe { std::mem::take(&mut *cell) });
    let process = fork::generation();
    let stack = Stack::here(local);
    future.owner.store(stack.token(), Ordering::Relaxed);
    let result = match future.body {
        None => Ok(Value::nil()),
        Some(body) => {
            slowdown::at(Site::FutureRun);
            let running = stack.running();
            running.bodies.with(future, || {
                unwind::catch_on(running, move || {
                    let result = body(context.raw());
                    drop(context);
                    result
                })
            })
        }
    };
    let (value, outcome) = match result {
        Ok(_) if state::is_ring(&future.header.word) => {
            (Value::string(AWAITS_ITSELF), Outcome::Rejected)
        }
        // A user's body may have returned any word.
        Ok(value) => (value.checked(), Outcome::Fulfilled),
        Err(message) => {
            if process == fork::generation() {
                stack.with_thread(|local| local.counters().panics.add(1));
            }
            (Value::string(&message), Outcome::Rejected)
        }
    };
    // A child does not count the end of its parent's task.
    if accepted == Accepted::Yes && process == fork::generation() {
        stack.with_thread(|local| count_end(accepted, local));
    }
    // SAFETY: the claim is this call's, and ends here.
    unsafe { finish(object, value, outcome, references) };
}

fn count_end(accepted: Accepted, local: &Local) {
    if accepted == Accepted::Yes {
        local.counters().completed.add(1);
    }
}

/// Ends a claim.
///
/// # Safety
///
/// As [`execute`].
unsafe fn finish(object: NonNull<FutureObject>, value: Value, outcome: Outcome, references: u64) {
    // SAFETY: alive by the caller's promise.
    let future = unsafe { object.as_ref() };
    // SAFETY: the claim gives this call the cell, until the state changes below.
    let old = future.cell.with_mut(|cell| unsafe { std::mem::replace(&mut *cell, value) });
    let key = future.address();
    let finished = state::finish(&future.header.word, outcome, references);
    if finished.waiters {
        let has_woken = WAITERS.get().wake_all(key);
        local::with_anew(|local| local.note_waking(has_woken));
    }
    if finished.last_reference {
        // SAFETY: the last reference went with the transition.
        unsafe { destroy(object.cast::<Header>()) };
    }
    // The context of a cancelled future; dropping it may free a long chain of objects.
    drop(old);
}

#[inline]
fn current_queue() -> Queue {
    if is_manual() { Queue::Manual } else { Queue::Pool }
}

/// Starts several futures, as [`Future::start`] does one.
pub(super) fn start_all<'a>(futures: impl Iterator<Item = Future<'a>> + Clone) {
    let queue = current_queue();
    let with_body = futures.clone().filter(|future| future.0.body.is_some());
    let jobs = with_body.filter_map(|future| future.queued(queue));
    // SAFETY: the reference that was meant for the queue.
    enqueue_all(jobs, |job| unsafe { reject_unqueued(job.address()) });
    // Only after the others are announced: dropping a context may wait for one of them.
    for future in futures.filter(|future| future.0.body.is_none()) {
        future.fulfil_without_body();
    }
}

impl Future<'_> {
    fn pointer(self) -> NonNull<FutureObject> {
        // With the provenance of the whole allocation, not of the shared reference.
        NonNull::new(ptr::with_exposed_provenance_mut(self.0.address()))
            .expect("a reference is not null")
    }

    /// Hands it to the executor without waiting. True for the one caller that queued it.
    ///
    /// A future without a body has nothing to run: it is fulfilled with nil at once.
    #[inline]
    pub fn start(self) -> bool {
        if self.0.body.is_none() {
            return self.fulfil_without_body();
        }
        let Some(job) = self.queued(current_queue()) else { return false };
        let is_queued = enqueue(job).is_ok();
        if !is_queued {
            // SAFETY: the reference that was meant for the queue.
            unsafe { reject_unqueued(job.address()) };
        }
        is_queued
    }

    /// Returns the job to be queued, to the one caller that queues it.
    #[inline]
    fn queued(self, queue: Queue) -> Option<Job> {
        state::enqueue(&self.0.header.word, queue).then(|| Job::future(self.0.address()))
    }

    #[cold]
    fn fulfil_without_body(self) -> bool {
        let claimed = state::claim(&self.0.header.word).is_some();
        if claimed {
            // SAFETY: claimed above; the view keeps the object alive.
            unsafe { finish(self.pointer(), Value::nil(), Outcome::Fulfilled, 0) };
        }
        claimed
    }

    /// Rejects it with "cancelled" if its body has not begun. Otherwise does nothing and returns
    /// false.
    pub fn cancel(self) -> bool {
        let Some(before) = state::claim(&self.0.header.word) else { return false };
        local::with(|local| {
            count_end(self.withdraw(before, local), local);
        });
        // SAFETY: claimed above; the view keeps the object alive.
        unsafe { finish(self.pointer(), Value::string("cancelled"), Outcome::Rejected, 0) };
        true
    }

    /// Runs the body on the calling thread if it has not begun. True if it ran.
    #[inline]
    pub(super) fn run_inline(self, local: &Local) -> bool {
        let Some(before) = state::claim(&self.0.header.word) else { return false };
        let accepted = self.withdraw(before, local);
        local.counters().inline_run.add(1);
        if has_room(local) {
            // SAFETY: claimed above; the view keeps the object alive.
            unsafe { execute(self.pointer(), local, accepted, 0) };
        } else {
            self.run_on_another_stack(local, accepted);
        }
        true
    }

    /// The rest of [`run_inline`](Self::run_inline), separate to keep that frame small: each of a
    /// million nested awaits has one.
    #[inline(never)]
    fn run_on_another_stack(self, local: &Local, accepted: Accepted) {
        let ran = try_on_ample_stack(local, || {
            // SAFETY: claimed by the caller; the view keeps the object alive.
            unsafe { execute(self.pointer(), local, accepted, 0) };
        });
        if ran.is_err() {
            // The claim must end nevertheless: others may wait for this future.
            count_end(accepted, local);
            // SAFETY: claimed by the caller; the view keeps the object alive.
            unsafe { finish(self.pointer(), Value::string(NO_STACK), Outcome::Rejected, 0) };
        }
    }

    /// Called after a claim: removes the queue's entry where that is cheap, and otherwise leaves it
    /// to be skipped.
    #[inline]
    fn withdraw(self, before: Unbegun, local: &Local) -> Accepted {
        let Unbegun::Queued(queue) = before else { return Accepted::No };
        if local.take_back(Job::future(self.0.address())) {
            let word = RuntimeValue::from_heap_address(self.0.address());
            // SAFETY: the entry's reference came to this call with the entry.
            drop(unsafe { Value::from_raw(word) });
        } else {
            entry_became_stale(queue);
        }
        Accepted::Yes
    }
}
