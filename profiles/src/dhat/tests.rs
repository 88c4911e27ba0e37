//! Tests with files that DHAT wrote of `tests/data/heap.c` with 2 and with 5 iterations, as the
//! module describes, without the counts of accesses.

use super::*;
use proptest::prelude::*;

const TWO: &str = include_str!("../../tests/data/heap-2.json");
const FIVE: &str = include_str!("../../tests/data/heap-5.json");

/// The site in the thread that each iteration starts, and the one in the main thread.
const WORKER: [&str; 4] = ["clone", "start_thread", "worker", "table"];
const CHAIN: [&str; 4] = ["main", "measured", "chain", "node"];

fn heap(text: &str) -> Heap {
    parse(text).unwrap()
}

fn site<'a>(heap: &'a Heap, stack: &[&str]) -> &'a Site {
    heap.sites.iter().find(|site| site.stack == stack).unwrap()
}

#[test]
fn sites_have_the_function_that_asked_innermost() {
    let heap = heap(TWO);
    assert_eq!((heap.blocks, heap.bytes, heap.peak_bytes), (14, 1528, 1172));
    assert_eq!(heap.shrunk, Shrunk::default());
    let setup = Site {
        stack: ["main", "table"].map(str::to_owned).to_vec(),
        blocks: 1,
        bytes: 800,
        lifetime_instructions: 17_269,
        peak_bytes: 800,
        end_bytes: 800,
    };
    assert_eq!(heap.sites[0], setup);
    let bytes: Vec<u64> = heap.sites.iter().map(|site| site.bytes).collect();
    assert_eq!(bytes, [800, 272, 264, 192], "the largest first");
}

#[test]
fn a_realloc_is_one_more_block_where_the_block_was_first_asked_for() {
    let heap = heap(TWO);
    let worker = site(&heap, &WORKER);
    assert_eq!((worker.blocks, worker.bytes), (2 * 2, 2 * (32 + 100)));
    assert_eq!(worker.mean_lifetime(), 1687.0 / 4.0);
}

#[test]
fn direct_recursion_is_one_frame_and_its_sites_are_one() {
    let chain = site(&heap(TWO), &CHAIN).clone();
    assert_eq!((chain.blocks, chain.bytes), (2 * 4, 2 * 4 * 24));
    assert_eq!(chain.lifetime_instructions, 76 + 3 * 78);
}

#[test]
fn five_iterations_minus_two_are_three_without_the_set_up() {
    let three = between(&heap(TWO), &heap(FIVE));
    assert_eq!(three.sites.len(), 2, "{:?}", three.sites);
    assert_eq!(three.shrunk, Shrunk::default());
    let (worker, chain) = (site(&three, &WORKER), site(&three, &CHAIN));
    assert_eq!((worker.blocks, worker.bytes), (3 * 2, 3 * (32 + 100)));
    assert_eq!((chain.blocks, chain.bytes), (3 * 4, 3 * 4 * 24));
    assert_eq!(worker.lifetime_instructions, 1921 - 1687);
    assert_eq!((worker.peak_bytes, three.peak_bytes), (100, 1172), "those of the longer run");
    assert_eq!((three.blocks, three.bytes), (18, 684));
}

#[test]
fn sites_that_shrank_are_left_out_and_summed_up() {
    let fewer = between(&heap(FIVE), &heap(TWO));
    assert_eq!(fewer.sites, []);
    assert_eq!(fewer.shrunk, Shrunk { sites: 2, blocks: 18, bytes: 684 });
    let gone = between(&heap(TWO), &Heap::default());
    assert_eq!(gone.shrunk, Shrunk { sites: 4, blocks: 14, bytes: 1528 });
}

#[test]
fn folded_stacks_hold_bytes_or_blocks() {
    let heap = heap(TWO);
    let (bytes, blocks) = (heap.folded(Measure::Bytes), heap.folded(Measure::Blocks));
    assert_eq!((bytes.count(&CHAIN), blocks.count(&CHAIN)), (192, 8));
    assert_eq!((bytes.total(), blocks.total()), (heap.bytes, heap.blocks));
}

/// Sites of a workload of the benchmarks: with link-time optimisation, and on two threads.
#[test]
fn names_of_a_rust_program_are_whole() {
    let heap = heap(include_str!("../../tests/data/bench.json"));
    for site in &heap.sites {
        assert!(site.stack.iter().all(|name| !name.starts_with("0x") && !name.contains(".rs:")));
        let asked = site.stack.last().unwrap();
        assert!(!["malloc", "calloc"].contains(&asked.as_str()), "{:?}", site.stack);
        assert!(!asked.ends_with("finish_grow"), "{:?}", site.stack);
    }
    let bytes = heap.folded(Measure::Bytes);
    assert_eq!(bytes.total(), heap.bytes);
    let below = bytes.below("simple_bench_counted");
    assert!(!below.is_empty() && below.total() < bytes.total());
}

/// A file with one site of the given stack.
fn file(stack: &str, frames: &str) -> String {
    format!(
        r#"{{"dhatFileVersion":2,"mode":"heap","tu":"instrs","pps":[{{"tb":1,"tbk":1,"fs":{stack}}}],"ftbl":{frames}}}"#
    )
}

