//! Hangul as Unicode composes it (NFC) and takes it apart (NFD): 가 is one character or two, and people see no difference.

const FIRST: u32 = 0xAC00;
const LEADING: u32 = 0x1100;
const VOWEL: u32 = 0x1161;
const TRAILING: u32 = 0x11A7;
const VOWELS: u32 = 21;
const TRAILINGS: u32 = 28;
const SYLLABLES: u32 = 11_172;

/// Each syllable taken apart, as the file names of some systems are.
pub fn decomposed(text: &str) -> String {
    text.chars().flat_map(parts).collect()
}

/// Each syllable put together. It is all of NFC for texts in which nothing but Hangul can be composed.
pub fn composed(text: &str) -> String {
    text.chars().fold(String::new(), |mut whole, next| {
        match whole.chars().next_back().and_then(|last| pair(last, next)) {
            Some(both) => {
                whole.pop();
                whole.push(both);
            }
            None => whole.push(next),
        }
        whole
    })
}

fn parts(syllable: char) -> Vec<char> {
    let Some(index) = u32::from(syllable).checked_sub(FIRST).filter(|index| *index < SYLLABLES) else {
        return vec![syllable];
    };
    let (leading, vowel) = (index / (VOWELS * TRAILINGS), index / TRAILINGS % VOWELS);
    let trailing = index % TRAILINGS;
    let codes = [Some(LEADING + leading), Some(VOWEL + vowel), (trailing > 0).then_some(TRAILING + trailing)];
    codes.into_iter().flatten().filter_map(char::from_u32).collect()
}

/// What two neighbours become, if they belong together.
fn pair(last: char, next: char) -> Option<char> {
    let (last, next) = (u32::from(last), u32::from(next));
    let below = |code: u32, first: u32, count: u32| code.checked_sub(first).filter(|index| *index < count);
    let syllable = match below(last, LEADING, 19) {
        Some(leading) => FIRST + (leading * VOWELS + below(next, VOWEL, VOWELS)?) * TRAILINGS,
        None => {
            let index = below(last, FIRST, SYLLABLES)?;
            let open = index.is_multiple_of(TRAILINGS);
            last + below(next, TRAILING, TRAILINGS).filter(|trailing| open && *trailing > 0)?
        }
    };
    char::from_u32(syllable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_taken_apart_and_put_together_again() {
        assert_eq!(decomposed("각a"), "\u{1100}\u{1161}\u{11a8}a");
        assert_eq!(decomposed("가"), "\u{1100}\u{1161}");
        for word in ["떡볶이", "값 12", "", "힣뷁", "가각간"] {
            assert_eq!(composed(&decomposed(word)), word);
            assert_eq!(composed(word), word);
        }
    }

    #[test]
    fn what_cannot_be_composed_stays() {
        assert_eq!(composed("\u{1161}\u{1100}"), "\u{1161}\u{1100}");
        assert_eq!(composed("각\u{11a8}"), "각\u{11a8}");
    }
}
