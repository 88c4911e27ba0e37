//! Kinds of waits, by the functions of the kernel.

use std::fmt;
use std::sync::Arc;

/// The event or resource that a thread waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// None: it is runnable, but the processor was given to another thread.
    Preempted,
    /// Another thread: locks, condition variables, parking and joining.
    Futex,
    /// Memory that was touched for the first time, or is to be read from a file.
    PageFault,
    /// A file, or a disk.
    File,
    /// Time to pass.
    Sleep,
    /// A pipe, a socket, an event; or one of many of them, as `epoll_wait` and `io_uring_enter`.
    Poll,
    /// Something else.
    Other,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Preempted,
        Self::Futex,
        Self::PageFault,
        Self::File,
        Self::Sleep,
        Self::Poll,
        Self::Other,
    ];
}

/// Parts of names of the kernel's functions, and their kinds of waits. The first that is in the
/// stack counts: reading a pipe also goes through `vfs_read`, and a fault may read a file.
const FUNCTIONS: [(Kind, &[&str]); 5] = [
    (Kind::Futex, &["futex_"]),
    (Kind::Sleep, &["nanosleep"]),
    (
        Kind::PageFault,
        &[
            "exc_page_fault",
            "do_page_fault",
            "handle_mm_fault",
            "filemap_fault",
            "el0_da",
            "el1_abort",
        ],
    ),
    (
        Kind::Poll,
        &[
            "ep_poll",
            "epoll_wait",
            "do_sys_poll",
            "do_select",
            "core_sys_select",
            "pipe_read",
            "pipe_write",
            "pipe_wait",
            "eventfd_read",
            "timerfd_read",
            "signalfd_read",
            "cqring_wait",
            "sock_recv",
            "sock_send",
            "sock_read",
            "sock_write",
            "__sys_accept",
            "__sys_connect",
            "unix_stream_",
            "inet_csk_",
            "tcp_recv",
            "tcp_send",
            "skb_wait_",
        ],
    ),
    (
        Kind::File,
        &[
            "io_schedule",
            "folio_wait",
            "wait_on_page",
            "wait_on_buffer",
            "filemap_",
            "vfs_",
            "blk_",
            "submit_bio",
            "jbd2_",
            "ext4_",
            "xfs_",
            "btrfs_",
            "path_openat",
            "iterate_dir",
            "do_fsync",
        ],
    ),
];

/// Names of functions through which an interrupt comes, whatever ran at the time.
const INTERRUPTS: [&str; 7] = [
    "asm_sysvec_",
    "asm_common_interrupt",
    "common_interrupt",
    "el0_interrupt",
    "el1_interrupt",
    "gic_handle_irq",
    "__irq_exit_rcu",
];

impl Kind {
    /// The kind of a wait in these functions of the kernel, in any order.
    pub(super) fn of(kernel: &[Arc<str>]) -> Self {
        let has = |part: &&str| kernel.iter().any(|function| function.contains(*part));
        let found = FUNCTIONS.iter().find(|(_, parts)| parts.iter().any(has));
        found.map_or(Self::Other, |(kind, _)| *kind)
    }
}

/// The text in brackets in a stack: `futex`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Preempted => "preempted",
            Self::Futex => "futex",
            Self::PageFault => "page fault",
            Self::File => "disk or file",
            Self::Sleep => "sleep",
            Self::Poll => "poll, pipe or socket",
            Self::Other => "other",
        })
    }
}

/// Returns whether these functions of the kernel run in an interrupt, which has nothing to do with
/// the thread that it interrupted.
pub(super) fn is_interrupt(kernel: &[Arc<str>]) -> bool {
    kernel.iter().any(|function| INTERRUPTS.iter().any(|start| function.starts_with(start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel(functions: &str) -> Vec<Arc<str>> {
        functions.split(' ').map(Arc::from).collect()
    }

    #[test]
    fn kinds_follow_from_the_kernels_functions() {
        for (functions, kind) in [
            (
                "__x64_sys_futex do_futex futex_wait __futex_wait futex_do_wait schedule",
                Kind::Futex,
            ),
            ("__x64_sys_clock_nanosleep hrtimer_nanosleep do_nanosleep schedule", Kind::Sleep),
            ("asm_exc_page_fault exc_page_fault filemap_fault io_schedule", Kind::PageFault),
            ("ksys_read vfs_read filemap_read folio_wait_bit_common io_schedule", Kind::File),
            ("ksys_read vfs_read anon_pipe_read schedule", Kind::Poll),
            ("do_epoll_wait ep_poll schedule_hrtimeout_range", Kind::Poll),
            ("__do_sys_wait4 do_wait schedule", Kind::Other),
        ] {
            assert_eq!(Kind::of(&kernel(functions)), kind, "{functions}");
        }
        assert_eq!(Kind::of(&[]), Kind::Other);
    }

    #[test]
    fn packets_that_a_thread_sends_itself_are_no_interrupts() {
        assert!(is_interrupt(&kernel("asm_sysvec_apic_timer_interrupt handle_softirqs wake")));
        assert!(!is_interrupt(&kernel("tcp_sendmsg __local_bh_enable_ip do_softirq wake")));
    }
}
