//! Forms of slow-downs: what a step is.

use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{CachePadded, Constant, ForkMutex};
use std::cell::Cell;
use std::hint::black_box;

/// A kind of step. The table of the module above has the costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A multiplication.
    Spin,
    /// A memory fence.
    Fence,
    /// A cache miss.
    Miss,
    /// A lock, taken and released.
    Lock,
    /// An addition to a line that all threads write.
    Line,
}

impl Form {
    /// All of them, in the order of their numbers.
    pub(super) const ALL: [Self; 5] = [Self::Spin, Self::Fence, Self::Miss, Self::Lock, Self::Line];

    /// Its name in the variable.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Spin => "spin",
            Self::Fence => "fence",
            Self::Miss => "miss",
            Self::Lock => "lock",
            Self::Line => "line",
        }
    }
}

/// The lock of [`Form::Lock`].
static LOCK: CachePadded<ForkMutex<()>> = CachePadded(ForkMutex::new(()));
/// The line of [`Form::Line`].
static LINE: CachePadded<AtomicU64> = CachePadded(AtomicU64::new(0));

/// Takes this number of steps. The function's name is what profiles show.
#[inline(never)]
pub(super) fn injected_slowdown(form: Form, steps: u32) {
    look_no_further();
    match form {
        Form::Spin => {
            black_box(spin(steps));
        }
        Form::Fence => (0..steps).for_each(|_| full_fence()),
        Form::Miss => miss(steps),
        Form::Lock => (0..steps).for_each(|_| drop(LOCK.lock())),
        Form::Line => (0..steps).for_each(|_| {
            LINE.fetch_add(1, Ordering::Relaxed);
        }),
    }
    look_no_further();
}

/// Waits until all stores are visible. The intrinsic, because a compiler makes one of several fences.
#[inline(always)]
fn full_fence() {
    // SAFETY: it needs SSE2, which every x86-64 processor has.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::x86_64::_mm_mfence();
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        crate::sync::atomic::fence(Ordering::SeqCst);
        black_box(());
    }
}

/// Waits until all previous instructions have ended before any later one begins.
#[inline(always)]
fn look_no_further() {
    // SAFETY: it needs SSE2, which every x86-64 processor has.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::x86_64::_mm_lfence();
    }
}

/// Repeated squaring from here has the longest period.
pub(super) const START: u64 = 3;

/// Multiplies. Squares, because a compiler turns eight multiplications by the same number into one.
#[inline(always)]
pub(super) fn spin(steps: u32) -> u64 {
    let mut x = black_box(START);
    for _ in 0..steps / 8 {
        x = squared(x, 8);
    }
    // No loop for the rest: it would take three instructions per step.
    for some in [4, 2, 1] {
        if steps & some != 0 {
            x = squared(x, some);
        }
    }
    x
}

#[inline(always)]
fn squared(x: u64, times: u32) -> u64 {
    (0..times).fold(x, |x, _| x.wrapping_mul(x))
}

const MIB: usize = 1 << 20;
/// Words of a page: a page that was never written would be the one page of zeros, in every cache.
const PAGE: usize = 4096 / size_of::<u64>();

/// Address of the buffer that is walked, which is never freed.
static BUFFER: Constant = Constant::new(|| {
    let mut words = vec![0_u64; buffer_bytes() / size_of::<u64>()];
    words.iter_mut().step_by(PAGE).for_each(|word| *word = 1);
    words.leak().as_ptr() as u64
});

/// Size of the buffer: at least twice the last cache, and a power of two.
fn buffer_bytes() -> usize {
    static BYTES: Constant = Constant::new(|| {
        // Tests count instructions under valgrind, where no cache is missed anyway.
        let last = if cfg!(test) { MIB / 2 } else { last_cache_bytes().unwrap_or(32 * MIB) };
        (2 * last).next_power_of_two().min(256 * MIB) as u64
    });
    BYTES.get() as usize
}

/// Size of the largest cache of the first processor, as the kernel says.
fn last_cache_bytes() -> Option<usize> {
    let size = |index: u32| {
        let path = format!("/sys/devices/system/cpu/cpu0/cache/index{index}/size");
        let text = std::fs::read_to_string(path).ok()?;
        text.trim().strip_suffix('K')?.parse().ok().map(|kib: usize| kib * 1024)
    };
    (0..8).filter_map(size).max()
}

thread_local! {
    /// The place that a thread's walk has come to: one that began again would find its lines in the cache.
    static PLACE: Cell<u64> = const { Cell::new(0) };
}

/// Walks through the buffer. The next place depends on what was loaded, so loads cannot overlap.
fn miss(steps: u32) {
    let (buffer, words) = (BUFFER.get() as *const u64, buffer_bytes() / size_of::<u64>());
    let mut place = PLACE.get();
    if place == 0 {
        // Threads start apart.
        place = std::ptr::from_ref(&place) as u64;
    }
    for _ in 0..steps {
        // The generator of Knuth's MMIX; its high bits are the random ones.
        place =
            place.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let index = (place >> 32) as usize & (words - 1);
        // SAFETY: the buffer has this power of two of words, is never freed or written to, and the index is
        // below that. A volatile load is not left out.
        place = place.wrapping_add(unsafe { buffer.add(index).read_volatile() });
    }
    PLACE.set(place);
}
