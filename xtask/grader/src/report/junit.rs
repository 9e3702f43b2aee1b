//! JUnit XML, for build servers.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use super::page::Page;
use super::style::Style;
use crate::check::{Failure, Stop, Verdict};
use crate::event::{CheckFinished, Event, Observer, RunStarted};
use crate::outcome::{FactorOutcome, Outcome};
use crate::text::Lang;

/// Columns of the failure texts; build servers show them in a fixed font.
const WIDTH: usize = 100;

/// Writes `path` when the run starts, so that a bad path fails at once, and again when it ends.
///
/// Until the end the file holds an `<error>`: whatever kills the run, it never leaves a green suite.
pub struct JUnit {
    path: PathBuf,
    page: Page,
    run: Option<RunStarted>,
}

impl JUnit {
    /// A JUnit file at `path`, its sentences in `lang`.
    pub fn new(path: impl Into<PathBuf>, lang: Lang) -> Self {
        Self { path: path.into(), page: Page::new(Style::default(), lang, WIDTH), run: None }
    }
}

impl Observer for JUnit {
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted(run) => {
                self.run = Some(run.clone());
                self.write(&no_result("the run did not finish"))
            }
            Event::RunFinished(outcome) => self.write(&self.suites(outcome)),
            Event::RunAborted { why, .. } => self.write(&no_result(why)),
            _ => Ok(()),
        }
    }
}

impl JUnit {
    fn write(&self, suites: &[Suite]) -> io::Result<()> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", self.path.display()));
        std::fs::write(&self.path, document(suites, self.run.as_ref())).map_err(named)
    }

    fn suites(&self, outcome: &Outcome) -> Vec<Suite> {
        outcome.factors.iter().map(|factor| self.suite(factor)).collect()
    }

    fn suite(&self, outcome: &FactorOutcome) -> Suite {
        let name = outcome.factor.id();
        let checks = outcome.checks.iter().map(|finished| self.case(finished));
        let mut cases: Vec<Case> = outcome.blocked.iter().map(|failure| self.blocked(failure)).chain(checks).collect();
        if cases.is_empty() {
            // A suite without tests counts as green on most build servers.
            cases.push(Case::new("run", Result::Error { message: "no check ran".to_owned() }));
        }
        Suite { name, cases }
    }

    fn blocked(&self, failure: &Failure) -> Case {
        let message = self.page.words().blocked_because(failure.reason).to_owned();
        Case::new("starts-and-answers", Result::Failure { kind: failure.reason, message, body: self.story(failure) })
    }

    fn case(&self, finished: &CheckFinished) -> Case {
        let result = match &finished.stop {
            None => Result::Passed,
            Some(Stop::Fail(failure)) => Result::Failure {
                kind: failure.reason,
                message: failure.seen.get(self.page.lang).to_owned(),
                body: self.story(failure),
            },
            Some(Stop::Error(error)) => Result::Error { message: error.message.clone() },
            Some(Stop::Ungraded(missing)) => {
                let (what, fix) = (missing.what.get(self.page.lang), missing.fix.get(self.page.lang));
                let words = self.page.words();
                let message = format!("{}: {what}; {}: {fix}", words.missing(), words.fix());
                self.untested(message)
            }
        };
        Case { name: finished.check.id, seconds: finished.took.as_secs_f64(), result }
    }

    /// Skipped, but failed where `--strict` asked for every check.
    fn untested(&self, message: String) -> Result {
        if self.run.as_ref().is_some_and(|run| run.strict) {
            return Result::Failure { kind: Verdict::Ungraded.word(), message, body: String::new() };
        }
        Result::Skipped { message }
    }

    fn story(&self, failure: &Failure) -> String {
        self.page.story(failure, &[]).join("\n")
    }
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    name: &'static str,
    seconds: f64,
    result: Result,
}

