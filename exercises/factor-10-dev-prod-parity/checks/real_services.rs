//! The service as its developers run it: what it writes must be where production would have it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use memchr::memmem;

use super::dev_env::{in_the_lab, variables};
use super::scene::{Guise, MIGRATE, becomes_ready, slug_of, submit};
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::files::files_below;
use crate::lab::service::{Service, Startup};
use crate::links::account::{show, shown};
use crate::links::{System, describe, fresh_target};
use crate::text::{Text, text};

/// How many links are written.
const LINKS: usize = 3;

/// Writes with the developers' settings, looks where it went, kills the process, wipes its folders, and reads.
pub async fn dev_uses_real_services(lab: Lab) -> CheckResult {
    let told = variables(&lab, "does-not-run")?;
    let system = System::fresh(&lab).await?;
    let told = in_the_lab(&told, &system)?;
    migrated(&lab, &told).await?;
    let release = lab.own_release()?;
    let before = system.postgres()?.proxy.counters().bytes_up;
    let service = started(&lab, &told, release.clone()).await?;
    let links = written(&lab, &service).await?;
    if system.postgres()?.proxy.counters().bytes_up == before {
        return Err(not_asked(&service));
    }
    if let Some(file) = file_with(&links[0].1, &service, &release, &lab.bench.release)? {
        return Err(kept_in_file(&service, &file));
    }
    service.kill().await;
    service.end().await;
    std::fs::remove_dir_all(&release).map_err(|error| LabError::new("cannot wipe a release", error))?;
    let successor = started(&lab, &told, lab.own_release()?).await?;
    for (slug, target) in &links {
        let link = show(&successor, slug).await;
        if !link.as_ref().is_ok_and(|reply| reply.status == 200 && reply.json()["target"] == **target) {
            return Err(data_lost(&successor, &shown(&link)));
        }
    }
    successor.end().await;
    Ok(())
}

async fn migrated(lab: &Lab, told: &[(String, String)]) -> CheckResult {
    if !lab.bench.subject.app().admin.contains_key(MIGRATE) {
        return Ok(());
    }
    let ended = Guise::default().put_on(lab.one_off(MIGRATE, &[]).environment(told)).to_the_end().await?;
    if ended.succeeded() {
        return Ok(());
    }
    let did = text("ran `migrate` with the developers' settings", "개발용 설정으로 `migrate` 실행");
    let expected = text("it ends with exit code 0", "종료 코드 0으로 끝나야 합니다");
    let seen = match ended.exit {
        Some(exit) => text(format!("it ended with {exit}"), exit.text().ko),
        None => text("it did not end", "끝나지 않았습니다"),
    };
    Err(Failure::new("does-not-run", did, expected, seen).with_log(ended.lines).into())
}

async fn started(lab: &Lab, told: &[(String, String)], release: PathBuf) -> CheckResult<Service> {
    let start = Guise { release: Some(release), environment: None }.put_on(lab.start("web").environment(told));
    let (service, startup) = start.go().await?;
    let seen = match startup {
        Startup::Listening if becomes_ready(lab, &service).await => return Ok(service),
        Startup::Listening => text("it listens and does not become ready", "연결은 받지만 준비되지 않습니다"),
        other => describe(&other, service.port()),
    };
    let expected = text("it starts and becomes ready", "시작해서 준비되어야 합니다");
    Err(failure("does-not-run", &service, expected, seen))
}

/// Creates links; returns slugs and targets.
async fn written(lab: &Lab, service: &Service) -> CheckResult<Vec<(String, String)>> {
    let mut links = Vec::new();
    for _ in 0..LINKS {
        let target = fresh_target(lab);
        let answer = submit(service, &target, None).await;
        let Some(slug) = slug_of(&answer) else {
            let expected = text("POST /v1/links: 201", "POST /v1/links 요청에 201로 응답해야 합니다");
            let seen = text(format!("got {}", shown(&answer)), format!("실제 응답: {}", shown(&answer)));
            return Err(failure("does-not-run", service, expected, seen));
        };
        links.push((slug, target));
    }
    Ok(links)
}

/// A file that the service wrote and that holds `words`: in its folders, beside its program, or one that it holds open
/// elsewhere.
fn file_with(words: &str, service: &Service, release: &Path, original: &Path) -> Result<Option<String>, LabError> {
    let new = |file: &PathBuf| file.strip_prefix(release).is_ok_and(|file| !original.join(file).exists());
    let mut files = service.files()?;
    files.extend(files_below(release)?.into_iter().filter(new));
    for file in files {
        // One that is gone again keeps nothing.
        if File::open(&file).is_ok_and(|file| holds(file, words)) {
            return Ok(Some(file.file_name().unwrap_or_default().to_string_lossy().into_owned()));
        }
    }
    let open = service.open_files().into_iter().find_map(|(path, file)| holds(file, words).then_some(path));
    Ok(open.map(|path| path.display().to_string()))
}

fn holds(mut file: File, words: &str) -> bool {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).is_ok() && memmem::find(&bytes, words.as_bytes()).is_some()
}

fn not_asked(service: &Service) -> Stop {
    let expected = text(
        "the PostgreSQL server that DATABASE_URL names is asked",
        "DATABASE_URL이 가리키는 PostgreSQL 서버에 물어야 합니다",
    );
    let seen = text(
        format!("{LINKS} links were created, and not a byte was sent to the server"),
        format!("링크 {LINKS}개를 만드는 동안 서버에는 1바이트도 보내지 않았습니다"),
    );
    failure("not-asked", service, expected, seen)
}

fn kept_in_file(service: &Service, file: &str) -> Stop {
    let expected = text("no file holds a link", "링크가 담긴 파일이 없어야 합니다");
    let seen = text(format!("{file} holds the target of a link"), format!("{file} 파일에 링크의 목적지가 있습니다"));
    failure("kept-in-file", service, expected, seen)
}

fn data_lost(service: &Service, seen: &str) -> Stop {
    let expected = text(
        "after a kill and with new folders every link is still there",
        "강제로 끝내고 새 폴더에서 시작해도 링크가 모두 남아 있어야 합니다",
    );
    let seen = text(format!("GET /v1/links/{{slug}}: {seen}"), format!("GET /v1/links/{{slug}} 응답: {seen}"));
    failure("data-lost", service, expected, seen)
}

fn failure(reason: &'static str, service: &Service, expected: Text, seen: Text) -> Stop {
    let did = text(
        format!(
            "started `web` with the developers' settings, whose addresses are the lab's, and created {LINKS} links"
        ),
        format!("주소만 바꾼 개발용 설정으로 `web`을 시작하고 링크 {LINKS}개를 만듦"),
    );
    Failure::new(reason, did, expected, seen).with_log(service.last_lines()).into()
}
