//! What every command works with: the language, the workshop's folder, the output.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use grader::report::style::{self, Style};
use grader::subject::Workspace;
use grader::text::Lang;

use crate::console::Stdout;
use crate::messages::{Messages, messages};
use crate::outline::Look;
use crate::progress::Store;
use crate::trouble::Trouble;
use crate::workspace;

/// One call of `cargo xtask`.
#[derive(Clone)]
pub struct Session {
    /// The language of everything printed.
    pub lang: Lang,
    /// Whether colours and rewritten lines are unwanted.
    pub plain: bool,
    /// The workshop.
    pub workspace: Workspace,
    out: Stdout,
}

impl Session {
    /// Finds the workshop.
    pub fn open(lang: Lang, plain: bool) -> Result<Self, Trouble> {
        let current =
            std::env::current_dir().map_err(|error| Trouble::failed("cannot tell the current folder", error))?;
        let workspace = workspace::find(|name| std::env::var(name).ok(), &current)
            .ok_or_else(|| Trouble::failed("cannot find the workshop", "no folder above has xtask/ and exercises/"))?;
        Ok(Self { lang, plain, workspace, out: Stdout::default() })
    }

    /// The sentences in this session's language.
    pub fn messages(&self) -> &'static dyn Messages {
        messages(self.lang)
    }

    /// Writes one line.
    pub fn say(&mut self, line: impl Display) -> io::Result<()> {
        writeln!(self.out, "{line}")
    }

    /// Passes on what another program wrote.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    /// Whether colours may be used on standard output.
    pub fn color(&self) -> bool {
        !self.plain && style::wants_color(|name| std::env::var(name).ok(), io::stdout().is_terminal())
    }

    /// How words are emphasised on standard output.
    pub fn style(&self) -> Style {
        Style { color: self.color(), links: false }
    }

    /// How lists look on standard output.
    pub fn look(&self) -> Look {
        Look { style: self.style(), lang: self.lang, width: style::width() }
    }

    /// The attendee's progress file.
    pub fn store(&self) -> Store {
        let home = std::env::var_os("WORKSHOP_HOME").filter(|folder| !folder.is_empty());
        Store::new(home.map_or_else(|| self.workspace.root.join(".workshop"), Into::into))
    }
}
