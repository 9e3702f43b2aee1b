//! Freshness that binds both languages equally: one lock per page says which two sections somebody has read side by side.
//!
//! ```text
//! # section  en  ko
//! rule 5a1c09e2f7b3d846 0c2f6b1d9e8a7345
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use grader::text::Lang;

use crate::page::Page;
use crate::project::{Finding, Project};

const HEADER: &str = "# Sections whose two languages somebody has read side by side: id, hash of en, hash of ko.\n# Written by `cargo xtask book --accept PAGE#SECTION`.\n";

/// The accepted hashes of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Of the English text.
    pub en: String,
    /// Of the Korean text.
    pub ko: String,
}

/// One page's lock, in the order of its sections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    sections: BTreeMap<String, Accepted>,
}

impl Lock {
    /// Where the lock of a page is, below the workshop's folder.
    pub fn path(name: &str) -> PathBuf {
        PathBuf::from("book/locks").join(format!("{name}.lock"))
    }

    /// The lock of a page; an empty one if there is none yet.
    pub fn read(project: &Project, name: &str) -> Result<Self> {
        let path = project.root.join(Self::path(name));
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).ok_or_else(|| anyhow!("{}: each line is `section hash hash`", Self::path(name).display()))
    }

    fn parse(text: &str) -> Option<Self> {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let sections = lines.map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
            [id, en, ko] => Some((id.to_owned(), Accepted { en: en.to_owned(), ko: ko.to_owned() })),
            _ => None,
        });
        Some(Self { sections: sections.collect::<Option<_>>()? })
    }

    /// What was accepted of a section.
    pub fn accepted(&self, id: &str) -> Option<&Accepted> {
        self.sections.get(id)
    }

    /// Takes both texts as they are now, and forgets sections that the page no longer has.
    pub fn accept(&mut self, ids: &[&str], en: &Page, ko: &Page) {
        self.sections.retain(|id, _| en.sections().iter().any(|section| section.id == *id));
        for id in ids {
            if let (Some(en), Some(ko)) = (hash_of(en, id), hash_of(ko, id)) {
                self.sections.insert((*id).to_owned(), Accepted { en, ko });
            }
        }
    }

    /// Writes the lock.
    pub fn write(&self, project: &Project, name: &str) -> Result<()> {
        let path = project.root.join(Self::path(name));
        let mut text = HEADER.to_owned();
        for (id, Accepted { en, ko }) in &self.sections {
            // A string takes every write.
            let _ = writeln!(text, "{id} {en} {ko}");
        }
        fs::create_dir_all(project.book().join("locks"))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Sections that changed since they were accepted, in one language or in both.
    pub fn findings(&self, en: &Page, ko: &Page) -> Vec<Finding> {
        let mut found: Vec<Finding> =
            en.sections().iter().filter_map(|section| self.stale(&section.id, en, ko)).collect();
        found.extend(self.gone(en).map(|id| {
            let what =
                format!("has section `{id}`, which the page no longer has: `cargo xtask book --accept {}`", en.name);
            Finding::new(Self::path(&en.name).display(), what)
        }));
        found
    }

    /// Sections that the page no longer has.
    pub fn gone<'a>(&'a self, page: &'a Page) -> impl Iterator<Item = &'a String> {
        self.sections.keys().filter(|id| !page.sections().iter().any(|section| section.id == **id))
    }

    fn stale(&self, id: &str, en: &Page, ko: &Page) -> Option<Finding> {
        let (now_en, now_ko) = (hash_of(en, id)?, hash_of(ko, id)?);
        let accept = format!("then `cargo xtask book --accept {}#{id}`", en.name);
        let (page, what) = match self.accepted(id) {
            Some(Accepted { en, ko }) if *en == now_en && *ko == now_ko => return None,
            None => (en, "is new: read both languages side by side"),
            Some(Accepted { ko, .. }) if *ko == now_ko => (en, "changed in English: bring the Korean along"),
            Some(Accepted { en: accepted, .. }) if *accepted == now_en => {
                (ko, "changed in Korean: bring the English along")
            }
            Some(_) => (en, "changed in both languages: read them side by side"),
        };
        Some(Finding::new(format!("{}#{id}", page.path()), format!("{what}, {accept}")))
    }
}

/// The hash of a section's text, if the page has that section.
pub fn hash_of(page: &Page, id: &str) -> Option<String> {
    page.sections().iter().find(|section| section.id == id).map(|section| hash(section.text))
}

/// The language in which a hash was accepted.
pub fn accepted_in(accepted: &Accepted, lang: Lang) -> &str {
    match lang {
        Lang::En => &accepted.en,
        Lang::Ko => &accepted.ko,
    }
}

/// FNV-1a over 64 bits: short, and the same for ever. Lines may be wrapped anew or get blanks at their ends without a change.
pub fn hash(text: &str) -> String {
    let words = text.split_whitespace().flat_map(|word| word.bytes().chain([b' ']));
    let hash = words
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(lang: Lang, text: &str) -> Page {
        Page { name: "x".to_owned(), lang, text: text.to_owned() }
    }

    fn says(lock: &Lock, en: &str, ko: &str) -> Vec<String> {
        lock.findings(&page(Lang::En, en), &page(Lang::Ko, ko)).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn a_change_in_either_language_asks_for_the_other() {
        let (en, ko) = ("# A {#a}\n\nOne.\n", "# 가 {#a}\n\n하나.\n");
        let mut lock = Lock::default();
        assert!(says(&lock, en, ko)[0].contains("is new"));
        lock.accept(&["a"], &page(Lang::En, en), &page(Lang::Ko, ko));
        assert!(says(&lock, en, ko).is_empty());
        assert!(says(&lock, "# A {#a}\n\n  One. \n\n", ko).is_empty());
        assert!(says(&lock, "# A {#a}\n\nTwo.\n", ko)[0].contains("en/x.md#a: changed in English"));
        assert!(says(&lock, en, "# 가 {#a}\n\n둘.\n")[0].contains("ko/x.md#a: changed in Korean"));
        assert!(says(&lock, "# A {#a}\n\nTwo.\n", "# 가 {#a}\n\n둘.\n")[0].contains("changed in both"));
        let gone = says(&lock, "# B {#b}\n", "# 나 {#b}\n");
        assert!(gone.iter().any(|what| what.contains("no longer has")), "{gone:?}");
    }

    #[test]
    fn a_lock_is_read_as_it_was_written() {
        let lock = Lock::parse("# x\nrule 01 02\n").unwrap();
        assert_eq!(lock.accepted("rule"), Some(&Accepted { en: "01".to_owned(), ko: "02".to_owned() }));
        assert!(Lock::parse("rule 01\n").is_none());
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(hash(""), "cbf29ce484222325");
        assert_ne!(hash("a b"), hash("ab"));
    }
}
