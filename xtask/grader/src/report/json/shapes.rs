//! The JSON shapes that lines and reports share, and the words in them.

use std::borrow::Cow;
use std::time::Duration;

use serde::Serialize;

use super::FORMAT_VERSION;
use crate::check::{Check, Failure, LogLine, Stop, Tier};
use crate::event::{CheckFinished, RunStarted, Stage};
use crate::factors::Factor;
use crate::hints;
use crate::outcome::{ExitCode, FactorOutcome, Outcome, Standing};
use crate::report::page;
use crate::text::{Lang, Text, Words};

#[derive(Serialize)]
pub(super) struct RunHead<'a> {
    format_version: u32,
    run: &'a str,
    /// As text: half of all 64-bit numbers are rounded by programs that read JSON numbers as floating point.
    seed: String,
    subject: &'a str,
    factors_asked: Vec<String>,
    strict: bool,
}

impl<'a> RunHead<'a> {
    pub(super) fn new(run: &'a RunStarted) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            run: &run.run_id,
            seed: run.seed.to_string(),
            subject: &run.subject,
            factors_asked: run.factors.iter().map(|factor| factor.id()).collect(),
            strict: run.strict,
        }
    }
}

#[derive(Serialize)]
pub(super) struct FactorBody<'a> {
    factor: String,
    title: Both<'a>,
    standing: &'static str,
    untested: usize,
    core_passed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<FailureBody<'a>>,
    checks: Vec<CheckBody<'a>>,
    left_out: Vec<String>,
}

impl<'a> FactorBody<'a> {
    pub(super) fn new(outcome: &'a FactorOutcome) -> Self {
        let (standing, untested) = standing_words(outcome.standing());
        Self {
            factor: outcome.factor.id(),
            title: outcome.factor.title.into(),
            standing,
            untested,
            core_passed: outcome.core_passed(),
            blocked: outcome.blocked.as_deref().map(|why| FailureBody::new(outcome.factor, why)),
            checks: outcome.checks.iter().map(CheckBody::new).collect(),
            left_out: outcome.left_out.iter().map(|check| page::path(outcome.factor, check)).collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct CheckHead {
    check: String,
    tier: &'static str,
    fact: Both<'static>,
}

impl CheckHead {
    pub(super) fn new(factor: &Factor, check: &Check) -> Self {
        Self { check: page::path(factor, check), tier: tier_word(check.tier), fact: check.fact.into() }
    }
}

#[derive(Serialize)]
pub(super) struct CheckBody<'a> {
    #[serde(flatten)]
    head: CheckHead,
    verdict: &'static str,
    took_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<MissingBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<Both<'a>>,
}

impl<'a> CheckBody<'a> {
    pub(super) fn new(finished: &'a CheckFinished) -> Self {
        let (mut failure, mut missing, mut error) = (None, None, None);
        match &finished.stop {
            Some(Stop::Fail(why)) => failure = Some(FailureBody::new(finished.factor, why)),
            Some(Stop::Ungraded(why)) => {
                missing = Some(MissingBody { what: (&why.what).into(), fix: (&why.fix).into() })
            }
            Some(Stop::Error(why)) => error = Some(why.message.as_str()),
            None => {}
        }
        Self {
            head: CheckHead::new(finished.factor, finished.check),
            verdict: finished.verdict().word(),
            took_ms: milliseconds(finished.took),
            failure,
            missing,
            error,
            remarks: finished.remarks.iter().map(Both::from).collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct FailureBody<'a> {
    reason: &'a str,
    did: Both<'a>,
    expected: Both<'a>,
    seen: Both<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<&'a str>,
    log: Vec<LogBody<'a>>,
    /// Step 1, in Markdown: a page that follows the run has no hints of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<Both<'a>>,
}

impl<'a> FailureBody<'a> {
    pub(super) fn new(factor: &Factor, failure: &'a Failure) -> Self {
        Self {
            reason: failure.reason,
            did: (&failure.did).into(),
            expected: (&failure.expected).into(),
            seen: (&failure.seen).into(),
            repeat: failure.repeat.as_deref(),
            log: failure.log.iter().map(LogBody::new).collect(),
            hint: first_hint(factor, failure.reason),
        }
    }
}

fn first_hint(factor: &Factor, reason: &str) -> Option<Both<'static>> {
    let step = |lang| hints::find(factor, reason, 1, lang).map(Cow::Owned);
    Some(Both { en: step(Lang::En)?, ko: step(Lang::Ko)? })
}

#[derive(Serialize)]
pub(super) struct MissingBody<'a> {
    what: Both<'a>,
    fix: Both<'a>,
}

#[derive(Serialize)]
pub(super) struct LogBody<'a> {
    sequence: u64,
    speaker: &'static str,
    text: &'a str,
}

impl<'a> LogBody<'a> {
    pub(super) fn new(line: &'a LogLine) -> Self {
        Self { sequence: line.sequence, speaker: line.speaker.label(), text: &line.text }
    }
}

/// A sentence in both languages: the reader of the file chooses.
#[derive(Serialize)]
pub(super) struct Both<'a> {
    en: Cow<'a, str>,
    ko: Cow<'a, str>,
}

impl<'a> From<&'a Text> for Both<'a> {
    fn from(text: &'a Text) -> Self {
        Self { en: Cow::Borrowed(&text.en), ko: Cow::Borrowed(&text.ko) }
    }
}

impl From<Words> for Both<'_> {
    fn from(words: Words) -> Self {
        Self { en: Cow::Borrowed(words.en), ko: Cow::Borrowed(words.ko) }
    }
}

/// The overall word and the exit code. Under `--strict`, what could not be tested counts as failed.
pub(super) fn overall(outcome: &Outcome, strict: bool) -> (&'static str, u8) {
    let exit_code = outcome.exit_code(strict);
    let word = match exit_code {
        ExitCode::Passed => "passed",
        ExitCode::Failed => "failed",
        ExitCode::Ungraded if strict => "failed",
        ExitCode::Ungraded => "untested",
        ExitCode::Blocked => "blocked",
        ExitCode::Usage | ExitCode::GraderError | ExitCode::Interrupted => "error",
    };
    (word, exit_code as u8)
}

pub(super) fn standing_words(standing: Standing) -> (&'static str, usize) {
    match standing {
        Standing::Passed { untested } => ("passed", untested),
        Standing::Failed => ("failed", 0),
        Standing::Blocked => ("blocked", 0),
        Standing::Untested => ("untested", 0),
        Standing::Error => ("error", 0),
    }
}

pub(super) fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Waiting => "waiting",
        Stage::Preparing => "preparing",
        Stage::Downloading => "downloading",
        Stage::Building => "building",
        Stage::Backing => "backing",
        Stage::Starting => "starting",
        Stage::Shipping => "shipping",
    }
}

pub(super) fn tier_word(tier: Tier) -> &'static str {
    match tier {
        Tier::Core => "core",
        Tier::Full => "full",
        Tier::Extra => "extra",
    }
}

pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
