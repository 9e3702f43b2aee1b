//! `workshop-kube`: judges Kubernetes manifests without a cluster.

mod env;
mod finding;
mod judge;
mod limits;
mod load;
mod node;
mod object;
mod options;
mod pods;
mod report;
mod resolved;
mod rules;
mod set;
mod typed;
mod yaml;

use std::ffi::OsString;
use std::io::{self, Write};

use grader::locale;
use grader::outcome::ExitCode;
use grader::text::{Lang, Text};

use load::{Input, Stop};
use options::Options;

fn main() -> std::process::ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let lang = locale::language(&words, |name| std::env::var(name).ok());
    let code = match options::read(words, lang) {
        Ok(options) => run(&options),
        Err(wrong) => complain(&wrong, lang, ExitCode::Usage),
    };
    code.into()
}

fn run(options: &Options) -> ExitCode {
    let input = match read(options) {
        Ok(input) => input,
        Err(stop) => return refuse(stop, options),
    };
    let judged = judge::judge(&input, &options.path);
    let words = match (options.pods, options.json) {
        (true, true) => report::both(&input, &judged).to_string(),
        (true, false) if input.unreadable.is_empty() => report::pods(&input).to_string(),
        (false, true) => report::json(&input, &judged).to_string(),
        _ => report::text(&input, &judged, options),
    };
    // Where nobody reads any more there is nobody to tell.
    let _ = writeln!(io::stdout(), "{words}");
    judged.code
}

/// Says why nothing is judged; to programs too, in both languages.
fn refuse(stop: Stop, options: &Options) -> ExitCode {
    let (why, code, help) = match stop {
        Stop::Refused(why) => (why, ExitCode::Usage, None),
        Stop::Missing(why, help) => (why, ExitCode::Ungraded, Some(help)),
    };
    if options.json {
        let _ = writeln!(io::stdout(), "{}", report::refused(&why));
    }
    complain(&why, options.lang, code);
    if let Some(help) = help {
        let _ = writeln!(io::stderr(), "  UNGRADED: {help}");
    }
    code
}

fn read(options: &Options) -> Result<Input, Stop> {
    if options.render.is_empty() {
        return Input::read(&options.path);
    }
    let words = load::program::output(&options.render, &options.path).map_err(Stop::Refused)?;
    let mut input = Input::default();
    input.rendered(&options.render.join(" "), words);
    Ok(input)
}

/// Says `words` on standard error. Where that is closed there is nobody to tell.
fn complain(words: &Text, lang: Lang, code: ExitCode) -> ExitCode {
    let label = match lang {
        Lang::En => "error",
        Lang::Ko => "오류",
    };
    let _ = writeln!(io::stderr(), "{label}: {}", words.get(lang));
    code
}
