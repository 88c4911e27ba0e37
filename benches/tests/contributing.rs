//! The workload to copy in `CONTRIBUTING.md` is the one that is compiled and checked.

#[test]
fn the_example_is_the_one_in_the_catalogue() {
    let page = include_str!("../../CONTRIBUTING.md");
    let source = include_str!("../src/catalogue/example.rs");
    let code = &source[source.find("/// Makes").unwrap()..];
    let indented: String = code
        .lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("   {line}\n") })
        .collect();
    assert!(page.contains(&indented), "copy this into CONTRIBUTING.md:\n{indented}");
}
