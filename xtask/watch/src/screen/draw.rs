//! The picture: a title, what goes on, the view, and the keys.

use grader::report::style::{Style, cut, wrap};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::ansi;
use super::views::{self, Body};
use crate::app::App;
use crate::input::Scope;
use crate::messages::messages;
use crate::state::{Running, Scroll, View};

/// A turning wheel says that something goes on, even where nothing else changes.
const WHEEL: [&str; 4] = ["◐", "◓", "◑", "◒"];

/// Milliseconds between two positions of the wheel.
const TURN: u128 = 120;

/// Rows that a failure's story mostly takes before its time line.
const STORY: usize = 10;

/// Draws everything. The state is told where the view was drawn.
pub fn frame(frame: &mut Frame, app: &mut App) {
    let area = frame.area();
    let width = usize::from(area.width);
    let style = Style { links: true, ..app.desk.style() };
    let head = head(app, style, width);
    let foot = foot(app, style, width);
    let room = usize::from(area.height).saturating_sub(head.len() + foot.len() + 2);
    let body = views::body(app, style, width);
    let (rows, focus) = broken(&body, width);
    app.state.top = top(app, rows.len(), focus, room);
    let shown = rows.iter().skip(app.state.top).take(room);
    let buffer = frame.buffer_mut();
    let mut y = 0;
    put_lines(&head, buffer, area, &mut y);
    put_lines(&[rule(app.state.top, "↑", style, width)], buffer, area, &mut y);
    for row in shown {
        ansi::put(row, buffer, (0, y), area.width);
        y += 1;
    }
    y = area.height.saturating_sub(u16::try_from(foot.len() + 1).unwrap_or(u16::MAX));
    let below = rows.len().saturating_sub(app.state.top + room);
    put_lines(&[rule(below, "↓", style, width)], buffer, area, &mut y);
    put_lines(&foot, buffer, area, &mut y);
}

/// Rows of the screen, and the row of what matters.
fn broken(body: &Body, width: usize) -> (Vec<Vec<ansi::Piece>>, Option<usize>) {
    let (mut rows, mut focus) = (Vec::new(), None);
    for (index, line) in body.lines.iter().enumerate() {
        if body.focus == Some(index) {
            focus = Some(rows.len());
        }
        rows.extend(ansi::rows(line, width));
    }
    (rows, focus)
}

/// The first row that is shown. What matters comes first where not all fits; in a list it stands in the middle.
fn top(app: &App, rows: usize, focus: Option<usize>, room: usize) -> usize {
    let last = rows.saturating_sub(room);
    let in_list = matches!(app.state.view, View::List(_));
    match (app.state.scroll, focus) {
        (Scroll::To(wanted), _) => wanted.min(last),
        (Scroll::Auto, Some(focus)) if in_list => focus.saturating_sub(room / 2).min(last),
        // Where both fit, the verdicts stay above the story of the first failure.
        (Scroll::Auto, Some(focus)) if focus + STORY <= room => 0,
        (Scroll::Auto, Some(focus)) => focus.min(last),
        (Scroll::Auto, None) => 0,
    }
}

fn head(app: &App, style: Style, width: usize) -> Vec<String> {
    vec![style.strong(&cut(&views::title(app), width)), going_on(app, style, width)]
}

/// What goes on, or what is waited for, and the verdicts at a glance.
fn going_on(app: &App, style: Style, width: usize) -> String {
    let words = messages(app.desk.lang());
    if app.state.leaving.is_some() {
        return cut(words.stopping(), width);
    }
    let (said, marks) = match &app.state.running {
        Some(running) => (progress(app, running), views::marks(&running.events, style)),
        None if app.state.manual => (words.waiting_for_enter().to_owned(), views::marks(&app.state.report, style)),
        None => (words.waiting().to_owned(), views::marks(&app.state.report, style)),
    };
    let space = if marks.is_empty() { "" } else { "  " };
    let marks_columns = columns_of(&marks) + space.len();
    format!("{}{space}{marks}", cut(&said, width.saturating_sub(marks_columns)))
}

/// The width of marks without their colours: each is one column.
fn columns_of(marks: &str) -> usize {
    marks.chars().filter(|character| "✓✗–?!".contains(*character)).count()
}

fn progress(app: &App, running: &Running) -> String {
    let lang = app.desk.lang();
    let turned = usize::try_from(running.began.elapsed().as_millis() / TURN).unwrap_or(0);
    let wheel = WHEEL[turned % WHEEL.len()];
    let mut said = format!("{wheel} {}", messages(lang).grading(running.scope));
    if running.scope == Scope::Every {
        let factor = running.events.iter().find_map(|event| match event {
            grader::event::Event::RunStarted(run) => run.factors.first().map(|factor| factor.id()),
            _ => None,
        });
        said.push_str(&factor.map_or(String::new(), |factor| format!(": {factor}")));
    }
    if let Some((stage, detail)) = &running.stage {
        said.push_str(&format!(": {}", grader::messages::messages(lang).stage(*stage)));
        said.push_str(&detail.as_ref().map_or(String::new(), |detail| format!(" ({})", detail.trim())));
    }
    said
}

/// A line across, with how much there is beyond it.
fn rule(hidden: usize, arrow: &str, style: Style, width: usize) -> String {
    let more = if hidden > 0 { format!(" {arrow} {hidden} ") } else { String::new() };
    let room = width.saturating_sub(grader::text::columns(&more));
    style.faint(&format!("{}{more}", "─".repeat(room)))
}

/// A note, if there is one, and the keys, as many to a line as fit.
fn foot(app: &App, style: Style, width: usize) -> Vec<String> {
    let words = messages(app.desk.lang());
    let note = app.state.note.as_ref().map_or(Vec::new(), |note| wrap(&words.note(note), width));
    let keys = views::keys(app);
    let paused = app.state.is_paused();
    let mut lines: Vec<String> = note.iter().map(|line| style.unsure(line)).collect();
    let mut row = String::new();
    for key in keys.iter().filter(|key| !paused || key.starts_with("q:")) {
        if !row.is_empty() && grader::text::columns(&row) + 2 + grader::text::columns(key) > width {
            lines.push(std::mem::take(&mut row));
        }
        let space = if row.is_empty() { "" } else { "  " };
        row = format!("{row}{space}{key}");
    }
    lines.push(row);
    lines
}

fn put_lines(lines: &[String], buffer: &mut Buffer, area: Rect, y: &mut u16) {
    for line in lines.iter().filter(|_| area.height > 0) {
        if *y < area.height {
            ansi::put(&ansi::rows(line, usize::from(area.width))[0], buffer, (0, *y), area.width);
        }
        *y += 1;
    }
}
