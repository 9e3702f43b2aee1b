//! What else a machine gives without being asked: a time zone, a language, a home, a folder to start in.

use std::path::PathBuf;

use super::visit::{Host, Transcript, visit};
use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::service::Startup;
use crate::lab::start::Start;
use crate::links::scene::patient;
use crate::links::{System, describe, did_not_come_up};
use crate::text::{Text, text};

/// The same visit as a developer's machine would have it, and as a machine at the other end of the world.
pub async fn no_host_leaks(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let at_home = at_home(&lab, &system).await?;
    let did = text(
        "started it in the folder /, with TZ=Asia/Seoul and LANG=C, without HOME, with SSL_CERT_FILE naming nothing",
        "/ 폴더에서 TZ=Asia/Seoul, LANG=C로 HOME 없이, SSL_CERT_FILE에는 없는 파일을 주고 시작한 뒤",
    );
    let (service, startup) = abroad(&lab, &system).go().await?;
    if startup != Startup::Listening {
        return Err(did_not_come_up("did-not-start", &service, &startup, did).into());
    }
    let visited = visit(&lab, &system, &Host::Service(&service)).await;
    let log = service.last_lines();
    service.end().await;
    let visited = visited.map_err(|trouble| trouble.failure("answers-differently", did.clone(), log.clone()))?;
    match difference(&at_home, &visited) {
        None => Ok(()),
        Some((expected, seen)) => Err(Failure::new("answers-differently", did, expected, seen).with_log(log).into()),
    }
}

/// In a folder with the sources, as people start it while they write it.
async fn at_home(lab: &Lab, system: &System) -> CheckResult<Transcript> {
    let (service, startup) = patient(lab, system.web(lab)).directory(lab.checkout()?.root).go().await?;
    if startup != Startup::Listening {
        return Err(LabError::new("a start beside the sources", describe(&startup, service.port()).en).into());
    }
    let visited = visit(lab, system, &Host::Service(&service)).await;
    service.end().await;
    visited.map_err(|trouble| trouble.of_the_lab().into())
}

fn abroad(lab: &Lab, system: &System) -> Start {
    patient(lab, system.web(lab))
        .directory(PathBuf::from("/"))
        .set("TZ", "Asia/Seoul")
        .set("LANG", "C")
        .unset("HOME")
        .set("SSL_CERT_FILE", format!("/nonexistent-{}", lab.chance().word(8)))
}

fn difference(home: &Transcript, abroad: &Transcript) -> Option<(Text, Text)> {
    let pair = home.iter().zip(abroad).find(|(home, abroad)| home != abroad)?;
    let say = |(request, body): &(String, String)| text(format!("{request}: {body}"), format!("{request}: {body}"));
    Some((say(pair.0), say(pair.1)))
}
