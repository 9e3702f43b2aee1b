//! Mutants and variants: patches against the reference, with a header that says what people do and what must follow.

use std::fs;
use std::path::{Path, PathBuf};

use crate::check::Verdict;
use crate::outcome::FactorOutcome;

/// A wrong service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The file's name without `.patch`.
    pub name: String,
    /// The patch.
    pub file: PathBuf,
    /// What people really do, in English.
    pub en: String,
    /// The same in Korean.
    pub ko: String,
    /// What must fail, and why.
    pub fails: Vec<Claim>,
    /// What may fail besides.
    pub may_also_fail: Vec<String>,
}

/// A check and the reason code it must fail with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The check's id.
    pub check: String,
    /// One of its reason codes.
    pub reason: String,
}

/// A correct service whose mechanism differs from the reference's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The file's name without `.patch`.
    pub name: String,
    /// The patch.
    pub file: PathBuf,
    /// How it differs, in English.
    pub en: String,
    /// The same in Korean.
    pub ko: String,
    /// The mechanism in one word.
    pub mechanism: String,
}

impl Mutant {
    /// Reads the header of a patch.
    pub fn read(file: &Path) -> Result<Self, String> {
        let header = Header::read(file)?;
        let fails = header
            .values("fails")
            .map(|value| Claim::parse(value).ok_or_else(|| header.complain("`fails: check (reason)`")));
        let fails: Vec<Claim> = fails.collect::<Result<_, _>>()?;
        if fails.is_empty() {
            return Err(header.complain("a line `fails: check (reason)`"));
        }
        let may_also_fail =
            header.values("may-also-fail").flat_map(|ids| ids.split(',')).map(|id| id.trim().to_owned()).collect();
        let Header { name, file, en, ko, .. } = header;
        Ok(Self { name, file, en, ko, fails, may_also_fail })
    }

    /// Failures that the header does not announce.
    pub(crate) fn collateral(&self, outcome: &FactorOutcome) -> Vec<String> {
        let announced = |id: &str| {
            self.fails.iter().any(|claim| claim.check == id) || self.may_also_fail.iter().any(|known| known == id)
        };
        let unexpected =
            outcome.checks.iter().filter(|check| check.verdict() != Verdict::Pass && !announced(check.check.id));
        unexpected.map(|check| format!("not announced: {}", super::found(check.check.id, outcome))).collect()
    }
}

impl Claim {
    fn parse(value: &str) -> Option<Self> {
        let (check, reason) = value.split_once('(')?;
        let reason = reason.trim_end().strip_suffix(')')?;
        Some(Self { check: check.trim().to_owned(), reason: reason.trim().to_owned() })
    }
}

impl Variant {
    /// Reads the header of a patch.
    pub fn read(file: &Path) -> Result<Self, String> {
        let header = Header::read(file)?;
        let mechanism =
            header.values("variant").next().ok_or_else(|| header.complain("a line `variant: mechanism`"))?.to_owned();
        let Header { name, file, en, ko, .. } = header;
        Ok(Self { name, file, en, ko, mechanism })
    }
}

/// The patches in a folder, by name.
pub fn list(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("cannot list {}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "patch"));
    files.sort();
    Ok(files)
}

/// The header of a patch: everything before its first `---` or `diff` line.
pub fn header_of(patch: &str) -> &str {
    let starts = |line: &str| line.starts_with("--- ") || line.starts_with("diff ");
    let length = patch.split_inclusive('\n').take_while(|line| !starts(line)).map(str::len).sum();
    &patch[..length]
}

struct Header {
    name: String,
    file: PathBuf,
    en: String,
    ko: String,
    rest: Vec<(String, String)>,
}

impl Header {
    fn read(file: &Path) -> Result<Self, String> {
        let patch = fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let mut lines = header_of(&patch).lines().map(str::trim).filter(|line| !line.is_empty());
        let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut header = Self { name, file: file.to_owned(), en: String::new(), ko: String::new(), rest: Vec::new() };
        header.en = lines.next().ok_or_else(|| header.complain("an English sentence in its first line"))?.to_owned();
        let korean = |line: &str| line.chars().any(|c| ('가'..='힣').contains(&c));
        let ko = lines.next().filter(|line| korean(line));
        header.ko = ko.ok_or_else(|| header.complain("a Korean sentence in its second line"))?.to_owned();
        for line in lines {
            let (key, value) =
                line.split_once(": ").ok_or_else(|| header.complain("`key: value` lines after its sentences"))?;
            if !["fails", "may-also-fail", "variant"].contains(&key) {
                return Err(header.complain("only the keys `fails`, `may-also-fail` and `variant`"));
            }
            header.rest.push((key.to_owned(), value.to_owned()));
        }
        Ok(header)
    }

    fn values<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.rest.iter().filter(move |(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    fn complain(&self, needed: &str) -> String {
        format!("{}: its header must have {needed}", self.file.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(header: &str) -> Result<Mutant, String> {
        let file = std::env::temp_dir().join(format!("mutant-{}-{}.patch", std::process::id(), header.len()));
        fs::write(&file, format!("{header}--- a/x\n+++ b/x\n")).expect("temporary folder is writable");
        let mutant = Mutant::read(&file);
        fs::remove_file(file).expect("was written");
        mutant
    }

    #[test]
    fn a_header_names_checks_and_reasons() {
        let mutant =
            mutant("It forgets.\n잊어버립니다.\nfails: a-check (a-reason)\nfails: b (c)\nmay-also-fail: d, e\n")
                .expect("is good");
        assert_eq!(mutant.fails[0], Claim { check: "a-check".to_owned(), reason: "a-reason".to_owned() });
        assert_eq!((mutant.fails.len(), mutant.may_also_fail), (2, vec!["d".to_owned(), "e".to_owned()]));
    }

    #[test]
    fn incomplete_headers_are_refused() {
        for (header, needed) in [
            ("", "English"),
            ("It forgets.\nfails: a (b)\n", "Korean"),
            ("It forgets.\n잊습니다.\n", "fails"),
            ("It forgets.\n잊습니다.\nfails: a\n", "(reason)"),
            ("It forgets.\n잊습니다.\nfail: a (b)\n", "only the keys"),
        ] {
            let why = mutant(header).expect_err(header);
            assert!(why.contains(needed), "{why}");
        }
    }
}
