use super::*;

const TRACE: &str = r#"{"traceEvents":[
{"name":"thread_name","ph":"M","pid":1,"tid":8,"args":{"name":"worker <1>"}},
{"name":"thread_sort_index","ph":"M","pid":1,"tid":8,"args":{"sort_index":1}},
{"name":"thread_name","ph":"M","pid":1,"tid":9,"args":{"name":"worker 0"}},
{"name":"thread_sort_index","ph":"M","pid":1,"tid":9,"args":{"sort_index":0}},
{"name":"thread_name","ph":"M","pid":1,"tid":7,"args":{"name":"idle"}},
{"name":"run","ph":"X","pid":1,"tid":8,"ts":2000.0,"dur":500.0,"args":{"jobs":3}},
{"name":"blocked","ph":"X","pid":1,"tid":8,"ts":2100.0,"dur":100.0},
{"name":"park","ph":"X","pid":1,"tid":9,"ts":1000.0,"dur":1000.0},
{"name":"wake","ph":"i","pid":1,"tid":8,"ts":2050.0,"s":"t"},
{"name":"wake","ph":"s","pid":1,"tid":8,"ts":2050.0,"id":1},
{"name":"run","ph":"X","pid":1,"tid":8,"ts":1000.0,"dur":100.0}
],"displayTimeUnit":"ns"}"#;

fn picture(lanes: &[Lane]) -> String {
    let [title, subtitle] = ["a & b", "fan-out"].map(str::to_owned);
    render(lanes, &Options { title, subtitle }).unwrap()
}

#[test]
fn lanes_have_the_order_of_the_trace_and_events_that_of_time() {
    let lanes = parse(TRACE).unwrap();
    let names: Vec<_> = lanes.iter().map(|lane| lane.name.as_str()).collect();
    assert_eq!(names, ["worker 0", "worker <1>"]);
    let begins: Vec<_> = lanes[1].spans.iter().map(|span| span.begin_us).collect();
    assert_eq!(begins, [1000.0, 2000.0, 2100.0]);
    assert_eq!(lanes[1].marks.len(), 1, "an arrow is no mark");
}

#[test]
fn bars_are_where_their_times_are() {
    let svg = picture(&parse(TRACE).unwrap());
    // 980 pixels from 150 on are 1500 microseconds.
    assert!(svg.contains("<rect x=\"150.0\" y=\"84\" width=\"653.3\""), "{svg}");
    assert!(svg.contains("<rect x=\"803.3\" y=\"118\" width=\"326.7\""), "{svg}");
    assert!(svg.contains(">0%</text>") && svg.contains(">33%</text>"), "{svg}");
}

#[test]
fn names_are_escaped_and_nothing_is_fetched() {
    let svg = picture(&parse(TRACE).unwrap());
    assert!(svg.contains("worker &lt;1&gt;") && svg.contains("a &amp; b"));
    assert_eq!(svg.matches("://").count(), 1, "the namespace alone");
}

#[test]
fn spans_that_cannot_be_distinguished_are_one_bar() {
    let spans = (0..10_000).map(|i| Span {
        name: "run".to_owned(),
        begin_us: f64::from(i) * 10.0,
        end_us: f64::from(i) * 10.0 + 9.0,
        jobs: 1,
    });
    let lane = Lane { name: "w".to_owned(), spans: spans.collect(), marks: Vec::new() };
    let svg = picture(&[lane]);
    assert!(svg.contains("runs jobs (10000 times)") && svg.len() < 10_000, "{}", svg.len());
}

#[test]
fn a_trace_that_cannot_be_drawn_is_refused() {
    assert!(parse("[]").unwrap_err().to_string().contains("no trace"));
    let lanes = parse(r#"{"traceEvents":[]}"#).unwrap();
    let options = Options { title: String::new(), subtitle: String::new() };
    assert!(matches!(render(&lanes, &options), Err(Error::Empty)));
}

#[test]
fn each_thread_is_summed_up() {
    let lanes = parse(TRACE).unwrap();
    let [first, second] = totals(&lanes).try_into().unwrap();
    assert_eq!((first.parks, first.parked_ns, first.run_ns), (1, 1_000_000, 0));
    assert_eq!((second.jobs, second.run_ns, second.wakes), (3, 600_000, 1));
    assert_eq!(span_ns(&lanes), 1_500_000);
    assert_eq!(span_ns(&[]), 0);
}
