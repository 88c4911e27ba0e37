//! One pointer per thread, NULL at first, read by every probe.
//!
//! A `thread_local!` in a shared library is accessed by a call of `__tls_get_addr`, which costs
//! more than all the rest of a probe, and saving the probe's arguments around that call costs half
//! of it again. The *initial-exec* model needs no call: the variable's offset from the thread
//! pointer is fixed when the library is loaded. Rust cannot request that model, so on Linux with
//! glibc on x86-64 the variable is declared and read in assembly. (Its price: the library's
//! thread-local storage comes out of the reserve that glibc keeps for libraries loaded by `dlopen`.
//! See U. Drepper, *ELF Handling For Thread-Local Storage*, 4.1.6.) Elsewhere, and under Miri, it
//! is a `thread_local!`.

pub(super) use imp::{get, set};

#[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu", not(miri)))]
mod imp {
    use super::super::probes::Probes;
    use std::arch::{asm, global_asm};

    global_asm!(
        ".pushsection .tbss.simple_rt_coverage_probes,\"awT\",@nobits",
        ".globl simple_rt_coverage_probes",
        ".hidden simple_rt_coverage_probes",
        ".type simple_rt_coverage_probes, @object",
        ".size simple_rt_coverage_probes, 8",
        ".p2align 3",
        "simple_rt_coverage_probes:",
        ".zero 8",
        ".popsection",
    );

    /// Returns the calling thread's pointer.
    #[inline(always)]
    pub(in super::super) fn get() -> *mut Probes {
        let pointer: *mut Probes;
        // SAFETY: loads the variable's offset, which the dynamic linker has put into the
        // global offset table, and then the variable, eight aligned bytes of this thread's
        // storage. Only memory is read, no flags are changed, no stack is used.
        unsafe {
            asm!(
                "mov {pointer}, qword ptr [rip + simple_rt_coverage_probes@GOTTPOFF]",
                "mov {pointer}, qword ptr fs:[{pointer}]",
                pointer = out(reg) pointer,
                options(pure, readonly, nostack, preserves_flags),
            );
        }
        pointer
    }

    /// Sets the calling thread's pointer.
    pub(in super::super) fn set(pointer: *mut Probes) {
        // SAFETY: as in `get`; writes the variable, which only these two functions use.
        unsafe {
            asm!(
                "mov {offset}, qword ptr [rip + simple_rt_coverage_probes@GOTTPOFF]",
                "mov qword ptr fs:[{offset}], {pointer}",
                offset = out(reg) _,
                pointer = in(reg) pointer,
                options(nostack, preserves_flags),
            );
        }
    }
}

#[cfg(not(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu", not(miri))))]
mod imp {
    use super::super::probes::Probes;
    use std::cell::Cell;
    use std::ptr;

    thread_local! {
        // Without a destructor: reading it is one access without a check.
        static PROBES: Cell<*mut Probes> = const { Cell::new(ptr::null_mut()) };
    }

    /// Returns the calling thread's pointer.
    #[inline(always)]
    pub(in super::super) fn get() -> *mut Probes {
        PROBES.get()
    }

    /// Sets the calling thread's pointer.
    pub(in super::super) fn set(pointer: *mut Probes) {
        PROBES.set(pointer);
    }
}
