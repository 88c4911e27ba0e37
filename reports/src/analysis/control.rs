//! Null controls: the default of a comparison, measured a second time in each block.
//!
//! The two sides cannot differ. If they seem to, or may differ by as much as what was found between
//! alternatives, what was found proves nothing.

use super::{ComparisonReport, Pair, Report};
use crate::stats::{Judgement, Ratio};

/// Something that a null control says against a verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Doubt {
    /// The default seems to differ from itself; the ratio is above 1, and unknown if the two sides
    /// only differ under some condition.
    Differs(Option<Ratio>),
    /// A difference of the default from itself that is as large as the one found is not excluded.
    AsMuch {
        /// The largest possible one, as a share.
        at_most: f64,
    },
}

impl ComparisonReport {
    /// Returns whether this compares the default of another comparison with itself.
    pub fn is_null_control(&self) -> bool {
        self.comparison.controls().is_some()
    }

    /// The two sides of a null control; `None` if they were not both measured.
    pub fn sides(&self) -> Option<Pair> {
        (self.workloads.len() == 2).then(|| self.pair(1, 0))
    }

    /// Returns a doubt about every verdict, if the two sides of this null control seem to differ.
    fn differs(&self) -> Option<Doubt> {
        let sides = self.sides().filter(Pair::is_told_apart)?;
        let is_apart = matches!(sides.judgement, Judgement::Faster(_) | Judgement::Slower(_));
        let ratio = sides.ratio.filter(|_| is_apart);
        let above = |by: Ratio| if by.median < 1.0 { by.inverse() } else { by };
        Some(Doubt::Differs(ratio.map(above)))
    }
}

impl Report {
    /// The null control of a comparison, if it has one.
    pub fn null_control(&self, compared: &ComparisonReport) -> Option<&ComparisonReport> {
        let id = Some(compared.comparison.id.as_str());
        self.comparisons.iter().find(|other| other.comparison.controls() == id)
    }

    /// Returns whether the default of a comparison seems to differ from itself, so that nothing is to
    /// be concluded from it.
    pub fn is_untrusted(&self, compared: &ComparisonReport) -> bool {
        self.null_control(compared).is_some_and(|control| control.differs().is_some())
    }

    /// The doubt that the null control of a comparison casts on the verdict on `pair`; `None` if there is none.
    pub fn doubt(&self, compared: &ComparisonReport, pair: &Pair) -> Option<Doubt> {
        let control = self.null_control(compared)?;
        if let Some(doubt) = control.differs() {
            return Some(doubt);
        }
        let (Judgement::Faster(found) | Judgement::Slower(found)) = pair.judgement else {
            return None;
        };
        let found = found.median.max(found.median.recip()) - 1.0;
        let at_most = control.sides()?.at_most()?;
        (at_most >= found).then_some(Doubt::AsMuch { at_most })
    }
}
