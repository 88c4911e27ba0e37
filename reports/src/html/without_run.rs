//! The page of all that is there if no run is: profiles, and a link to the page of a gate.

use super::context::{Context, Shared};
use super::filters;
use super::page::{PageError, Pages, STYLE};
use super::policy::{Pictures, policy_without_script};
use super::profile;
use askama::Template;
use simple_records::Fingerprint;

/// The data of `without_run.html`.
#[derive(Template)]
#[template(path = "without_run.html")]
struct Bare {
    policy: String,
    style: &'static str,
    missing: Vec<String>,
    has_gate: bool,
    profiles: Option<profile::Overview>,
}

/// The page of a context without a run. `missing` says in sentences what is not there, and why; `None` if
/// nothing is there.
///
/// # Errors
/// If the page cannot be made, which no record should cause.
pub fn page_without_run(
    context: &Context,
    mut missing: Vec<String>,
) -> Result<Option<Pages>, PageError> {
    let fingerprint = Fingerprint::default();
    let mut shared = Shared::without_run(context, &fingerprint);
    let profiles = context.profiles.and_then(|all| profile::alone(all, &mut shared));
    if profiles.is_none() && !context.has_gate {
        return Ok(None);
    }
    if profiles.is_none() {
        missing.push("There are no profiles: `lab profile -- PROGRAM` makes one.".to_owned());
    }
    if !context.has_gate {
        missing.push("There is no comparison of two builds: `lab gate REV` makes one.".to_owned());
    }
    let page = Bare {
        policy: policy_without_script(STYLE, Pictures::of(&shared.copied)),
        style: STYLE,
        missing,
        has_gate: context.has_gate,
        profiles,
    };
    Ok(Some(Pages { html: page.render()?, copied: shared.copied }))
}
