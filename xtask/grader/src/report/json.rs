//! One JSON object per event and line, for programs. The shapes below are the format; they change only with its version.

use std::io::{self, Write};

use serde::Serialize;

use self::shapes::{
    Both, CheckBody, CheckHead, FactorBody, FailureBody, RunHead, milliseconds, overall, stage_word, standing_words,
};
use super::page;
use crate::event::{Event, Moment, Observer, RunStarted};
use crate::outcome::Outcome;

mod shapes;

/// The version of every JSON shape that the grader writes.
pub const FORMAT_VERSION: u32 = 1;

/// Writes one JSON object per event, flushed after each; the first line holds `format_version`.
pub struct JsonLines {
    writer: Box<dyn Write + Send>,
    strict: bool,
}

impl JsonLines {
    /// JSON lines on `writer`.
    pub fn new(writer: Box<dyn Write + Send>) -> Self {
        Self { writer, strict: false }
    }
}

impl Observer for JsonLines {
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        if let Event::RunStarted(run) = event {
            self.strict = run.strict;
        }
        let mut line = serde_json::to_vec(&Line::new(event, self.strict))?;
        line.push(b'\n');
        // One write per line, so that whoever follows the file never reads half of one.
        self.writer.write_all(&line)?;
        self.writer.flush()
    }
}

/// One line; `event` names its kind.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Line<'a> {
    RunStarted(RunHead<'a>),
    Working { stage: &'static str, detail: Option<&'a str> },
    FactorStarted { factor: String, title: Both<'a>, checks: Vec<CheckHead> },
    CheckStarted { check: String },
    CheckFinished(Box<CheckBody<'a>>),
    FactorBlocked { factor: String, failure: FailureBody<'a> },
    FactorFinished { factor: String, standing: &'static str, untested: usize },
    RunFinished { overall: &'static str, exit_code: u8 },
    RunAborted { why: &'a str, interrupted: bool },
}

impl<'a> Line<'a> {
    fn new(event: &'a Event, strict: bool) -> Self {
        match event {
            Event::RunStarted(run) => Line::RunStarted(RunHead::new(run)),
            Event::Working { stage, detail } => Line::Working { stage: stage_word(*stage), detail: detail.as_deref() },
            Event::FactorStarted { factor, checks } => Line::FactorStarted {
                factor: factor.id(),
                title: factor.title.into(),
                checks: checks.iter().map(|check| CheckHead::new(factor, check)).collect(),
            },
            Event::CheckStarted { factor, check } => Line::CheckStarted { check: page::path(factor, check) },
            Event::CheckFinished(finished) => Line::CheckFinished(Box::new(CheckBody::new(finished))),
            Event::FactorBlocked { factor, failure } => {
                Line::FactorBlocked { factor: factor.id(), failure: FailureBody::new(factor, failure) }
            }
            Event::FactorFinished { factor, standing } => {
                let (standing, untested) = standing_words(*standing);
                Line::FactorFinished { factor: factor.id(), standing, untested }
            }
            Event::RunFinished(outcome) => {
                let (overall, exit_code) = overall(outcome, strict);
                Line::RunFinished { overall, exit_code }
            }
            Event::RunAborted { why, interrupted } => Line::RunAborted { why, interrupted: *interrupted },
        }
    }
}

/// `report.json`: the whole run, as one object.
pub(super) fn report(run: &RunStarted, outcome: &Outcome) -> serde_json::Result<Vec<u8>> {
    let (overall, exit_code) = overall(outcome, run.strict);
    let factors = outcome.factors.iter().map(FactorBody::new).collect();
    let mut report = serde_json::to_vec_pretty(&Report { run: RunHead::new(run), factors, overall, exit_code })?;
    report.push(b'\n');
    Ok(report)
}

/// One line of `timeline.jsonl`.
pub(super) fn moment(moment: &Moment) -> serde_json::Result<String> {
    let Moment { sequence, at, who, what } = moment;
    serde_json::to_string(&MomentBody { sequence: *sequence, at_ms: milliseconds(*at), who, what })
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    run: RunHead<'a>,
    factors: Vec<FactorBody<'a>>,
    overall: &'static str,
    exit_code: u8,
}

#[derive(Serialize)]
struct MomentBody<'a> {
    sequence: u64,
    at_ms: u64,
    who: &'a str,
    what: &'a str,
}
