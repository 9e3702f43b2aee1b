//! What happened during a check, in order: what the grader did and saw, and between it what the service wrote.

use super::page::{LOG_LINES, Page};
use super::style::wrap;
use crate::check::LogLine;
use crate::event::Moment;
use crate::text::columns;

/// Columns of a moment's time.
const TIME_COLUMNS: usize = 7;

/// Columns before who speaks.
const INDENT: usize = TIME_COLUMNS + 3;

impl Page {
    /// The moments and the lines of one check as one story. The end says most, so the beginning is left out of a long one.
    pub(super) fn timeline(&self, timeline: &[Moment], log: &[LogLine]) -> Vec<String> {
        let began = timeline.first().map(|moment| moment.at).unwrap_or_default();
        let moments = timeline.iter().map(|moment| {
            let time = self.words().seconds(moment.at.saturating_sub(began));
            (moment.sequence, self.moment(&time, moment.who, &moment.what))
        });
        // What a service wrote stays as it is, however long a line is.
        let said = log.iter().map(|line| {
            let words = self.said(line.speaker.label(), &line.text);
            (line.sequence, vec![format!("{}{words}", " ".repeat(INDENT))])
        });
        let mut all: Vec<_> = moments.chain(said).collect();
        all.sort_by_key(|(sequence, _)| *sequence);
        let hidden = all.len().saturating_sub(LOG_LINES);
        let mut lines = vec![String::new(), format!("  {}", self.words().what_happened())];
        lines.extend((hidden > 0).then(|| format!("    {}", self.words().more_lines(hidden))));
        lines.extend(all.drain(hidden..).flat_map(|(_, lines)| lines));
        lines
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
