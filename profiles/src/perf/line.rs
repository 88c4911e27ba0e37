//! Parses lines of `perf script`.
//!
//! Nothing is quoted, and the names of threads and files may contain anything: so the parts are
//! recognized by their neighbours.

use super::script::Direction;

/// The line that begins a sample, or is a whole record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    pub(super) thread: &'a str,
    pub(super) tid: i32,
    pub(super) time_ns: u64,
    pub(super) event: Event<'a>,
}

/// The event in a header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    Sample {
        name: &'a str,
        payload: &'a str,
    },
    Switch(Direction),
    Lost(u64),
    /// A record that is not used.
    OtherRecord,
    /// It is a header, but the text behind the time is not known.
    Bad(&'static str),
}

/// `  55f6b34b2f67 tiny::main+0x12 (/tmp/tiny+0x16f67)`, both offsets only if asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// An address. In perf 6.1, if it is not one of the kernel, the offset in the file.
    pub(super) ip: u64,
    /// The offset in the file, if perf was asked for it.
    pub(super) offset: Option<u64>,
    pub(super) symbol: Option<&'a str>,
    pub(super) dso: Option<&'a str>,
}

impl Frame<'_> {
    /// Returns whether it is a frame of the kernel: of the upper half of addresses.
    pub(super) fn is_kernel(&self) -> bool {
        self.ip >= 0xffff_8000_0000_0000
    }
}

/// `thread 4711 [001]   377.628981809: event: payload`; the processor may be missing.
///
/// The event begins behind a time that has a thread's number before it, but names of threads,
/// before it and in payloads, may contain such a time too. So the first time counts that an event
/// with a name that `is_known` follows; if there is none, the first that any event follows; then
/// the first.
pub(super) fn header(line: &str, is_known: impl Fn(&str) -> bool) -> Option<Header<'_>> {
    let is_event = |header: &Header<'_>| !matches!(header.event, Event::Bad(_));
    let is_known = |header: &Header<'_>| match header.event {
        Event::Sample { name, .. } => is_known(name),
        _ => is_event(header),
    };
    let first = |wanted: &dyn Fn(&Header<'_>) -> bool| headers(line).find(wanted);
    first(&is_known).or_else(|| first(&is_event)).or_else(|| first(&|_| true))
}

/// Returns whether the line has more than one time that could be that of a header.
pub(super) fn is_ambiguous(line: &str) -> bool {
    headers(line).nth(1).is_some()
}

/// Parses the line as a header, once for each time that could be the one.
fn headers(line: &str) -> impl Iterator<Item = Header<'_>> {
    let last = line.strip_suffix(':').map(str::len);
    let colons = line.match_indices(": ").map(|(at, _)| at).chain(last);
    colons.filter_map(|colon| {
        let (thread, tid, time_ns) = thread_and_time(&line[..colon])?;
        Some(Header { thread, tid, time_ns, event: event(line[colon + 1..].trim()) })
    })
}

fn thread_and_time(before: &str) -> Option<(&str, i32, u64)> {
    let (rest, time) = before.rsplit_once(' ')?;
    let time_ns = time_ns(time)?;
    let (mut rest, mut tid) = last_word(rest)?;
    if is_processor(tid) {
        (rest, tid) = last_word(rest)?;
    }
    Some((rest.trim(), tid.parse().ok()?, time_ns))
}

fn last_word(text: &str) -> Option<(&str, &str)> {
    text.trim_end().rsplit_once(' ')
}

