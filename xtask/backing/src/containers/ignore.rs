//! `.dockerignore`: what of a folder is not sent to the engine. Whoever sends the folder has to apply it.

use std::path::{Component, Path};

/// The lines of the file; the last one that matches decides.
pub struct Ignored(Vec<Line>);

struct Line {
    brings_back: bool,
    parts: Vec<String>,
}

impl Ignored {
    /// Reads the file.
    pub fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(line).collect())
    }

    /// Whether the path, relative to the folder, is left out: it or a folder that it lies in.
    pub fn leaves_out(&self, path: &Path) -> bool {
        let path: Vec<String> = path
            .components()
            .filter_map(|part| match part {
                Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
                _ => None,
            })
            .collect();
        let matches = |line: &&Line| (1..=path.len()).any(|end| path_matches(&line.parts, &path[..end]));
        self.0.iter().rfind(matches).is_some_and(|line| !line.brings_back)
    }
}

fn line(text: &str) -> Option<Line> {
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    let (brings_back, pattern) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest.trim_start()));
    let parts = pattern.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect();
    Some(Line { brings_back, parts })
}

fn path_matches(pattern: &[String], path: &[String]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "**" => (0..=path.len()).any(|skip| path_matches(rest, &path[skip..])),
        (Some((first, rest)), Some((name, below))) => {
            name_matches(&first.chars().collect::<Vec<_>>(), &name.chars().collect::<Vec<_>>())
                && path_matches(rest, below)
        }
        _ => false,
    }
}

/// `*` any part of a name, `?` one character, `[a-z]` one of several, `\` takes the next one as it is.
fn name_matches(pattern: &[char], name: &[char]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        (['*', rest @ ..], _) => (0..=name.len()).any(|skip| name_matches(rest, &name[skip..])),
        (['?', rest @ ..], [_, below @ ..]) => name_matches(rest, below),
        (['\\', wanted, rest @ ..], [first, below @ ..]) => wanted == first && name_matches(rest, below),
        (['[', rest @ ..], [first, below @ ..]) => match rest.iter().skip(1).position(|c| *c == ']') {
            Some(end) => one_of(&rest[..=end], *first) && name_matches(&rest[end + 2..], below),
            None => false,
        },
        ([wanted, rest @ ..], [first, below @ ..]) => wanted == first && name_matches(rest, below),
        _ => false,
    }
}

fn one_of(set: &[char], character: char) -> bool {
    let (negated, set) = set.strip_prefix(&['^']).map_or((false, set), |set| (true, set));
    let ranges = set.windows(3).filter(|window| window[1] == '-');
    let found = set.contains(&character) || ranges.into_iter().any(|r| (r[0]..=r[2]).contains(&character));
    found != negated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_out(text: &str, path: &str) -> bool {
        Ignored::parse(text).leaves_out(Path::new(path))
    }

    #[test]
    fn a_folder_takes_along_what_is_below_it() {
        assert!(left_out("/target/\n", "target/debug/links"));
        assert!(!left_out("target\n", "src/target"));
        assert!(left_out("**/target\n", "src/target"));
        assert!(left_out("**/*.log", "run.log"));
    }

    #[test]
    fn the_last_line_that_matches_decides() {
        assert!(!left_out("*\n!src\n", "src/main.rs"));
        assert!(left_out("*\n!src\nsrc/main.rs\n", "src/main.rs"));
        assert!(left_out("# !x\n*\n", "x"));
    }

    #[test]
    fn names_have_wildcards() {
        assert!(left_out("temp?", "tempa") && !left_out("temp?", "temp"));
        assert!(left_out("[a-c]x", "bx") && !left_out("[^a-c]x", "bx"));
        assert!(left_out(r"\*", "*") && !left_out(r"\*", "a"));
        assert!(!left_out("*/b", "a/c/b"));
    }
}
