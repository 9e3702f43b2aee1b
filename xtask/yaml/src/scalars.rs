//! The texts of a file, in order, each with its path: `services`, `postgres`, `image`.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde::Serialize;

/// Deeper than people can indent.
const DEEPEST: usize = 100;
/// More than anybody has written.
const MOST: usize = 200_000;

/// A text of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scalar {
    /// The keys and numbers that lead to it.
    pub path: Vec<String>,
    /// The text itself; that of a quoted one is without its quotes.
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
    /// Where it begins in the file, quotes included, in characters.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The comment behind it in the same line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// In which line; 0 when it is the file as a whole.
    pub line: usize,
    /// What is wrong there.
    pub why: String,
}

/// Every text of all documents of a file. The path of a text below a key that is no text itself holds `?` in its place.
pub fn of(text: &str) -> Result<Vec<Scalar>, Trouble> {
    let mut reader = Reader { source: text.chars().collect(), ..Reader::default() };
    for event in Parser::new_from_str(text) {
        let (event, span) =
            event.map_err(|error| Trouble { line: error.marker().line(), why: error.info().to_owned() })?;
        reader.take(event, span).map_err(|why| Trouble { line: span.start.line(), why })?;
    }
    Ok(reader.found)
}

#[derive(Default)]
struct Reader {
    source: Vec<char>,
    open: Vec<Open>,
    /// What scalars with an anchor say. A collection is found where it stands; its aliases add nothing to that.
    anchors: HashMap<usize, String>,
    found: Vec<Scalar>,
}

/// A collection that has not ended.
enum Open {
    /// With the number of the next item.
    Sequence(usize),
    /// With the key whose value comes next.
    Mapping(Option<String>),
}

impl Reader {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                if anchor > 0 {
                    self.anchors.insert(anchor, text.clone().into_owned());
                }
                self.scalar(text.into_owned(), style, span)?;
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(text) => self.scalar(text, ScalarStyle::Plain, span)?,
                None => self.step(None),
            },
            Event::SequenceStart(..) => self.open(Open::Sequence(0))?,
            Event::MappingStart(..) => self.open(Open::Mapping(None))?,
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                self.step(None);
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, collection: Open) -> Result<(), String> {
        self.open.push(collection);
        if self.open.len() > DEEPEST { Err(format!("it is nested deeper than {DEEPEST} levels")) } else { Ok(()) }
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, span: Span) -> Result<(), String> {
        if matches!(self.open.last(), Some(Open::Mapping(None))) {
            self.step(Some(text));
            return Ok(());
        }
        if self.found.len() == MOST {
            return Err(format!("it holds more than {MOST} texts"));
        }
        let path = self.open.iter().map(Open::place).collect();
        let (line, start) = (span.start.line(), span.start.index());
        let end = match style {
            // The parser counts what follows a closing quote as part of it.
            ScalarStyle::DoubleQuoted | ScalarStyle::SingleQuoted => self.behind_quotes(start),
            _ => span.end.index(),
        };
        let comment = self.comment_behind(end);
        self.found.push(Scalar { path, text, line, start, end, comment });
        self.step(None);
        Ok(())
    }

    /// A value, an item or a key has been read.
    fn step(&mut self, key: Option<String>) {
        match self.open.last_mut() {
            Some(Open::Sequence(next)) => *next += 1,
            Some(Open::Mapping(expected)) => {
                *expected = if expected.is_some() { None } else { Some(key.unwrap_or_else(|| "?".to_owned())) }
            }
            None => {}
        }
    }

    /// Where a quoted text ends that begins at `start`.
    fn behind_quotes(&self, start: usize) -> usize {
        let quote = self.source[start];
        let mut at = start + 1;
        while at < self.source.len() {
            match self.source[at] {
                '\\' if quote == '"' => at += 1,
                '\'' if quote == '\'' && self.source.get(at + 1) == Some(&quote) => at += 1,
                found if found == quote => return at + 1,
                _ => {}
            }
            at += 1;
        }
        at
    }

    fn comment_behind(&self, end: usize) -> Option<String> {
        let rest = self.source.get(end..)?.iter().take_while(|c| **c != '\n');
        let rest: String = rest.collect();
        Some(rest.trim().strip_prefix('#')?.trim().to_owned())
    }
}

