//! Every sentence of the server, once per language.

use std::io;

use grader::text::Lang;

use crate::options::Wrong;

mod en;
mod ko;

/// The sentences in `lang`.
pub fn messages(lang: Lang) -> &'static dyn Messages {
    match lang {
        Lang::En => &en::En,
        Lang::Ko => &ko::Ko,
    }
}

/// The sentences.
pub trait Messages {
    /// What the program does and which options it has.
    fn help(&self) -> &'static str;
    /// A command line that cannot be understood.
    fn wrong(&self, wrong: &Wrong) -> String;
    /// The machine refused something.
    fn failed(&self, error: &io::Error) -> String;
    /// Where the books are read.
    fn serving(&self, url: &str) -> String;
    /// How to end it.
    fn how_to_stop(&self) -> &'static str;
    /// The books are not there yet.
    fn not_built(&self, command: &str) -> String;
    /// A run that is being ended by Ctrl-C.
    fn stopping(&self) -> &'static str;
    /// The browser could not be opened.
    fn no_browser(&self) -> &'static str;
}
