//! Tells valgrind about objects, so that it reports leaks and uses of dead objects.
//!
//! Memcheck knows about `malloc`, and learns of other allocators from instructions that do nothing
//! elsewhere (valgrind.h, memcheck.h). Slots go through here one at a time under memcheck, and
//! never otherwise.

use super::Class;
use std::ptr::NonNull;

const MALLOCLIKE_BLOCK: u64 = 0x1301;
const FREELIKE_BLOCK: u64 = 0x1302;
/// Memcheck's number for the request: `'M' << 24 | 'C' << 16 | 2`.
const MAKE_MEM_DEFINED: u64 = 0x4d43_0002;
/// The part of a dead slot that may be read: its state, and the links of lists.
const READABLE_BYTES: u64 = 32;

/// True if the process runs under memcheck: no other tool replies to its requests. Tools that only
/// count therefore see slots used as they are without valgrind.
pub(super) fn is_running() -> bool {
    let nothing = 0;
    request([MAKE_MEM_DEFINED, nothing, 0, 0, 0, 0]) != 0
}

/// Reports that a slot has become an object.
pub(super) fn made(slot: NonNull<u8>, class: Class) {
    let address = slot.addr().get() as u64;
    request([MALLOCLIKE_BLOCK, address, class.bytes() as u64, 0, 0, 0]);
    request([MAKE_MEM_DEFINED, address, 8, 0, 0, 0]);
}

/// Reports that an object is dead.
pub(super) fn freed(slot: NonNull<u8>) {
    let address = slot.addr().get() as u64;
    request([FREELIKE_BLOCK, address, 0, 0, 0, 0]);
    request([MAKE_MEM_DEFINED, address, READABLE_BYTES, 0, 0, 0]);
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
fn request(arguments: [u64; 6]) -> u64 {
    let result: u64;
    // SAFETY: rotations that cancel out, and an exchange of a register with itself. Under valgrind
    // it reads the arguments, and writes only `rdx`.
    unsafe {
        std::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            inout("rdx") 0_u64 => result,
            in("rax") &raw const arguments,
            inout("rdi") 0_u64 => _,
            options(nostack),
        );
    }
    result
}

#[cfg(not(all(target_arch = "x86_64", not(miri))))]
fn request(_arguments: [u64; 6]) -> u64 {
    0
}
