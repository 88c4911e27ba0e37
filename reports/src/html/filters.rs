//! Filters of the templates.

/// A number to sort by, with as many digits as sorting needs: six significant ones. A page has
/// thousands of them.
#[askama::filter_fn]
pub(super) fn key(value: &f64, _: &dyn askama::Values) -> askama::Result<String> {
    if *value == 0.0 || !value.is_finite() {
        return Ok(value.to_string());
    }
    // Formatting rounds; parsing again takes zeros and exponents off where they are not needed.
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(*value);
    let (plain, scientific) = (rounded.to_string(), format!("{rounded:e}"));
    Ok(if plain.len() <= scientific.len() { plain } else { scientific })
}

/// A name that may be broken after its slashes (by spaces without width); escaped like any text.
#[askama::filter_fn]
pub(super) fn breakable(name: &str, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(name.replace('/', "/\u{200b}"))
}
