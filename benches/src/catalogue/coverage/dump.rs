//! The report at the end, as text.

use crate::catalogue::Family;
use crate::{Effort, Prepared};
use anyhow::Result;
use simple_records::Scale;
use simple_runtime::coverage::{self, Site};

const SITES: [u64; 3] = [10, 1000, 100_000];

/// The text of a report.
#[derive(Debug, Clone, Copy)]
enum Format {
    Sdn,
    Lcov,
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Sdn => "SDN",
            Self::Lcov => "LCOV",
        }
    }

    fn dump(self) -> String {
        match self {
            Self::Sdn => coverage::report().to_sdn(),
            Self::Lcov => coverage::report().to_lcov(),
        }
    }
}

fn prepared(format: Format, sites: u64) -> Result<Prepared> {
    coverage::clear();
    coverage::set_enabled(true);
    for site in 0..sites as u32 {
        for value in [true, false] {
            coverage::condition(site, 0, value, Site::new(c"bench.spl", site + 1, 1));
            coverage::decision(site, value, Site::new(c"bench.spl", site + 1, 1));
        }
    }
    let expected = format.dump().len() as u64;
    Ok(Prepared::new(sites, expected, move || format.dump().len() as u64).bytes(expected))
}

pub(super) fn family() -> Family {
    let mut family = Family::question("coverage/dump", "What does the coverage report cost?")
        .explain(
            "Decisions of one condition, each seen true and false; the figure is the time of a \
             whole report by its decisions.",
        )
        .series("format")
        .along("sites", Scale::Log)
        .item("decision");
    let reason = "how long a program's end is put off";
    for sites in SITES {
        for format in [Format::Sdn, Format::Lcov] {
            family
                .add((format.name(), sites), reason, move |_| prepared(format, sites))
                .effort(if sites == 1000 { Effort::Quick } else { Effort::Standard });
        }
    }
    family
}
