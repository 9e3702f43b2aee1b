//! One HTML page: the verdicts of a run, and the story of everything that did not pass.
//!
//! The page needs no other file, runs no script and loads nothing, so it can be mailed or kept as a build artefact.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::page::{path, symbol};
use super::timeline::in_order;
use crate::check::{Failure, LogLine, Stop, Verdict};
use crate::event::{CheckFinished, Event, Moment, Observer, RunStarted};
use crate::factors::Factor;
use crate::hints;
use crate::messages::{Messages, messages};
use crate::outcome::{FactorOutcome, Outcome, Standing};
use crate::text::Lang;

/// Lines of one time line; the end says most, so the beginning of a longer one is left out.
const MOST_LINES: usize = 200;

/// The looks, for dark and light screens and for paper.
const STYLE: &str = include_str!("html.css");

/// Writes `path` when the run starts, so that a bad path fails at once, and again when it ends.
///
/// Until the end the page says that there is no result: whatever kills the run, it leaves no page that looks like a pass.
pub struct Html {
    path: PathBuf,
    lang: Lang,
    run: Option<RunStarted>,
}

impl Html {
    /// A page at `path`, its sentences in `lang`.
    pub fn new(path: impl Into<PathBuf>, lang: Lang) -> Self {
        Self { path: path.into(), lang, run: None }
    }
}

impl Observer for Html {
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted(run) => {
                self.run = Some(run.clone());
                self.write(&self.paragraph(self.words().no_result()))
            }
            Event::RunFinished(outcome) => self.write(&self.results(outcome)),
            Event::RunAborted { why, interrupted } => {
                let why = self.paragraph(&self.words().aborted(why, *interrupted));
                self.write(&format!("{why}{}", self.paragraph(self.words().no_result())))
            }
            _ => Ok(()),
        }
    }
}

impl Html {
    fn write(&self, body: &str) -> io::Result<()> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", self.path.display()));
        std::fs::write(&self.path, self.document(body)).map_err(named)
    }

    fn document(&self, body: &str) -> String {
        let lang = match self.lang {
            Lang::En => "en",
            Lang::Ko => "ko",
        };
        let title = self.run.as_ref().map(|run| self.words().grading(&run.subject, run.seed)).unwrap_or_default();
        let title = escape(&title);
        format!(
            "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\"/>\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>{title}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
        )
    }

    fn results(&self, outcome: &Outcome) -> String {
        let heading = |(place, word): (usize, &&str)| {
            // The factor and its verdict are words, and what follows are numbers.
            let class = if place < 2 { "" } else { " class=\"number\"" };
            format!("<th scope=\"col\"{class}>{}</th>", escape(word))
        };
        let headings: String = self.words().summary_columns().iter().enumerate().map(heading).collect();
        let rows: String = outcome.factors.iter().map(|factor| self.row(factor)).collect();
        let stories: String = outcome.factors.iter().map(|factor| self.stories(factor)).collect();
        format!(
            "<div class=\"wide\"><table>\n<thead><tr>{headings}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n{stories}"
        )
    }

    fn row(&self, outcome: &FactorOutcome) -> String {
        let name = self.name(outcome.factor);
        let id = outcome.factor.id();
        let counts = [Verdict::Pass, Verdict::Fail, Verdict::Ungraded].map(|verdict| outcome.count(verdict));
        let counts: String = counts.iter().map(|count| format!("<td class=\"number\">{count}</td>")).collect();
        let took: Duration = outcome.checks.iter().map(|finished| finished.took).sum();
        let took = escape(&self.words().seconds(took));
        let verdict = mark(verdict(outcome.standing()));
        format!(
            "<tr><th scope=\"row\"><a href=\"#{id}\">{name}</a></th><td>{verdict}</td>{counts}<td class=\"number\">{took}</td></tr>\n"
        )
    }

    fn stories(&self, outcome: &FactorOutcome) -> String {
        let factor = outcome.factor;
        let blocked = outcome.blocked.iter().map(|failure| {
            let why = self.paragraph(self.words().blocked_because(failure.reason));
            let story = self.story(factor, failure, &[]);
            format!("<article>\n<h3>{}</h3>\n{why}{story}</article>\n", mark(Verdict::Blocked))
        });
        let checks = outcome.checks.iter().map(|finished| self.check(finished));
        let all: String = blocked.chain(checks).collect();
        format!("<section id=\"{}\">\n<h2>{}</h2>\n{all}</section>\n", factor.id(), self.name(factor))
    }

    fn check(&self, finished: &CheckFinished) -> String {
        let id = escape(&path(finished.factor, finished.check));
        let fact = self.paragraph(finished.check.fact.get(self.lang));
        let told = match &finished.stop {
            // A pass has no story; its line is enough.
            None => {
                return format!(
                    "<p class=\"pass\">{} {}</p>\n",
                    mark(Verdict::Pass),
                    escape(finished.check.fact.get(self.lang))
                );
            }
            Some(Stop::Fail(failure)) => self.story(finished.factor, failure, &finished.timeline),
            Some(Stop::Error(error)) => self.paragraph(&error.message),
            Some(Stop::Ungraded(missing)) => {
                let words = self.words();
                rows(&[(words.missing(), missing.what.get(self.lang)), (words.fix(), missing.fix.get(self.lang))])
            }
        };
        format!("<article>\n<h3>{} {id}</h3>\n{fact}{told}</article>\n", mark(finished.verdict()))
    }

    /// What was done, expected and seen; what happened, in order; how to see it by hand; the first step of the hint.
    fn story(&self, factor: &Factor, failure: &Failure, timeline: &[Moment]) -> String {
        let words = self.words();
        let mut story = rows(&[
            (words.did(), failure.did.get(self.lang)),
            (words.expected(), failure.expected.get(self.lang)),
            (words.seen(), failure.seen.get(self.lang)),
            (words.reason(), failure.reason),
        ]);
        story.push_str(&self.timeline(timeline, &failure.log));
        if let Some(command) = &failure.repeat {
            story.push_str(&format!("<h4>{}</h4>\n<pre>{}</pre>\n", escape(words.by_hand()), escape(command)));
        }
        if let Some(hint) = hints::find(factor, failure.reason, 1, self.lang) {
            let heading = escape(&words.hint(1, hints::STEPS));
            story.push_str(&format!("<h4>{heading}</h4>\n<div class=\"hint\">{}</div>\n", escape(&hint)));
        }
        story
    }

    /// What the grader did and saw, and between it what the service wrote, in the order in which the grader observed it.
    fn timeline(&self, timeline: &[Moment], log: &[LogLine]) -> String {
        let (hidden, all) = in_order(timeline, log, MOST_LINES);
        if all.is_empty() {
            return String::new();
        }
        let more = if hidden > 0 { self.paragraph(&self.words().more_lines(hidden)) } else { String::new() };
        let time = |at: Option<Duration>| at.map(|at| self.words().seconds(at)).unwrap_or_default();
        let lines: String = all.iter().map(|told| line(&time(told.at), told.who, told.what)).collect();
        let heading = escape(self.words().what_happened());
        format!(
            "<h4>{heading}</h4>\n{more}<div class=\"wide\"><table class=\"timeline\"><tbody>\n{lines}</tbody></table></div>\n"
        )
    }

    fn name(&self, factor: &Factor) -> String {
        escape(&self.words().factor(factor.number, factor.title.get(self.lang)))
    }

    fn paragraph(&self, words: &str) -> String {
        format!("<p>{}</p>\n", escape(words))
    }

    fn words(&self) -> &'static dyn Messages {
        messages(self.lang)
    }
}

