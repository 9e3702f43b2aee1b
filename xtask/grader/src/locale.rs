//! Which language the person reads: `--lang`, then what the environment says, then English.

use std::ffi::OsString;

use crate::text::Lang;

/// The language for everything this call prints. It is wanted before the command line is understood, because errors need it.
pub fn language(words: &[OsString], env: impl Fn(&str) -> Option<String>) -> Lang {
    asked(words).unwrap_or_else(|| from_environment(env))
}

/// The language that a value of `--lang` names.
pub fn named(value: &str) -> Option<Lang> {
    match value {
        "en" => Some(Lang::En),
        "ko" => Some(Lang::Ko),
        _ => None,
    }
}

fn asked(words: &[OsString]) -> Option<Lang> {
    let words = words.iter().map_while(|word| word.to_str());
    let mut after_option = false;
    for word in words.take_while(|word| *word != "--") {
        let value = if after_option { Some(word) } else { word.strip_prefix("--lang=") };
        if let Some(lang) = value.and_then(named) {
            return Some(lang);
        }
        after_option = word == "--lang";
    }
    None
}

/// The POSIX order; an empty variable counts as unset, and the first one that is set decides alone.
fn from_environment(env: impl Fn(&str) -> Option<String>) -> Lang {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let set = names.iter().filter_map(|name| env(name)).find(|value| !value.is_empty());
    match set {
        Some(value) if value.starts_with("ko") => Lang::Ko,
        _ => Lang::En,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn speaks(words: &[&str], env: &[(&str, &str)], expected: Lang) {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let look = |name: &str| env.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        assert_eq!(language(&words, look), expected);
    }

    #[test]
    fn the_option_wins_wherever_it_stands() {
        speaks(&["check", "--lang", "ko"], &[("LC_ALL", "en_US.UTF-8")], Lang::Ko);
        speaks(&["--lang=en", "list"], &[("LANG", "ko_KR.UTF-8")], Lang::En);
        speaks(&["list", "--lang", "fr"], &[("LANG", "ko_KR.UTF-8")], Lang::Ko);
    }

    #[test]
    fn the_first_variable_that_is_set_decides() {
        speaks(&[], &[("LC_ALL", "C"), ("LANG", "ko_KR.UTF-8")], Lang::En);
        speaks(&[], &[("LC_ALL", ""), ("LC_MESSAGES", "ko"), ("LANG", "en_US")], Lang::Ko);
        speaks(&[], &[("LANG", "ko_KR.UTF-8")], Lang::Ko);
        speaks(&[], &[], Lang::En);
    }
}
