//! Required parts of the comments in the header.
#![allow(dead_code, reason = "not every test program uses everything")]

/// A function that the header declares.
pub struct Function {
    /// Its comment as one line.
    comment: String,
    declaration: String,
}

/// The fate of the caller's reference, memory or handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It stays the caller's.
    Borrowed,
    /// It stays the caller's, and the call has taken one of its own.
    Kept,
    /// It ends with the call.
    Taken,
}

/// The functions that have a comment, in the order of the header.
pub fn functions(header: &str) -> Vec<Function> {
    let items = header.split("/**\n").skip(1).filter_map(|item| item.split_once(" */\n"));
    let functions = items.map(|(comment, rest)| Function {
        comment: one_line(&comment.replace("\n *", "\n")),
        declaration: one_line(rest.split(';').next().unwrap_or_default()),
    });
    functions.filter(Function::is_one).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Function {
    fn is_one(&self) -> bool {
        let other = ["typedef", "enum", "#"].iter().any(|word| self.declaration.starts_with(word));
        !other && self.declaration.ends_with(')')
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.split().1
    }

    /// The type of its result, its name, and its parameters.
    fn split(&self) -> (&str, &str, &str) {
        let (before, parameters) = self.declaration.split_once('(').expect("it is a function");
        let name = before.rfind([' ', '*']).expect("a result comes before the name") + 1;
        (before[..name].trim_end(), &before[name..], parameters.trim_end_matches(')'))
    }

    /// Its parameters: type and name.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let parameters = self.split().2.split(", ").filter(|parameter| *parameter != "void");
        parameters.map(|parameter| {
            let name = parameter.rfind([' ', '*']).expect("a type comes before the name") + 1;
            (parameter[..name].trim_end(), &parameter[name..])
        })
    }

    /// Missing parts of its comment.
    pub fn faults(&self) -> Vec<String> {
        let says = |text| self.comment.contains(text);
        let (fails, cannot) = (says("Error value:"), says("Cannot fail."));
        let answers_nothing = self.declaration.starts_with("void ");
        let faults = [
            (!says("Thread safety:"), "Thread safety:"),
            (fails == cannot, "either Error value: or Cannot fail."),
            (fails && !says("rt_last_error"), "rt_last_error"),
            (fails && answers_nothing != says("Error value: none"), "Error value: none, if void"),
            (!self.says_whose_result(), "Ownership: whose the result is"),
        ];
        let faults = faults.into_iter().filter(|(is_missing, _)| *is_missing);
        let moved = self.parameters().filter(|(kind, name)| is_moved(kind, name));
        let silent = moved.filter(|(_, name)| self.role(name).is_none());
        let silent = silent.map(|(_, name)| format!("Ownership: whose `{name}` is"));
        faults.map(|(_, what)| what.to_owned()).chain(silent).collect()
    }

    /// The text after "Ownership:".
    fn ownership(&self) -> &str {
        self.comment.split_once("Ownership: ").map_or("", |(_, said)| said)
    }

    /// The comment's text about a parameter.
    pub fn role(&self, parameter: &str) -> Option<Role> {
        let said = self.ownership();
        let taken = ["the caller's reference is taken", "the handle is taken", "the text is taken"];
        if self.parameters().count() == 1 && taken.iter().any(|taken| said.contains(taken)) {
            return Some(Role::Taken);
        }
        let lists = matches!(parameter, "advices" | "argv");
        let beginnings = [
            format!("`{parameter}` is "),
            format!("`{parameter}` and "),
            format!("and `{parameter}` are "),
        ];
        let rest = beginnings.iter().find_map(|begin| said.split_once(begin.as_str()));
        let rest = match rest {
            Some((_, rest)) => rest,
            None if lists => said.split_once("the list and the arguments are ")?.1,
            None => return None,
        };
        // Of "`a` and `b` are borrowed" the words stand behind the second.
        let rest = rest
            .strip_prefix('`')
            .map_or(rest, |other| other.split_once("` are ").map_or("", |(_, rest)| rest));
        let kept = ["borrowed and kept", "borrowed, and kept"];
        match () {
            () if kept.iter().any(|kept| rest.starts_with(kept)) => Some(Role::Kept),
            () if rest.starts_with("borrowed") => Some(Role::Borrowed),
            () => None,
        }
    }

    /// Returns whether the comment names the owner of the result, if it has one.
    fn says_whose_result(&self) -> bool {
        let (kind, name, _) = self.split();
        let said = self.ownership().to_lowercase();
        let says = |words: &[&str]| words.iter().any(|words| said.contains(words));
        if name.contains("_spawn") || name.ends_with("_create") {
            says(&["the handle is new"])
        } else if kind == "RtValue" {
            says(&["the result is new", "the result is an integer (new"])
        } else if kind.ends_with('*') {
            says(&["the text is new", "the bytes are borrowed", "the text is borrowed"])
                || says(&["the text is static: borrowed"])
        } else {
            true
        }
    }
}

/// Returns whether a parameter is a value, memory or a handle.
fn is_moved(kind: &str, name: &str) -> bool {
    kind == "RtValue" || kind.ends_with('*') || matches!(name, "file" | "thread")
}
