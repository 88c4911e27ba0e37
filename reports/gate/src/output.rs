//! What a verdict becomes: a table on the terminal, Markdown, JSON, and a page.

use anyhow::{Context, Result};
use simple_reports::export::gate_json;
use simple_reports::gate::GateReport;
use simple_reports::input::operating_curve;
use simple_reports::{html, present};
use std::fs;
use std::path::{Path, PathBuf};

/// Where things go.
#[derive(Debug)]
pub struct Output {
    /// The page.
    pub page: PathBuf,
    /// Markdown is also written here, if anywhere.
    pub markdown: Option<PathBuf>,
    /// Folders and files of calibrations, the best first.
    pub calibrations: Vec<PathBuf>,
}

impl Output {
    /// Writes everything about the comparison in `record`, and prints the table.
    pub fn present(&self, report: &GateReport, record: &Path) -> Result<()> {
        let curve = operating_curve(&self.calibrations);
        let markdown = present::gate_markdown(report, curve.as_ref());
        write(&record.with_extension("md"), &markdown)?;
        if let Some(path) = &self.markdown {
            write(path, &markdown)?;
        }
        write(&record.with_extension("json"), &gate_json(report, curve.as_ref()))?;
        let pictures = self.copy_pictures(report, record)?;
        let page = html::gate_page(report, curve.as_ref(), &pictures)?;
        write(&self.page, &page)?;
        println!("{}", present::gate_terminal(report, curve.as_ref()).trim_end());
        println!("record: {}\npage:   {}", record.display(), self.page.display());
        Ok(())
    }

    /// Puts the flame graphs beside the page, so that it can be kept as a whole. Answers where
    /// each workload's is, from the page.
    fn copy_pictures(&self, report: &GateReport, record: &Path) -> Result<Vec<(String, String)>> {
        let folder = self.page.with_extension("");
        let link = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut pictures = Vec::new();
        for profiled in report.rows.iter().filter_map(|row| row.profiled.as_ref()) {
            let svg = profiled.files.iter().find(|file| file.ends_with(".svg"));
            let Some((file, link)) = svg.zip(link.as_ref()) else { continue };
            let from = record.with_extension("").join(file);
            fs::create_dir_all(&folder)?;
            // A record that was moved has lost its pictures; the figures are in it.
            if fs::copy(&from, folder.join(file)).is_ok() {
                pictures.push((profiled.workload.clone(), format!("{link}/{file}")));
            }
        }
        Ok(pictures)
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
