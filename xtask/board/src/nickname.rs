//! Nicknames, as strangers type them.

/// The longest, in letters.
const LONGEST: usize = 24;

/// A nickname that can stand in a table: one line, no letters that hide or turn others around. `None` if nothing is left.
pub fn clean(typed: &str) -> Option<String> {
    let visible: String =
        typed.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| shows(*c)).collect();
    let words = visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let short: String = words.chars().take(LONGEST).collect();
    let short = short.trim_end().to_owned();
    short.chars().any(char::is_alphanumeric).then_some(short)
}

fn shows(c: char) -> bool {
    // Directions, joiners, fillers, private letters: what makes one name look like another.
    let hidden = matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{10ffff}');
    !c.is_control() && !hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_one_short_line() {
        assert_eq!(clean("  민수\n\t김 "), Some("민수 김".to_owned()));
        assert_eq!(clean(&"a".repeat(99)), Some("a".repeat(24)));
        assert_eq!(clean("<b>Ann</b>"), Some("<b>Ann</b>".to_owned()), "pages escape it");
        assert_eq!(clean("\u{202e}nnA\u{200b}"), Some("nnA".to_owned()));
        for nothing in ["", "  ", "\u{3164}", "!!", "\u{0}"] {
            assert_eq!(clean(nothing), None, "{nothing:?}");
        }
    }
}
