//! Reads YAML files for the grader: `workshop-yaml FILE…` writes a line of JSON for each, with every text of the file and
//! the place where it stands, or with the reason why it cannot be read.
//!
//! It is a program of its own so that `cargo xtask check` is compiled without a YAML parser, and because the files are
//! somebody else's: whatever one of them does to the parser, it does it to this process alone. The parser tells events and
//! builds nothing, so an alias is a word and never a copy, however often it is repeated.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;

mod scalars;

use scalars::{Scalar, Trouble};

/// More than any file that people write; a larger one is data.
const LARGEST: u64 = 4 << 20;

/// What is said of one file.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    read: Read,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Read {
    Scalars(Vec<Scalar>),
    Trouble(Trouble),
}

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let told = files.iter().try_for_each(|file| say(&Line { file, read: read(file) }));
    if told.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(file: &str) -> Read {
    match text(file).and_then(|text| scalars::of(&text)) {
        Ok(scalars) => Read::Scalars(scalars),
        Err(trouble) => Read::Trouble(trouble),
    }
}

fn text(file: &str) -> Result<String, Trouble> {
    let trouble = |why: String| Trouble { line: 0, why };
    let size = std::fs::metadata(file).map_err(|error| trouble(error.to_string()))?.len();
    if size > LARGEST {
        return Err(trouble(format!("it has {size} bytes, and more than {LARGEST} are not read")));
    }
    std::fs::read_to_string(file).map_err(|error| trouble(error.to_string()))
}

/// Each line at once: what was read before a file that ends this process is not lost with it.
fn say(line: &Line<'_>) -> io::Result<()> {
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, line)?;
    output.write_all(b"\n")?;
    output.flush()
}
