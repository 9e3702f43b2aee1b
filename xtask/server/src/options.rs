//! The command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use grader::locale;
use grader::text::Lang;
use lexopt::{Arg, Parser, ValueExt};

/// What the server is asked to do.
#[derive(Debug, PartialEq)]
pub struct Options {
    /// The folder with the built books, `en` and `ko`.
    pub books: PathBuf,
    /// The program that grades.
    pub xtask: PathBuf,
    /// The port to listen on, if it matters.
    pub port: Option<u16>,
    /// Whether to open the books in a browser.
    pub open: bool,
    /// Whether to end when standard input is closed: for a program that must not leave a server behind.
    pub tied: bool,
    /// The language of what is printed, and of readers whose browser asks for neither.
    pub lang: Lang,
}

/// A command line that cannot be understood.
#[derive(Debug, PartialEq)]
pub enum Wrong {
    /// In the parser's words: an unknown option, a missing value.
    Words(String),
    /// No port.
    Port(String),
    /// No language of the workshop.
    Language(String),
}

/// Reads the command line; `None` is a request for help.
pub fn read(words: Vec<OsString>, lang: Lang) -> Result<Option<Options>, Wrong> {
    let mut options = defaults(std::env::current_exe().unwrap_or_default().as_path(), lang);
    let mut parser = Parser::from_args(words);
    while let Some(word) = parser.next()? {
        match word {
            Arg::Long("books") => options.books = parser.value()?.into(),
            Arg::Long("xtask") => options.xtask = parser.value()?.into(),
            Arg::Long("port") => options.port = Some(port(&parser.value()?.string()?)?),
            Arg::Long("open") => options.open = true,
            Arg::Long("while-stdin-is-open") => options.tied = true,
            Arg::Long("lang") => known(&parser.value()?.string()?)?,
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(options))
}

/// Beside this program lies the one that grades, and below the same target folder lie the books.
fn defaults(program: &Path, lang: Lang) -> Options {
    let built = program.parent().unwrap_or(Path::new(""));
    let target = built.parent().unwrap_or(Path::new("target"));
    let (books, xtask) = (target.join("workshop/book"), built.join("xtask"));
    Options { books, xtask, port: None, open: false, tied: false, lang }
}

fn port(value: &str) -> Result<u16, Wrong> {
    value.parse().map_err(|_| Wrong::Port(value.to_owned()))
}

/// The language itself was read before everything else, because errors need it.
fn known(value: &str) -> Result<(), Wrong> {
    locale::named(value).map(drop).ok_or_else(|| Wrong::Language(value.to_owned()))
}

impl From<lexopt::Error> for Wrong {
    fn from(error: lexopt::Error) -> Self {
        Wrong::Words(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Result<Option<Options>, Wrong> {
        read(line.split_whitespace().map(OsString::from).collect(), Lang::En)
    }

    #[test]
    fn what_lies_beside_the_program_is_the_default() {
        let options = defaults(Path::new("/w/target/debug/workshop-server"), Lang::Ko);
        assert_eq!(options.books, Path::new("/w/target/workshop/book"));
        assert_eq!(options.xtask, Path::new("/w/target/debug/xtask"));
        assert_eq!((options.port, options.open, options.tied, options.lang), (None, false, false, Lang::Ko));
    }

    #[test]
    fn every_option_is_understood() {
        let line = "--books b --xtask=/x --port 8123 --open --while-stdin-is-open --lang ko";
        let read = options(line).unwrap().unwrap();
        assert_eq!((read.books, read.xtask, read.port), ("b".into(), "/x".into(), Some(8123)));
        assert!(read.open && read.tied);
        assert_eq!(options("--port 1 --help"), Ok(None));
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        assert_eq!(options("--port 99999").unwrap_err(), Wrong::Port("99999".to_owned()));
        assert_eq!(options("--lang fr").unwrap_err(), Wrong::Language("fr".to_owned()));
        for line in ["--no-such", "stray", "--books"] {
            assert!(matches!(options(line), Err(Wrong::Words(_))), "{line}");
        }
    }
}
