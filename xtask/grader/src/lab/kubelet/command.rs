//! The command of a container: what its manifest says, else what its image says, in the words of `app.toml`.
//!
//! No image is run here. The release of the app stands for it, so a program that the image has under another path is found by
//! its name.

use std::path::Path;

use crate::lab::Lab;
use crate::lab::manifests::Container;
use crate::manifest::App;
use crate::text::{Text, text};

/// What an image runs when nobody says anything else.
#[derive(Debug, Default, PartialEq, Eq)]
struct Image {
    entrypoint: Vec<String>,
    cmd: Vec<String>,
}

/// The app that a container's image is called after, else the graded one, and the container's command.
///
/// # Errors
///
/// A container that names nothing to run.
pub(super) fn of(lab: &Lab, container: &Container) -> Result<(String, Vec<String>), Text> {
    let (name, app) = app(lab, container);
    command(lab, name, app, container).map(|command| (name.to_owned(), command))
}

fn command(lab: &Lab, name: &str, app: &App, container: &Container) -> Result<Vec<String>, Text> {
    let image = match &app.image {
        Some(recipe) => {
            Image::read(&std::fs::read_to_string(lab.bench.tree.folder.join(&recipe.dockerfile)).unwrap_or_default())
        }
        None => Image::default(),
    };
    let program = program(app);
    let empty = Vec::new();
    let words: Vec<String> = match (&container.command, &container.args) {
        (Some(command), args) => command.iter().chain(args.as_ref().unwrap_or(&empty)).cloned().collect(),
        (None, Some(args)) if image.entrypoint.is_empty() && image.cmd.is_empty() => {
            return Ok(program.into_iter().chain(args.clone()).collect());
        }
        (None, args) => image.entrypoint.iter().chain(args.as_ref().unwrap_or(&image.cmd)).cloned().collect(),
    };
    if words.is_empty() {
        return app
            .process
            .get("web")
            .cloned()
            .ok_or_else(|| text("nothing says what to run", "실행할 명령이 없습니다"));
    }
    Ok(in_release(words, name, &image, program))
}

/// The app and its name: that of the image without registry and tag, if `app.toml` has one of that name.
fn app<'l>(lab: &'l Lab, container: &Container) -> (&'l str, &'l App) {
    let image = container.image.as_deref().unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or_default();
    let name = last.split(['@', ':']).next().unwrap_or_default();
    let subject = &lab.bench.subject;
    let known = subject.manifest.app.get_key_value(name).map(|(name, app)| (name.as_str(), app));
    known.unwrap_or_else(|| (subject.app_name(), subject.app()))
}

/// The words that start the app's program: up to the first that names the release.
fn program(app: &App) -> Vec<String> {
    let web = app.process.get("web").map_or(&[][..], Vec::as_slice);
    let end = web.iter().position(|word| word.contains("{release}")).map_or(web.len().min(1), |at| at + 1);
    web[..end].to_vec()
}

/// Puts the release's program where the image's program is named: by the name of the app, of its binary, or of what the image
/// itself starts. Anything else is a program of the machine.
fn in_release(words: Vec<String>, app: &str, image: &Image, program: Vec<String>) -> Vec<String> {
    let base = |word: &str| Path::new(word).file_name().map(|name| name.to_string_lossy().into_owned());
    let started = image.entrypoint.first().or(image.cmd.first()).and_then(|word| base(word));
    let binary = program.last().and_then(|word| base(word));
    let first = words.first().and_then(|word| base(word));
    let is_ours = first.is_some() && [Some(app.to_owned()), binary, started].contains(&first);
    // An interpreter's program is two words or more, in the image as in the release.
    let same = words.iter().zip(&program).take_while(|(ours, theirs)| base(ours) == base(theirs)).count().max(1);
    if is_ours { program.into_iter().chain(words.into_iter().skip(same)).collect() } else { words }
}

impl Image {
    /// The last `ENTRYPOINT` and `CMD` of a Dockerfile's last stage. The shell form is run by a shell.
    fn read(dockerfile: &str) -> Self {
        let mut image = Self::default();
        for line in dockerfile.replace("\\\n", " ").lines() {
            let (word, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line, ""));
            match word.to_uppercase().as_str() {
                "FROM" => image = Self::default(),
                "ENTRYPOINT" => image.entrypoint = words(rest),
                "CMD" => image.cmd = words(rest),
                _ => {}
            }
        }
        image
    }
}

fn words(form: &str) -> Vec<String> {
    serde_json::from_str(form).unwrap_or_else(|_| vec!["/bin/sh".to_owned(), "-c".to_owned(), form.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn the_last_stage_of_a_dockerfile_counts() {
        let dockerfile =
            "FROM rust AS build\nENTRYPOINT [\"sh\"]\nFROM debian\nENTRYPOINT [\"/usr/bin/links\"]\nCMD [\"web\"]\n";
        let image = Image::read(dockerfile);
        assert_eq!(image, Image { entrypoint: list(&["/usr/bin/links"]), cmd: list(&["web"]) });
        assert_eq!(Image::read("FROM x\nCMD links web\n").cmd, ["/bin/sh", "-c", "links web"]);
    }

    #[test]
    fn the_release_stands_for_the_image() {
        let image = Image { entrypoint: list(&["/usr/local/bin/links"]), cmd: list(&["web"]) };
        let program = || list(&["{release}/solution-05"]);
        let found = |words: &[&str]| in_release(list(words), "links", &image, program());
        assert_eq!(found(&["/usr/local/bin/links", "web"]), ["{release}/solution-05", "web"]);
        assert_eq!(found(&["links", "migrate"]), ["{release}/solution-05", "migrate"]);
        assert_eq!(found(&["sh", "-c", "links"]), ["sh", "-c", "links"]);
    }

    #[test]
    fn an_interpreter_and_its_script_are_one_program() {
        let image = Image { entrypoint: list(&["python3", "/app/main.py"]), cmd: list(&["web"]) };
        let found = |words: &[&str]| in_release(list(words), "links", &image, list(&["python3", "{release}/main.py"]));
        assert_eq!(found(&["python3", "/app/main.py", "worker"]), ["python3", "{release}/main.py", "worker"]);
        assert_eq!(found(&["links", "worker"]), ["python3", "{release}/main.py", "worker"]);
    }
}