fn is_processor(word: &str) -> bool {
    let number = word.strip_prefix('[').and_then(|word| word.strip_suffix(']'));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Parses seconds with up to nine decimals, as nanoseconds.
fn time_ns(text: &str) -> Option<u64> {
    let (seconds, decimals) = text.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(seconds) || !is_number(decimals) || decimals.len() > 9 {
        return None;
    }
    let decimals: u64 = format!("{decimals:0<9}").parse().ok()?;
    seconds.parse::<u64>().ok()?.checked_mul(1_000_000_000)?.checked_add(decimals)
}

fn event(text: &str) -> Event<'_> {
    let (name, payload) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let payload = payload.trim();
    let mut words = payload.split_whitespace();
    match name {
        "PERF_RECORD_SWITCH" | "PERF_RECORD_SWITCH_CPU_WIDE" => match words.next() {
            Some("IN") => Event::Switch(Direction::In),
            Some("OUT") => {
                Event::Switch(Direction::Out { preempt: words.next() == Some("preempt") })
            }
            _ => Event::Bad("a switch is neither in nor out"),
        },
        "PERF_RECORD_LOST" | "PERF_RECORD_LOST_SAMPLES" => {
            let count = words.skip_while(|word| *word != "lost").nth(1);
            count
                .and_then(|count| count.parse().ok())
                .map_or(Event::Bad("it does not say how many events were lost"), Event::Lost)
        }
        _ if name.starts_with("PERF_RECORD_") => Event::OtherRecord,
        _ => match name.strip_suffix(':') {
            Some(name) if !name.is_empty() => Event::Sample { name, payload },
            _ => Event::Bad("there is no event behind the time"),
        },
    }
}

pub(super) fn frame(line: &str) -> Option<Frame<'_>> {
    let line = line.trim();
    let (ip, rest) = line.split_once(' ').unwrap_or((line, ""));
    let ip = u64::from_str_radix(ip, 16).ok()?;
    let (symbol, dso) = match dso_at(rest) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..rest.len() - 1])),
        None => (rest, None),
    };
    let (dso, offset) = dso.map(with_offset).unzip();
    let (symbol, _) = with_offset(symbol.trim());
    let symbol = Some(symbol).filter(|symbol| !symbol.is_empty());
    Some(Frame { ip, offset: offset.flatten(), symbol, dso })
}

/// Position of the bracket that opens before the file. Both a function and a file may contain
/// brackets and spaces, but files have their whole path.
fn dso_at(text: &str) -> Option<usize> {
    if !text.ends_with(')') {
        return None;
    }
    let opens = |at: usize| at == 0 || text[..at].ends_with(' ');
    let path = text.match_indices("(/").map(|(at, _)| at).find(|at| opens(*at));
    let any = || text.match_indices('(').map(|(at, _)| at).rfind(|at| opens(*at));
    path.or_else(any)
}

