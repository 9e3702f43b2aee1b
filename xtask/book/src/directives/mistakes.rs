//! `{{#mistakes factor-3}}`: what people really do, from the headers of the mutants, grouped by the check that catches it.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Error, Result, bail};
use grader::check::Check;
use grader::factors::Factor;
use grader::prove::patches::{Mutant, header_of, list as patches};
use grader::text::Lang;

use super::include::is_mark;
use crate::html::escaped;
use crate::project::Project;

/// One group per check. Diffs come in after mdBook has made its search index: hundreds of them would bury what people look for.
pub fn list(factor: &Factor, lang: Lang, project: &Project) -> Result<String> {
    let mutants = mutants(factor, project)?;
    if mutants.is_empty() {
        bail!("asks for the mistakes of {}, which has no mutants yet", factor.id());
    }
    let mut html = String::from("<div class=\"mistakes\">\n");
    for check in factor.checks() {
        group(&mut html, check, factor, lang, &mutants);
    }
    html.push_str("</div>\n");
    Ok(html)
}

fn group(html: &mut String, check: &Check, factor: &Factor, lang: Lang, mutants: &[Mutant]) {
    let caught = mutants.iter().filter(|mutant| mutant.fails.first().is_some_and(|claim| claim.check == check.id));
    let mut lines = caught.peekable();
    if lines.peek().is_none() {
        return;
    }
    // A string takes every write.
    let _ = writeln!(html, "<p><code>{}</code> {}</p>", check.id, code_in(check.fact.get(lang)));
    for mutant in lines {
        let words = if lang == Lang::Ko { &mutant.ko } else { &mutant.en };
        let key = format!("{}/{}", factor.id(), mutant.name);
        let _ =
            writeln!(html, "<details><summary>{}</summary><pre data-diff=\"{key}\"></pre></details>", code_in(words));
    }
}

/// The factor's mutants, by name.
fn mutants(factor: &Factor, project: &Project) -> Result<Vec<Mutant>> {
    let folder = project.root.join("solutions").join(factor.folder()).join("mutants");
    let files = patches(&folder).map_err(Error::msg)?;
    files.iter().map(|file| Mutant::read(file).map_err(Error::msg)).collect()
}

/// The diff that `data-diff="factor-3/dotenv-override"` stands for, as HTML.
pub fn diff(key: &str, project: &Project) -> Result<String> {
    let (factor, name) = key.split_once('/').context("a diff without a factor")?;
    let folder = super::factor(factor)?.folder();
    let path = project.root.join("solutions").join(folder).join("mutants").join(format!("{name}.patch"));
    let patch = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines = patch[header_of(&patch).len()..].lines().filter(|line| !is_mark(line));
    let diff: String = lines.flat_map(|line| [line, "\n"]).collect();
    Ok(format!("<pre><code class=\"language-diff\">{}</code></pre>", escaped(&diff)))
}

/// A sentence whose back ticks mean code, as HTML.
fn code_in(words: &str) -> String {
    let part = |(index, part): (usize, &str)| {
        let part = escaped(part);
        if index % 2 == 0 { part } else { format!("<code>{part}</code>") }
    };
    words.split('`').enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_mutant_stands_in_the_list_once_in_the_readers_language() {
        let project = Project { root: Path::new(env!("CARGO_MANIFEST_DIR")).join("../..") };
        let factor = grader::factors::find("factor-3").unwrap();
        let mutants = mutants(factor, &project).unwrap();
        let html = list(factor, Lang::Ko, &project).unwrap();
        assert_eq!(html.matches("data-diff=").count(), mutants.len());
        for mutant in &mutants {
            assert_eq!(html.matches(&format!("data-diff=\"factor-3/{}\"", mutant.name)).count(), 1, "{}", mutant.name);
            assert!(html.contains(&code_in(&mutant.ko)), "{}", mutant.ko);
        }
        let diff = diff("factor-3/dotenv-override", &project).unwrap();
        assert!(diff.contains("--- a/") && !diff.contains("fails:"), "{diff}");
    }
}
