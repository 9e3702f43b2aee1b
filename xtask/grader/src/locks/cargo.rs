//! Rust: Cargo must find everything in `Cargo.lock`.

use std::collections::BTreeSet;

use super::{Finding, read, run};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::checkout::Checkout;

const LOCK: &str = "Cargo.lock";

/// Lets Cargo complete the lock file from what is on this machine. What it adds from elsewhere was not locked; that it removes
/// something, as in a copy of one member of a workspace, means nothing. No crate's source is asked for: a build downloads those of
/// its own system only, and the lock file names those of all.
pub(super) async fn examine(lab: &Lab, place: &Checkout) -> CheckResult<Option<Finding>> {
    if place.ignores(LOCK) {
        return Ok(Some(Finding::Ignored { lock: LOCK }));
    }
    let Some(lock) = place.lock(LOCK) else {
        return Ok(Some(Finding::NoLockFile { declared: "Cargo.toml", lock: LOCK }));
    };
    let before = packages(&read(&lock)?)?;
    let said = run(lab, place, &["cargo", "update", "--workspace", "--offline", "--quiet"]).await?;
    if !said.succeeded() {
        // The build has just downloaded all it wanted; so what is missing now is missing in the lock file.
        let what =
            said.first(|line| line.starts_with("error")).ok_or_else(|| said.error("cargo update --workspace"))?;
        return Ok(Some(Finding::Incomplete { lock: LOCK, what }));
    }
    let after = packages(&read(&lock)?)?;
    let added = after.difference(&before).next();
    Ok(added.map(|package| Finding::Incomplete { lock: LOCK, what: package.clone() }))
}

/// Every package that comes from elsewhere, exactly: name, version, source with its revision, checksum.
fn packages(lock: &str) -> Result<BTreeSet<String>, LabError> {
    let lock: toml::Table = lock.parse().map_err(|error| LabError::new("cannot read Cargo.lock", error))?;
    let packages = lock.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    let field = |package: &toml::Value, name| package.get(name).and_then(toml::Value::as_str).map(str::to_owned);
    let exact = packages.filter_map(|package| {
        let source = field(package, "source")?;
        let [name, version, checksum] =
            ["name", "version", "checksum"].map(|name| field(package, name).unwrap_or_default());
        Some(format!("{name} {version} ({source}) {checksum}").trim_end().to_owned())
    });
    Ok(exact.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_known_by_its_checksum_and_local_ones_are_left_out() {
        let lock = "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\nchecksum = \"c\"\n\
                    [[package]]\nname = \"own\"\nversion = \"0.1.0\"\n";
        assert_eq!(packages(lock).unwrap().into_iter().collect::<Vec<_>>(), ["a 1.0.0 (registry+x) c"]);
    }
}
