//! `workshop-book`: what `cargo xtask book` starts, so that nobody compiles mdBook who only wants to be graded.
//!
//! ```text
//! workshop-book build ROOT OUT      both books below OUT
//! workshop-book check ROOT OUT      the same, and everything that breaks a rule; exit code 1 if something does
//! workshop-book words ROOT          how long the pages are
//! workshop-book changes ROOT WHAT   what changed in both languages since WHAT (page or page#section) was accepted
//! workshop-book accept ROOT WHAT    both languages of WHAT say the same as they are now
//! ```

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use book::accept::Wish;
use book::project::{Finding, Project};
use book::{build, lint, words};

/// Something breaks a rule, or nothing is there to accept.
const FOUND: u8 = 1;
/// The words were not understood, or something could not be read or written.
const TROUBLE: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FOUND),
        Err(error) => {
            // Where standard error is closed there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "workshop-book: {error:#}");
            ExitCode::from(TROUBLE)
        }
    }
}

fn run(words: &[&str]) -> Result<bool> {
    let project = |root: &str| -> Result<Project> { Ok(Project { root: PathBuf::from(root).canonicalize()? }) };
    match words {
        ["build", root, out] => build::books(&project(root)?, Path::new(out)).map(|()| true),
        ["check", root, out] => check(&project(root)?, Path::new(out)),
        ["words", root] => say(&words::report(&project(root)?)?).map(|()| true),
        ["changes", root, what] => Wish::read(&project(root)?, what)?.show(&project(root)?),
        ["accept", root, what] => Wish::read(&project(root)?, what)?.accept(&project(root)?).map(|()| true),
        _ => bail!("see the first lines of xtask/book/src/main.rs for the words it understands"),
    }
}

/// The sources first: a page that cannot be built is named with its line there.
fn check(project: &Project, out: &Path) -> Result<bool> {
    let mut found = lint::sources(project)?;
    match build::books(project, out) {
        Ok(()) => found.extend(lint::rendered(out)?),
        Err(error) => found.push(Finding::new("book", format!("cannot be built: {error:#}"))),
    }
    found.sort();
    found.dedup();
    found.iter().try_for_each(|finding| say(&format!("{finding}\n")))?;
    Ok(found.is_empty())
}

fn say(words: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(words.as_bytes())?;
    Ok(out.flush()?)
}
