//! One build, two deploys.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::links::{came_up, get};
use crate::screen::{Deploy, verdict};
use crate::text::{Text, text, verbatim};

/// Staging and production are two configurations of one build.
pub async fn one_build_many_deploys(lab: Lab) -> CheckResult {
    let release = lab.scratch()?.join("release");
    let failed = |error| LabError::new("cannot look at the release", error);
    crate::build::copy(&lab.bench.release, &release).map_err(failed)?;
    let before = contents(&release).map_err(failed)?;
    let deploys = [Deploy::random(&lab), Deploy::random(&lab)];
    let mut services = Vec::new();
    for deploy in &deploys {
        let start = lab.start("web").environment(&deploy.environment()).release(release.clone());
        let (service, startup) = start.go().await?;
        came_up(&service, startup)?;
        services.push(service);
    }
    for (service, deploy) in services.iter().zip(&deploys) {
        let version = get(service, "/version").await.map_err(|why| LabError::new("GET /version", why))?;
        follows("RELEASE_ID", &deploy.release_id, version.json()["release"].as_str().unwrap_or_default())?;
        for (host, expected) in deploys
            .iter()
            .flat_map(|other| &other.denied_hosts)
            .map(|host| (host, if deploy.denied_hosts.contains(host) { "deny" } else { "allow" }))
        {
            let reply = verdict(service, &format!("https://{host}/")).await?;
            follows("DENY_HOSTS", expected, reply.json()["verdict"].as_str().unwrap_or_default())?;
        }
    }
    for service in services {
        service.end().await;
    }
    match contents(&release).map_err(failed)? == before {
        true => Ok(()),
        false => Err(changed().into()),
    }
}

fn did() -> Text {
    text(
        "started two deploys from one build, each with its own DENY_HOSTS and RELEASE_ID",
        "한 빌드에서 DENY_HOSTS와 RELEASE_ID가 서로 다른 배포 두 개를 시작",
    )
}

fn follows(variable: &str, expected: &str, seen: &str) -> CheckResult {
    if seen == expected {
        return Ok(());
    }
    let expected = text(
        format!("what {variable} of this deploy asks for: \"{expected}\""),
        format!("이 배포의 {variable}에 맞는 값: \"{expected}\""),
    );
    Err(Failure::new("ignores-its-config", did(), expected, verbatim(format!("\"{seen}\""))).into())
}

fn changed() -> Failure {
    let expected = text("the release is the same before and after", "릴리즈는 실행 전후가 같아야 합니다");
    let seen = text("a file in it was changed or added", "릴리즈의 파일이 바뀌었거나 새로 생겼습니다");
    Failure::new("release-changed", did(), expected, seen)
}

fn contents(folder: &Path) -> std::io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(contents(&path)?);
        } else if path.is_file() {
            found.insert(path.clone(), fs::read(&path)?);
        }
    }
    Ok(found)
}
