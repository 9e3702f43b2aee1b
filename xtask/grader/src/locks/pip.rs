//! Python: every line of `requirements.txt` names one exact version, and what the build has installed is named there.
//!
//! The file is its own lock. `pip` cannot check it without asking a registry, so the format is read here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Finding, is_file, read};
use crate::check::{CheckResult, LabError, Missing};
use crate::lab::Lab;
use crate::lab::checkout::Checkout;
use crate::text::text;

const FILE: &str = "requirements.txt";
/// A file may include others, and one that includes itself must come to an end.
const DEEPEST: usize = 8;

pub(super) fn examine(lab: &Lab, place: &Checkout) -> CheckResult<Option<Finding>> {
    if !is_file(&place.root.join(FILE)) {
        if is_file(&place.root.join("pyproject.toml")) && !declares_something(&place.root.join("pyproject.toml"))? {
            return Ok(None);
        }
        return Err(other_tool().into());
    }
    let mut pinned = BTreeMap::new();
    if let Some(finding) = collect(place, FILE, DEEPEST, &mut pinned)? {
        return Ok(Some(finding));
    }
    let installed =
        installed_below(&lab.bench.release).map_err(|error| LabError::new("cannot list what was installed", error))?;
    let differs = |exact: &Option<String>, version: &String| exact.as_ref().is_some_and(|exact| exact != version);
    let missing = installed.iter().find(|(name, version)| pinned.get(name).is_none_or(|exact| differs(exact, version)));
    Ok(missing.map(|(name, version)| Finding::Incomplete { lock: FILE, what: format!("{name} {version}") }))
}

/// Reads one file and what it includes. A requirement by address has no version to compare.
fn collect(
    place: &Checkout,
    file: &str,
    depth: usize,
    pinned: &mut BTreeMap<String, Option<String>>,
) -> CheckResult<Option<Finding>> {
    let path = place.own_file(file).filter(|_| depth > 0);
    let path = path
        .ok_or_else(|| LabError::new("cannot read the requirements", format!("{file} is no file of the repository")))?;
    for line in logical_lines(&read(&path)?) {
        match parse(&line) {
            Line::Exact { name, version } => drop(pinned.insert(name, version)),
            Line::Include(other) => {
                if let Some(finding) = collect(place, &other, depth - 1, pinned)? {
                    return Ok(Some(finding));
                }
            }
            Line::Option => {}
            Line::Loose => return Ok(Some(Finding::NotPinned { file: file.to_owned(), line })),
        }
    }
    Ok(None)
}

#[derive(Debug, PartialEq, Eq)]
enum Line {
    Exact { name: String, version: Option<String> },
    Include(String),
    Option,
    Loose,
}

