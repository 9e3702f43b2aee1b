//! Reads a line of a log in any of the usual formats: JSON, logfmt, or words with a time and a level among them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

/// The words for levels in the logging libraries of a dozen languages.
const LEVELS: [&str; 14] = [
    "trace",
    "debug",
    "verbose",
    "info",
    "information",
    "informational",
    "notice",
    "warn",
    "warning",
    "error",
    "err",
    "critical",
    "fatal",
    "panic",
];
/// Fields that hold a level as a number.
const LEVEL_FIELDS: [&str; 4] = ["level", "severity", "lvl", "@l"];
/// What the clock of an event may be off from ours, in seconds. Both run on one machine.
const PLAUSIBLE: f64 = 600.0;

/// The line as a JSON object, if it is one.
pub fn object(line: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(line).ok()
}

/// Whether the line has a field of this name: as JSON at any depth, otherwise as `name=`, outside of quotes.
pub fn has_field(line: &str, name: &str) -> bool {
    match object(line) {
        Some(fields) => has_key(&Value::Object(fields), name),
        None => tokens(line).iter().any(|token| token.key == Some(name)),
    }
}

fn has_key(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| key == name || has_key(value, name)),
        Value::Array(items) => items.iter().any(|item| has_key(item, name)),
        _ => false,
    }
}

/// The level of an event in lower case; a number stands for itself.
pub fn level(line: &str) -> Option<String> {
    let words: Vec<String> = match object(line) {
        Some(fields) => {
            let number = fields.iter().find(|(key, value)| LEVEL_FIELDS.contains(&key.as_str()) && value.is_number());
            if let Some((_, number)) = number {
                return Some(number.to_string());
            }
            fields.values().filter_map(|value| value.as_str().map(str::to_lowercase)).collect()
        }
        None => tokens(line).iter().map(|token| bare(token.value)).collect(),
    };
    words.into_iter().find(|word| LEVELS.contains(&word.as_str()))
}

/// A level without the brackets and colons that surround it in some formats.
fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_ascii_alphabetic()).to_lowercase()
}

/// Whether an event of this level is of no interest to whoever asked for errors only. Numbers are those of pino and bunyan.
pub fn is_below_warning(level: &str) -> bool {
    match level.parse::<f64>() {
        Ok(number) => number < 40.0,
        Err(_) => LEVELS[..7].contains(&level),
    }
}

/// The time of an event in seconds since 1970: a date with a time of day anywhere in the line, or a number of seconds,
/// milliseconds, microseconds or nanoseconds in a field. Only a time near now is one.
pub fn time(line: &str) -> Option<f64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
    let near = |seconds: &f64| (seconds - now).abs() < PLAUSIBLE;
    let written = (0..line.len()).filter(|at| line.as_bytes()[*at].is_ascii_digit());
    if let Some(seconds) = written.filter_map(|at| date_time(&line.as_bytes()[at..])).find(near) {
        return Some(seconds);
    }
    let numbers: Vec<f64> = match object(line) {
        Some(fields) => fields.values().filter_map(Value::as_f64).collect(),
        None => tokens(line).iter().filter_map(|token| token.value.parse().ok()).collect(),
    };
    let units = [1.0, 1e3, 1e6, 1e9];
    numbers.iter().flat_map(|number| units.map(|unit| number / unit)).find(near)
}

