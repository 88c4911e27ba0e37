//! Misspelt filters, which are refused before anything is built.

use std::process::Command;

#[test]
fn a_name_that_is_not_on_the_list_is_refused_without_a_build() {
    for verb in ["run", "list", "check"] {
        let target = tempfile::tempdir().unwrap();
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        lab.args([verb, "registry/get-onyl", "--target"]).arg(target.path());
        let output = lab.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{verb}: {said}");
        assert!(said.contains("\n  registry/get-only/"), "{verb}: {said}");
        // A catalogue that is being edited may have names that the list lacks: that is built.
        if !said.contains("the catalogue is being edited") {
            assert_eq!(target.path().read_dir().unwrap().count(), 0, "{verb} has built something");
        }
    }
}
