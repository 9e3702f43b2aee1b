//! The release stage: a build and a configuration, with a name.

use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::links::{Deploy, System, get};
use crate::text::text;

use super::scene::deployed;

/// Two releases of one build, with nothing in common but that.
pub async fn release_has_unique_id(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let mut builds: Vec<String> = Vec::new();
    for year in [2021, 2027] {
        let deploy = Deploy { release_id: id(&lab, year), ..Deploy::random(&lab, &system.screen) };
        builds.push(names_itself(&lab, &system, &deploy).await?);
    }
    if builds[0] == builds[1] {
        return Ok(());
    }
    let did = text("made two releases of one build", "한 빌드로 릴리즈를 둘 만듦");
    let expected = text("`build` is the same in both", "두 릴리즈의 `build` 값이 같아야 합니다");
    let seen = builds.join(", ");
    Err(Failure::new("build-id-changes", did, expected, text(seen.clone(), seen)).into())
}

/// Starts it and returns the build that it says it is.
async fn names_itself(lab: &Lab, system: &System, deploy: &Deploy) -> CheckResult<String> {
    let id = &deploy.release_id;
    let service = deployed(lab, system, deploy, &lab.copied_release()?).await?;
    let version = get(&service, "/version").await.map_err(|why| LabError::new("GET /version", why))?.json();
    let did = text(format!("started it with RELEASE_ID={id}"), format!("RELEASE_ID={id} 값으로 시작"));
    if version["release"].as_str() != Some(id) {
        let expected = text(format!("/version says `release`: \"{id}\""), format!("/version의 `release` 값: \"{id}\""));
        let seen = text(format!("got {}", version["release"]), format!("실제 값: {}", version["release"]));
        return Err(Failure::new("release-id-ignored", did, expected, seen).into());
    }
    // It has answered since: what it said at its start is on its way, if it said anything.
    let logged = lab.glance(|| async { service.logs().text().contains(id).then_some(()) }).await;
    let lines = service.last_lines();
    service.end().await;
    if logged.is_none() {
        let expected = text("a line of the log names the release", "로그 어느 줄에 릴리즈 이름이 있어야 합니다");
        let seen = text("no line does", "그런 줄이 없습니다");
        return Err(Failure::new("id-not-logged", did, expected, seen).with_log(lines).into());
    }
    Ok(version["build"].as_str().unwrap_or_default().to_owned())
}

/// A name as pipelines give it: the time first, so that a listing is in order.
pub fn id(lab: &Lab, year: u32) -> String {
    let chance = lab.chance();
    let (month, day, minute) = (1 + chance.below(12), 1 + chance.below(28), chance.below(60));
    format!("{year}{month:02}{day:02}T12{minute:02}00Z-{}", chance.word(7))
}
