//! The two languages, as folders, attributes and links name them.

use grader::text::Lang;

/// Both, in the order of reports.
pub const BOTH: [Lang; 2] = [Lang::En, Lang::Ko];

/// The folder and the value of `lang`.
pub fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Ko => "ko",
    }
}

/// The other one.
pub fn other(lang: Lang) -> Lang {
    match lang {
        Lang::En => Lang::Ko,
        Lang::Ko => Lang::En,
    }
}

/// The language's name, as its readers call it.
pub fn name(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "English",
        Lang::Ko => "한국어",
    }
}

/// The book's title.
pub fn title(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "The Twelve-Factor Workshop",
        Lang::Ko => "Twelve-Factor 워크숍",
    }
}
