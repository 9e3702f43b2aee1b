//! The term list of CONTRIBUTING.md in the Korean pages: a note `not 의존성` forbids that word.

use anyhow::{Context, Result};
use grader::text::Lang;

use crate::outline::prose;
use crate::project::{Finding, Project, read};

/// Where exceptions stand, each with its reason.
const ALLOWED: &str = "book/allowed-terms.txt";

/// A word that has a better one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Forbidden {
    word: String,
    better: String,
}

/// Words of the term list's notes that stand in a Korean page; exceptions that nothing needs are findings too.
pub fn findings(project: &Project) -> Result<Vec<Finding>> {
    let forbidden = forbidden(&read(&project.root.join("CONTRIBUTING.md"))?);
    if forbidden.is_empty() {
        return Ok(vec![Finding::new("CONTRIBUTING.md", "has no term list that this rule can read")]);
    }
    let allowed = allowed(&read(&project.root.join(ALLOWED))?)?;
    let mut used = vec![false; allowed.len()];
    let mut found = Vec::new();
    for page in project.pages(Lang::Ko)? {
        for (line, words) in prose(&page.text) {
            let rest = without_allowed(words, &allowed, &mut used);
            let hits = forbidden.iter().filter(|term| rest.contains(&term.word));
            found.extend(hits.map(|Forbidden { word, better }| {
                Finding::new(
                    page.place(line),
                    format!("says `{word}`; the term list says {better} (exceptions: {ALLOWED})"),
                )
            }));
        }
    }
    let unused = allowed.iter().zip(used).filter(|(_, used)| !used);
    found.extend(unused.map(|(word, _)| Finding::new(ALLOWED, format!("allows `{word}`, which no page says"))));
    Ok(found)
}

/// `| check | 검사 | not 체크, not 테스트 |`
fn forbidden(contributing: &str) -> Vec<Forbidden> {
    let rows = contributing.lines().filter(|line| line.starts_with("| "));
    rows.flat_map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let (korean, note) = (cells.get(2).copied().unwrap_or_default(), cells.get(3).copied().unwrap_or_default());
        note.split([',', ';'])
            .filter_map(|part| part.trim().strip_prefix("not "))
            .filter(|word| word.chars().all(|c| ('가'..='힣').contains(&c)))
            .map(|word| Forbidden { word: word.to_owned(), better: korean.to_owned() })
            .collect::<Vec<_>>()
    })
    .collect()
}

/// `체크섬: why`, one a line.
fn allowed(text: &str) -> Result<Vec<String>> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let (word, _why) = line.split_once(": ").with_context(|| format!("{ALLOWED}: `{line}` says no reason"))?;
            Ok(word.to_owned())
        })
        .collect()
}

fn without_allowed(mut words: String, allowed: &[String], used: &mut [bool]) -> String {
    for (word, used) in allowed.iter().zip(used) {
        if words.contains(word) {
            *used = true;
            words = words.replace(word, " ");
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_of_the_term_list_forbid_words() {
        let table = "| check | 검사 | not 체크, not 테스트 |\n| log | 로그 | title of factor 11 |\n| dependencies | 종속성 | title of factor 2; not 의존성 |\n";
        let words: Vec<String> = forbidden(table).into_iter().map(|term| term.word).collect();
        assert_eq!(words, ["체크", "테스트", "의존성"]);
    }

    #[test]
    fn the_real_list_is_understood() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let words: Vec<String> =
            forbidden(&read(&root.join("CONTRIBUTING.md")).unwrap()).into_iter().map(|term| term.word).collect();
        for word in ["체크", "의존성", "릴리스", "프로덕션", "컨피그"] {
            assert!(words.iter().any(|known| known == word), "{word} in {words:?}");
        }
    }

    #[test]
    fn an_allowed_word_is_taken_out_and_counted() {
        let mut used = [false, false];
        let rest =
            without_allowed("체크섬을 봅니다".to_owned(), &["체크섬".to_owned(), "체크인".to_owned()], &mut used);
        assert!(!rest.contains("체크") && used == [true, false]);
        assert!(allowed("체크섬\n").is_err());
    }
}
