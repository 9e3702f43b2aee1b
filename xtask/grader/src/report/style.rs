//! Colour, links and line breaks: how words become terminal lines.

use std::path::Path;

use crate::text::columns;

/// Whether colour may be used. `env` looks up an environment variable; `tty` says whether the output is a terminal.
///
/// `NO_COLOR` (no-color.org) is a person's wish and wins over everything; `CLICOLOR_FORCE` is for build servers that
/// understand colours without being a terminal.
pub fn wants_color(env: impl Fn(&str) -> Option<String>, tty: bool) -> bool {
    let set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
    let forced = set("CLICOLOR_FORCE") && env("CLICOLOR_FORCE").as_deref() != Some("0");
    let dumb = env("TERM").as_deref() == Some("dumb");
    !set("NO_COLOR") && (forced || (tty && !dumb))
}

/// The columns of the terminal that standard output is, if it is one.
fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// The columns to write for: what `COLUMNS` says, what the terminal has, or else 80.
pub fn width() -> usize {
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    asked.or_else(terminal_width).unwrap_or(80)
}

/// Puts terminal sequences around words, or leaves them alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Whether colours are written.
    pub color: bool,
    /// Whether paths become OSC 8 links.
    pub links: bool,
}

impl Style {
    /// For PASS.
    pub fn good(self, words: &str) -> String {
        self.paint("1;32", words)
    }

    /// For FAIL and BLOCKED.
    pub fn bad(self, words: &str) -> String {
        self.paint("1;31", words)
    }

    /// For UNGRADED: nothing is wrong with the service.
    pub fn unsure(self, words: &str) -> String {
        self.paint("1;33", words)
    }

    /// For ERROR: nothing is wrong with the service either, so not red.
    pub fn fault(self, words: &str) -> String {
        self.paint("1;35", words)
    }

    /// For headings and labels.
    pub fn strong(self, words: &str) -> String {
        self.paint("1", words)
    }

    /// For what is looked up rather than read: times, prefixes.
    pub fn faint(self, words: &str) -> String {
        self.paint("2", words)
    }

    /// For a command that can be pasted.
    pub fn command(self, words: &str) -> String {
        self.paint("36", words)
    }

    /// A path that opens on a click, where the terminal knows OSC 8.
    pub fn link(self, path: &Path) -> String {
        self.link_as(path, &path.display().to_string())
    }

    /// The same under another name, such as a path with a line.
    pub fn link_as(self, path: &Path, shown: &str) -> String {
        match std::path::absolute(path) {
            Ok(target) if self.links => format!("\x1b]8;;{}\x1b\\{shown}\x1b]8;;\x1b\\", file_url(&target)),
            _ => shown.to_owned(),
        }
    }

    fn paint(self, code: &str, words: &str) -> String {
        if self.color { format!("\x1b[{code}m{words}\x1b[0m") } else { words.to_owned() }
    }
}

/// Breaks `words` at spaces into lines of at most `width` columns; a word that is wider than a line is cut in pieces.
///
/// Korean is broken between words too: a line that ends inside a word is hard to read.
pub fn wrap(words: &str, width: usize) -> Vec<String> {
    let width = width.max(MIN_WIDTH);
    words.lines().flat_map(|line| wrap_line(&printable(line), width)).collect()
}

/// Cuts `words` to `width` columns; a cut is marked.
pub fn cut(words: &str, width: usize) -> String {
    let words = printable(words);
    if columns(&words) <= width {
        return words;
    }
    let (kept, _) = split_at_column(&words, width.saturating_sub(columns(CUT)));
    format!("{kept}{CUT}")
}

/// Breaks Markdown into lines: prose is wrapped, the content of fences is kept as it is, so that it can be pasted.
pub fn wrap_markdown(markdown: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, block) in markdown.split("```").enumerate() {
        if index % 2 == 1 {
            // The first line of a fence names its language.
            let code = block.split_once('\n').map_or("", |(_, code)| code);
            lines.extend(code.trim_end().lines().map(|line| format!("    {line}")));
        } else {
            lines.extend(paragraphs(block).flat_map(|paragraph| wrap(&paragraph, width)));
        }
    }
    lines
}

