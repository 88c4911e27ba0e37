//! Output of a verdict: a table on the terminal, Markdown, JSON, and a page.
//!
//! The table comes first. A failure to write anything after it costs a warning, not the verdict,
//! which may have taken an hour to measure.

use crate::console::print::text_out;
use crate::{files, out, say};
use anyhow::{Context, Result, bail, ensure};
use simple_records::Profiled;
use simple_reports::export::gate_json;
use simple_reports::html;
use simple_reports::input::{bench_curve, operating_curve};
use simple_reports::judge::GateReport;
use simple_reports::text::{self, GateView};
use std::fs;
use std::path::{Path, PathBuf};

/// Largest job summary that GitHub accepts.
const SUMMARY_BYTES: u64 = 1 << 20;

/// The destinations of a verdict.
#[derive(Debug)]
pub struct Output<'a> {
    /// The record that was judged. Markdown, JSON and pictures are beside it.
    pub record: &'a Path,
    /// The page.
    pub page: PathBuf,
    /// A file that the Markdown is also appended to.
    pub markdown: Option<&'a Path>,
    /// If set, the verdict is also printed as annotations of GitHub.
    pub annotations: bool,
    /// Folders and files of calibrations, the best first.
    pub calibrations: Vec<PathBuf>,
    /// Input files, which are never overwritten.
    pub inputs: Vec<PathBuf>,
}

impl Output<'_> {
    /// Prints the table, then writes everything else.
    pub fn present(&self, report: &GateReport) {
        let curve = operating_curve(&self.calibrations);
        let bench = bench_curve(&self.calibrations);
        let view = GateView::new(report, curve.as_ref()).with_bench(bench.as_ref());
        let table = text::gate_terminal(&view);
        text_out(&format!("{}\n", table.trim_end()));
        if self.annotations {
            text_out(&text::gate_annotations(&view));
        }
        out!("record: {}", self.record.display());
        let markdown = text::gate_markdown(&view);
        warn(self.beside("md", &markdown, is_our_markdown));
        if let Some(path) = self.markdown {
            warn(self.add(path, &markdown));
        }
        warn(self.beside("json", &gate_json(&view), is_our_json));
        match self.write_page(&view) {
            Ok(()) => out!("page:   {}", self.page.display()),
            failed => warn(failed),
        }
    }

    /// Writes a file beside the record. A file that is not of the gate is not overwritten.
    fn beside(&self, extension: &str, text: &str, is_ours: fn(&str) -> bool) -> Result<()> {
        let path = self.record.with_extension(extension);
        self.spare_inputs(&path)?;
        let before = fs::read(&path).unwrap_or_default();
        ensure!(
            before.is_empty() || is_ours(&String::from_utf8_lossy(&before)),
            "{} was not written by the gate: not overwritten",
            path.display()
        );
        files::write(&path, text)
    }

    /// Appends Markdown to a file that others may also write to.
    fn add(&self, path: &Path, markdown: &str) -> Result<()> {
        ensure!(!path.as_os_str().is_empty(), "--markdown names no file: no Markdown is written");
        self.spare_inputs(path)?;
        let there = fs::metadata(path).map_or(0, |about| about.len());
        let room = SUMMARY_BYTES.saturating_sub(there);
        ensure!(
            markdown.len() as u64 <= room,
            "{} has {there} bytes and would grow beyond the limit of a summary: nothing is added",
            path.display()
        );
        files::append(path, markdown)
    }

    fn spare_inputs(&self, path: &Path) -> Result<()> {
        let is_input = |input: &Path| path == input || files::is_same(path, input);
        if is_input(self.record) || self.inputs.iter().any(|input| is_input(input)) {
            bail!("{} was read as input: not overwritten", path.display());
        }
        Ok(())
    }

    fn write_page(&self, view: &GateView) -> Result<()> {
        self.spare_inputs(&self.page)?;
        let pictures = self.copy_pictures(view.report);
        files::write(&self.page, html::gate_page(view, &pictures)?)
    }

    /// Puts the flame graphs beside the page, so that it can be kept as a whole. Returns where
    /// each workload's is, from the page.
    fn copy_pictures(&self, report: &GateReport) -> Vec<(String, String)> {
        let folder = self.page.with_extension("");
        let Some(link) = folder.file_name().map(|name| name.to_string_lossy().into_owned()) else {
            return Vec::new();
        };
        let mut pictures = Vec::new();
        for profiled in report.rows.iter().filter_map(|row| row.profiled.as_ref()) {
            let Some(name) = picture(profiled) else { continue };
            let (from, to) = (self.record.with_extension("").join(name), folder.join(name));
            // A record that was moved has lost its pictures; the figures are in it. A link in
            // their place may lead anywhere.
            if !from.is_file() || from.is_symlink() || to.is_symlink() {
                continue;
            }
            match self.spare_inputs(&to).and_then(|()| files::copy(&from, &to)) {
                Ok(()) => pictures.push((profiled.workload.clone(), format!("{link}/{name}"))),
                failed => warn(failed),
            }
        }
        pictures
    }
}

/// The picture among the files of a profile. A record may come from anywhere: only a plain name,
/// as the gate gives them, is that of a file beside it.
fn picture(profiled: &Profiled) -> Option<&str> {
    let is_plain = |name: &&String| {
        let stem = name.strip_suffix(".svg").unwrap_or_default();
        let is_usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !stem.is_empty() && !stem.starts_with('.') && stem.chars().all(is_usual)
    };
    profiled.files.iter().find(is_plain).map(String::as_str)
}

fn is_our_markdown(text: &str) -> bool {
    ["## PASS: ", "## REGRESSION: ", "## INCONCLUSIVE: "]
        .iter()
        .any(|beginning| text.starts_with(beginning))
}

fn is_our_json(text: &str) -> bool {
    text.starts_with('{') && text.contains("\"verdict\"")
}

fn warn(done: Result<()>) {
    if let Err(error) = done.context("warning") {
        say!("{error:#}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_those_of_pictures() {
        let found = |names: &[&str]| {
            let files = names.iter().map(|name| (*name).to_owned()).collect();
            let (workload, scope) = (String::new(), String::new());
            let profiled =
                Profiled { workload, scope, totals: [0, 0], functions: Vec::new(), files };
            picture(&profiled).map(str::to_owned)
        };
        assert_eq!(found(&["a.folded", "a-b.svg"]).as_deref(), Some("a-b.svg"));
        for name in ["/etc/a.svg", "../a.svg", "in/a.svg", "a\\b.svg", ".svg", "..svg", "a\0.svg"] {
            assert_eq!(found(&[name]), None, "{name}");
        }
    }
}
