//! Distributions as measured quantiles, and draws from them.

/// Quantiles: the share of values that are smaller, ascending from 0 to 1, and the value.
pub(super) type Quantiles = [(f64, f64)];

/// The value at a share, on a straight line between the logarithms of the quantiles beside it:
/// sizes of files and lengths of names are spread like that.
pub(super) fn at(quantiles: &Quantiles, share: f64) -> usize {
    let after =
        quantiles.partition_point(|(below, _)| *below <= share).clamp(1, quantiles.len() - 1);
    let ((from, low), (to, high)) = (quantiles[after - 1], quantiles[after]);
    let way = (share - from) / (to - from);
    (low.ln() + (high.ln() - low.ln()) * way).exp().round() as usize
}

pub(super) fn draw(quantiles: &Quantiles, random: &mut fastrand::Rng) -> usize {
    at(quantiles, random.f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_between_two_quantiles_is_between_their_values() {
        let quantiles = [(0.0, 1.0), (0.5, 10.0), (1.0, 1000.0)];
        assert_eq!(
            [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| at(&quantiles, share)),
            [1, 3, 10, 100, 1000]
        );
    }
}
