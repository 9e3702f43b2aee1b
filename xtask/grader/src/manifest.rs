//! `app.toml`: the only file the grader needs to know of a service, in any language.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

mod environments;
mod kubernetes;
mod metrics;
mod pipeline;

pub use environments::{Dev, Prod};
pub use kubernetes::Kubernetes;
pub use metrics::Metrics;
pub use pipeline::Pipeline;

/// The contract every exercise of this version of the workshop follows.
pub const CONTRACT: &str = "jjalda/v1";

/// The apps that the contract describes. A subject that has both is graded as the first.
pub const APPS: [&str; 2] = ["links", "screen"];

/// A service that wraps its program in a shell hides its signals and its exit code from the platform.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "zsh", "cmd", "cmd.exe"];

/// A parsed and validated `app.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manifest {
    /// Name and version of the HTTP contract.
    pub contract: String,
    /// Files and folders an attendee changes: `reset`, `diff` and `solution` follow it.
    #[serde(default)]
    pub edit: Vec<String>,
    /// The apps by name: [`Manifest::graded`] says which one is graded.
    pub app: BTreeMap<String, App>,
    /// How a developer runs it.
    #[serde(default)]
    pub dev: Option<Dev>,
    /// In what production differs.
    #[serde(default)]
    pub prod: Option<Prod>,
    /// How a commit becomes a release, and a release what users get.
    #[serde(default)]
    pub pipeline: Option<Pipeline>,
    /// Where its Kubernetes manifests are.
    #[serde(default)]
    pub k8s: Option<Kubernetes>,
    /// Where its numbers are, and what they are called.
    #[serde(default)]
    pub metrics: Metrics,
}

/// How one app is built and started.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct App {
    /// Where its repository begins, relative to `app.toml`.
    #[serde(default = "here")]
    pub root: PathBuf,
    /// The build command; empty for languages that need none. `{target}` is a folder that the grader keeps between builds.
    #[serde(default)]
    pub build: Vec<String>,
    /// The files and folders that make up a release, copied into a fresh folder that the commands call `{release}`.
    pub release: Vec<String>,
    /// What the lab must provide; it provides exactly this.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// The variables that name further ports of its `web`, such as `METRICS_PORT`: the platform chooses each, as it chooses
    /// `PORT`.
    #[serde(default, rename = "extra_ports")]
    pub extra_ports: Vec<String>,
    /// The command of each process type.
    pub process: BTreeMap<String, Vec<String>>,
    /// The command of each one-off.
    #[serde(default)]
    pub admin: BTreeMap<String, Vec<String>>,
    /// How its container image is made, if there is one.
    #[serde(default)]
    pub image: Option<ImageRecipe>,
}

/// A build command and the files of its release.
#[derive(Debug, Clone, Copy)]
pub struct Recipe<'a> {
    /// The command; may be empty.
    pub build: &'a [String],
    /// The files.
    pub release: &'a [String],
}

/// How a container image is made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ImageRecipe {
    /// The Dockerfile, relative to `app.toml`. It is given the whole repository.
    pub dockerfile: PathBuf,
}

/// A backing service that an app needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// A PostgreSQL database of its own.
    Postgres,
    /// A Redis database of its own.
    Redis,
    /// The screening service, played by the grader.
    Screen,
    /// A mail server, played by the grader.
    Smtp,
}

impl Need {
    /// The word that stands in `app.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Need::Postgres => "postgres",
            Need::Redis => "redis",
            Need::Screen => "screen",
            Need::Smtp => "smtp",
        }
    }
}

/// Why an `app.toml` cannot be used. The text names the file, the place and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestError(pub String);

impl std::fmt::Display for ManifestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ManifestError {}

impl Manifest {
    /// Reads and validates `<folder>/app.toml`.
    pub fn read(folder: &Path) -> Result<Self, ManifestError> {
        let file = folder.join("app.toml");
        let words = std::fs::read_to_string(&file)
            .map_err(|error| ManifestError(format!("cannot read {}: {error}", file.display())))?;
        Self::parse(&words).map_err(|ManifestError(why)| ManifestError(format!("{}: {why}", file.display())))
    }

