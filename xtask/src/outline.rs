//! How far the attendee is: a line per factor, and bars over the fifteen factors and over the tracks.

use std::fs;

use grader::factors::{FACTORS, Factor};
use grader::report::style::{Style, cut};
use grader::subject::Workspace;
use grader::text::{Lang, columns};

use crate::messages::{State, messages};
use crate::progress::{FactorProgress, Progress, Standing};
use crate::track::Track;

/// In narrower terminals a factor takes two lines.
const ONE_LINE_FROM: usize = 76;

/// In narrower terminals the numbers of a bar stand below it.
const BESIDE_FROM: usize = 60;

/// One factor as a list shows it.
pub struct Row {
    /// The factor.
    pub factor: &'static Factor,
    /// Where it stands.
    pub state: State,
    /// Seconds since it was last graded.
    pub age: Option<u64>,
    /// The chapter's estimate: reading and exercise together.
    pub minutes: Option<u64>,
}

/// All factors, by number.
pub fn rows(workspace: &Workspace, progress: &Progress, now: u64) -> Vec<Row> {
    let row = |factor: &'static Factor| {
        let known = progress.factor(factor);
        let age = known.last_run.map(|then| now.saturating_sub(then));
        Row { factor, state: state(&known), age, minutes: minutes(workspace, factor) }
    };
    FACTORS.iter().map(row).collect()
}

/// Where a factor stands for the attendee.
fn state(known: &FactorProgress) -> State {
    match known.standing {
        Some(Standing::Passed) => State::Passed,
        Some(Standing::Blocked) => State::Blocked,
        _ if known.core_passed => State::CorePassed,
        Some(Standing::Failed) => State::Failed,
        None if known.last_failure.is_some() => State::Failed,
        None => State::Open,
    }
}

/// `<!-- minutes: read 10, work 25 -->` on the first line of the chapter; both languages say the same.
fn minutes(workspace: &Workspace, factor: &Factor) -> Option<u64> {
    let chapter = workspace.root.join("book/en").join(factor.page()).with_extension("md");
    let words = fs::read_to_string(chapter).ok()?;
    let estimate = words.lines().next()?.strip_prefix("<!-- minutes:")?.strip_suffix("-->")?;
    estimate.split(',').map(|part| part.split_whitespace().last()?.parse::<u64>().ok()).sum()
}

/// How lists look.
#[derive(Clone, Copy)]
pub struct Look {
    /// The colours.
    pub style: Style,
    /// The language.
    pub lang: Lang,
    /// The columns.
    pub width: usize,
}

impl Look {
    /// Symbol, number, title, state, when it was graded, and how long its chapter takes.
    pub fn row(&self, row: &Row) -> Vec<String> {
        let words = messages(self.lang);
        let state = words.state(row.state);
        let age = row.age.map_or(String::new(), |age| words.ago(age));
        let minutes = row.minutes.map_or(String::new(), |minutes| words.minutes(minutes));
        let title = row.factor.title.get(self.lang);
        let head = format!("{} {:>2}", self.symbol(row.state), row.factor.number);
        if self.width < ONE_LINE_FROM {
            let facts: Vec<String> = [state.to_owned(), age, minutes].into_iter().filter(|f| !f.is_empty()).collect();
            let facts = cut(&facts.join(" · "), self.width.saturating_sub(7));
            return vec![format!("{head}  {title}"), format!("      {}", self.style.faint(&facts))];
        }
        let widest_state = State::ALL.iter().map(|state| columns(words.state(*state))).max().unwrap_or(0);
        let (title, state) = (padded(title, widest_title(self.lang)), padded(state, widest_state));
        vec![format!("{head}  {title}  {state}  {}{minutes}", padded(&age, 16)).trim_end().to_owned()]
    }

    /// A cell per factor: passed, core passed, to do.
    pub fn factors(&self, rows: &[Row]) -> Vec<String> {
        // The warm-up is an exercise, and no factor.
        let cells: Vec<&Row> = rows.iter().filter(|row| row.factor.number > 0).collect();
        let words = messages(self.lang).bar_of_factors(count(&cells, State::Passed), cells.len());
        self.bar(messages(self.lang).all_factors(), &cells, &words)
    }

