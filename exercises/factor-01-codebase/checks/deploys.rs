//! One build, two deploys.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hyper::Method;
use serde_json::json;

use crate::check::{CheckResult, Failure, LabError};
use crate::graded::Deploy;
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::{answers, came_up, fresh_target, get};
use crate::screen::verdict;
use crate::text::{Text, text, verbatim};

/// Staging and production are two configurations of one build.
pub async fn one_build_many_deploys(lab: Lab) -> CheckResult {
    let release = lab.scratch()?.join("release");
    let failed = |error| LabError::new("cannot look at the release", error);
    crate::build::copy(&lab.bench.release, &release).map_err(failed)?;
    let before = contents(&release).map_err(failed)?;
    let deploys = [Deploy::attach(&lab).await?, Deploy::attach(&lab).await?];
    let mut services = Vec::new();
    for deploy in &deploys {
        let start = lab.start("web").environment(&deploy.environment()).release(release.clone());
        let (service, startup) = start.go().await?;
        came_up(&service, startup)?;
        services.push(service);
    }
    for (service, deploy) in services.iter().zip(&deploys) {
        let version = get(service, "/version").await.map_err(|why| LabError::new("GET /version", why))?;
        follows("RELEASE_ID", deploy.release_id(), version.json()["release"].as_str().unwrap_or_default())?;
        follows_its_own(&lab, service, deploy, &deploys).await?;
    }
    for service in services {
        service.end().await;
    }
    match contents(&release).map_err(failed)? == before {
        true => Ok(()),
        false => Err(changed().into()),
    }
}

/// What each app does as its own deploy says, and not as the other one does: `screen` denies hosts, and short URLs of `links`
/// begin with its public address.
async fn follows_its_own(lab: &Lab, service: &Service, deploy: &Deploy, deploys: &[Deploy]) -> CheckResult {
    match deploy {
        Deploy::Screen(own) => {
            for host in deploys.iter().flat_map(denied_hosts) {
                let expected = if own.denied_hosts.contains(host) { "deny" } else { "allow" };
                let reply = verdict(service, &format!("https://{host}/")).await?;
                follows("DENY_HOSTS", expected, reply.json()["verdict"].as_str().unwrap_or_default())?;
            }
            Ok(())
        }
        Deploy::Links(own) => {
            let link = json!({ "target": fresh_target(lab) });
            let reply = answers(service, Method::POST, "/v1/links", Some(link), 201).await?;
            let link = reply.json();
            let expected = format!("{}/r/{}", own.deploy.base_url, link["slug"].as_str().unwrap_or_default());
            follows("PUBLIC_BASE_URL", &expected, link["short_url"].as_str().unwrap_or_default())
        }
    }
}

fn denied_hosts(deploy: &Deploy) -> &[String] {
    match deploy {
        Deploy::Screen(deploy) => &deploy.denied_hosts,
        Deploy::Links(_) => &[],
    }
}

fn did() -> Text {
    text(
        "started two deploys from one build, each with its own configuration",
        "한 빌드에서 설정이 서로 다른 배포 두 개를 시작",
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
