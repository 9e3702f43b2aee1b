//! Texts in both languages, and the Korean particles that depend on the word before them.

/// The languages of the workshop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    En,
    /// Korean.
    Ko,
}

/// A sentence in both languages. Neither can be left out: there is no constructor with one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

impl Text {
    /// The sentence in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ko => &self.ko,
        }
    }
}

/// Pairs an English and a Korean sentence.
pub fn text(en: impl Into<String>, ko: impl Into<String>) -> Text {
    Text { en: en.into(), ko: ko.into() }
}

/// What is shown as it was, in both languages: an answer, a line of a log, a command.
pub fn verbatim(words: impl Into<String>) -> Text {
    let words = words.into();
    text(words.clone(), words)
}

/// A [`Text`] that is known at compile time: descriptions of checks and factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// English.
    pub en: &'static str,
    /// Korean.
    pub ko: &'static str,
}

impl Words {
    /// The words in `lang`.
    pub fn get(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Ko => self.ko,
        }
    }
}

/// Appends the particle that fits the last syllable of `word`; `pair` is written "을/를", with the form after a consonant first.
///
/// Latin letters and digits take the form that their usual Korean reading asks for (`PORT` ends in 트, so 를).
pub fn with_particle(word: &str, pair: &str) -> String {
    let (after_consonant, after_vowel) = pair.split_once('/').unwrap_or((pair, pair));
    let ending = last_sound(word);
    // "로" follows a vowel and also ㄹ: 서울로, not 서울으로.
    let takes_vowel_form = match ending {
        Sound::Vowel => true,
        Sound::Rieul => after_vowel == "로",
        Sound::Consonant => false,
    };
    format!("{word}{}", if takes_vowel_form { after_vowel } else { after_consonant })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sound {
    Vowel,
    Rieul,
    Consonant,
}

fn last_sound(word: &str) -> Sound {
    let readable = word.chars().rev().find(|c| c.is_alphanumeric());
    match readable {
        Some(c @ '가'..='힣') => match (u32::from(c) - u32::from('가')) % 28 {
            0 => Sound::Vowel,
            8 => Sound::Rieul,
            _ => Sound::Consonant,
        },
        // 엘, 알 and the digits 일, 칠, 팔.
        Some('l' | 'L' | 'r' | 'R' | '1' | '7' | '8') => Sound::Rieul,
        // 엠, 엔 and the digits 영, 삼, 육.
        Some('m' | 'M' | 'n' | 'N' | '0' | '3' | '6') => Sound::Consonant,
        _ => Sound::Vowel,
    }
}

/// "1 check" and "2 checks": English has a plural, Korean does without.
pub fn count_en(n: usize, noun: &str) -> String {
    if n == 1 { format!("{n} {noun}") } else { format!("{n} {noun}s") }
}

/// How many terminal columns `words` takes: a Hangul syllable takes two.
pub fn columns(words: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn particle(word: &str, pair: &str, expected: &str) {
        assert_eq!(with_particle(word, pair), expected);
    }

    #[test]
    fn particles_follow_the_last_syllable() {
        particle("설정", "을/를", "설정을");
        particle("배포", "을/를", "배포를");
        particle("검사", "이/가", "검사가");
        particle("서울", "으로/로", "서울로");
        particle("설정", "으로/로", "설정으로");
    }

    #[test]
    fn particles_follow_the_reading_of_latin_letters_and_digits() {
        particle("PORT", "을/를", "PORT를");
        particle("SCREEN_URL", "이/가", "SCREEN_URL이");
        particle("SCREEN_URL", "으로/로", "SCREEN_URL로");
        particle("8080", "을/를", "8080을");
        particle("`PORT`", "은/는", "`PORT`는");
    }

    #[test]
    fn a_hangul_syllable_is_two_columns_wide() {
        assert_eq!(columns("설정 ok"), 7);
    }
}
