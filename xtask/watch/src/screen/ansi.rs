//! Lines with colours and links, as reports write them, for a screen that is made of cells.

use std::num::NonZeroU16;

use grader::text::columns;
use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::style::{Color, Modifier, Style};

/// Some characters that look alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    text: String,
    style: Style,
    link: Option<String>,
}

/// Breaks a line into rows of at most `width` columns: what a report did not wrap, such as code, is broken anywhere.
pub fn rows(line: &str, width: usize) -> Vec<Vec<Piece>> {
    let mut rows = vec![Vec::new()];
    let mut used = 0;
    for piece in pieces(line) {
        let mut text = String::new();
        for character in piece.text.chars() {
            let wide = columns(character.encode_utf8(&mut [0; 4]));
            if used + wide > width && used > 0 {
                push(&mut rows, &piece, std::mem::take(&mut text));
                rows.push(Vec::new());
                used = 0;
            }
            text.push(character);
            used += wide;
        }
        push(&mut rows, &piece, text);
    }
    rows
}

/// Puts a row into the buffer. A link is written into each of its cells: the terminal sees them as one by its name.
pub fn put(row: &[Piece], buffer: &mut Buffer, (mut x, y): (u16, u16), end: u16) {
    for piece in row {
        let from = x;
        (x, _) = buffer.set_stringn(x, y, &piece.text, usize::from(end.saturating_sub(x)), piece.style);
        if let Some(url) = &piece.link {
            (from..x).for_each(|x| link(buffer, x, y, url));
        }
    }
}

fn link(buffer: &mut Buffer, x: u16, y: u16, url: &str) {
    let Some(cell) = buffer.cell_mut((x, y)) else { return };
    let wide = u16::try_from(columns(cell.symbol())).unwrap_or(1);
    // The cell behind a wide character is empty and must stay so.
    let Some(width) = NonZeroU16::new(wide) else { return };
    let linked = format!("\x1b]8;id=w{y};{url}\x1b\\{}\x1b]8;;\x1b\\", cell.symbol());
    cell.set_symbol(&linked).set_diff_option(CellDiffOption::ForcedWidth(width));
}

fn push(rows: &mut [Vec<Piece>], like: &Piece, text: String) {
    if let Some(row) = rows.last_mut().filter(|_| !text.is_empty()) {
        row.push(Piece { text, ..like.clone() });
    }
}

/// Takes the sequences apart that `grader::report::style` writes; there are no others.
fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut style, mut link) = (Style::default(), None);
    let mut parts = line.split('\x1b');
    let mut add = |text: &str, style, link: &Option<String>| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), style, link: link.clone() });
        }
    };
    add(parts.next().unwrap_or_default(), style, &link);
    for part in parts {
        let text = if let Some((codes, text)) = part.strip_prefix('[').and_then(|rest| rest.split_once('m')) {
            style = codes.split(';').fold(style, painted);
            text
        } else if let Some(url) = part.strip_prefix("]8;;") {
            link = Some(url.to_owned()).filter(|url| !url.is_empty());
            ""
        } else {
            // The end of a link's address.
            part.strip_prefix('\\').unwrap_or(part)
        };
        add(text, style, &link);
    }
    pieces
}

fn painted(style: Style, code: &str) -> Style {
    match code {
        "1" => style.add_modifier(Modifier::BOLD),
        "2" => style.add_modifier(Modifier::DIM),
        "31" => style.fg(Color::Red),
        "32" => style.fg(Color::Green),
        "33" => style.fg(Color::Yellow),
        "35" => style.fg(Color::Magenta),
        "36" => style.fg(Color::Cyan),
        _ => Style::default(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use grader::report::style::Style as Written;
    use ratatui::layout::Rect;

    use super::*;

    fn text(row: &[Piece]) -> String {
        row.iter().map(|piece| piece.text.as_str()).collect()
    }

    #[test]
    fn colours_and_links_are_read_as_they_are_written() {
        let written = Written { color: true, links: true };
        let line = format!("a {} b {} c", written.bad("✗"), written.link(Path::new("/tmp/x")));
        let read = pieces(&line);
        assert_eq!(text(&read), "a ✗ b /tmp/x c");
        assert_eq!(read[1].style, Style::default().fg(Color::Red).add_modifier(Modifier::BOLD));
        assert_eq!(read[3].link.as_deref(), Some("file:///tmp/x"));
        assert_eq!((&read[4].link, read[4].style), (&None, Style::default()));
    }

    #[test]
    fn rows_are_broken_by_columns() {
        let broken: Vec<String> = rows("가나다라 abc", 7).iter().map(|row| text(row)).collect();
        assert_eq!(broken, ["가나다", "라 abc"]);
        assert_eq!(rows("", 7).len(), 1);
    }

    #[test]
    fn a_link_takes_as_many_cells_as_its_name() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        let line = Written { color: false, links: true }.link(Path::new("/한"));
        put(&rows(&format!("{line} z"), 12)[0], &mut buffer, (0, 0), 12);
        let symbols: Vec<&str> = buffer.content.iter().map(|cell| cell.symbol()).collect();
        assert!(symbols[0].contains("]8;id=w0;file:///%ED%95%9C"), "{symbols:?}");
        assert!(symbols[1].contains('한') && symbols[4] == "z", "{symbols:?}");
    }
}