    /// Parses and validates the text of an `app.toml`.
    pub fn parse(words: &str) -> Result<Self, ManifestError> {
        let manifest: Self =
            toml::from_str(words).map_err(|error| ManifestError(error.to_string().trim_end().to_owned()))?;
        manifest.validate().map_err(ManifestError)?;
        Ok(manifest)
    }

    /// Name and description of the app that is graded; [`Manifest::read`] refuses a manifest without one.
    pub fn graded(&self) -> (&'static str, &App) {
        let name = APPS.into_iter().find(|name| self.app.contains_key(*name)).unwrap_or(APPS[0]);
        (name, &self.app[name])
    }

    /// Production's own build, where it has one.
    pub fn shipped(&self) -> Option<Recipe<'_>> {
        let Prod { build, release, .. } = self.prod.as_ref()?;
        (!build.is_empty()).then_some(Recipe { build, release })
    }

    fn validate(&self) -> Result<(), String> {
        if self.contract != CONTRACT {
            return Err(format!("contract = {:?} is not known here; write contract = {CONTRACT:?}", self.contract));
        }
        let Some(name) = APPS.into_iter().find(|name| self.app.contains_key(*name)) else {
            return Err(
                "there is no [app.links] and no [app.screen]; a graded service is called one or the other".to_owned()
            );
        };
        if !self.app[name].process.contains_key("web") {
            return Err(format!("[app.{name}.process] has no `web`: name the command that serves HTTP"));
        }
        self.edit.iter().try_for_each(|path| stays_inside("edit", path))?;
        self.dev.as_ref().map_or(Ok(()), Dev::validate)?;
        self.prod.as_ref().map_or(Ok(()), Prod::validate)?;
        self.pipeline.as_ref().map_or(Ok(()), Pipeline::validate)?;
        self.k8s.as_ref().map_or(Ok(()), Kubernetes::validate)?;
        self.metrics.validate(&self.app[name].extra_ports)?;
        self.app.iter().try_for_each(|(name, app)| app.validate(name))
    }
}

impl Recipe<'_> {
    fn validate(self, build: &str, release: &str) -> Result<(), String> {
        for item in self.release {
            known_placeholders(release, item, &["{target}"])?;
            if !item.starts_with("{target}") {
                stays_inside(release, item)?;
            }
        }
        self.build.iter().try_for_each(|word| known_placeholders(build, word, &["{target}"]))
    }
}

impl App {
    /// The build that checks use.
    pub fn recipe(&self) -> Recipe<'_> {
        Recipe { build: &self.build, release: &self.release }
    }

    fn validate(&self, name: &str) -> Result<(), String> {
        if self.release.is_empty() {
            return Err(format!("[app.{name}] release lists no file: name what a release is made of"));
        }
        self.recipe().validate("build", "release")?;
        stays_inside("root", &self.root.to_string_lossy())?;
        if let Some(ImageRecipe { dockerfile }) = &self.image {
            stays_inside("dockerfile", &dockerfile.to_string_lossy())?;
        }
        self.extra_ports.iter().try_for_each(|variable| names_a_port(name, variable))?;
        if self.process.is_empty() {
            return Err(format!("[app.{name}.process] is empty: name the command of each process type, such as `web`"));
        }
        let commands = self.process.iter().map(|entry| ("process", entry));
        let one_offs = self.admin.iter().map(|entry| ("admin", entry));
        commands.chain(one_offs).try_for_each(|(table, (kind, argv))| {
            let place = format!("[app.{name}.{table}] {kind}");
            valid_command(&place, argv)
        })
    }
}

/// A number is refused: a port that the app chooses itself cannot be had twice on one machine.
fn names_a_port(app: &str, variable: &str) -> Result<(), String> {
    let letters = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let is_name = variable.starts_with(|c: char| c.is_ascii_uppercase()) && variable.chars().all(letters);
    if is_name && variable != "PORT" {
        return Ok(());
    }
    Err(format!(
        "[app.{app}] extra_ports holds {variable:?}: write the variable that names the port, as in \"METRICS_PORT\""
    ))
}

