//! Inclusive costs of functions, from callgrind's sums over calls.

use super::format::File;
use std::collections::HashMap;

/// Inclusive costs by function, for all of its callers; `None` for functions that call each other
/// in a ring. A function that calls only itself is in no ring: its calls of itself are left out.
///
/// `stacks` has the stack of each function of the file.
pub(super) fn by_function(file: &File, stacks: &[Vec<String>]) -> Vec<(String, Option<u64>)> {
    let mut index = HashMap::new();
    let mut names = Vec::new();
    let functions: Vec<usize> = stacks
        .iter()
        .map(|stack| {
            let name = stack.last().map_or("", String::as_str);
            *index.entry(name).or_insert_with(|| {
                names.push(name);
                names.len() - 1
            })
        })
        .collect();
    let mut sums = vec![0_u64; names.len()];
    for (function, own) in functions.iter().zip(&file.own) {
        sums[*function] = sums[*function].saturating_add(*own);
    }
    let mut callees = vec![Vec::new(); names.len()];
    for call in &file.calls {
        let (caller, callee) = (functions[call.caller], functions[call.callee]);
        if caller != callee {
            sums[caller] = sums[caller].saturating_add(call.inclusive);
            callees[caller].push(callee);
        }
    }
    let inclusive = |function| (!is_in_ring(function, &callees)).then_some(sums[function]);
    names.iter().enumerate().map(|(f, name)| ((*name).to_owned(), inclusive(f))).collect()
}

fn is_in_ring(function: usize, callees: &[Vec<usize>]) -> bool {
    let mut seen = vec![false; callees.len()];
    let mut left = callees[function].clone();
    while let Some(next) = left.pop() {
        if next == function {
            return true;
        }
        if !std::mem::replace(&mut seen[next], true) {
            left.extend(&callees[next]);
        }
    }
    false
}
