//! Tables of texts.

/// A table of texts; the first column holds names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    /// Caption, such as `time per task`; may be empty.
    pub(crate) caption: String,
    /// Titles of the columns.
    pub(crate) header: Vec<String>,
    /// Rows, each as long as the header.
    pub(crate) rows: Vec<Vec<String>>,
}
