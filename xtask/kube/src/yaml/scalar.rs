//! What an unquoted word means.

use grader::text::{Text, text};
use saphyr_parser::{ScalarStyle, Tag};
use serde_json::Number;

use crate::node::Value;

/// The value of a word, as YAML 1.2 reads it.
pub fn value(words: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, Text> {
    let string = |ambiguous| Value::String { text: words.to_owned(), ambiguous };
    match tag {
        Some(tag) if tag.is_yaml_core_schema() && matches!(tag.suffix.as_str(), "str" | "binary") => Ok(string(false)),
        Some(tag) if !tag.is_yaml_core_schema() => {
            let name = format!("{}{}", tag.handle, tag.suffix);
            Err(text(
                format!("has the tag `{name}`, which Kubernetes does not know"),
                format!("`{name}` 태그는 Kubernetes가 모르는 태그입니다"),
            ))
        }
        _ if style == ScalarStyle::Plain => {
            plain(words).map(|found| found.unwrap_or_else(|| string(is_ambiguous(words))))
        }
        _ => Ok(string(false)),
    }
}

/// Nothing, a truth or a number; `None` is a text.
fn plain(words: &str) -> Result<Option<Value>, Text> {
    Ok(match words {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "-.inf" | "-.Inf" | "-.INF" => {
            return Err(text(
                format!("has the number `{words}`, which JSON cannot hold"),
                format!("`{words}` 값은 JSON으로 나타낼 수 없는 수입니다"),
            ));
        }
        _ => number(words).map(Value::Number),
    })
}

fn number(words: &str) -> Option<Number> {
    let digits = words.strip_prefix(['-', '+']).unwrap_or(words);
    if let Some(hex) = words.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(Number::from);
    }
    if let Some(octal) = words.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(Number::from);
    }
    let begins = digits.strip_prefix('.').unwrap_or(digits).starts_with(|c: char| c.is_ascii_digit());
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && !digits[1..].starts_with(['.', 'e', 'E']);
    if !begins || leading_zero || !digits.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte)) {
        return None;
    }
    let words = words.strip_prefix('+').unwrap_or(words);
    let whole = || words.parse().map(|n: i64| n.into()).or_else(|_| words.parse().map(|n: u64| n.into())).ok();
    whole().or_else(|| words.parse().ok().and_then(Number::from_f64))
}

/// Whether readers of YAML 1.1, which kubectl has inside, see something else than a text here.
pub fn is_ambiguous(words: &str) -> bool {
    let word = matches!(words.to_ascii_lowercase().as_str(), "y" | "yes" | "n" | "no" | "on" | "off");
    let digits = words.strip_prefix(['-', '+']).unwrap_or(words);
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit());
    let octal = numeric && digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    let grouped = numeric && digits.contains('_') && digits.bytes().all(|b| b.is_ascii_digit() || b"._".contains(&b));
    word || octal || grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_value(words: &str) -> serde_json::Value {
        let node = |value| crate::node::Node { place: Default::default(), value };
        node(value(words, ScalarStyle::Plain, None).unwrap()).json()
    }

    #[test]
    fn words_are_what_yaml_says_they_are() {
        for (words, json) in [
            ("~", "null"),
            ("True", "true"),
            ("-12", "-12"),
            ("0x1F", "31"),
            ("0o17", "15"),
            ("1e3", "1000.0"),
            ("0.5", "0.5"),
            ("18446744073709551615", "18446744073709551615"),
            ("1.4.2", "\"1.4.2\""),
            ("100m", "\"100m\""),
            ("1-2", "\"1-2\""),
            ("yes", "\"yes\""),
            ("0123", "\"0123\""),
            ("-", "\"-\""),
            (".", "\".\""),
        ] {
            assert_eq!(plain_value(words).to_string(), json, "{words}");
        }
        assert!(value(".nan", ScalarStyle::Plain, None).is_err());
    }

    #[test]
    fn words_that_older_readers_take_for_something_else_are_known() {
        for words in ["yes", "No", "ON", "off", "y", "N", "0123", "1_000", "-07"] {
            assert!(is_ambiguous(words), "{words}");
        }
        for words in ["yesterday", "0", "1000", "v1_000", "0x1F", "1.4.2", "10:30", "no-op"] {
            assert!(!is_ambiguous(words), "{words}");
        }
    }
}
