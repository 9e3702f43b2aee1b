//! Node: `npm ci` must be content with `package-lock.json`.

use serde_json::Value;

use super::{Finding, is_file, read, run};
use crate::check::{CheckResult, LabError, Missing};
use crate::lab::Lab;
use crate::lab::checkout::Checkout;
use crate::text::text;

const LOCK: &str = "package-lock.json";
const OTHERS: [&str; 3] = ["yarn.lock", "pnpm-lock.yaml", "bun.lock"];

/// `npm ci` refuses whatever the lock file does not hold; with an empty cache and without a network it cannot look elsewhere.
pub(super) async fn examine(lab: &Lab, place: &Checkout) -> CheckResult<Option<Finding>> {
    if !declares_something(&read(&place.root.join("package.json"))?)? {
        return Ok(None);
    }
    if place.ignores(LOCK) {
        return Ok(Some(Finding::Ignored { lock: LOCK }));
    }
    let own = [LOCK, "npm-shrinkwrap.json"].iter().any(|name| is_file(&place.root.join(name)));
    if !own && OTHERS.iter().any(|name| place.lock(name).is_some()) {
        return Err(other_tool().into());
    }
    if !own {
        return Ok(Some(Finding::NoLockFile { declared: "package.json", lock: LOCK }));
    }
    let cache = place.repository.with_file_name("npm-cache").display().to_string();
    let quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
    let command = ["npm", "ci", "--dry-run", "--offline", "--cache", &cache];
    let said = run(lab, place, &[&command[..], &quiet[..]].concat()).await?;
    if said.succeeded() {
        return Ok(None);
    }
    let incomplete = said.first(|line| ["EUSAGE", "ENOTCACHED"].iter().any(|code| line.contains(code)));
    let code = incomplete.ok_or_else(|| said.error("npm ci"))?;
    let what = said.first(|line| line.contains("Missing:") || line.contains("Invalid:") || line.contains("request to"));
    Ok(Some(Finding::Incomplete { lock: LOCK, what: what.unwrap_or(code) }))
}

fn declares_something(package: &str) -> Result<bool, LabError> {
    let package: Value =
        serde_json::from_str(package).map_err(|error| LabError::new("cannot read package.json", error))?;
    let tables = ["dependencies", "devDependencies", "optionalDependencies", "workspaces"];
    let filled = |table: &Value| table.as_object().is_some_and(|t| !t.is_empty()) || table.is_array();
    Ok(tables.iter().any(|name| filled(&package[*name])))
}

fn other_tool() -> Missing {
    Missing {
        what: text(
            "a lock file of npm: the grader cannot ask yarn, pnpm or bun",
            "npm의 잠금 파일: yarn, pnpm, bun의 잠금 파일은 확인할 수 없습니다",
        ),
        fix: text(
            "run your tool's own frozen install, such as `pnpm install --frozen-lockfile`",
            "`pnpm install --frozen-lockfile`처럼 사용하는 도구의 고정 설치 명령을 실행해 보십시오",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_without_dependencies_has_nothing_to_lock() {
        assert!(!declares_something(r#"{"name":"links","dependencies":{}}"#).unwrap());
        assert!(declares_something(r#"{"devDependencies":{"eslint":"9"}}"#).unwrap());
        assert!(declares_something("no JSON").is_err());
    }
}