fn valid_command(place: &str, argv: &[String]) -> Result<(), String> {
    let Some(program) = argv.first() else {
        return Err(format!("{place} is empty: write the program and its arguments as a list"));
    };
    let base = Path::new(program).file_name().and_then(|name| name.to_str()).unwrap_or(program);
    if SHELLS.contains(&base) {
        return Err(format!("{place} starts a shell (`{base}`): a shell swallows signals, so name the program itself"));
    }
    argv.iter().try_for_each(|word| known_placeholders(place, word, &["{release}"]))
}

/// Refuses a misspelt placeholder, which would otherwise reach the program as a literal.
fn known_placeholders(place: &str, word: &str, known: &[&str]) -> Result<(), String> {
    let rest = known.iter().fold(word.to_owned(), |rest, placeholder| rest.replace(placeholder, ""));
    match (rest.find('{'), rest.find('}')) {
        (Some(open), Some(close)) if open < close => {
            Err(format!("{place} holds {}; only {} is known there", &rest[open..=close], known.join(", ")))
        }
        _ => Ok(()),
    }
}

/// Refuses paths that leave the subject: `reset` would otherwise overwrite files elsewhere.
fn stays_inside(place: &str, path: &str) -> Result<(), String> {
    use std::path::Component;
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if inside { Ok(()) } else { Err(format!("{place} names {path:?}, which lies outside the service's folder")) }
}

fn here() -> PathBuf {
    PathBuf::from(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
contract = "jjalda/v1"
edit = ["src"]

[app.links]
build = ["cargo", "build", "--target-dir", "{target}"]
release = ["{target}/debug/links"]
needs = ["screen"]

[app.links.process]
web = ["{release}/links", "web"]
"#;

    #[track_caller]
    fn refused(from: &str, to: &str, part: &str) {
        assert!(GOOD.contains(from), "the good manifest has no {from:?}");
        let ManifestError(why) = Manifest::parse(&GOOD.replace(from, to)).expect_err("must be refused");
        assert!(why.contains(part), "{why:?} does not say {part:?}");
    }

    #[test]
    fn a_good_manifest_is_accepted() {
        let manifest = Manifest::parse(GOOD).expect("is good");
        assert_eq!(manifest.app["links"].needs, [Need::Screen]);
    }

    #[test]
    fn unknown_keys_are_refused_with_their_place() {
        refused("edit =", "edits =", "line 3");
        refused("[app.links.process]", "[app.links.env]\nPORT = \"1\"\n[app.links.process]", "unknown field `env`");
        refused("\"screen\"", "\"mysql\"", "unknown variant `mysql`");
        refused(
            "[app.links.process]",
            "[dev]\nenvironment = \"x\"\n[app.links.process]",
            "unknown field `environment`",
        );
    }

    #[test]
    fn commands_that_hide_the_program_are_refused() {
        refused("[\"{release}/links\", \"web\"]", "[\"/bin/sh\", \"-c\", \"links\"]", "shell");
        refused("[\"{release}/links\", \"web\"]", "[]", "is empty");
        refused("{release}/links", "{relase}/links", "{relase}");
    }

    #[test]
    fn paths_outside_the_service_are_refused() {
        refused("[\"src\"]", "[\"../../home\"]", "outside");
        refused("{target}/debug/links", "/etc/passwd", "outside");
    }

    #[test]
    fn a_further_port_is_named_by_a_variable() {
        let with = |ports: &str| GOOD.replace("needs =", &format!("extra_ports = [{ports}]\nneeds ="));
        let manifest = Manifest::parse(&with("\"METRICS_PORT\"")).expect("is good");
        assert_eq!(manifest.app["links"].extra_ports, ["METRICS_PORT"]);
        for wrong in ["\"9100\"", "\"PORT\"", "\"metrics\""] {
            let ManifestError(why) = Manifest::parse(&with(wrong)).expect_err("must be refused");
            assert!(why.contains("extra_ports"), "{why}");
        }
    }

    #[test]
    fn another_contract_is_refused() {
        refused("jjalda/v1", "jjalda/v2", "jjalda/v1");
    }

    #[test]
    fn a_graded_service_is_links_or_screen() {
        refused("app.links", "app.gateway", "[app.screen]");
        let screen = Manifest::parse(&GOOD.replace("app.links", "app.screen")).expect("is good");
        assert_eq!(screen.graded().0, "screen");
    }
}
