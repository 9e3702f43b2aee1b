//! How somebody sees a failure with their own hands: the service built and started as its `app.toml` says, and one request.
//!
//! Printed only where it works: what needs a partner that answers, or a database, cannot be started by one line.

use std::path::Path;

use hyper::Method;

use crate::lab::Lab;
use crate::manifest::{App, Need};
use crate::subject::Subject;

/// A port that a person is likely to have free.
const PORT: &str = "8080";

/// Harmless values for every variable without which the service may not start. Nobody answers at port 9.
const GIVEN: [(&str, &str); 4] = [
    ("PORT", PORT),
    ("SCREEN_URL", "http://127.0.0.1:9"),
    ("SCREEN_API_KEY", "a-key"),
    ("PUBLIC_BASE_URL", "https://links.example"),
];

/// The commands that start `web` without `name`, or with another value of it.
pub fn start(lab: &Lab, name: &str, value: Option<&str>) -> Option<String> {
    let given = GIVEN.into_iter().filter(|(known, _)| *known != name);
    commands(&lab.bench.subject, given.chain(value.map(|value| (name, value))).collect())
}

/// The commands that start `web` and send one request that needs nobody else.
pub fn request(lab: &Lab, method: &Method, path: &str, body: Option<&str>) -> Option<String> {
    let start = commands(&lab.bench.subject, GIVEN.to_vec())?;
    let url = format!("http://127.0.0.1:{PORT}{path}");
    let request = match body {
        Some(body) => format!("curl -i -X {method} -H 'content-type: application/json' -d {} {url}", quoted(body)?),
        None => format!("curl -i {url}"),
    };
    // The service stays in the foreground of its terminal, so what comes after the empty line is for another one.
    Some(format!("{start}\n\n{request}"))
}

fn commands(subject: &Subject, given: Vec<(&str, &str)>) -> Option<String> {
    let links = subject.app();
    // Another app has other variables.
    if subject.app_name() != "links" || links.needs.iter().any(|need| *need != Need::Screen) {
        return None;
    }
    let given: Option<Vec<String>> =
        given.into_iter().map(|(name, value)| Some(format!("{name}={}", quoted(value)?))).collect();
    let build = build(subject, links)?;
    let program = program(subject, links)?;
    let start = format!("env -i PATH=\"$PATH\" {} {program}", given?.join(" "));
    Some(build.into_iter().chain([start]).collect::<Vec<_>>().join("\n"))
}

/// The build, where there is one, in the folder from which the other paths lead.
fn build(subject: &Subject, links: &App) -> Option<Option<String>> {
    if links.build.is_empty() {
        return Some(None);
    }
    let words: Option<Vec<String>> =
        links.build.iter().map(|word| quoted(&word.replace("{target}", "target"))).collect();
    let words = words?.join(" ");
    // Cargo knows a member of the workshop by its name; every other build runs where the service lies.
    let by_name = words.starts_with("cargo ") && words.contains("--package");
    let folder = Path::new(&subject.name).join(&links.root);
    Some(Some(if by_name { words } else { format!("(cd {} && {words})", quoted(&folder.display().to_string())?) }))
}

/// The command of `web`, with the place of each release file before it was copied.
fn program(subject: &Subject, links: &App) -> Option<String> {
    let words = links.process.get("web")?.iter().map(|word| match word.strip_prefix("{release}/") {
        Some(released) => quoted(&origin(subject, links, released)?),
        None => quoted(word),
    });
    Some(words.collect::<Option<Vec<String>>>()?.join(" "))
}

fn origin(subject: &Subject, links: &App, released: &str) -> Option<String> {
    let first = released.split('/').next()?;
    let item = links.release.iter().find(|item| item.rsplit('/').next() == Some(first))?;
    match item.strip_prefix("{target}/") {
        // Only a member of the workshop is built into the folder `target` from where these commands are typed.
        Some(built) => {
            (built.ends_with(released) && Path::new(&subject.name).is_relative()).then(|| format!("target/{built}"))
        }
        None => (item == first)
            .then(|| Path::new(&subject.name).join(clean(&links.root)).join(released).display().to_string()),
    }
}

/// `.` would stand in the middle of a path.
fn clean(root: &Path) -> &Path {
    if root == Path::new(".") { Path::new("") } else { root }
}

/// A word that a shell takes as it is; none for what no line can hold.
fn quoted(word: &str) -> Option<String> {
    if word.chars().any(char::is_control) {
        return None;
    }
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+@:=%,".contains(c));
    Some(if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) })
}