#[test]
fn a_stack_of_forwarding_functions_has_one_frame() {
    let stack = |text: String| heap(&text).sites[0].stack.clone();
    let frames = r#"["[root]","0x1: malloc (vg_replace_malloc.c:1)","0x2: __rust_alloc (a.rs:1)"]"#;
    assert_eq!(stack(file("[1,2]", frames)), ["__rust_alloc"]);
    assert_eq!(stack(file("[1]", frames)), ["malloc"]);
    assert_eq!(stack(file("[]", frames)), ["[unknown]"]);
}

#[test]
fn damaged_files_are_refused_with_a_reason() {
    let wrong = |text: &str| parse(text).unwrap_err();
    assert_eq!(wrong(&FIVE[..FIVE.len() / 2]), Error::CutOff);
    assert!(matches!(wrong(""), Error::NotDhat(_)));
    assert!(matches!(wrong("events: Ir\n"), Error::NotDhat(_)));
    assert!(wrong("{}").to_string().contains("dhatFileVersion"));
    assert!(matches!(wrong(&TWO.replace("\"tbk\":2", "\"tbk\":-2")), Error::NotDhat(_)));
    assert_eq!(wrong(&TWO.replace("Version\":2", "Version\":3")), Error::Version(3));
    let copies = wrong(&TWO.replace("\"heap\"", "\"copy\""));
    assert!(copies.to_string().contains("--mode=heap"), "{copies}");
    let frame = Error::NoFrame { site: 1, frame: 7, frames: 1 };
    assert_eq!(wrong(&file("[0,7]", "[\"[root]\"]")), frame);
}

fn any() -> impl Strategy<Value = Heap> {
    let stack = prop::collection::vec("[a-c]", 1..4);
    let counts = (1..100_u64, 0..1000_u64, 0..1000_u64);
    prop::collection::btree_map(stack, counts, 0..10).prop_map(|sites| {
        let site = |(stack, (blocks, bytes, lifetime_instructions))| Site {
            stack,
            blocks,
            bytes,
            lifetime_instructions,
            ..Site::default()
        };
        Heap::of(sites.into_iter().map(site).collect(), 0, Shrunk::default())
    })
}

/// Allocations of both together.
fn sum(one: &Heap, other: &Heap) -> Heap {
    let mut sites = one.sites.clone();
    for site in &other.sites {
        match sites.iter_mut().find(|known| known.stack == site.stack) {
            Some(known) => {
                known.blocks += site.blocks;
                known.bytes += site.bytes;
                known.lifetime_instructions += site.lifetime_instructions;
            }
            None => sites.push(site.clone()),
        }
    }
    Heap::of(sites, 0, Shrunk::default())
}

proptest! {
    #[test]
    fn between_takes_back_what_was_added(setup in any(), measured in any()) {
        prop_assert_eq!(between(&setup, &sum(&setup, &measured)), measured);
    }

    #[test]
    fn nothing_is_lost_between(before in any(), after in any()) {
        let beyond = between(&before, &after);
        let folded = after.folded(Measure::Blocks).minus(&before.folded(Measure::Blocks));
        prop_assert!(beyond.blocks <= folded.total());
        let grew = |site: &Site| site.blocks > 0 || site.bytes > 0;
        prop_assert!(beyond.sites.iter().all(grew));
        prop_assert!(beyond.shrunk.blocks <= before.blocks);
    }

    #[test]
    fn no_text_panics(text in "[\\x20-\\x7e]{0,60}") {
        prop_assert!(parse(&text).is_err());
        let _ = heap(&file("[0]", &serde_json::to_string(&[text]).unwrap()));
    }
}

#[test]
fn other_modes_and_versions_are_named_whatever_else_they_lack() {
    let copy = r#"{"dhatFileVersion":2,"mode":"copy","verb":"Copied","tu":"instrs","cmd":"./a","pid":1,
                   "pps":[{"tb":4096,"fs":[1]}],"ftbl":["[root]","0x1: memcpy (in /a)"]}"#;
    let mode = Error::Mode { mode: "copy".to_owned(), time: "instrs".to_owned() };
    assert_eq!(parse(copy), Err(mode));
    let old = r#"{"dhatFileVersion":1,"mode":"heap","cmd":"./a","pps":[],"ftbl":["[root]"]}"#;
    assert_eq!(parse(old), Err(Error::Version(1)));
}

#[test]
fn heaps_of_several_processes_are_added() {
    let heap = |stack: &str, bytes, peak_bytes| {
        let site = Site { stack: vec![stack.to_owned()], bytes, blocks: 1, ..Site::default() };
        Heap::of(vec![site], peak_bytes, Shrunk::default())
    };
    let all = Heap::of_processes([heap("f", 5, 9), heap("g", 7, 30), heap("f", 4, 2)]);
    assert_eq!((all.blocks, all.bytes, all.peak_bytes), (3, 16, 30));
    let sites: Vec<_> = all.sites.iter().map(|site| (&site.stack[0][..], site.bytes)).collect();
    assert_eq!(sites, [("f", 9), ("g", 7)]);
}
