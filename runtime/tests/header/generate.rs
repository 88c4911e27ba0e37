//! The header as text: what cbindgen makes of the sources, put into a C reader's words.

use crate::c::package;
use std::fs;

/// The families of functions in the order of the header: heading, and module of `src/ffi`.
const FAMILIES: [(&str, &str); 11] = [
    ("Values", "value"),
    ("Strings", "string"),
    ("Arrays", "array"),
    ("Futures", "future"),
    ("The executor: one per process", "executor"),
    ("Async files", "file"),
    ("Isolated threads", "thread"),
    ("Channels", "channel"),
    ("Coverage", "coverage"),
    ("Around-advice", "aop"),
    ("Errors and versions", "error"),
];

/// The modules that define the types in the functions' signatures.
const TYPES: [&str; 8] = [
    "future/object",
    "future/state",
    "executor/stats",
    "executor/control",
    "file/protocol",
    "file/prefault",
    "thread",
    "aop",
];

/// Requirements that the header states once, for all functions.
const GENERAL: [&str; 2] = ["a heap word names a live object", "heap words name live objects"];

/// Phrases in the comments of types, in Rust and in C.
const IN_C: [(&str, &str); 10] = [
    ("\n *\n * The numbers are those of the C interface.", ""),
    (", as the C interface numbers it", "; the answers of native_async_file_get_state"),
    ("; the numbers are those of `rt_future_state`", "; the answers of rt_future_state"),
    (" See `Plan`.", ""),
    ("made by `reject`", "made by rt_future_reject"),
    ("`poll`", "rt_executor_poll"),
    ("`poll_all`", "rt_executor_poll_all"),
    ("`Body`", "RtBody"),
    ("`Prefault::Touch`", "RT_PREFAULT_TOUCH"),
    ("`Prefault::PopulateRead`", "RT_PREFAULT_POPULATE_READ"),
];

/// The generated header.
pub fn header() -> String {
    let config = cbindgen::Config::from_file(package().join("cbindgen.toml"))
        .expect("cbindgen.toml is as cbindgen wants it");
    let families = FAMILIES.iter().map(|(_, module)| format!("ffi/{module}"));
    let modules = TYPES.iter().map(|module| (*module).to_owned()).chain(families);
    let builder = modules.fold(cbindgen::Builder::new().with_config(config), |builder, module| {
        builder.with_src(source(&module))
    });
    let mut text = Vec::new();
    builder.generate().expect("cbindgen understands the sources").write(&mut text);
    let text = String::from_utf8(text).expect("sources are UTF-8");
    let text = end_of_preamble(&old_c(&plain_enums(&nullable_functions(text))));
    let text = requirements(&plain_links(&text));
    let text = IN_C.iter().fold(text, |text, (rust, c)| text.replace(rust, c));
    headings(text)
}

fn source(module: &str) -> std::path::PathBuf {
    package().join(format!("src/{module}.rs"))
}

/// An optional function pointer is a function pointer in C; cbindgen does not see through
/// the alias.
fn nullable_functions(mut text: String) -> String {
    for (rust, c) in [("Target", "RtAopTarget"), ("Advice", "RtAopAdvice")] {
        let option = format!("Option_{rust}");
        text = text.replace(&format!("typedef struct {option} {option};\n\n"), "");
        text = text.replace(&format!("struct {option}"), c).replace(&option, c);
    }
    text
}

/// Enums without the preprocessor's lines about their size: functions take and answer
/// integers, so it does not matter.
fn plain_enums(text: &str) -> String {
    let mut plain = String::new();
    let mut until = None;
    for line in text.split_inclusive('\n') {
        match until {
            Some(end) if line.starts_with(end) => until = None,
            Some(_) => {}
            None if line.starts_with("#if defined(__cplusplus) ||") => until = Some("#endif"),
            None if line == "#ifndef __cplusplus\n" => until = Some("#endif // __cplusplus"),
            // Its brace stands on a line of its own, behind the lines left out.
            None if line == " {\n" => {
                plain.truncate(plain.trim_end().len());
                plain.push_str(line);
            }
            None => plain.push_str(line),
        }
    }
    plain
}

/// Syntax that the first C and C++ standards lack: comments behind `//`, and a comma behind the
/// last constant.
fn old_c(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once("// ") {
        Some((code, comment)) if line.starts_with('#') || line.starts_with('}') => {
            format!("{} /* {comment} */\n", code.trim_end())
        }
        _ => format!("{line}\n"),
    });
    lines.collect::<String>().replace(",\n};", "\n};")
}

/// Ends what the preamble has begun, within the guard.
fn end_of_preamble(text: &str) -> String {
    const GUARD: &str = "#endif  /* SIMPLE_RUNTIME_H */";
    const END: &str = "#if defined(__clang__) && !defined(__cplusplus)\n\
                       #pragma clang diagnostic pop\n\
                       #endif\n\n\
                       #endif /* SIMPLE_RUNTIME_H */";
    text.replace(GUARD, END)
}

/// Links to Rust items as the names they show.
fn plain_links(text: &str) -> String {
    let mut parts = text.split("[`");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("`]").expect("a link has an end");
        let target = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        plain.push_str(&format!("`{name}`{}", target.map_or(rest, |(_, rest)| rest)));
    }
    plain
}

/// Rust's "# Safety" sections as one sentence, where they say more than holds of all calls.
fn requirements(text: &str) -> String {
    let mut parts = text.split(" *\n * # Safety\n *\n * ");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (section, rest) = part.split_once("\n */").expect("a comment has an end");
        let section = section.replace("\n * ", " ");
        let (first, others) = section.trim_end_matches('.').split_at(1);
        let section = format!("{}{others}", first.to_lowercase());
        let mut special = section.split("; ").filter(|what| !GENERAL.contains(what)).peekable();
        if special.peek().is_some() {
            let special = special.collect::<Vec<_>>().join("; ");
            plain.push_str(&format!(" *\n{}", wrapped(&format!("Requires: {special}."))));
        }
        plain.push_str(" */");
        plain.push_str(rest);
    }
    plain
}

/// A paragraph as lines of a comment.
fn wrapped(paragraph: &str) -> String {
    const COLUMNS: usize = 92;
    let mut lines = vec![" *".to_owned()];
    for word in paragraph.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= COLUMNS => line.extend([" ", word]),
            _ => lines.push(format!(" * {word}")),
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A heading before the first function of each family.
fn headings(mut text: String) -> String {
    for (heading, module) in FAMILIES {
        let rust = fs::read_to_string(source(&format!("ffi/{module}"))).expect("a source");
        let (_, rust) = rust.split_once(r#"extern "C" fn "#).expect("a family has a function");
        let (first, _) = rust.split_once('(').expect("a function has arguments");
        // The last place: the comment at the top shows calls of some functions.
        let place = text.rfind(&format!("{first}(")).expect("a function is declared");
        let comment = text[..place].rfind("/**").expect("a function has a comment");
        text.insert_str(comment, &format!("/* ---- {heading} ---- */\n\n"));
    }
    text
}
