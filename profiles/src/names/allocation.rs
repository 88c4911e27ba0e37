//! Functions that give memory.

/// Entries to Rust's allocator, which rustc generates.
const SHIMS: [&str; 6] = [
    "__rust_alloc",
    "__rust_realloc",
    "__rdl_alloc",
    "__rdl_realloc",
    "__rg_alloc",
    "__rg_realloc",
];

/// Returns whether a function gives memory: the C library's, under any version or internal name.
pub(crate) fn is_allocation(function: &str) -> bool {
    let name = function.split('@').next().unwrap_or_default();
    let name = name.strip_prefix("__libc_").or(name.strip_prefix("__")).unwrap_or(name);
    matches!(
        name,
        "malloc" | "calloc" | "realloc" | "posix_memalign" | "aligned_alloc" | "memalign"
    )
}

/// Returns whether a function is between Rust's containers and the C library. Such functions are
/// below every block, so they do not distinguish one block from another.
pub(crate) fn is_allocator(function: &str) -> bool {
    let shim = super::last_name(function);
    let shim = shim.strip_suffix("_zeroed").unwrap_or(shim);
    SHIMS.contains(&shim)
        || function.starts_with("alloc::alloc::")
        || function.starts_with("<alloc::alloc::Global as ")
        || function.contains(" as core::alloc::global::GlobalAlloc>::")
        || function.starts_with("alloc::raw_vec::") && function.ends_with("::finish_grow")
        || function.starts_with("<alloc::raw_vec::") && function.ends_with("::finish_grow")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allocation_functions_are_known_under_any_version() {
        assert!(
            ["malloc", "realloc@@GLIBC_2.2.5", "__libc_memalign"].into_iter().all(is_allocation)
        );
        assert!(!["free", "_int_malloc", "__rust_alloc", ""].into_iter().any(is_allocation));
    }
}
