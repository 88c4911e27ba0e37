//! The names of all workloads, and filters that choose among them.
//!
//! The list in `workloads.txt` is written by `just names` from the catalogue and compared with
//! it by a test. It is here so that a misspelt name is reported at once: the catalogue itself takes
//! minutes to build.

mod filter;
mod nearest;

pub use filter::Filter;
pub use nearest::nearest;

use std::collections::BTreeSet;
use std::fmt;

/// The list of this checkout.
pub const LIST: &str = include_str!("../workloads.txt");

/// A workload, as the list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// Its name, such as `file/load/populate/1MiB/warm`.
    pub name: String,
    /// The least effort that measures it.
    pub effort: String,
    /// Names of axes and the values on them, as text.
    pub axes: Vec<(String, String)>,
}

/// A line of the list: name, effort and axes, with tabs between them.
impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\t{}", self.name, self.effort)?;
        self.axes.iter().try_for_each(|(axis, value)| write!(f, "\t{axis}={value}"))
    }
}

/// Reads a list; lines that are none of it are skipped.
pub fn parse(list: &str) -> Vec<Workload> {
    list.lines().filter_map(workload).collect()
}

fn workload(line: &str) -> Option<Workload> {
    let mut fields = line.split('\t').map(str::to_owned);
    let (name, effort) = (fields.next()?, fields.next()?);
    let axis = |field: String| {
        field.split_once('=').map(|(axis, value)| (axis.to_owned(), value.to_owned()))
    };
    Some(Workload { name, effort, axes: fields.filter_map(axis).collect() })
}

/// The workloads of this checkout, and of a revision that it is compared with: there may be some that
/// were removed since. Nothing if the revision has no list. `git` returns what git prints in the folder
/// of this crate, if it succeeds.
pub fn known(
    revision: Option<&str>,
    git: impl Fn(&[&str]) -> Option<String>,
) -> Option<Vec<Workload>> {
    let mut workloads = parse(LIST);
    if let Some(revision) = revision {
        let list = git(&["show", "--end-of-options", &format!("{revision}:./workloads.txt")])?;
        workloads.extend(parse(&list));
    }
    Some(workloads)
}

/// Returns whether the harness has changes that are not committed: the list may lag behind. `git` is
/// as for [`known`].
pub fn is_edited(git: impl Fn(&[&str]) -> Option<String>) -> bool {
    git(&["status", "--porcelain", "--", "../src"]).is_some_and(|changes| !changes.is_empty())
}

/// Says which patterns choose no workload, with what was perhaps meant; nothing if each chooses one.
pub fn complaint(filters: &[String], workloads: &[Workload]) -> Option<String> {
    let matches_none = |pattern: &&String| {
        let filter = Filter::new(std::slice::from_ref(pattern));
        !workloads.iter().any(|workload| filter.chooses(&workload.name, &workload.axes))
    };
    let complaints: Vec<_> = filters
        .iter()
        .filter(matches_none)
        .map(|pattern| format!("no workload matches '{pattern}'{}", advice(pattern, workloads)))
        .collect();
    (!complaints.is_empty()).then(|| complaints.join("\n"))
}

/// A guess at the meaning of a pattern that chooses nothing.
fn advice(pattern: &str, workloads: &[Workload]) -> String {
    let lines =
        |names: Vec<String>| -> String { names.iter().map(|name| format!("\n  {name}")).collect() };
    let same = nearest::of_other_case(pattern, workloads);
    if !same.is_empty() {
        let same = same.iter().map(|part| format!("'{part}'")).collect::<Vec<_>>().join(" or ");
        return format!(": upper and lower case differ; perhaps you mean {same}");
    }
    let near = nearest(pattern, workloads);
    if !near.is_empty() {
        return format!("; perhaps you mean{}", lines(near));
    }
    let axes = workloads.iter().flat_map(|workload| &workload.axes);
    match pattern.split_once('=') {
        Some((asked, _)) => {
            let values: BTreeSet<&str> =
                axes.clone().filter(|(axis, _)| axis == asked).map(|(_, at)| at.as_str()).collect();
            match values.is_empty() {
                true => format!(": the axes are {}", listed(axes.map(|(axis, _)| axis.as_str()))),
                false => format!(": the values of {asked} are {}", listed(values.into_iter())),
            }
        }
        None => {
            let families = workloads.iter().filter_map(|one| one.name.split('/').next());
            format!(": names begin with {}", listed(families))
        }
    }
}

/// Each once, in order, and not all if there are many.
fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 40;
    let words: BTreeSet<&str> = words.collect();
    let more = if words.len() > MOST { ", ..." } else { "" };
    words.into_iter().take(MOST).collect::<Vec<_>>().join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_it_is_written() {
        let text = "a/b c/1\tquick\thow=b c\tworkers=1\nd\tfull\n";
        let workloads = parse(text);
        assert_eq!(workloads.len(), 2);
        assert_eq!(workloads[0].axes[1], ("workers".to_owned(), "1".to_owned()));
        let again: String = workloads.iter().map(|workload| format!("{workload}\n")).collect();
        assert_eq!(again, text);
    }

    #[test]
    fn a_misspelt_name_is_refused_with_what_was_perhaps_meant() {
        let workloads = parse(LIST);
        let complaint = |filters: &[&str]| {
            let filters: Vec<_> = filters.iter().map(|&text| text.to_owned()).collect();
            complaint(&filters, &workloads)
        };
        assert_eq!(complaint(&[]), None);
        assert_eq!(complaint(&["registry", "workers=2", "file/*/1MiB"]), None);
        let said = complaint(&["registry", "registry/get-onyl"]).unwrap();
        assert!(said.contains("'registry/get-onyl'"), "{said}");
        assert!(said.contains("\n  registry/get-only/"), "{said}");
        assert!(!said.contains("'registry'"), "{said}");
        let said = complaint(&["nosuchthing"]).unwrap();
        assert!(said.contains("names begin with abi, "), "{said}");
        assert!(complaint(&["workes=2"]).unwrap().contains("\n  workers=2"));
        let said = complaint(&["unknown=2"]).unwrap();
        assert!(said.contains("the axes are ") && said.contains(", workers"), "{said}");
        let said = complaint(&["workers=a great many"]).unwrap();
        assert!(said.contains("the values of workers are 1, "), "{said}");
    }

    #[test]
    fn upper_and_lower_case_differ() {
        let complaint = |pattern: &str| complaint(&[pattern.to_owned()], &parse(LIST)).unwrap();
        let said = complaint("Registry/Get-Only");
        assert!(said.contains("perhaps you mean 'registry/get-only'"), "{said}");
        assert!(complaint("1mib").contains("perhaps you mean '1MiB'"));
    }
}
