//! What the comments in the header must say.

/// A function that the header declares.
pub struct Function {
    /// Its comment as one line.
    comment: String,
    declaration: String,
}

/// The words that say who owns what.
const OWNERSHIP: [&str; 4] = ["new", "borrowed", "kept", "taken"];

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
        let before = self.declaration.split('(').next().unwrap_or_default();
        before.rsplit([' ', '*']).next().unwrap_or_default()
    }

    /// What its comment lacks.
    pub fn faults(&self) -> Vec<&'static str> {
        let says = |text| self.comment.contains(text);
        let (fails, cannot) = (says("Error value:"), says("Cannot fail."));
        let answers_nothing = self.declaration.starts_with("void ");
        let faults = [
            (!says("Thread safety:"), "Thread safety:"),
            (self.moves_something() && !self.says_whose(), "Ownership: with one of its words"),
            (fails == cannot, "either Error value: or Cannot fail."),
            (fails && !says("rt_last_error"), "rt_last_error"),
            (fails && answers_nothing != says("Error value: none"), "Error value: none, if void"),
        ];
        faults.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, what)| what).collect()
    }

    /// Whether it takes or answers a value, a pointer or a handle.
    fn moves_something(&self) -> bool {
        let declaration = &self.declaration;
        let handles = ["_create(", "_spawn", "int64_t file)", "uint64_t thread)"];
        declaration.contains("Value")
            || declaration.contains('*')
            || handles.iter().any(|handle| declaration.contains(handle))
    }

    fn says_whose(&self) -> bool {
        let Some((_, said)) = self.comment.split_once("Ownership:") else { return false };
        let mut words = said.split(|c: char| !c.is_alphanumeric());
        words.any(|word| OWNERSHIP.contains(&word))
    }
}
