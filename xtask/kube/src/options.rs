//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use grader::locale;
use grader::text::{Lang, Text, text};
use lexopt::{Arg, Parser, ValueExt};

/// What is asked for.
pub struct Options {
    /// A folder, a file, or `-`.
    pub path: PathBuf,
    /// A program that prints the manifests, run in the folder.
    pub render: Vec<String>,
    /// A report for programs.
    pub json: bool,
    /// The resolved Pods instead of a report.
    pub pods: bool,
    /// No colours.
    pub plain: bool,
    /// The language.
    pub lang: Lang,
}

/// Reads the command line. What follows `--` is the program that renders.
pub fn read(words: Vec<OsString>, lang: Lang) -> Result<Options, Text> {
    let mut words = words;
    let split = words.iter().position(|word| word == "--");
    let render = split.map(|at| words.split_off(at)).unwrap_or_default();
    let render = render.into_iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let mut options = Options { path: PathBuf::new(), render, json: false, pods: false, plain: false, lang };
    let mut parser = Parser::from_args(words);
    while let Some(word) = parser.next().map_err(wrong)? {
        match word {
            Arg::Long("json") => options.json = true,
            Arg::Long("pods") => options.pods = true,
            Arg::Long("plain") => options.plain = true,
            Arg::Long("lang") => {
                let value = parser.value().and_then(|value| value.string()).map_err(wrong)?;
                locale::named(&value)
                    .ok_or_else(|| text(format!("no language: {value}"), format!("없는 언어입니다: {value}")))?;
            }
            Arg::Value(path) if options.path.as_os_str().is_empty() => options.path = path.into(),
            other => return Err(wrong(other.unexpected())),
        }
    }
    if options.path.as_os_str().is_empty() {
        return Err(text("name a folder or a file with manifests", "매니페스트가 있는 폴더나 파일을 지정하십시오"));
    }
    Ok(options)
}

fn wrong(error: lexopt::Error) -> Text {
    text(error.to_string(), error.to_string())
}
