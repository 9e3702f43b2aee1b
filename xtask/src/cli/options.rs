//! The table of options and the loop that reads words and options in any order.

use std::ffi::OsString;

use lexopt::{Arg, Parser};

use super::similar;
use crate::help::Topic;
use crate::messages::Wrong;

/// One option.
#[derive(Debug)]
pub struct Spec {
    /// Without its dashes.
    pub name: &'static str,
    /// The short form, if it has one.
    pub short: Option<char>,
    /// Whether a value follows.
    pub takes_value: bool,
    /// The commands that know it.
    pub commands: &'static [Topic],
}

const fn flag(name: &'static str, commands: &'static [Topic]) -> Spec {
    Spec { name, short: None, takes_value: false, commands }
}

const fn short(name: &'static str, letter: char, commands: &'static [Topic]) -> Spec {
    Spec { name, short: Some(letter), takes_value: false, commands }
}

const fn value(name: &'static str, commands: &'static [Topic]) -> Spec {
    Spec { name, short: None, takes_value: true, commands }
}

/// Every option of every command; a test proves that each stands in its command's help.
pub const OPTIONS: [Spec; 49] = [
    value("lang", &Topic::ALL),
    flag("plain", &Topic::ALL),
    short("help", 'h', &Topic::ALL),
    short("version", 'V', &[Topic::Overview]),
    value("path", &[Topic::Check, Topic::Watch, Topic::Start, Topic::Checkpoint]),
    value("in-language", &[Topic::Start]),
    flag("solution", &[Topic::Check]),
    flag("all", &[Topic::Check]),
    flag("core", &[Topic::Check, Topic::Watch, Topic::Rehearse]),
    flag("strict", &[Topic::Check]),
    value("in", &[Topic::Check]),
    value("seed", &[Topic::Check, Topic::Prove]),
    flag("json", &[Topic::Check, Topic::List, Topic::Doctor, Topic::Join, Topic::Manifests]),
    value("junit", &[Topic::Check]),
    value("html", &[Topic::Check]),
    value("only", &[Topic::Check, Topic::Prove]),
    short("verbose", 'v', &[Topic::Check, Topic::Watch]),
    flag("manual-run", &[Topic::Watch]),
    value("reason", &[Topic::Hint]),
    short("yes", 'y', &[Topic::Reset, Topic::Test, Topic::Book, Topic::Doctor, Topic::Board]),
    flag("anyway", &[Topic::Solution]),
    flag("diff", &[Topic::Solution]),
    flag("fix", &[Topic::Tidy, Topic::Doctor]),
    flag("setup", &[Topic::Test]),
    flag("fast", &[Topic::Test]),
    flag("quick", &[Topic::Prove]),
    flag("full", &[Topic::Prove]),
    flag("afresh", &[Topic::Prove]),
    value("soak", &[Topic::Prove]),
    value("load", &[Topic::Prove]),
    flag("write", &[Topic::Mutant]),
    value("runs", &[Topic::Bench]),
    flag("cold", &[Topic::Bench]),
    flag("build", &[Topic::Book]),
    flag("open", &[Topic::Book]),
    flag("test", &[Topic::Book]),
    value("accept", &[Topic::Book]),
    value("port", &[Topic::Book, Topic::Board]),
    value("listen", &[Topic::Board]),
    value("rehearse", &[Topic::Board]),
    value("report", &[Topic::Board]),
    flag("forget", &[Topic::Board]),
    flag("bench", &[Topic::Board]),
    value("name", &[Topic::Join]),
    flag("leave", &[Topic::Join]),
    flag("down", &[Topic::Hand]),
    flag("without-images", &[Topic::Prefetch, Topic::Bundle, Topic::Unbundle]),
    flag("pods", &[Topic::Manifests]),
    value("render", &[Topic::Manifests]),
];

/// The words and options of a command line, before anybody asked what they mean together.
#[derive(Debug, Default)]
pub struct Given {
    /// What is no option, in order.
    pub words: Vec<String>,
    options: Vec<(&'static Spec, Option<String>)>,
}

impl Given {
    /// Whether the option stands there.
    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(spec, _)| spec.name == name)
    }

    /// The option's last value: who repeats an option that has one value corrects it.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|(spec, _)| spec.name == name).and_then(|(_, value)| value.as_deref())
    }

    /// Every value of an option that may be repeated, in order.
    pub fn values(&self, name: &str) -> Vec<String> {
        self.options.iter().filter(|(spec, _)| spec.name == name).filter_map(|(_, value)| value.clone()).collect()
    }

    /// Refuses an option that belongs to other commands.
    pub fn only_options_of(&self, topic: Topic) -> Result<(), Wrong> {
        let foreign = self.options.iter().find(|(spec, _)| !spec.commands.contains(&topic));
        foreign.map_or(Ok(()), |(spec, _)| {
            let belongs = spec.commands.iter().map(|topic| topic.name()).collect();
            Err(Wrong::OptionElsewhere { option: spec.name, command: topic.name(), belongs })
        })
    }
}

/// Reads all words and options, wherever they stand.
pub fn read(words: Vec<OsString>) -> Result<Given, Wrong> {
    let mut parser = Parser::from_args(words);
    let mut given = Given::default();
    while let Some(arg) = parser.next().map_err(not_readable)? {
        let spec = match arg {
            Arg::Value(word) => {
                given.words.push(word.into_string().map_err(not_unicode)?);
                continue;
            }
            Arg::Long(name) => named(name)?,
            Arg::Short(letter) => {
                let known = OPTIONS.iter().find(|spec| spec.short == Some(letter));
                known.ok_or_else(|| Wrong::UnknownOption { option: format!("-{letter}"), similar: None })?
            }
        };
        let value = if spec.takes_value { Some(value_of(spec, &mut parser)?) } else { None };
        given.options.push((spec, value));
    }
    Ok(given)
}

fn named(name: &str) -> Result<&'static Spec, Wrong> {
    OPTIONS.iter().find(|spec| spec.name == name).ok_or_else(|| {
        let similar = similar::closest(name, OPTIONS.iter().map(|spec| spec.name));
        Wrong::UnknownOption { option: format!("--{name}"), similar: similar.map(|name| format!("--{name}")) }
    })
}

fn value_of(spec: &Spec, parser: &mut Parser) -> Result<String, Wrong> {
    let value = parser.value().map_err(|_| Wrong::MissingValue(spec.name))?;
    let value = value.into_string().map_err(not_unicode)?;
    // `--path --json` is a forgotten value, not a folder called `--json`; `--path=--json` still is one.
    if value.starts_with("--") && named(value.trim_start_matches("--")).is_ok() {
        return Err(Wrong::MissingValue(spec.name));
    }
    Ok(value)
}

fn not_unicode(word: OsString) -> Wrong {
    Wrong::NotUnicode(word.to_string_lossy().into_owned())
}

/// What is left of lexopt's errors here: a flag that was given a value.
fn not_readable(error: lexopt::Error) -> Wrong {
    match error {
        lexopt::Error::UnexpectedValue { option, .. } => Wrong::UnexpectedValue(option),
        other => Wrong::UnknownOption { option: other.to_string(), similar: None },
    }
}