/// Lines as `pip` reads them: a backslash continues one, and a number sign after a space begins a comment.
fn logical_lines(words: &str) -> Vec<String> {
    let joined = words.replace("\\\r\n", " ").replace("\\\n", " ");
    let lines = joined.lines().map(|line| match line.trim_start().starts_with('#') {
        true => "",
        false => line.split_once(" #").map_or(line, |(before, _)| before),
    });
    lines.map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn parse(line: &str) -> Line {
    let included = ["-r", "--requirement"].iter().find_map(|option| line.strip_prefix(option));
    if let Some(file) = included {
        return Line::Include(file.trim_start_matches(['=', ' ']).to_owned());
    }
    if let Some(editable) = line.strip_prefix("-e ").or_else(|| line.strip_prefix("--editable ")) {
        return by_address(editable.trim());
    }
    if line.starts_with('-') {
        return Line::Option;
    }
    let requirement = line.split(" --hash").next().unwrap_or(line).split(';').next().unwrap_or(line).trim();
    if requirement.contains("://") || requirement.starts_with(['.', '/']) {
        return by_address(requirement);
    }
    let Some((name, version)) = requirement.split_once("==") else { return Line::Loose };
    let version = version.trim_start_matches('=').trim();
    let exact = !version.is_empty() && !version.contains(['*', ',', ' ', '<', '>']);
    match exact {
        true => Line::Exact { name: canonical(name), version: Some(version.to_owned()) },
        false => Line::Loose,
    }
}

/// A folder of the repository is as exact as the repository; an address is if it holds a revision or a hash.
fn by_address(requirement: &str) -> Line {
    let (name, address) =
        requirement.split_once('@').filter(|(name, _)| !name.contains(':')).unwrap_or(("", requirement));
    let address = address.trim();
    let local = !address.contains("://");
    let revision = address.rsplit_once('@').map_or("", |(_, revision)| revision.split('#').next().unwrap_or_default());
    let full = revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hashed = address.contains("#sha256=");
    let egg = address.split_once("#egg=").map_or("", |(_, egg)| egg);
    let name = if name.is_empty() { egg } else { name };
    if local || full || hashed { Line::Exact { name: canonical(name), version: None } } else { Line::Loose }
}

/// As package indexes compare names; extras are part of the requirement and not of the name.
fn canonical(name: &str) -> String {
    let name = name.split('[').next().unwrap_or(name).trim().to_lowercase();
    let parts: Vec<&str> = name.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

/// Name and version of every distribution that lies in the release.
fn installed_below(release: &Path) -> std::io::Result<BTreeSet<(String, String)>> {
    let mut found = BTreeSet::new();
    look(release, &mut found)?;
    // They come with a virtual environment, whatever is installed in it.
    found.retain(|(name, _)| !["pip", "setuptools", "wheel"].contains(&name.as_str()));
    Ok(found)
}

fn look(folder: &Path, found: &mut BTreeSet<(String, String)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            continue;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        match name.strip_suffix(".dist-info").and_then(|name| name.rsplit_once('-')) {
            Some((name, version)) => drop(found.insert((canonical(name), version.to_owned()))),
            None if name == ".git" || name == "node_modules" => {}
            None => look(&entry.path(), found)?,
        }
    }
    Ok(())
}

fn declares_something(project: &Path) -> Result<bool, LabError> {
    let project: toml::Table =
        read(project)?.parse().map_err(|error| LabError::new("cannot read pyproject.toml", error))?;
    let own = project.get("project").and_then(|project| project.get("dependencies")).and_then(toml::Value::as_array);
    let poetry = project.get("tool").is_some_and(|tools| tools.get("poetry").is_some());
    Ok(poetry || own.is_some_and(|dependencies| !dependencies.is_empty()))
}

fn other_tool() -> Missing {
    Missing {
        what: text(
            "a requirements.txt: the grader cannot ask uv, poetry, pdm or pipenv",
            "requirements.txt: uv, poetry, pdm, pipenv의 잠금 파일은 확인할 수 없습니다",
        ),
        fix: text(
            "export one, as `uv export --format requirements-txt` does, or run your tool's own frozen install",
            "`uv export --format requirements-txt` 같은 명령으로 내보내거나, 사용하는 도구의 고정 설치 명령을 실행해 보십시오",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(name: &str, version: Option<&str>) -> Line {
        Line::Exact { name: name.to_owned(), version: version.map(str::to_owned) }
    }

    #[test]
    fn an_exact_version_is_told_from_a_range() {
        assert_eq!(parse("psycopg[binary]==3.3.6"), exact("psycopg", Some("3.3.6")));
        assert_eq!(parse("async_timeout == 5.0.1 ; python_version < '3.11'"), exact("async-timeout", Some("5.0.1")));
        assert_eq!(parse("Redis==8.1.0 --hash=sha256:ab --hash=sha256:cd"), exact("redis", Some("8.1.0")));
        for loose in ["redis", "redis>=8", "redis==8.*", "redis~=8.1", "redis==8.1,<9"] {
            assert_eq!(parse(loose), Line::Loose, "{loose}");
        }
    }

    #[test]
    fn an_address_is_exact_with_a_revision_or_a_hash() {
        let revision = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(parse(&format!("pg8000 @ git+https://x.example/pg.git@{revision}")), exact("pg8000", None));
        assert_eq!(parse("pg8000 @ https://x.example/pg.whl#sha256=ab"), exact("pg8000", None));
        assert_eq!(parse("-e ./lib"), exact("", None));
        for loose in
            ["pg8000 @ git+https://x.example/pg.git@main", "git+https://x.example/pg.git", "https://x.example/pg.whl"]
        {
            assert_eq!(parse(loose), Line::Loose, "{loose}");
        }
    }

    #[test]
    fn lines_are_joined_and_comments_and_options_mean_nothing() {
        let lines = logical_lines(
            "# all of it\nredis==8.1.0 \\\n    --hash=sha256:ab  # the cache\n\n--no-index\n-r more.txt\n",
        );
        assert_eq!(
            lines.iter().map(|line| parse(line)).collect::<Vec<_>>(),
            [exact("redis", Some("8.1.0")), Line::Option, Line::Include("more.txt".to_owned())]
        );
    }
}
