//! Going back: the grader is the release stage, keeps two releases side by side, and runs the older one again.

use std::path::PathBuf;

use hyper::Method;
use serde_json::json;

use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::checkout::Change;
use crate::lab::fresh_clone::FreshClone;
use crate::links::{Deploy, System, Transcript};
use crate::text::{Text, text};

use super::release::id;
use super::scene::{Files, deployed};

/// A build and a configuration, in the store.
struct Release {
    folder: PathBuf,
    deploy: Deploy,
}

/// The older release, the newer one, and the older one again.
pub async fn rollback_is_exact(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let store = lab.scratch()?;
    let older = Release::of(&lab, &system, &store, 2021, lab.copied_release()?)?;
    let newer = Release::of(&lab, &system, &store, 2027, next_build(&lab).await?)?;
    let before = Files::of(&older.folder)?;
    let mut first = older.conversation(&lab, &system).await?;
    if !first.holds("POST /v1/links (allowed) status", "201") {
        return Err(LabError::new("the transcript", "holds no created link, so nothing can be compared").into());
    }
    // What differs between two runs of the same release (times, counters) says nothing about the one between them.
    first.forget_what_differs_from(&older.conversation(&lab, &system).await?);
    newer.conversation(&lab, &system).await?;
    let again = older.conversation(&lab, &system).await?;
    if let Some((expected, seen)) = first.difference_from(&again) {
        return Err(Failure::new("answers-differ", did(), expected, seen).into());
    }
    match before.change_to(&Files::of(&older.folder)?) {
        Some(change) => Err(Failure::new("release-changed", did(), unchanged(), change).into()),
        None => Ok(()),
    }
}

impl Release {
    fn of(lab: &Lab, system: &System, store: &std::path::Path, year: u32, files: PathBuf) -> Result<Self, LabError> {
        let deploy = Deploy { release_id: id(lab, year), ..Deploy::random(lab, &system.screen) };
        let folder = store.join(&deploy.release_id);
        std::fs::rename(&files, &folder).map_err(|error| LabError::new("cannot store the release", error))?;
        Ok(Self { folder, deploy })
    }

    async fn conversation(&self, lab: &Lab, system: &System) -> CheckResult<Transcript> {
        let service = deployed(lab, system, &self.deploy, &self.folder).await?;
        system.screen.deny("denied.example");
        let mut transcript = Transcript::default();
        for path in ["/healthz", "/readyz", "/version", "/nothing-here"] {
            drop(transcript.exchange(&service, &format!("GET {path}"), Method::GET, path, None).await);
        }
        // Each pair of prefix and target is new: a service that stores links would say 200 to the second one.
        let prefix = format!("p{}", lab.chance().word(8));
        for (case, host) in [("allowed", "allowed.example"), ("denied", "denied.example")] {
            let body = json!({ "target": format!("https://{host}/a"), "prefix": prefix });
            let label = format!("POST /v1/links ({case})");
            drop(transcript.exchange(&service, &label, Method::POST, "/v1/links", Some(&body)).await);
        }
        service.end().await;
        Ok(transcript)
    }
}

/// What is built of the next commit.
async fn next_build(lab: &Lab) -> CheckResult<PathBuf> {
    let clone = FreshClone::make(lab).await?;
    let note = lab.chance().word(12);
    clone.checkout.commit("another release", &[Change::Write("another-release.txt", note.as_bytes())])?;
    match clone.build(lab).await {
        // The same source was built at the beginning of the run.
        Err(Stop::Fail(failure)) => Err(LabError::new("cannot build the next commit", failure.seen.en).into()),
        built => built,
    }
}

fn did() -> Text {
    text(
        "ran a release, then a newer one that was built of the next commit, and then the older one again",
        "릴리즈를 실행하고, 다음 커밋으로 빌드한 새 릴리즈를 실행한 뒤, 이전 릴리즈를 다시 실행",
    )
}

fn unchanged() -> Text {
    text("its files are as they were", "파일이 처음과 같아야 합니다")
}
