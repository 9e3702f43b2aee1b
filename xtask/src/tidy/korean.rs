//! Korean that Markdown would tear apart.

use super::{Finding, Project};
use crate::trouble::Trouble;

/// What a word is joined with. A closing `**` is only recognised before a space or a punctuation mark, and a particle after a
/// parenthesis cannot know which of its two forms the reader speaks.
const PARTICLES: [&str; 19] = [
    "은", "는", "이", "가", "을", "를", "과", "와", "의", "에", "도", "만", "로", "으로", "라", "이라", "처럼", "부터",
    "까지",
];

/// No particle follows a closing `**` or a parenthesis.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let mut found = Vec::new();
    for path in project.with_extension("md") {
        let words = project.text(path).unwrap_or_default();
        let lines = prose(&words).filter(|(_, line)| is_torn(line));
        let what = "has a particle right after a closing `**` or a parenthesis: reword the sentence";
        found.extend(lines.map(|(number, _)| Finding::new(format!("{path}:{number}"), what)));
    }
    Ok(found)
}

/// The lines outside code fences, with their numbers.
fn prose(words: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    (1..).zip(words.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

fn is_torn(line: &str) -> bool {
    let line = without_code(line);
    let after_bold = line.split("**").skip(2).step_by(2).any(begins_with_hangul);
    let mut rest = line.as_str();
    let mut after_parenthesis = false;
    while let Some(end) = rest.find(')') {
        let (before, after) = (&rest[..end], &rest[end + 1..]);
        // The parenthesis of a link is not read.
        let link = before.rfind('(').is_some_and(|open| before[..open].ends_with(']'));
        after_parenthesis |= !link && begins_with_particle(after);
        rest = after;
    }
    after_bold || after_parenthesis
}

/// Code spans may hold anything; they become one letter.
fn without_code(line: &str) -> String {
    line.split('`').enumerate().map(|(index, part)| if index % 2 == 0 { part } else { "x" }).collect()
}

fn begins_with_hangul(words: &str) -> bool {
    words.chars().next().is_some_and(|c| ('가'..='힣').contains(&c))
}

/// A particle, and then the word ends: `이` is one, `이유` is not.
fn begins_with_particle(words: &str) -> bool {
    let end = words.find(|c| !('가'..='힣').contains(&c)).unwrap_or(words.len());
    PARTICLES.contains(&&words[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_particles_are_found() {
        for line in ["**설정(config)**을 읽습니다", "**설정**은", "비밀 값(secret)을 지웁니다", "a **b** c **d**가"]
        {
            assert!(is_torn(line), "{line}");
        }
    }

    #[test]
    fn other_sentences_are_left_alone() {
        for line in [
            "**설정** 값을 읽습니다",
            "[글](a.md)을 읽습니다",
            "`f()`를 부릅니다",
            "채점기(grader) 이유 코드",
            "**굵게**, 그리고",
        ] {
            assert!(!is_torn(line), "{line}");
        }
    }
}
