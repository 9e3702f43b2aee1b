//! What each view says, as lines; the screen and the plain lines show the same.

use grader::check::{Stop, Verdict};
use grader::event::Event;
use grader::report::TerminalOptions;
use grader::report::style::{Style, wrap, wrap_markdown};

use super::report;
use crate::app::App;
use crate::messages::messages;
use crate::state::View;

/// Columns of a hint; longer lines are tiring to read.
const HINT_COLUMNS: usize = 76;

/// Lines, and the one that matters.
pub struct Body {
    /// All of them.
    pub lines: Vec<String>,
    /// The failure in a report, the mark in a list.
    pub focus: Option<usize>,
}

impl Body {
    fn of(lines: Vec<String>) -> Self {
        Self { lines, focus: None }
    }
}

/// What the middle shows.
pub fn body(app: &mut App, style: Style, width: usize) -> Body {
    let words = messages(app.desk.lang());
    match &app.state.view {
        View::Report => shown_report(app, style, width),
        View::Hint(steps) => hints(steps, style, width),
        View::Words(said) => Body::of(said.lines().flat_map(|line| wrap(line, width)).collect()),
        View::Reset(files) => {
            let question = wrap(words.ask_reset(), width).into_iter().map(|line| style.strong(&line));
            let files = files.iter().map(|file| format!("  {file}"));
            Body::of(
                question
                    .chain([String::new()])
                    .chain(files)
                    .chain([String::new(), words.answers().to_owned()])
                    .collect(),
            )
        }
        View::List(_) => list(app, style, width),
    }
}

/// All steps; the newest is the one that was asked for.
fn hints(steps: &[(String, String)], style: Style, width: usize) -> Body {
    let mut body = Body::of(Vec::new());
    for step in steps {
        if !step.1.is_empty() {
            body.focus = Some(body.lines.len());
        }
        body.lines.extend(hint(step, style, width));
    }
    body
}

fn hint((heading, markdown): &(String, String), style: Style, width: usize) -> Vec<String> {
    let heading = wrap(heading, width).into_iter().map(|line| style.strong(&line));
    heading.chain(wrap_markdown(markdown, width.min(HINT_COLUMNS))).chain([String::new()]).collect()
}

fn shown_report(app: &App, style: Style, width: usize) -> Body {
    let base =
        TerminalOptions { color: style.color, links: style.links, width, ..TerminalOptions::plain(app.desk.lang()) };
    let lines = report::lines(app.state.shown(), &title(app), app.desk.report(base));
    let focus = lines.iter().position(|line| line.contains("✗ FAIL") && line.contains("factor-"));
    Body { lines, focus }
}

/// The factor's number and name.
pub fn title(app: &App) -> String {
    let factor = app.desk.factor();
    grader::messages::messages(app.desk.lang()).factor(factor.number, factor.title.get(app.desk.lang()))
}

fn list(app: &mut App, style: Style, width: usize) -> Body {
    let (mut lines, entries) = app.desk.list(style, width);
    let View::List(list) = &mut app.state.view else { return Body::of(lines) };
    let filter = list.filter;
    let entries: Vec<_> = entries.into_iter().filter(|entry| filter.takes(entry.passed)).collect();
    list.show(entries.iter().map(|entry| entry.factor));
    if entries.is_empty() {
        lines.push(messages(app.desk.lang()).list_is_empty().to_owned());
    }
    let mut focus = None;
    for (index, entry) in entries.iter().enumerate() {
        let marked = index == list.at;
        if marked {
            focus = Some(lines.len());
        }
        let mark = if marked { "▸ " } else { "  " };
        let first = entry.lines.iter().take(1).map(|line| format!("{mark}{line}"));
        lines.extend(first.chain(entry.lines.iter().skip(1).map(|line| format!("  {line}"))));
    }
    Body { lines, focus }
}

/// The keys that do something now, each with its word.
pub fn keys(app: &App) -> Vec<String> {
    let (words, state) = (messages(app.desk.lang()), &app.state);
    match &state.view {
        View::List(list) => return words.list_keys(list.filter).split("  ").map(str::to_owned).collect(),
        View::Reset(_) => return words.answers().split("  ").map(str::to_owned).collect(),
        _ => {}
    }
    let known = [
        ('n', state.core_open),
        ('h', state.failure.is_some()),
        ('l', true),
        ('c', true),
        ('r', true),
        ('s', state.core_open),
        ('q', true),
    ];
    let back = (state.view != View::Report).then(|| words.back().to_owned());
    let enter = state.manual.then(|| format!("Enter:{}", words.enter()));
    let keys = known.into_iter().filter(|(_, open)| *open).map(|(key, _)| format!("{key}:{}", words.key(key)));
    enter.into_iter().chain(keys).chain(back).collect()
}

/// A symbol for each check that has its verdict.
pub fn marks(events: &[Event], style: Style) -> String {
    let verdicts = events.iter().filter_map(|event| match event {
        Event::FactorBlocked { .. } => Some(Verdict::Blocked),
        Event::CheckFinished(finished) => Some(finished.stop.as_ref().map_or(Verdict::Pass, Stop::verdict)),
        _ => None,
    });
    let mark = |verdict| match verdict {
        Verdict::Pass => style.good("✓"),
        Verdict::Fail => style.bad("✗"),
        Verdict::Blocked => style.bad("–"),
        Verdict::Ungraded => style.unsure("?"),
        Verdict::Error => style.fault("!"),
    };
    verdicts.map(mark).collect()
}