fn line(at: &str, who: &str, what: &str) -> String {
    format!(
        "<tr><td class=\"number\">{}</td><td>{}</td><td><code>{}</code></td></tr>\n",
        escape(at),
        escape(who),
        escape(what)
    )
}

fn rows(rows: &[(&str, &str)]) -> String {
    let row = |(label, said): &(&str, &str)| format!("<dt>{}</dt><dd>{}</dd>\n", escape(label), escape(said));
    format!("<dl>\n{}</dl>\n", rows.iter().map(row).collect::<String>())
}

/// Symbol and word: colour never carries meaning alone.
fn mark(verdict: Verdict) -> String {
    let word = verdict.word();
    format!("<span class=\"{}\">{} {word}</span>", word.to_lowercase(), symbol(verdict))
}

fn verdict(standing: Standing) -> Verdict {
    match standing {
        Standing::Passed { .. } => Verdict::Pass,
        Standing::Failed => Verdict::Fail,
        Standing::Blocked => Verdict::Blocked,
        Standing::Untested => Verdict::Ungraded,
        Standing::Error => Verdict::Error,
    }
}

/// Escapes text and attributes alike. What a service wrote must neither become markup nor turn the line's direction around.
fn escape(words: &str) -> String {
    let mut escaped = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(c),
            '\0'..' ' | '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                escaped.push('\u{fffd}')
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Speaker;

    #[test]
    fn what_a_service_wrote_never_becomes_markup() {
        assert_eq!(escape("<script>\"a\" & 'b'"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;");
        assert_eq!(escape("esc\u{1b} turn\u{202e} 한글\n"), "esc\u{fffd} turn\u{fffd} 한글\n");
        assert!(line("1 s", "stdout", "</code><img src=x>").contains("<code>&lt;/code&gt;&lt;img src=x&gt;</code>"));
    }

    #[test]
    fn moments_and_log_lines_stand_in_the_order_in_which_they_were_observed() {
        let moment = |sequence, what: &str| Moment {
            sequence,
            at: Duration::from_secs(sequence),
            who: "grader",
            what: what.to_owned(),
        };
        let said = LogLine { speaker: Speaker::Stdout, sequence: 2, text: "second".to_owned() };
        let shown = Html::new("unused", Lang::En).timeline(&[moment(3, "third"), moment(1, "first")], &[said]);
        let places = ["first", "second", "third"].map(|word| shown.find(word).expect("it is shown"));
        assert!(places.is_sorted(), "{shown}");
    }
}