/// `2026-11-22T12:00:00.123Z` with its relatives: a space or `T`, a dot or comma, `Z`, `+09:00`, `+0900` or nothing (UTC).
fn date_time(text: &[u8]) -> Option<f64> {
    let number = |from: usize, to: usize| -> Option<f64> {
        let digits = text.get(from..to)?;
        digits
            .iter()
            .all(u8::is_ascii_digit)
            .then(|| digits.iter().fold(0.0, |sum, d| sum * 10.0 + f64::from(d - b'0')))
    };
    let is = |at: usize, allowed: &[u8]| text.get(at).is_some_and(|byte| allowed.contains(byte));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"T t_") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let days = days_since_1970(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let mut seconds = days * 86_400.0 + number(11, 13)? * 3_600.0 + number(14, 16)? * 60.0 + number(17, 19)?;
    let mut at = 19;
    if is(at, b".,") {
        let digits = text[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        seconds += number(at + 1, at + 1 + digits)? / 10_f64.powi(i32::try_from(digits).ok()?);
        at += 1 + digits;
    }
    let sign = match text.get(at) {
        Some(b'+') => 1.0,
        Some(b'-') => -1.0,
        _ => return Some(seconds),
    };
    let minutes = if is(at + 3, b":") { number(at + 4, at + 6) } else { number(at + 3, at + 5) };
    Some(seconds - sign * (number(at + 1, at + 3)? * 3_600.0 + minutes.unwrap_or_default() * 60.0))
}

/// Howard Hinnant's `days_from_civil`: years begin in March, so that the leap day is the last day of a year.
fn days_since_1970(year: f64, month: f64, day: f64) -> f64 {
    let (year, month) = if month > 2.0 { (year, month - 3.0) } else { (year - 1.0, month + 9.0) };
    let (era, year_of_era) = ((year / 400.0).floor(), year.rem_euclid(400.0));
    let day_of_year = ((153.0 * month + 2.0) / 5.0).floor() + day - 1.0;
    era * 146_097.0 + year_of_era * 365.0 + (year_of_era / 4.0).floor() - (year_of_era / 100.0).floor() + day_of_year
        - 719_468.0
}

/// A word, or a `key=value`; a value in quotes is one whatever it holds.
struct Token<'a> {
    key: Option<&'a str>,
    value: &'a str,
}

fn tokens(line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let key_end = rest.find(|c: char| c.is_whitespace() || c == '=' || c == '"').unwrap_or(rest.len());
        let key = rest[key_end..].starts_with('=').then(|| &rest[..key_end]);
        let value = if key.is_some() { &rest[key_end + 1..] } else { rest };
        let end =
            if value.starts_with('"') { quoted(value) } else { value.find(char::is_whitespace).unwrap_or(value.len()) };
        tokens.push(Token { key, value: value[..end].trim_matches('"') });
        rest = value[end..].trim_start();
    }
    tokens
}

/// The length of a text in quotes, both quotes included; a backslash takes the meaning of the next character.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_many_formats_are_the_same_time() {
        let expected = date_time(b"2024-02-29T12:34:56.5Z").unwrap();
        assert!((expected - 1_709_210_096.5).abs() < 1e-6, "{expected}");
        for text in ["2024-02-29 12:34:56,500", "2024-02-29T21:34:56.500000+09:00", "2024-02-29T04:34:56.5-0800"] {
            assert!((date_time(text.as_bytes()).unwrap() - expected).abs() < 1e-6, "{text}");
        }
        assert_eq!(date_time(b"2024-02-29"), None);
    }

    #[test]
    fn a_time_is_found_where_it_is_near_now() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        for line in [
            format!("{{\"ts\":{now}.25,\"n\":1}}"),
            format!("ts={now}123 level=info"),
            format!("{{\"time\":{now}000}}"),
        ] {
            assert!(time(&line).is_some(), "{line}");
        }
        assert_eq!(time("2001-01-01T00:00:00Z INFO up 12.5"), None);
    }

    #[test]
    fn levels_are_found_in_every_format() {
        for line in [r#"{"level":"INFO"}"#, "ts=1 lvl=info msg=x", "12:00 [Info] hello", "INFO: hello"] {
            assert_eq!(level(line).as_deref(), Some("info"), "{line}");
        }
        assert_eq!(level(r#"{"level":30,"msg":"x"}"#).as_deref(), Some("30"));
        assert_eq!(level("GET /x 404"), None);
        assert!(is_below_warning("30") && is_below_warning("info") && !is_below_warning("error"));
    }

    #[test]
    fn a_field_in_quotes_is_no_field() {
        assert!(!has_field(r#"path=/x agent="a\" evil=1 b""#, "evil"));
        assert!(has_field(r#"path=/x agent="a" evil=1 b"#, "evil"));
        assert!(!has_field(r#"{"agent":"evil=1"}"#, "evil"));
        assert!(has_field(r#"{"http":{"evil":1}}"#, "evil"));
    }
}
