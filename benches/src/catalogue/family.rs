//! A question, its axes, and the workloads that answer it.

use crate::{Data, Prepared, Workload};
use anyhow::Result;
use simple_records::{Axes, AxisValue, Comparison, Display, Scale};

/// A question and the workloads that answer it.
#[derive(Debug)]
pub struct Family {
    /// What is compared.
    pub comparison: Comparison,
    /// The alternatives, the runtime's and its peers'.
    pub workloads: Vec<Workload>,
    /// Names of the axes, in the order in which workloads' names have them.
    axes: Vec<&'static str>,
}

impl Family {
    /// A question without workloads. `id` is such as `file/load`, `title` what a reader would
    /// ask. Axes are named next: the order of [`series`](Self::series), [`along`](Self::along)
    /// and [`facet`](Self::facet) is that of the values in workloads' names.
    pub(super) fn question(id: &str, title: &str) -> Self {
        let comparison = Comparison {
            id: id.to_owned(),
            title: title.to_owned(),
            explanation: String::new(),
            x_axis: String::new(),
            x_scale: Scale::Category,
            series_axis: String::new(),
            facet_axis: None,
            defaults: Axes::default(),
            item: String::new(),
            display: Display::TimePerItem,
        };
        Self { comparison, workloads: Vec::new(), axes: Vec::new() }
    }

    /// What is measured, and what that does not say.
    pub(super) fn explain(mut self, explanation: impl Into<String>) -> Self {
        self.comparison.explanation = explanation.into();
        self
    }

    /// The axis of the alternatives.
    pub(super) fn series(mut self, axis: &'static str) -> Self {
        self.comparison.series_axis = axis.to_owned();
        self.axis(axis)
    }

    /// The axis that plots run along. It may be that of the alternatives.
    pub(super) fn along(mut self, axis: &'static str, scale: Scale) -> Self {
        self.comparison.x_axis = axis.to_owned();
        self.comparison.x_scale = scale;
        self.axis(axis)
    }

    /// The axis that is split into plots of their own.
    pub(super) fn facet(mut self, axis: &'static str) -> Self {
        self.comparison.facet_axis = Some(axis.to_owned());
        self.axis(axis)
    }

    fn axis(mut self, axis: &'static str) -> Self {
        if !self.axes.contains(&axis) {
            self.axes.push(axis);
        }
        self
    }

    /// The value on `axis` of users who do not choose.
    pub(super) fn default_at(mut self, axis: &'static str, value: impl Into<AxisValue>) -> Self {
        self.comparison.defaults = self.comparison.defaults.with(axis, value);
        self
    }

    /// Noun for what an iteration processes: `task`, `lookup`.
    pub(super) fn item(mut self, item: &str) -> Self {
        self.comparison.item = item.to_owned();
        self
    }

    /// The figure that plots show, if not nanoseconds an item.
    pub(super) fn display(mut self, display: Display) -> Self {
        self.comparison.display = display;
        self
    }

    /// Adds a workload at `place`, a value for each axis. `prepare` is not measured.
    pub(super) fn add(
        &mut self,
        place: impl Place,
        reason: &'static str,
        prepare: impl Fn(&Data) -> Result<Prepared> + 'static,
    ) -> &mut Workload {
        let values = place.values();
        assert_eq!(values.len(), self.axes.len(), "a value for each of {:?}", self.axes);
        let axes = self.axes.iter().zip(values);
        let axes = axes.fold(Axes::default(), |axes, (name, value)| axes.with(name, value));
        self.workloads.push(Workload::new(&self.comparison.id, axes, reason, prepare));
        self.workloads.last_mut().expect("one was just added")
    }
}

/// Values for the axes of a family, in their order: a tuple of names and numbers.
pub(super) trait Place {
    /// The values.
    fn values(self) -> Vec<AxisValue>;
}

impl<A: Into<AxisValue>> Place for (A,) {
    fn values(self) -> Vec<AxisValue> {
        vec![self.0.into()]
    }
}

impl<A: Into<AxisValue>, B: Into<AxisValue>> Place for (A, B) {
    fn values(self) -> Vec<AxisValue> {
        vec![self.0.into(), self.1.into()]
    }
}

impl<A: Into<AxisValue>, B: Into<AxisValue>, C: Into<AxisValue>> Place for (A, B, C) {
    fn values(self) -> Vec<AxisValue> {
        vec![self.0.into(), self.1.into(), self.2.into()]
    }
}