impl Open {
    fn place(&self) -> String {
        match self {
            Open::Sequence(at) => at.to_string(),
            Open::Mapping(key) => key.clone().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn texts(yaml: &str) -> Vec<(String, String)> {
        let scalars = of(yaml).expect("can be read");
        scalars.into_iter().map(|scalar| (scalar.path.join("."), scalar.text)).collect()
    }

    fn owned(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn every_text_has_its_path() {
        let yaml = "services:\n  db:\n    image: 'postgres:17'\n    ports: [\"5432:5432\", 80]\n---\nkind: Pod\n";
        let expected = [
            ("services.db.image", "postgres:17"),
            ("services.db.ports.0", "5432:5432"),
            ("services.db.ports.1", "80"),
            ("kind", "Pod"),
        ];
        assert_eq!(texts(yaml), owned(&expected));
    }

    #[test]
    fn an_alias_of_a_text_is_that_text_and_one_of_a_collection_is_nothing() {
        let yaml =
            "x: &pg postgres:17\ny: &all {image: redis:7}\na:\n  image: *pg\n  rest: *all\n  <<: *all\n  last: 1\n";
        let expected = [("x", "postgres:17"), ("y.image", "redis:7"), ("a.image", "postgres:17"), ("a.last", "1")];
        assert_eq!(texts(yaml), owned(&expected));
    }

    #[test]
    fn keys_that_are_no_texts_lead_nobody_astray() {
        assert_eq!(texts("? [a, b]\n: c\nd: e\n"), owned(&[(".0", "a"), (".1", "b"), ("?", "c"), ("d", "e")]));
    }

    #[test]
    fn places_and_comments_are_those_of_the_file() {
        let yaml = "# 가\nimage: \"postgres@sha256:ab\"  # postgres:16.4\nother: x#y\n";
        let scalars = of(yaml).expect("can be read");
        assert_eq!((scalars[0].line, scalars[0].comment.as_deref()), (2, Some("postgres:16.4")));
        let quoted: String = yaml.chars().skip(scalars[0].start).take(scalars[0].end - scalars[0].start).collect();
        assert_eq!(quoted, "\"postgres@sha256:ab\"");
        assert_eq!((scalars[1].text.as_str(), scalars[1].comment.as_deref()), ("x#y", None));
        let single = of("a: 'it''s' # so\n").expect("can be read");
        assert_eq!((single[0].end - single[0].start, single[0].comment.as_deref()), (7, Some("so")));
    }

    #[test]
    fn what_is_no_yaml_is_refused_with_its_line() {
        let conflict = "services:\n<<<<<<< HEAD\n  db: {image: a}\n=======\n  db: {image: b}\n>>>>>>> other\n";
        assert!(of(conflict).is_err_and(|trouble| trouble.line > 0));
        assert!(of("a: [1, 2\n").is_err());
        assert!(of("a: *nobody\n").is_err());
    }

    #[test]
    fn what_is_meant_to_hurt_does_not() {
        let mut laughs = "a0: &a0 lol\n".to_owned();
        (1..60).for_each(|n| laughs.push_str(&format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}]\n", n - 1)));
        assert_eq!(of(&laughs).expect("can be read").len(), 4);
        assert!(of(&"[".repeat(100_000)).is_err());
        assert!(of(&"- ".repeat(100_000)).is_err());
        let long: String = (0..20_000).map(|n| format!("k{n}: v\n")).collect();
        assert_eq!(of(&long).expect("can be read").len(), 20_000);
    }
}
