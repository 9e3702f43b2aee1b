//! What happened during a check, in order: what the grader did and saw, and between it what the service wrote.

use std::time::Duration;

use super::page::{LOG_LINES, Page};
use super::style::wrap;
use crate::check::LogLine;
use crate::event::Moment;
use crate::text::columns;

/// Columns of a moment's time.
const TIME_COLUMNS: usize = 7;

/// Columns before who speaks.
const INDENT: usize = TIME_COLUMNS + 3;

/// One line of the story.
pub(super) struct Observed<'a> {
    /// Since the first moment; a service's own lines have no time.
    pub(super) at: Option<Duration>,
    pub(super) who: &'a str,
    pub(super) what: &'a str,
}

/// The moments and the lines of one check in the order in which the grader observed them, at most `most`, and how many are left
/// out: the end says most, so it is the beginning.
pub(super) fn in_order<'a>(timeline: &'a [Moment], log: &'a [LogLine], most: usize) -> (usize, Vec<Observed<'a>>) {
    let began = timeline.first().map(|moment| moment.at).unwrap_or_default();
    let moments = timeline.iter().map(|moment| {
        let at = Some(moment.at.saturating_sub(began));
        (moment.sequence, Observed { at, who: moment.who, what: &moment.what })
    });
    let said =
        log.iter().map(|line| (line.sequence, Observed { at: None, who: line.speaker.label(), what: &line.text }));
    let mut all: Vec<_> = moments.chain(said).collect();
    all.sort_by_key(|(sequence, _)| *sequence);
    let hidden = all.len().saturating_sub(most);
    (hidden, all.drain(hidden..).map(|(_, observed)| observed).collect())
}

impl Page {
    /// The moments and the lines of one check as one story.
    pub(super) fn timeline(&self, timeline: &[Moment], log: &[LogLine]) -> Vec<String> {
        let (hidden, all) = in_order(timeline, log, LOG_LINES);
        let mut lines = vec![String::new(), format!("  {}", self.words().what_happened())];
        lines.extend((hidden > 0).then(|| format!("    {}", self.words().more_lines(hidden))));
        lines.extend(all.into_iter().flat_map(|observed| self.observed(&observed)));
        lines
    }

    fn observed(&self, observed: &Observed) -> Vec<String> {
        match observed.at {
            Some(at) => self.moment(&self.words().seconds(at), observed.who, observed.what),
            // What a service wrote stays as it is, however long a line is.
            None => vec![format!("{}{}", " ".repeat(INDENT), self.said(observed.who, observed.what))],
        }
    }

    /// The time stands where the eye can skip it.
    fn moment(&self, time: &str, who: &str, what: &str) -> Vec<String> {
        let space = " ".repeat(TIME_COLUMNS.saturating_sub(columns(time)));
        let who = format!("[{who}]");
        let room = self.width.saturating_sub(INDENT + columns(&who) + 1);
        let mut what = wrap(what, room).into_iter();
        let first = what.next().unwrap_or_default();
        let first = format!("  {space}{} {} {first}", self.style.faint(time), self.style.faint(&who));
        let rest = what.map(|line| format!("{}{line}", " ".repeat(INDENT + columns(&who) + 1)));
        [first].into_iter().chain(rest).collect()
    }
}
