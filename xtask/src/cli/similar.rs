//! "Did you mean": the known word that needs the fewest changed letters.

/// The closest of `known`, if it is close enough that a slip of the fingers explains the difference.
pub fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let word = word.to_lowercase();
    let tolerated = (word.chars().count() / 3).clamp(1, 3);
    let rated = |name: &'a str| {
        // A prefix is what somebody types who expects completion.
        let begun = word.len() > 1 && name.starts_with(&word);
        (if begun { 0 } else { distance(&word, name) }, name)
    };
    let (distance, name) = known.map(rated).min()?;
    (distance <= tolerated).then(|| name.to_owned())
}

/// Levenshtein's distance, with two swapped neighbours counting once.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=to.len()).collect()];
    for (i, letter) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in to.iter().enumerate() {
            let changed = rows[i][j] + usize::from(letter != other);
            let mut least = changed.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && from[i - 1] == *other && *letter == to[j - 1] {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn means(word: &str, expected: Option<&str>) {
        let known = ["check", "list", "hint", "reset", "solution", "start"];
        assert_eq!(closest(word, known.into_iter()).as_deref(), expected, "{word}");
    }

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        means("chekc", Some("check"));
        means("Lsit", Some("list"));
        means("sol", Some("solution"));
        means("restart", Some("start"));
        means("grade", None);
        means("", None);
    }
}
