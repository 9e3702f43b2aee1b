//! Where the log must not be: in files.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::requests::{EITHER, STDOUT, all_it_wrote, lines, no_events, running, settle, unreported, visits};
use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::files::files_below;
use crate::lab::logs::contains;
use crate::lab::service::Startup;
use crate::lab::start::Place;
use crate::links::{System, did_not_come_up};
use crate::text::text;

/// Looks for what was asked in every file that the service left in its folders or held open.
pub async fn no_log_files(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    // A release of its own: what lies in it afterwards was written by this service and no other.
    let release = lab.own_release()?;
    let control = lab.chance().word(12);
    let start = system.web(&lab).release(release.clone());
    let start = start.file(Place::Directory, "note.txt", &control).file(Place::Home, "note.txt", &control);
    let service = running(start).await?;
    let asked = visits(&lab, &service, 20).await?;
    settle(&lab, &service, &asked, &EITHER).await;
    let open = service.open_files();
    let logs = all_it_wrote(&service).await;
    // Looked at after the end, when also what waited in a buffer is in its file.
    let files = [service.files()?, files_below(&release)?].concat();
    let left = files.into_iter().filter_map(|file| Some((file.clone(), fs::read(file).ok()?)));
    let held = open.into_iter().filter_map(|(file, open)| Some((file, read(open).ok()?)));
    let files: Vec<(PathBuf, Vec<u8>)> = left.chain(held).collect();
    let found = files.iter().find(|(_, bytes)| asked.iter().any(|request| contains(bytes, request.word.as_bytes())));
    let seen_control = files.iter().filter(|(_, bytes)| contains(bytes, control.as_bytes())).count();
    service.end().await;
    if seen_control != 2 {
        return Err(LabError::new("the folders of the service", "the grader's own files were not found there").into());
    }
    let Some((file, _)) = found else { return Ok(()) };
    let name = shown(file, &release);
    let did = text(
        "sent 20 requests and looked into every file that the service left or held open",
        "요청 20개를 보내고, 서비스가 남기거나 열어 둔 모든 파일을 읽음",
    );
    let expected = text("no file reports them", "요청 기록이 담긴 파일이 없어야 합니다");
    let seen = text(format!("{name} does"), format!("{name} 파일에 요청 기록이 있습니다"));
    Err(Failure::new("log-file", did, expected, seen).with_log(logs.last(12)).into())
}

fn read(mut file: File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The path without the random folders of this run.
fn shown(file: &Path, release: &Path) -> String {
    if let Ok(inside) = file.strip_prefix(release) {
        return Path::new("release").join(inside).display().to_string();
    }
    let words: Vec<_> = file.iter().collect();
    let known = words.iter().position(|word| ["cwd", "home", "tmp"].iter().any(|name| *word == *name));
    match known.filter(|at| *at > 1) {
        Some(at) => words[at..].iter().collect::<PathBuf>().display().to_string(),
        None => file.display().to_string(),
    }
}

/// The whole file system is read-only but for `TMPDIR`, as careful platforms do it.
pub async fn read_only_still_logs(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let (service, startup) = system.web(&lab).sandboxed(&system.ports(), &[]).read_only().go().await?;
    let did = text(
        "started it on a file system that is read-only but for TMPDIR",
        "TMPDIR만 빼고 모두 읽기 전용인 파일 시스템에서 시작",
    );
    if startup != Startup::Listening {
        return Err(did_not_come_up("refuses-to-start", &service, &startup, did).into());
    }
    let asked = visits(&lab, &service, 5).await?;
    settle(&lab, &service, &asked, &STDOUT).await;
    let logs = all_it_wrote(&service).await;
    service.end().await;
    match unreported(&asked, &lines(&logs, &STDOUT)?).is_empty() {
        true => Ok(()),
        false => Err(no_events(did, &logs).into()),
    }
}