    /// A cell per exercise of the track, and the minutes that are left in it.
    pub fn track(&self, track: &Track, rows: &[Row]) -> Vec<String> {
        let cells: Vec<&Row> = track.factors().iter().filter_map(|factor| of(rows, factor)).collect();
        let open = cells.iter().filter(|row| row.state != State::Passed);
        let left = open.filter_map(|row| row.minutes).sum();
        let words = messages(self.lang).bar_of_track(count(&cells, State::Passed), cells.len(), left);
        self.bar(track.name(self.lang), &cells, &words)
    }

    fn bar(&self, name: &str, cells: &[&Row], words: &str) -> Vec<String> {
        let bar: String = cells.iter().map(|row| cell(row.state)).collect();
        let bar = format!("[{}]", self.style.good(&bar));
        let space = " ".repeat(FACTORS.len().saturating_sub(cells.len()));
        let name = padded(name, 14);
        if self.width < BESIDE_FROM {
            return vec![format!("{name} {bar}"), format!("  {words}")];
        }
        vec![format!("{name} {bar}{space} {words}")]
    }

    /// The symbol of a state, in its colour; the words stand beside it.
    pub fn symbol(&self, state: State) -> String {
        let symbol = symbol(state);
        match state {
            State::Passed | State::CorePassed => self.style.good(symbol),
            State::Failed | State::Blocked => self.style.bad(symbol),
            State::Open => self.style.faint(symbol),
        }
    }
}

/// `words` filled up with spaces to `width` columns.
pub fn padded(words: &str, width: usize) -> String {
    format!("{words}{}", " ".repeat(width.saturating_sub(columns(words))))
}

/// The columns of the longest title.
pub fn widest_title(lang: Lang) -> usize {
    FACTORS.iter().map(|factor| columns(factor.title.get(lang))).max().unwrap_or(0)
}

fn of<'a>(rows: &'a [Row], factor: &Factor) -> Option<&'a Row> {
    rows.iter().find(|row| row.factor.number == factor.number)
}

fn count(cells: &[&Row], state: State) -> usize {
    cells.iter().filter(|row| row.state == state).count()
}

fn symbol(state: State) -> &'static str {
    match state {
        State::Passed => "✓",
        State::CorePassed => "◐",
        State::Failed => "✗",
        State::Blocked => "–",
        State::Open => "○",
    }
}

fn cell(state: State) -> char {
    match state {
        State::Passed => '█',
        State::CorePassed => '▒',
        State::Failed | State::Blocked | State::Open => '░',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track;

    fn progress(factors: &[(u8, Standing)]) -> Progress {
        let mut progress = Progress::default();
        for (number, standing) in factors {
            let known = FactorProgress { standing: Some(*standing), last_run: Some(100), ..FactorProgress::default() };
            progress.factors.insert(format!("factor-{number}"), known);
        }
        progress
    }

    fn workshop() -> Workspace {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
        Workspace { target: root.join("target"), root }
    }

    fn look(lang: Lang, width: usize) -> Look {
        Look { style: Style::default(), lang, width }
    }

    #[test]
    fn a_row_tells_state_age_and_minutes_within_any_width() {
        let rows = rows(&workshop(), &progress(&[(3, Standing::Passed)]), 100 + 7200);
        let config = &rows[3];
        let line = look(Lang::En, 80).row(config).join("\n");
        assert!(line.starts_with("✓  3  Config "), "{line}");
        assert!(line.contains("passed") && line.contains("2 h ago") && line.ends_with("35 min"), "{line}");
        for (lang, width) in [(Lang::En, 40), (Lang::Ko, 40), (Lang::En, 80), (Lang::Ko, 80)] {
            let lines: Vec<String> = rows.iter().flat_map(|row| look(lang, width).row(row)).collect();
            assert!(lines.iter().all(|line| columns(line) <= width), "{lines:#?}");
        }
    }

    #[test]
    fn bars_count_what_is_passed_and_fit() {
        let rows = rows(&workshop(), &progress(&[(3, Standing::Passed), (11, Standing::Failed)]), 100);
        let bar = look(Lang::En, 80).factors(&rows).join("\n");
        assert!(bar.contains("1 of 15"), "{bar}");
        assert_eq!(bar.matches('█').count(), 1, "{bar}");
        let track = track::tracks().remove(0);
        let passed = look(Lang::En, 80).track(&track, &rows).join("\n");
        assert!(passed.contains("1 of ") && passed.contains("min left"), "{passed}");
        for lang in [Lang::En, Lang::Ko] {
            let lines = [look(lang, 40).factors(&rows), look(lang, 40).track(&track, &rows)].concat();
            assert!(lines.iter().all(|line| columns(line) <= 40), "{lines:#?}");
        }
    }
}
