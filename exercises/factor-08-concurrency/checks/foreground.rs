//! The process that the platform has started is the one that works, and the one that it ends.

use std::fs;
use std::path::{Path, PathBuf};

use super::scene::{web, worker};
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::files::files_below;
use crate::lab::service::Service;
use crate::links::scene::{create, has_title, preview, serving};
use crate::links::{System, fresh_target};
use crate::text::{Text, text};

/// `web` and `worker` do their work; then nobody may have gone, and SIGTERM to the main process ends everybody.
pub async fn stays_in_foreground(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let releases = [lab.own_release()?, lab.own_release()?];
    let service = serving(&lab, web(&lab, &system).release(releases[0].clone())).await?;
    let slug = create(&system, &service, &fresh_target(&lab)).await?;
    let worker = worker(&lab, &system).release(releases[1].clone()).run().await?;
    let done = || async { preview(&service, &slug).await.filter(|link| has_title(&system, link)) };
    if lab.watch("preview", done).await.is_none() {
        return Err(LabError::new("a worker made a preview in the smoke test, and now", "it makes none").into());
    }
    tokio::join!(lab.soon(service.main_ended()), lab.soon(worker.main_ended()));
    for (name, process, release) in [("web", &service, &releases[0]), ("worker", &worker, &releases[1])] {
        stays(name, process)?;
        leaves_no_number(name, process, release)?;
    }
    for (name, process) in [("web", &service), ("worker", &worker)] {
        ends_as_one(&lab, name, process).await?;
    }
    Ok(())
}

fn stays(name: &str, process: &Service) -> CheckResult {
    if !process.has_ended() {
        return Ok(());
    }
    let did = text(format!("started `{name}` and let it work"), format!("`{name}` 프로세스를 시작해 일하게 함"));
    let expected =
        text("the process that was started goes on running", "시작한 바로 그 프로세스가 계속 실행되어야 합니다");
    let seen = match others(process) {
        None => text("it has ended", "종료했습니다"),
        Some(others) => text(
            format!("it has ended and left others in the background: {others}"),
            format!("종료하면서 다른 프로세스를 백그라운드에 남겼습니다: {others}"),
        ),
    };
    Err(failure("did-not-stay", did, expected, seen, process))
}

/// Neither in its folders nor beside its program.
fn leaves_no_number(name: &str, process: &Service, release: &Path) -> CheckResult {
    let numbers: Vec<String> = process.process_ids().iter().map(u32::to_string).collect();
    let is_pid_file = |file: &PathBuf| {
        let named = file.extension().is_some_and(|extension| extension == "pid");
        named || fs::read_to_string(file).is_ok_and(|words| numbers.iter().any(|number| words.trim() == number))
    };
    let mut files = process.files()?;
    files.extend(files_below(release)?);
    let Some(file) = files.into_iter().find(is_pid_file) else { return Ok(()) };
    let file = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let did = text(
        format!("started `{name}` and looked into its folders"),
        format!("`{name}` 프로세스를 시작하고 그 폴더를 살펴봄"),
    );
    let expected = text("no file with a process number", "프로세스 번호를 적은 파일이 없어야 합니다");
    let seen = text(format!("there is {file}"), format!("{file} 파일이 있습니다"));
    Err(failure("pid-file", did, expected, seen, process))
}

async fn ends_as_one(lab: &Lab, name: &str, process: &Service) -> CheckResult {
    process.terminate_main().await;
    let did = text(
        format!("sent SIGTERM to the main process of `{name}`, and to no other"),
        format!("`{name}`의 주 프로세스에만 SIGTERM을 보냄"),
    );
    let expected =
        text("it ends, and everything it started with it", "그 프로세스와 그것이 시작한 모든 것이 끝나야 합니다");
    if lab.until("end", process.main_ended()).await.is_none() {
        let seen = text("it still runs", "아직 실행 중입니다");
        return Err(failure("outlives-sigterm", did, expected, seen, process));
    }
    // Those who were told by the main process may need a moment longer than it did.
    let gone = lab.soon(process.none_left()).await.is_some();
    match others(process) {
        Some(others) if !gone => {
            let seen = text(
                format!("it ended, and these live on: {others}"),
                format!("주 프로세스는 끝났지만 다음 프로세스가 살아 있습니다: {others}"),
            );
            Err(failure("outlives-sigterm", did, expected, seen, process))
        }
        _ => Ok(()),
    }
}

/// Who was still there when the main process had ended.
fn others(process: &Service) -> Option<String> {
    let others: Vec<String> = process.left_behind().into_iter().map(|other| other.command).collect();
    (!others.is_empty()).then(|| others.join(", "))
}

fn failure(reason: &'static str, did: Text, expected: Text, seen: Text, process: &Service) -> Stop {
    Failure::new(reason, did, expected, seen).with_log(process.last_lines()).into()
}
