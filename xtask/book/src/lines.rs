//! The lines of a page, each with the knowledge whether it stands in a code fence.

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// From 1.
    pub number: usize,
    /// Without its end.
    pub text: &'a str,
    /// What it is.
    pub kind: Kind<'a>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// Outside code.
    Prose,
    /// Opens a fence, with its language.
    Opens(&'a str),
    /// Inside a fence.
    Code,
    /// Closes a fence.
    Closes,
}

/// All lines of a page.
pub fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut fence: Option<&str> = None;
    (1..).zip(text.lines()).map(move |(number, text)| {
        let mark = fence_mark(text);
        let kind = match (fence, mark) {
            (None, None) => Kind::Prose,
            (None, Some(mark)) => {
                fence = Some(mark);
                Kind::Opens(text.trim_start()[mark.len()..].trim())
            }
            (Some(open), Some(mark)) if mark.starts_with(open) && text.trim() == mark => {
                fence = None;
                Kind::Closes
            }
            (Some(_), _) => Kind::Code,
        };
        Line { number, text, kind }
    })
}

/// The back ticks or tildes with which a line begins, if they are three or more.
fn fence_mark(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let first = line.chars().next().filter(|first| ['`', '~'].contains(first))?;
    let length = line.len() - line.trim_start_matches(first).len();
    (length >= 3).then(|| &line[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_fence_may_hold_a_shorter_one() {
        let kinds: Vec<Kind> = lines("a\n````md\n```rust\n```\n````\nb").map(|line| line.kind).collect();
        assert_eq!(kinds, [Kind::Prose, Kind::Opens("md"), Kind::Code, Kind::Code, Kind::Closes, Kind::Prose]);
    }
}