/// Below this, wrapping would do more harm than a terminal that wraps by itself.
const MIN_WIDTH: usize = 16;

/// Marks a cut.
const CUT: &str = "…";

/// Lines of a Markdown file end anywhere; a paragraph ends at an empty line, a list item at the next one.
fn paragraphs(block: &str) -> impl Iterator<Item = String> {
    let block = block.replace("\n- ", "\n\n- ");
    let paragraphs: Vec<String> =
        block.split("\n\n").map(|p| p.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    paragraphs.into_iter().filter(|paragraph| !paragraph.is_empty())
}

fn wrap_line(line: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        let current = lines.last().map_or(0, |line| columns(line));
        if current > 0 && current + 1 + columns(word) > width {
            lines.push(String::new());
        }
        while columns(word) > width {
            let (piece, rest) = split_at_column(word, width);
            append(&mut lines, piece);
            lines.push(String::new());
            word = rest;
        }
        append(&mut lines, word);
    }
    lines
}

fn append(lines: &mut [String], word: &str) {
    if let Some(line) = lines.last_mut() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
}

/// Splits after as many whole characters as fit into `width` columns.
fn split_at_column(words: &str, width: usize) -> (&str, &str) {
    let fits = |end: &usize| columns(&words[..*end]) <= width;
    let ends = words.char_indices().map(|(start, c)| start + c.len_utf8());
    words.split_at(ends.take_while(fits).last().unwrap_or(0))
}

/// What a service wrote may stand in a sentence; a control character in it must not reach the terminal.
fn printable(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// `file://` with everything escaped that is not plain ASCII.
fn file_url(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let escape = |byte: &u8| if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") };
    let escaped: String = path.as_os_str().as_encoded_bytes().iter().map(escape).collect();
    format!("file://{escaped}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn color(variables: &[(&str, &str)], tty: bool, expected: bool) {
        let env = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        assert_eq!(wants_color(env, tty), expected);
    }

    #[test]
    fn colour_is_for_terminals_and_for_those_who_ask() {
        color(&[], true, true);
        color(&[], false, false);
        color(&[("TERM", "dumb")], true, false);
        color(&[("CLICOLOR_FORCE", "1")], false, true);
        color(&[("CLICOLOR_FORCE", "0")], false, false);
        color(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], true, false);
        color(&[("NO_COLOR", "")], true, true);
    }

    #[test]
    fn korean_is_wrapped_by_columns_between_words() {
        let lines = wrap("환경 변수가 서비스의 동작을 결정합니다.", 20);
        assert_eq!(lines, ["환경 변수가 서비스의", "동작을 결정합니다."]);
        assert!(lines.iter().all(|line| columns(line) <= 20));
    }

    #[test]
    fn a_word_wider_than_a_line_is_cut_in_pieces() {
        assert_eq!(wrap("see 0123456789abcdefgh now", 16), ["see", "0123456789abcdef", "gh now"]);
        assert_eq!(wrap("가나다라마바사아자", 17), ["가나다라마바사아", "자"]);
    }

    #[test]
    fn a_cut_is_marked_and_fits() {
        assert_eq!(cut("서비스가 시작합니다", 10), "서비스가 …");
        assert_eq!(cut("short", 10), "short");
        assert_eq!(cut("a\tb\x1b[31m", 10), "a b [31m");
    }

    #[test]
    fn prose_is_wrapped_and_code_is_not() {
        let lines =
            wrap_markdown("Ask who\ngave it.\n- one\n- two\n\n```sh\nenv -i PORT=8080 ./target/debug/app\n```", 20);
        assert_eq!(lines, ["Ask who gave it.", "- one", "- two", "    env -i PORT=8080 ./target/debug/app"]);
    }

    #[test]
    fn a_link_shows_the_path_and_escapes_the_target() {
        let style = Style { color: false, links: true };
        let shown = "\x1b]8;;file:///tmp/a%20b\x1b\\/tmp/a b\x1b]8;;\x1b\\";
        assert_eq!(style.link(Path::new("/tmp/a b")), shown);
        assert_eq!(Style::default().link(Path::new("/tmp/a b")), "/tmp/a b");
    }
}