enum Result {
    Passed,
    Failure { kind: &'static str, message: String, body: String },
    Skipped { message: String },
    Error { message: String },
}

impl Case {
    fn new(name: &'static str, result: Result) -> Self {
        Self { name, seconds: 0.0, result }
    }
}

fn no_result(why: &str) -> [Suite; 1] {
    let message = format!("no result: {why}");
    [Suite { name: "run".to_owned(), cases: vec![Case::new("run", Result::Error { message })] }]
}

fn document(suites: &[Suite], run: Option<&RunStarted>) -> String {
    let all: Vec<&Case> = suites.iter().flat_map(|suite| &suite.cases).collect();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    push(&mut xml, format_args!("<testsuites name=\"twelve-factor workshop\"{}>\n", counts(&all)));
    for suite in suites {
        let cases: Vec<&Case> = suite.cases.iter().collect();
        push(&mut xml, format_args!("  <testsuite name=\"{}\"{}>\n", escape(&suite.name), counts(&cases)));
        if let Some(run) = run {
            properties(&mut xml, run);
        }
        suite.cases.iter().for_each(|case| test_case(&mut xml, &suite.name, case));
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn counts(cases: &[&Case]) -> String {
    let count = |wanted: fn(&Result) -> bool| cases.iter().filter(|case| wanted(&case.result)).count();
    let failures = count(|result| matches!(result, Result::Failure { .. }));
    let errors = count(|result| matches!(result, Result::Error { .. }));
    let skipped = count(|result| matches!(result, Result::Skipped { .. }));
    let seconds: f64 = cases.iter().map(|case| case.seconds).sum();
    let tests = cases.len();
    format!(
        " tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{seconds:.3}\""
    )
}

fn properties(xml: &mut String, run: &RunStarted) {
    let seed = run.seed.to_string();
    let property = |(name, value)| format!("      <property name=\"{name}\" value=\"{}\"/>\n", escape(value));
    let all = [("run", run.run_id.as_str()), ("seed", &seed), ("subject", &run.subject)].map(property).concat();
    push(xml, format_args!("    <properties>\n{all}    </properties>\n"));
}

fn test_case(xml: &mut String, suite: &str, case: &Case) {
    let (suite, name, seconds) = (escape(suite), escape(case.name), case.seconds);
    push(xml, format_args!("    <testcase classname=\"{suite}\" name=\"{name}\" time=\"{seconds:.3}\""));
    match &case.result {
        Result::Passed => xml.push_str("/>\n"),
        Result::Failure { kind, message, body } => {
            let body: Vec<String> = body.lines().map(escape).collect();
            let (kind, message, body) = (escape(kind), escape(message), body.join("\n"));
            push(xml, format_args!(">\n      <failure type=\"{kind}\" message=\"{message}\">{body}</failure>\n"));
            xml.push_str("    </testcase>\n");
        }
        Result::Skipped { message } => {
            push(xml, format_args!(">\n      <skipped message=\"{}\"/>\n    </testcase>\n", escape(message)));
        }
        Result::Error { message } => {
            push(
                xml,
                format_args!(">\n      <error type=\"grader\" message=\"{}\"/>\n    </testcase>\n", escape(message)),
            );
        }
    }
}

/// Escapes text and attributes alike. XML 1.0 has no way to write most control characters, so they are replaced.
fn escape(words: &str) -> String {
    let mut escaped = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // Line ends would be lost in attributes, and a carriage return everywhere.
            '\t' | '\n' | '\r' => push(&mut escaped, format_args!("&#{};", u32::from(c))),
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Writing to a `String` cannot fail.
fn push(xml: &mut String, words: std::fmt::Arguments<'_>) {
    let _ = xml.write_fmt(words);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_escaped_or_replaced() {
        assert_eq!(escape("<a & \"b\" 'c'>"), "&lt;a &amp; &quot;b&quot; &apos;c&apos;&gt;");
        assert_eq!(escape("line\nnext\ttab\r"), "line&#10;next&#9;tab&#13;");
        assert_eq!(escape("bell\u{7} esc\u{1b} none\u{0} \u{ffff}"), "bell\u{fffd} esc\u{fffd} none\u{fffd} \u{fffd}");
        assert_eq!(escape("한글 ✓"), "한글 ✓");
    }
}
