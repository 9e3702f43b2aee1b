//! As much of a Dockerfile as is needed to know which images it is built upon.

use std::collections::BTreeMap;

/// The images of all `FROM` lines that are not stages of the same file, and the one that reads the file itself, if it names one. A name
/// made of variables that have no default is left to the builder.
pub fn bases(text: &str) -> Vec<String> {
    let mut bases: Vec<String> = syntax(text).into_iter().collect();
    let (mut stages, mut defaults) = (Vec::new(), BTreeMap::new());
    for line in text.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [instruction, argument, ..] if instruction.eq_ignore_ascii_case("ARG") && stages.is_empty() => {
                let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
                defaults.insert(name.to_owned(), value.trim_matches('"').to_owned());
            }
            [instruction, rest @ ..] if instruction.eq_ignore_ascii_case("FROM") => {
                let mut rest = rest.iter().filter(|word| !word.starts_with("--"));
                let image = rest.next().map(|image| filled(image, &defaults)).unwrap_or_default();
                let named = rest.next().is_some_and(|word| word.eq_ignore_ascii_case("AS"));
                let known = image.is_empty() || image.contains('$') || image == "scratch" || stages.contains(&image);
                if !known && !bases.contains(&image) {
                    bases.push(image);
                }
                stages.push(rest.next().filter(|_| named).map_or_else(String::new, |name| (*name).to_owned()));
            }
            _ => {}
        }
    }
    bases
}

/// `# syntax=…` in the first lines.
fn syntax(text: &str) -> Option<String> {
    let comments = text.lines().map_while(|line| line.trim().strip_prefix('#'));
    let mut settings = comments.filter_map(|comment| comment.split_once('='));
    settings.find(|(name, _)| name.trim().eq_ignore_ascii_case("syntax")).map(|(_, image)| image.trim().to_owned())
}

fn filled(image: &str, defaults: &BTreeMap<String, String>) -> String {
    defaults.iter().filter(|(_, value)| !value.is_empty()).fold(image.to_owned(), |image, (name, value)| {
        image.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_and_scratch_are_no_images() {
        let text = "# syntax=docker/dockerfile:1\nARG V=1.95\nFROM --platform=linux/amd64 rust:${V} AS build\nRUN true\n\
                    FROM scratch\nCOPY --from=build /a /a\nfrom build\nFROM ${UNKNOWN}\nFROM debian:bookworm-slim\n";
        assert_eq!(bases(text), ["docker/dockerfile:1", "rust:1.95", "debian:bookworm-slim"]);
    }
}
