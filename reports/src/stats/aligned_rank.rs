//! The aligned-rank test: whether one of three that took turns in blocks differs from the two
//! others. Exact for noise of any shape.

/// Probability of ranks of the first of three at least as high (and at least as low) as these,
/// if in every block each of the three was as likely to be the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlignedRank {
    /// That the first ranks at least this high.
    pub p_greater: f64,
    /// That the first ranks so low.
    pub p_less: f64,
}

/// The test of Hodges and Lehmann (Rank Methods for Combination of Independent Experiments in
/// Analysis of Variance, Ann. Math. Statist. 33(2), 1962) for the first of three: values of a
/// block are taken relative to its mean and ranked with those of all blocks. The distribution is
/// that of the sum of one rank of each block, drawn at random. `None` without blocks.
///
/// The signed-rank test of the first against the mean of the others would not do: with noise that
/// is skewed, such differences are not symmetric, even if nothing differs.
pub fn aligned_rank(blocks: &[[f64; 3]]) -> Option<AlignedRank> {
    if blocks.is_empty() {
        return None;
    }
    let ranks = aligned_ranks(blocks);
    let first = sum_of_first(&ranks);
    let distribution = distribution(&ranks);
    Some(AlignedRank {
        p_greater: distribution[first..].iter().sum::<f64>().min(1.0),
        p_less: distribution[..=first].iter().sum::<f64>().min(1.0),
    })
}

/// Distance of the first's ranks above their mean, in standard deviations of their distribution; 0
/// where nothing can vary.
pub(crate) fn standardized(blocks: &[[f64; 3]]) -> f64 {
    let ranks = aligned_ranks(blocks);
    standardized_sum(&ranks, sum_of_first(&ranks))
}

/// Least value of [`standardized`] that [`aligned_rank`] rejects at this level; infinite if it rejects
/// nothing. It is that of these blocks, and almost that of others of their number and shape.
pub(crate) fn least_rejected(blocks: &[[f64; 3]], level: f64) -> f64 {
    let ranks = aligned_ranks(blocks);
    let mut tail = 0.0;
    let mut least = f64::INFINITY;
    for (sum, probability) in distribution(&ranks).iter().enumerate().rev() {
        tail += probability;
        if tail > level {
            break;
        }
        // Sums that cannot occur reject nothing more.
        if *probability > 0.0 {
            least = standardized_sum(&ranks, sum);
        }
    }
    least
}

/// Doubled ranks of the values of each block relative to its mean, among those of all blocks.
fn aligned_ranks(blocks: &[[f64; 3]]) -> Vec<[usize; 3]> {
    let aligned = blocks.iter().map(|block| {
        let mean = block.iter().sum::<f64>() / 3.0;
        block.map(|value| value - mean)
    });
    doubled_ranks(&aligned.collect::<Vec<_>>())
}

fn sum_of_first(ranks: &[[usize; 3]]) -> usize {
    ranks.iter().map(|[first, ..]| first).sum()
}

/// Probability of each sum of one rank of each block.
fn distribution(ranks: &[[usize; 3]]) -> Vec<f64> {
    let mut distribution = vec![1.0];
    for block in ranks {
        let most = block.iter().copied().fold(0, usize::max);
        let mut next = vec![0.0; distribution.len() + most];
        for (sum, probability) in distribution.iter().enumerate() {
            for rank in block {
                next[sum + rank] += probability / 3.0;
            }
        }
        distribution = next;
    }
    distribution
}

fn standardized_sum(ranks: &[[usize; 3]], sum: usize) -> f64 {
    let (mut mean, mut variance) = (0.0, 0.0);
    for block in ranks {
        let block = block.map(|rank| rank as f64);
        let middle = block.iter().sum::<f64>() / 3.0;
        mean += middle;
        variance += block.iter().map(|rank| (rank - middle).powi(2)).sum::<f64>() / 3.0;
    }
    if variance > 0.0 { (sum as f64 - mean) / variance.sqrt() } else { 0.0 }
}

