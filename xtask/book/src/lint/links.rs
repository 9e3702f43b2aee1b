//! Every link, image and fragment within the books leads somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::html::{Piece, pieces};
use crate::language::{BOTH, code};
use crate::polish::pages;
use crate::project::{Finding, read};

/// What a page offers and wants.
#[derive(Debug, Default)]
struct Known {
    ids: BTreeSet<String>,
    targets: BTreeSet<String>,
}

/// Links within the books that lead nowhere.
pub fn findings(out: &Path) -> Result<Vec<Finding>> {
    let mut known = BTreeMap::new();
    for lang in BOTH {
        for path in pages(&out.join(code(lang)))? {
            known.insert(path.clone(), look(&read(&path)?));
        }
    }
    let mut found = Vec::new();
    for (path, page) in &known {
        let place = path.strip_prefix(out).unwrap_or(path).display().to_string();
        let broken = page.targets.iter().filter_map(|target| Some((target, broken(path, target, &known)?)));
        found.extend(broken.map(|(target, why)| Finding::new(&place, format!("links {target}, {why}"))));
    }
    Ok(found)
}

fn look(html: &str) -> Known {
    let mut known = Known::default();
    for piece in pieces(html) {
        let Piece::Open(tag) = piece else { continue };
        known.ids.extend(tag.attribute("id").map(str::to_owned));
        let target = if tag.name == "base" { None } else { tag.attribute("href").or_else(|| tag.attribute("src")) };
        known.targets.extend(target.filter(|target| is_internal(target)).map(str::to_owned));
    }
    known
}

fn is_internal(target: &str) -> bool {
    let scheme = target.split_once(':').is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric()));
    !scheme && !target.starts_with("//") && !target.is_empty()
}

/// Why the target does not exist, if it does not.
fn broken(page: &Path, target: &str, known: &BTreeMap<PathBuf, Known>) -> Option<&'static str> {
    let (address, fragment) = target.split_once('#').unwrap_or((target, ""));
    let address = address.split('?').next().unwrap_or_default();
    let mut file = if address.is_empty() { page.to_owned() } else { resolved(page, address) };
    if file.is_dir() {
        file.push("index.html");
    }
    if !file.is_file() {
        return Some("which does not exist");
    }
    let missing = !fragment.is_empty() && known.get(&file).is_some_and(|page| !page.ids.contains(fragment));
    missing.then_some("which has no such id")
}

/// `../ko/a.html` as seen from a page, without asking the disk.
fn resolved(page: &Path, address: &str) -> PathBuf {
    let mut path = page.parent().unwrap_or(page).to_owned();
    for part in address.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn broken_pages_images_and_fragments_are_found() {
        let folder = tempfile::tempdir().unwrap();
        for (path, html) in [
            ("en/a.html", "<h1 id=top>A</h1><a href=b.html#there>b</a><a href=#top>top</a><a href=../ko/a.html>ko</a>"),
            ("en/b.html", "<h1 id=here>B</h1><a href=c.html>c</a><img src=x.png><a href=https://example.org/>e</a>"),
            ("ko/a.html", "<a href=?highlight=x#gone>x</a>"),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, html).unwrap();
        }
        let found: Vec<String> = findings(folder.path()).unwrap().iter().map(Finding::to_string).collect();
        assert_eq!(
            found,
            [
                "en/a.html: links b.html#there, which has no such id",
                "en/b.html: links c.html, which does not exist",
                "en/b.html: links x.png, which does not exist",
                "ko/a.html: links ?highlight=x#gone, which has no such id",
            ]
        );
    }
}
