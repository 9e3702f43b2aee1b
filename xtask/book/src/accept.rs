//! `--accept PAGE#SECTION`: shows what changed in both languages since somebody last read them side by side, and accepts it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use grader::text::Lang;

use crate::language::{BOTH, name};
use crate::lock::{Lock, accepted_in, hash};
use crate::page::Page;
use crate::project::Project;

/// What is to be accepted: the sections of one page that changed, or the one that was named.
pub struct Wish {
    en: Page,
    ko: Page,
    lock: Lock,
    sections: Vec<String>,
}

impl Wish {
    /// Understands `factor-03-config#rule` and `factor-03-config`.
    pub fn read(project: &Project, words: &str) -> Result<Self> {
        let (page, section) = match words.split_once('#') {
            Some((page, section)) => (page, Some(section)),
            None => (words, None),
        };
        let page = page.trim_end_matches(".md");
        let (en, ko) = (project.page(Lang::En, page)?, project.page(Lang::Ko, page)?);
        let lock = Lock::read(project, page)?;
        let known: Vec<String> = en.sections().iter().map(|section| section.id.clone()).collect();
        let sections = match section {
            Some(section) if known.iter().any(|id| id == section) => vec![section.to_owned()],
            Some(section) => bail!("{} has no section `{section}`; it has {}", en.path(), known.join(", ")),
            None => known,
        };
        Ok(Self { en, ko, lock, sections })
    }

    /// Prints both languages' differences of each section that changed; `false` when nothing did.
    pub fn show(&self, project: &Project) -> Result<bool> {
        let mut any = false;
        for id in self.lock.gone(&self.en) {
            say(&format!("{}#{id} is gone", self.en.path()))?;
            any = true;
        }
        for id in &self.sections {
            for lang in BOTH {
                any |= self.show_section(project, id, lang)?;
            }
        }
        Ok(any)
    }

    /// Writes the lock.
    pub fn accept(mut self, project: &Project) -> Result<()> {
        let ids: Vec<&str> = self.sections.iter().map(String::as_str).collect();
        self.lock.accept(&ids, &self.en, &self.ko);
        self.lock.write(project, &self.en.name)
    }

    fn show_section(&self, project: &Project, id: &str, lang: Lang) -> Result<bool> {
        let page = if lang == Lang::En { &self.en } else { &self.ko };
        let Some(now) = section(page, id) else { bail!("{} has no section `{id}`", page.path()) };
        let accepted = self.lock.accepted(id).map(|accepted| accepted_in(accepted, lang));
        if accepted == Some(hash(&now).as_str()) {
            return Ok(false);
        }
        let before = match accepted {
            Some(accepted) => text_with(project, page, id, accepted)?,
            None => None,
        };
        show_difference(&format!("{}#{id} ({})", page.path(), name(lang)), before.as_deref(), &now)?;
        Ok(true)
    }
}

fn section(page: &Page, id: &str) -> Option<String> {
    page.sections().iter().find(|section| section.id == id).map(|section| format!("{}\n", section.text))
}

/// The section's text that has this hash, from the newest commit that has it. Without one, the last commit's text.
fn text_with(project: &Project, page: &Page, id: &str, accepted: &str) -> Result<Option<String>> {
    let path = page.path();
    let commits = git(&project.root, &["log", "--format=%H", "--", &path])?;
    let mut last = None;
    for commit in commits.lines() {
        let Ok(text) = git(&project.root, &["show", &format!("{commit}:{path}")]) else { continue };
        let then = section(&Page { text, ..page.clone() }, id);
        if then.as_deref().is_some_and(|text| hash(text) == accepted) {
            return Ok(then);
        }
        last = last.or(then);
    }
    Ok(last)
}

/// Git's words, in colour where there is a terminal; word by word, since prose is not changed by the line.
fn show_difference(title: &str, before: Option<&str>, now: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("accepted"), before.unwrap_or_default())?;
    fs::write(folder.path().join("now"), now)?;
    say(&format!("\n=== {title}"))?;
    let mut git = Command::new("git");
    git.current_dir(folder.path()).args([
        "--no-pager",
        "diff",
        "--no-index",
        "--word-diff",
        "--unified=2",
        "accepted",
        "now",
    ]);
    // Exit code 1 means that there are differences.
    git.status().context("cannot run git (is it installed?)")?;
    Ok(())
}

fn say(line: &str) -> Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn git(root: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("git").current_dir(root).args(arguments).output();
    let output = output.context("cannot run git (is it installed?)")?;
    if !output.status.success() {
        bail!("git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> (tempfile::TempDir, Project) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [("book/en/x.md", "# A {#a}\n\nOne.\n"), ("book/ko/x.md", "# 가 {#a}\n\n하나.\n")] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        git(folder.path(), &["init", "--quiet"]).unwrap();
        commit(folder.path());
        let project = Project { root: folder.path().to_owned() };
        (folder, project)
    }

    fn commit(folder: &Path) {
        git(folder, &["add", "--all"]).unwrap();
        git(folder, &["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "x"]).unwrap();
    }

    #[test]
    fn the_text_that_was_accepted_is_found_in_history() {
        let (folder, project) = repository();
        Wish::read(&project, "x").unwrap().accept(&project).unwrap();
        for text in ["# A {#a}\n\nTwo.\n", "# A {#a}\n\nThree.\n"] {
            fs::write(folder.path().join("book/en/x.md"), text).unwrap();
            commit(folder.path());
        }
        let wish = Wish::read(&project, "x#a").unwrap();
        let accepted = accepted_in(wish.lock.accepted("a").unwrap(), Lang::En).to_owned();
        let found = text_with(&project, &wish.en, "a", &accepted).unwrap();
        assert_eq!(found.as_deref(), Some("# A {#a}\n\nOne.\n"));
        let unknown = text_with(&project, &wish.en, "a", "0").unwrap();
        assert_eq!(unknown.as_deref(), Some("# A {#a}\n\nThree.\n"), "the last commit's, where nobody knows the hash");
    }

    #[test]
    fn accepting_ends_the_finding() {
        let (folder, project) = repository();
        let findings = || {
            let (en, ko) = (project.page(Lang::En, "x").unwrap(), project.page(Lang::Ko, "x").unwrap());
            Lock::read(&project, "x").unwrap().findings(&en, &ko).len()
        };
        assert_eq!(findings(), 1);
        Wish::read(&project, "x#a").unwrap().accept(&project).unwrap();
        assert_eq!(findings(), 0);
        fs::write(folder.path().join("book/ko/x.md"), "# 가 {#a}\n\n둘.\n").unwrap();
        assert_eq!(findings(), 1);
        let why = Wish::read(&project, "x#b").err().map(|why| why.to_string()).unwrap_or_default();
        assert!(why.contains("has no section `b`; it has a"), "{why}");
    }
}
