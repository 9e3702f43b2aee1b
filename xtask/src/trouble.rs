//! Why a command ended without doing what was asked.

use std::process::ExitCode;

use grader::check::LabError;
use grader::manifest::ManifestError;
use grader::outcome::ExitCode as Code;
use grader::text::Lang;

use crate::console;
use crate::messages::{Wrong, messages};

/// An end that is not the result of the command.
#[derive(Debug)]
pub enum Trouble {
    /// What was asked for cannot be understood or does not apply; exit code 2.
    Usage(Wrong),
    /// The machine or this program failed, in the operating system's words; exit code 70.
    Failed(LabError),
}

impl Trouble {
    /// A failure of the machine: `action: cause`.
    pub fn failed(action: impl std::fmt::Display, cause: impl std::fmt::Display) -> Self {
        Self::Failed(LabError::new(action, cause))
    }

    /// Says it on standard error and gives the exit code.
    pub fn report(self, lang: Lang) -> ExitCode {
        console::complain(&self.words(lang));
        match self {
            Trouble::Usage(_) => Code::Usage.into(),
            Trouble::Failed(_) => Code::GraderError.into(),
        }
    }

    /// The sentence for a person.
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Trouble::Usage(wrong) => messages(lang).wrong(wrong),
            Trouble::Failed(error) => messages(lang).failed(&error.message),
        }
    }
}

impl From<Wrong> for Trouble {
    fn from(wrong: Wrong) -> Self {
        Trouble::Usage(wrong)
    }
}

impl From<LabError> for Trouble {
    fn from(error: LabError) -> Self {
        Trouble::Failed(error)
    }
}

impl From<ManifestError> for Trouble {
    fn from(ManifestError(why): ManifestError) -> Self {
        Trouble::Usage(Wrong::Manifest(why))
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Trouble::Failed(LabError { message: error.to_string() })
    }
}
