//! The folder of a run: events, evidence and reports, written as they happen.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::page::{Page, path};
use super::style::Style;
use super::{JUnit, JsonLines, json};
use crate::check::{Check, Failure, LogLine, Stop};
use crate::event::{CheckFinished, Event, Moment, Observer, RunStarted};
use crate::factors::Factor;
use crate::outcome::Outcome;
use crate::text::Lang;

/// Columns of `summary.txt`.
const WIDTH: usize = 100;

/// The overall result of a run.
const REPORT: &str = "report.json";

/// What it is called until it is whole.
const UNFINISHED: &str = "report.json.unfinished";

/// Where the evidence of a check is, below the folder of its run.
pub(super) fn evidence(run: &Path, factor: &Factor, check: &Check) -> PathBuf {
    run.join("evidence").join(factor.id()).join(check.id)
}

/// Writes a run's folder; `report.json`, the overall result, comes last and whole.
pub struct RunFiles {
    dir: PathBuf,
    events: JsonLines,
    junit: JUnit,
    log: File,
    run: Option<RunStarted>,
}

impl RunFiles {
    /// Creates `dir` and the files that grow during the run. `lang` is the language of `junit.xml`.
    ///
    /// # Errors
    ///
    /// The folder or a file in it cannot be created.
    pub fn new(dir: impl Into<PathBuf>, lang: Lang) -> io::Result<Self> {
        let dir = dir.into();
        fs::create_dir_all(&dir)?;
        remove_report(&dir)?;
        let events = JsonLines::new(Box::new(File::create(dir.join("events.jsonl"))?));
        let junit = JUnit::new(dir.join("junit.xml"), lang);
        let log = File::create(dir.join("service.log"))?;
        Ok(Self { dir, events, junit, log, run: None })
    }
}

impl Observer for RunFiles {
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted(run) => self.run = Some(run.clone()),
            Event::CheckFinished(finished) => self.check_finished(finished)?,
            Event::FactorBlocked { factor, failure } => self.append_log(&factor.id(), &failure.log)?,
            Event::RunFinished(outcome) => self.write_unfinished(outcome)?,
            _ => {}
        }
        self.junit.observe(event)?;
        self.events.observe(event)?;
        match event {
            // After everything that can fail for want of space: a result is either everywhere or nowhere.
            Event::RunFinished(_) => fs::rename(self.dir.join(UNFINISHED), self.dir.join(REPORT)),
            Event::RunAborted { .. } => remove_report(&self.dir),
            _ => Ok(()),
        }
    }
}

impl RunFiles {
    fn check_finished(&mut self, finished: &CheckFinished) -> io::Result<()> {
        let folder = evidence(&self.dir, finished.factor, finished.check);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("timeline.jsonl"), timeline(finished)?)?;
        fs::write(folder.join("summary.txt"), summary(finished))?;
        self.append_log(&path(finished.factor, finished.check), &finished.output)
    }

    /// Adds the lines that the service wrote, under the name of what it wrote them for.
    fn append_log(&mut self, what_for: &str, lines: &[LogLine]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let lines: String = lines.iter().map(|line| format!("[{}] {}\n", line.speaker.label(), line.text)).collect();
        self.log.write_all(format!("== {what_for}\n{lines}").as_bytes())
    }

    /// Writes the report under another name: a file called `report.json` is always whole.
    fn write_unfinished(&self, outcome: &Outcome) -> io::Result<()> {
        let Some(run) = &self.run else {
            return Err(io::Error::other("a run cannot finish before it has started"));
        };
        let mut file = File::create(self.dir.join(UNFINISHED))?;
        file.write_all(&json::report(run, outcome)?)?;
        file.sync_all()
    }
}

/// Neither an earlier run in this folder nor an aborted one may leave a result, even if it was whole already.
fn remove_report(dir: &Path) -> io::Result<()> {
    for name in [REPORT, UNFINISHED] {
        match fs::remove_file(dir.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn timeline(finished: &CheckFinished) -> io::Result<String> {
    let mut lines = String::new();
    for moment in &finished.timeline {
        lines.push_str(&json::moment(moment)?);
        lines.push('\n');
    }
    Ok(lines)
}

/// The check in both languages: whoever reads evidence may not be who ran the check.
fn summary(finished: &CheckFinished) -> String {
    let id = path(finished.factor, finished.check);
    let languages = [Lang::En, Lang::Ko].map(|lang| summary_in(finished, lang).join("\n"));
    format!("{id}\n\n{}\n", languages.join("\n\n"))
}

fn summary_in(finished: &CheckFinished, lang: Lang) -> Vec<String> {
    let page = Page::new(Style::default(), lang, WIDTH);
    let mut lines = page.check(finished);
    match &finished.stop {
        None => {}
        Some(Stop::Fail(failure)) => lines.extend(story(page, failure, &finished.timeline)),
        Some(Stop::Ungraded(missing)) => lines.extend(page.ungraded(finished.factor, &[finished.check], missing)),
        Some(Stop::Error(error)) => lines.extend(page.error(finished.factor, finished.check, &error.message)),
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

fn story(page: Page, failure: &Failure, timeline: &[Moment]) -> Vec<String> {
    [String::new()].into_iter().chain(page.story(failure, timeline)).collect()
}