/// Splits a `+0x1f` from the end of a name.
fn with_offset(name: &str) -> (&str, Option<u64>) {
    let parts = name.rsplit_once("+0x");
    let parts = parts.and_then(|(name, hex)| Some((name, u64::from_str_radix(hex, 16).ok()?)));
    parts.map_or((name, None), |(name, offset)| (name, Some(offset)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(line: &str) -> (&str, Option<&str>, Option<&str>) {
        let frame = frame(line).unwrap();
        assert!(frame.ip > 0);
        (line, frame.symbol, frame.dso)
    }

    #[test]
    fn frames_may_contain_brackets_spaces_and_offsets() {
        for (line, symbol, dso) in [
            (
                "\t   16f67 tiny::main (/tmp/a b (c)/tiny)",
                Some("tiny::main"),
                Some("/tmp/a b (c)/tiny"),
            ),
            (" 1 a+0x1f (/x+0x2a)", Some("a"), Some("/x")),
            ("\t 1 [unknown] (/tmp/x (deleted))", Some("[unknown]"), Some("/tmp/x (deleted)")),
            ("7f [unknown] ([unknown])", Some("[unknown]"), Some("[unknown]")),
            ("7f <fn(u8) -> ([u8], u8)>::f (/x)", Some("<fn(u8) -> ([u8], u8)>::f"), Some("/x")),
            ("7f a(b, (c)) ([vdso])", Some("a(b, (c))"), Some("[vdso]")),
            ("7f (//anon)", None, Some("//anon")),
            ("7f operator() (inlined)", Some("operator()"), Some("inlined")),
            ("ffffffff81000130 entry", Some("entry"), None),
            ("7f", None, None),
        ] {
            assert_eq!(parts(line), (line, symbol, dso));
        }
        assert_eq!(frame("hello (/x)"), None);
    }

    #[test]
    fn the_offset_in_the_file_is_that_behind_the_file() {
        let offset = |line| frame(line).unwrap().offset;
        assert_eq!(offset("55f6b34b2f67 a+0x1f (/x+0x2a)"), Some(0x2a));
        assert_eq!(offset("55f6b34b2f67 a+0x1f (/x (deleted)+0x2a)"), Some(0x2a));
        assert_eq!(offset("2a a+0x1f (/x)"), None);
    }

    fn any_header(line: &str) -> Option<Header<'_>> {
        header(line, |_| false)
    }

    #[test]
    fn a_known_event_distinguishes_a_header_from_a_name_like_one() {
        let line = "w 1 2.0: x: a  7 3.0: e: ";
        assert_eq!(header(line, |name| name == "e").unwrap().tid, 7);
        assert_eq!(any_header(line).unwrap().tid, 1);
    }

    #[test]
    fn headers_may_contain_names_of_threads_like_themselves() {
        let sample = |thread, tid, time_ns, name, payload| {
            Some(Header { thread, tid, time_ns, event: Event::Sample { name, payload } })
        };
        for (line, expected) in [
            ("a 12     1.000000002: cpu-clock: ", sample("a", 12, 1_000_000_002, "cpu-clock", "")),
            (
                "a: b [1] 12 [003] 1.5: x:y:u: p",
                sample("a: b [1]", 12, 1_500_000_000, "x:y:u", "p"),
            ),
            ("   padded    -1 0.000001: cycles:", sample("padded", -1, 1000, "cycles", "")),
            ("w 1 2.0: a  7 3.0: e: ", sample("w 1 2.0: a", 7, 3_000_000_000, "e", "")),
            ("#1 pool 7 3.0: e: ", sample("#1 pool", 7, 3_000_000_000, "e", "")),
            ("a 1 2.0: e: comm=b 3 4.0: c", sample("a", 1, 2_000_000_000, "e", "comm=b 3 4.0: c")),
        ] {
            assert_eq!(any_header(line), expected, "{line}");
        }
        assert_eq!(any_header("a: b: c"), None);
        assert_eq!(any_header("a x 1.0: e: "), None);
    }

    #[test]
    fn records_that_are_no_samples_are_recognized() {
        let event = |text| {
            any_header(&format!("a 1 [000] 2.0: {text}"))
                .map(|header| match header.event {
                    Event::Sample { .. } => "sample".to_owned(),
                    other => format!("{other:?}"),
                })
                .unwrap()
        };
        assert_eq!(event("PERF_RECORD_SWITCH IN         "), "Switch(In)");
        assert_eq!(event("PERF_RECORD_SWITCH OUT        "), "Switch(Out { preempt: false })");
        assert_eq!(event("PERF_RECORD_SWITCH OUT preempt"), "Switch(Out { preempt: true })");
        let wide = "PERF_RECORD_SWITCH_CPU_WIDE OUT preempt  next pid/tid:  1/2";
        assert_eq!(event(wide), "Switch(Out { preempt: true })");
        assert_eq!(event("PERF_RECORD_LOST lost 25"), "Lost(25)");
        assert_eq!(event("PERF_RECORD_LOST_SAMPLES lost 3"), "Lost(3)");
        assert_eq!(event("PERF_RECORD_COMM: x:1/1"), "OtherRecord");
        assert!(event("PERF_RECORD_SWITCH").starts_with("Bad"));
        assert!(event("nothing").starts_with("Bad"));
    }
}
