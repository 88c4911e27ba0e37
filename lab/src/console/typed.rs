//! Commands as the user types them: `just bench` in a checkout of this project, elsewhere `lab run`.

use crate::files;
use std::path::Path;
use std::sync::OnceLock;

/// A command of this project in the words that work in the current folder. `recipe` is a recipe of the
/// justfile with its arguments: `bench --resume`.
pub fn typed(recipe: &str) -> String {
    static IS_CHECKOUT: OnceLock<bool> = OnceLock::new();
    in_words(recipe, *IS_CHECKOUT.get_or_init(|| is_checkout(&files::workspace())))
}

fn is_checkout(folder: &Path) -> bool {
    folder.join("justfile").is_file() && folder.join("lab/Cargo.toml").is_file()
}

fn in_words(recipe: &str, is_checkout: bool) -> String {
    match recipe.strip_prefix("bench") {
        _ if is_checkout => format!("just {recipe}"),
        // The one verb that has another name.
        Some(arguments) => format!("lab run{arguments}"),
        None => format!("lab {recipe}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_those_that_work_where_the_user_is() {
        assert_eq!(in_words("bench --resume", true), "just bench --resume");
        assert_eq!(in_words("bench --resume", false), "lab run --resume");
        assert_eq!(in_words("report", false), "lab report");
        let here = files::workspace_of(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(is_checkout(&here) && !is_checkout(Path::new("/")));
    }
}
