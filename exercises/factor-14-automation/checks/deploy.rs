//! Into service after an answer, and not before; out of it never by accident.

use std::fs;
use std::future::ready;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::digest::digest;
use super::store::Store;
use super::yard::Yard;
use crate::check::{CheckResult, Failure, LabError};
use crate::graded::Deploy;
use crate::lab::Lab;
use crate::lab::looks::looking;
use crate::lab::scripts::Ran;
use crate::text::{Text, text};

/// A program that starts and never answers. For an interpreter it is an error in the first line.
const SILENT: &str = "#!/bin/sh\nexec sleep 600\n";

/// Good, good again, and one that never becomes ready.
pub async fn deploy_gated_and_idempotent(lab: Lab) -> CheckResult {
    let mut yard = Yard::open(&lab, "never-green").await?;
    let good = yard.control().await?;
    yard.clone.is_built();
    let settings = settings(&lab).await?;
    let ran = into_service(&yard, &good, &settings, "not-deployed").await?;
    yard.serves(&good, &settings.deploy, "not-deployed", &deployed(&good)).await?;
    ended_the_candidate(&yard, &good, &ran)?;
    twice(&yard, &good, &settings).await?;
    broken_stays_out(&yard, &good, &settings).await
}

/// One deploy's configuration, and the file that holds it as `NAME=value`.
pub struct Settings {
    /// What it says.
    pub deploy: Deploy,
    /// Where it is.
    pub file: PathBuf,
}

/// Random settings, written to a file.
///
/// # Errors
///
/// A file that cannot be written.
pub async fn settings(lab: &Lab) -> CheckResult<Settings> {
    let deploy = Deploy::attach(lab).await?;
    let file = lab.scratch()?.join("deploy.env");
    let lines: String = deploy.environment().iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    fs::write(&file, lines).map_err(|error| LabError::new("cannot write the settings", error))?;
    Ok(Settings { deploy, file })
}

/// Deploys a release that is known to be good, and wants it in service.
///
/// # Errors
///
/// A failure with this reason, or a command that cannot be supervised.
pub async fn into_service(yard: &Yard, id: &str, settings: &Settings, reason: &'static str) -> CheckResult<Ran> {
    let expected =
        text("exit code 0, and `current` names it", "종료 코드 0으로 끝나고, `current`가 이 릴리즈를 가리켜야 합니다");
    let failure = |seen, log| yard.explained(Failure::new(reason, deployed(id), expected, seen).with_log(log));
    match yard.deploy(id, &settings.file.display().to_string()).await? {
        Some(ran) if ran.is_green() && yard.store.current().as_deref() == Some(id) => Ok(ran),
        Some(ran) => Err(failure(end_and_current(&ran, &yard.store), ran.last_lines())),
        None => Err(failure(text("[pipeline] names no `deploy`", "[pipeline]에 `deploy`가 없습니다"), Vec::new())),
    }
}

fn ended_the_candidate(yard: &Yard, id: &str, ran: &Ran) -> CheckResult {
    match ran.left_running.first() {
        None => Ok(()),
        Some(program) => {
            let expected = text("nothing of it runs on", "남아 있는 프로세스가 없어야 합니다");
            let seen = text(format!("still running: {program}"), format!("아직 실행 중: {program}"));
            Err(yard.explained(Failure::new("left-running", deployed(id), expected, seen).with_log(ran.last_lines())))
        }
    }
}

async fn twice(yard: &Yard, id: &str, settings: &Settings) -> CheckResult {
    let before = yard.store.snapshot(id)?;
    let ran = yard.deploy(id, &settings.file.display().to_string()).await?;
    let Some(ran) = ran else { return Ok(()) };
    if ran.is_green() && yard.store.current().as_deref() == Some(id) && yard.store.snapshot(id)? == before {
        return Ok(());
    }
    let did = text(format!("deployed {id} once more"), format!("{id} 릴리즈를 한 번 더 배포"));
    let expected = text("exit code 0, and nothing has changed", "종료 코드 0으로 끝나고, 바뀐 것이 없어야 합니다");
    let seen = end_and_current(&ran, &yard.store);
    Err(yard.explained(Failure::new("repeat-fails", did, expected, seen).with_log(ran.last_lines())))
}

async fn broken_stays_out(yard: &Yard, good: &str, settings: &Settings) -> CheckResult {
    let broken = sabotaged(yard, good).await?;
    let file = settings.file.display().to_string();
    let did = text(
        format!("deployed {broken}, whose program starts and never answers"),
        format!("시작은 하지만 응답하지 않는 {broken} 릴리즈를 배포"),
    );
    let expected = text(
        format!("an exit code other than 0, and `current` names {good} all the time"),
        format!("0이 아닌 종료 코드로 끝나고, `current`는 계속 {good} 릴리즈를 가리켜야 합니다"),
    );
    let failure = |reason, seen, ran: Option<&Ran>| {
        let log = ran.map(Ran::last_lines).unwrap_or_default();
        Err(yard.explained(Failure::new(reason, did.clone(), expected.clone(), seen).with_log(log)))
    };
    let ran = tokio::select! {
        ran = yard.deploy(&broken, &file) => ran?,
        () = goes_live(&yard.store, &broken) => {
            let seen = text(format!("`current` named {broken}"), format!("`current`가 {broken} 릴리즈를 가리켰습니다"));
            return failure("broken-went-live", seen, None);
        }
    };
    let Some(ran) = ran else { return Ok(()) };
    let seen = end_and_current(&ran, &yard.store);
    if yard.store.current().as_deref() != Some(good) {
        return failure("broken-went-live", seen, Some(&ran));
    }
    if ran.is_green() {
        return failure("says-deployed", seen, Some(&ran));
    }
    ended_the_candidate(yard, &broken, &ran)
}

/// Returns when this release is in service, for however short a time.
async fn goes_live(store: &Store, id: &str) {
    looking(|| ready((store.current().as_deref() == Some(id)).then_some(()))).await;
}

/// A copy of a release under another id, whose program never answers; whole in itself, digest included.
async fn sabotaged(yard: &Yard, good: &str) -> CheckResult<String> {
    let failed = |error: std::io::Error| LabError::new("cannot spoil a copy of the release", error);
    let id = format!("{good}-{}", yard.lab.chance().word(6));
    let release = yard.store.release(&id);
    crate::build::copy(&yard.store.release(good), &release).map_err(failed)?;
    let command = yard.lab.bench.subject.app().process.get("web").map(Vec::as_slice).unwrap_or_default();
    let program = command.iter().find_map(|word| word.strip_prefix("{release}/"));
    let program = release.join("app").join(program.unwrap_or("web"));
    // Removed first: it may be a link out of the release.
    fs::remove_file(&program).map_err(failed)?;
    fs::write(&program, SILENT).map_err(failed)?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).map_err(failed)?;
    let mut says = yard.store.says(good);
    says["id"] = id.as_str().into();
    if let Some(digest) = digest(&release.join("app")).await? {
        says["sha256"] = digest.into();
    }
    fs::write(release.join("release.json"), format!("{says}\n")).map_err(failed)?;
    Ok(id)
}

fn deployed(id: &str) -> Text {
    text(format!("deployed {id}, which works"), format!("정상인 {id} 릴리즈를 배포"))
}

/// How a command ended and what is in service, as a sentence.
pub fn end_and_current(ran: &Ran, store: &Store) -> Text {
    let Text { en, ko } = ran.end();
    let current = store.current().unwrap_or_else(|| "-".to_owned());
    text(format!("{en}; current: {current}"), format!("{ko} (current: {current})"))
}