/// Ranks among all values, ties sharing the mean of theirs; doubled, so that they are whole.
fn doubled_ranks(blocks: &[[f64; 3]]) -> Vec<[usize; 3]> {
    let sorted = super::order::ascending(blocks.as_flattened());
    let rank = |value: f64| {
        let below = sorted.partition_point(|other| *other < value);
        let up_to = sorted.partition_point(|other| *other <= value);
        below + up_to + 1
    };
    blocks.iter().map(|block| block.map(rank)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Aligned: 2, -1, -1 and 3, 0, -3; doubled ranks 10, 5, 5 and 12, 8, 2. The first two are the
    /// highest of 9 sums.
    #[test]
    fn by_hand() {
        let test = aligned_rank(&[[5.0, 2.0, 2.0], [7.0, 4.0, 1.0]]).unwrap();
        assert!((test.p_greater - 1.0 / 9.0).abs() < 1e-12, "{test:?}");
        assert_eq!(test.p_less, 1.0);
        let alike = aligned_rank(&[[1.0; 3], [1.0; 3]]).unwrap();
        assert_eq!((alike.p_greater, alike.p_less), (1.0, 1.0));
        assert_eq!(aligned_rank(&[]), None);
    }

    /// Places at or above the least rejected one have at most the level's probability, and those below it
    /// have more.
    #[test]
    fn places_are_rejected_as_probabilities_are() {
        let mut random = fastrand::Rng::with_seed(7);
        let (mut rejected, level) = (0, 0.05);
        for _ in 0..200 {
            let blocks: Vec<[f64; 3]> = (0..12).map(|_| [(); 3].map(|()| random.f64())).collect();
            let is_rejected = aligned_rank(&blocks).unwrap().p_greater <= level;
            assert_eq!(standardized(&blocks) >= least_rejected(&blocks, level), is_rejected);
            rejected += u32::from(is_rejected);
        }
        assert!((1..30).contains(&rejected), "{rejected}");
        assert_eq!(least_rejected(&[[1.0, 2.0, 3.0]], 0.3), f64::INFINITY, "a third is the least");
        assert_eq!(standardized(&[[1.0; 3]; 4]), 0.0);
    }

    /// Noise with a long tail on one side, of which the signed-rank test rejects almost three
    /// times as many as it should.
    #[test]
    fn the_test_errs_as_often_as_it_says_with_skewed_noise() {
        let mut random = 0x2545_F491_4F6C_DD1D_u64;
        let mut noise = || {
            // xorshift64, Marsaglia 2003: the test repeats itself exactly.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (((random >> 11) as f64 + 0.5) / (1_u64 << 53) as f64).ln()
        };
        let (mut greater, mut less) = (0, 0);
        for _ in 0..20_000 {
            let blocks: Vec<[f64; 3]> = (0..20).map(|_| [(); 3].map(|()| noise())).collect();
            let test = aligned_rank(&blocks).unwrap();
            greater += u32::from(test.p_greater <= 0.01);
            less += u32::from(test.p_less <= 0.01);
        }
        // Within three standard deviations of 200, which discreteness can only lower.
        assert!(greater <= 242 && less <= 242 && greater + less > 300, "{greater} {less}");
    }

    proptest! {
        #[test]
        fn negating_swaps_sides(blocks in prop::collection::vec(prop::array::uniform3(-9..9_i32), 1..12)) {
            let blocks: Vec<[f64; 3]> = blocks.into_iter().map(|block| block.map(f64::from)).collect();
            // Thirds are not exact: in steps of three, means are.
            let there: Vec<_> = blocks.iter().map(|block| block.map(|value| 3.0 * value)).collect();
            let back: Vec<_> = there.iter().map(|block| block.map(|value| -value)).collect();
            let (there, back) = (aligned_rank(&there).unwrap(), aligned_rank(&back).unwrap());
            prop_assert!((there.p_greater - back.p_less).abs() < 1e-9);
            prop_assert!((there.p_less - back.p_greater).abs() < 1e-9);
        }
    }
}
