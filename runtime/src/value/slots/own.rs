//! The calling thread's cache.
//!
//! Accessed in the same way as coverage's own ([`crate::coverage`], `thread_pointer.rs`, which
//! explains why). In a shared library a `thread_local!` costs a call, which takes as long as all
//! the rest of creating an object. So where possible the variable is declared and accessed in
//! assembly.

pub(super) use imp::own;

#[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu", not(miri)))]
mod imp {
    use super::super::cache::Cache;
    use std::arch::{asm, global_asm};

    global_asm!(
        ".pushsection .tbss.simple_rt_slots_cache,\"awT\",@nobits",
        ".globl simple_rt_slots_cache",
        ".hidden simple_rt_slots_cache",
        ".type simple_rt_slots_cache, @object",
        ".size simple_rt_slots_cache, {size}",
        ".p2align 3",
        "simple_rt_slots_cache:",
        ".zero {size}",
        ".popsection",
        size = const size_of::<Cache>(),
    );

    const _: () = assert!(align_of::<Cache>() == 8 && !std::mem::needs_drop::<Cache>());

    /// Runs `f` on the calling thread's cache.
    #[inline(always)]
    pub(in super::super) fn own<R>(f: impl FnOnce(&Cache) -> R) -> R {
        let cache: *const Cache;
        // SAFETY: loads the variable's offset, which the dynamic linker has put into the global
        // offset table, and adds the thread pointer, which is stored at its own address. Only
        // memory is read, and no stack is used.
        unsafe {
            asm!(
                "mov {cache}, qword ptr [rip + simple_rt_slots_cache@GOTTPOFF]",
                "add {cache}, qword ptr fs:[0]",
                cache = out(reg) cache,
                options(pure, readonly, nostack),
            );
        }
        // SAFETY: this thread's storage, with the size and alignment of the type, and zero at
        // first, which is `Cache::new()`. Nobody else has a pointer to it, and this reference ends
        // here.
        f(unsafe { &*cache })
    }
}

#[cfg(not(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu", not(miri))))]
mod imp {
    use super::super::cache::Cache;

    thread_local! {
        // Without a destructor: it works until the very end of a thread.
        static CACHE: Cache = const { Cache::new() };
    }

    /// Runs `f` on the calling thread's cache.
    #[inline(always)]
    pub(in super::super) fn own<R>(f: impl FnOnce(&Cache) -> R) -> R {
        CACHE.with(f)
    }
}
