//! Sentences made of spans, so that each format marks up what is more than text.

use std::fmt;

/// A part of a sentence. Formats escape its text and never look into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Plain text.
    Text(String),
    /// Code, such as a command.
    Code(String),
    /// The subject, which formats may stress: `slab`.
    Subject(String),
}

/// A sentence: the concatenation of its spans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sentence(Vec<Span>);

impl Sentence {
    /// Appends plain text.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.with(text, Span::Text)
    }

    /// Appends code.
    #[must_use]
    pub fn code(self, code: impl Into<String>) -> Self {
        self.with(code, Span::Code)
    }

    /// Appends the subject.
    #[must_use]
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.with(subject, Span::Subject)
    }

    fn with(mut self, text: impl Into<String>, span: fn(String) -> Span) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.0.push(span(text));
        }
        self
    }

    /// Its spans in order, none of them empty.
    pub fn spans(&self) -> &[Span] {
        &self.0
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Self::default().text(text)
    }
}

impl From<&str> for Sentence {
    fn from(text: &str) -> Self {
        Self::default().text(text)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Code(text) | Self::Subject(text) => f.write_str(text),
        }
    }
}

/// Without markup: a command can be copied as it is.
impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|span| span.fmt(f))
    }
}
