//! `web` is killed at every moment of a request, and whatever is there afterwards must be whole.

use std::collections::BTreeSet;

use hyper::Method;
use serde_json::{Value, json};

use super::scene::{bury, has_title, links, post, serving, web, worker};
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::http::Reply;
use crate::lab::service::Service;
use crate::lab::stub::PREVIEWS;
use crate::links::{System, fresh_target};
use crate::text::{Text, text};

/// More answers of the database than a request takes in any design that is known.
const MOST_STEPS: u64 = 40;
/// How often several requests at once are cut at a random moment, and how many.
const STORMS: usize = 3;
const REQUESTS_OF_A_STORM: usize = 5;

/// What the clients know afterwards.
#[derive(Default)]
struct Ledger {
    /// Slugs of links for which a client was told 201.
    promised: Vec<String>,
    /// Targets whose clients never heard.
    unheard: Vec<String>,
}

/// Kills behind each answer of the database, then in the middle of several requests, and looks at what is left.
pub async fn web_kill9_atomic(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let mut ledger = Ledger::default();
    for step in 1..=MOST_STEPS {
        let all_answered = killed_behind(&lab, &system, step, 1, &mut ledger).await?;
        if all_answered {
            break;
        }
    }
    for _ in 0..STORMS {
        let step = 2 + lab.chance().below(30);
        killed_behind(&lab, &system, step, REQUESTS_OF_A_STORM, &mut ledger).await?;
    }
    let service = serving(&lab, web(&lab, &system)).await?;
    let survivors = links(&service).await?;
    promises_are_kept(&ledger, &survivors, &service)?;
    let worker = worker(&lab, &system).set("JOB_LEASE_SECONDS", "2").run().await?;
    previews_come(&lab, &system, &service, survivors.len()).await?;
    no_orphans(&lab, &system, &service, &worker).await?;
    requests_can_be_repeated(&ledger, &service).await
}

/// Whether every request was answered before the moment came.
async fn killed_behind(
    lab: &Lab,
    system: &System,
    step: u64,
    requests: usize,
    ledger: &mut Ledger,
) -> CheckResult<bool> {
    let service = serving(lab, web(lab, system)).await?;
    let database = &system.postgres()?.proxy;
    let mut sent = Vec::new();
    for _ in 0..requests {
        sent.push((fresh_target(lab), service.connect().await.map_err(|why| LabError::new("a connection", why))?));
    }
    database.freeze_after_replies(step);
    for (target, connection) in &mut sent {
        post(connection, target).await.map_err(|why| LabError::new("POST /v1/links", why))?;
    }
    let mut replies: Vec<Option<Reply>> = vec![None; requests];
    let answers = async {
        for ((_, connection), reply) in sent.iter_mut().zip(&mut replies) {
            *reply = connection.reply().await.ok();
        }
    };
    let moment = async {
        tokio::select! {
            biased;
            () = answers => true,
            () = database.frozen() => false,
        }
    };
    let all_answered = lab.until("moment", moment).await;
    service.kill().await;
    bury(lab, database).await?;
    let all_answered = all_answered.ok_or_else(|| LabError::new("POST /v1/links", "neither answer nor fault"))?;
    for ((target, mut connection), reply) in sent.into_iter().zip(replies) {
        // What was under way when the process died still arrives.
        let reply = match reply {
            Some(reply) => Some(reply),
            None => lab.until("last answer", connection.reply()).await.and_then(Result::ok),
        };
        ledger.note(target, reply.as_ref());
    }
    Ok(all_answered)
}

impl Ledger {
    fn note(&mut self, target: String, reply: Option<&Reply>) {
        match reply {
            Some(reply) if reply.status == 201 => {
                self.promised.push(reply.json()["slug"].as_str().unwrap_or_default().to_owned());
            }
            _ => self.unheard.push(target),
        }
    }
}

fn did() -> Text {
    text(
        "killed `web` (SIGKILL) behind each answer of the database to POST /v1/links, and in the middle of several requests",
        "POST /v1/links를 처리하며 데이터베이스가 응답할 때마다, 또 여러 요청이 겹친 도중에 `web`을 SIGKILL로 죽임",
    )
}

fn promises_are_kept(ledger: &Ledger, survivors: &[Value], service: &Service) -> CheckResult {
    let there: BTreeSet<&str> = survivors.iter().filter_map(|link| link["slug"].as_str()).collect();
    let Some(lost) = ledger.promised.iter().find(|slug| !there.contains(slug.as_str())) else { return Ok(()) };
    let expected =
        text("every link that a client was told of exists", "클라이언트가 201로 받은 링크는 모두 있어야 합니다");
    let seen = text(format!("{lost} was promised and is gone"), format!("201로 응답한 {lost} 링크가 없습니다"));
    Err(failure("answered-but-lost", expected, seen, service))
}

async fn previews_come(lab: &Lab, system: &System, service: &Service, number: usize) -> CheckResult {
    let look = || async {
        let links = links(service).await.unwrap_or_default();
        (links.len() >= number && links.iter().all(|link| has_title(system, link))).then_some(())
    };
    if lab.watch("previews", look).await.is_some() {
        return Ok(());
    }
    let mut pending = links(service).await?;
    pending.retain(|link| !has_title(system, link));
    let first = pending.first().map(|link| link["slug"].to_string()).unwrap_or_default();
    let expected = text(
        format!("a worker makes the preview of every link that exists ({number})"),
        format!("남아 있는 링크 {number}개 모두 워커가 미리보기를 만들어야 합니다"),
    );
    let seen = text(
        format!("{} of them never get one, among them {first}", pending.len()),
        format!("{first} 등 {}개의 링크는 미리보기가 끝내 생기지 않습니다", pending.len()),
    );
    Err(failure("link-without-job", expected, seen, service))
}

/// The worker has done all there was to do, so whatever it asked about was a job.
async fn no_orphans(lab: &Lab, system: &System, service: &Service, worker: &Service) -> CheckResult {
    let targets: BTreeSet<String> =
        links(service).await?.iter().filter_map(|link| link["target"].as_str().map(str::to_owned)).collect();
    let orphan = || async {
        let asked = system.screen.calls_of(PREVIEWS).into_iter();
        asked
            .filter_map(|call| call.json()["target"].as_str().map(str::to_owned))
            .find(|asked| !targets.contains(asked))
    };
    let Some(orphan) = lab.glance(orphan).await else { return Ok(()) };
    let expected = text("no job without a link", "링크가 없는 작업은 없어야 합니다");
    let seen = text(
        format!("the worker asked for a preview of {orphan}, and no such link exists"),
        format!("워커가 {orphan} 미리보기를 요청했지만 그런 링크는 없습니다"),
    );
    Err(failure("job-without-link", expected, seen, worker))
}

async fn requests_can_be_repeated(ledger: &Ledger, service: &Service) -> CheckResult {
    for target in &ledger.unheard {
        let reply = service.request(Method::POST, "/v1/links", Some(&json!({ "target": target }))).await;
        let seen = match reply {
            Ok(reply) if reply.status == 201 || reply.status == 200 => continue,
            Ok(reply) => format!("{} {}", reply.status, reply.excerpt()),
            Err(why) => why.to_string(),
        };
        let expected = text(
            "whoever got no answer sends the request again and gets the link: 201, or 200 if it is there",
            "응답을 받지 못한 클라이언트가 요청을 다시 보내면 링크를 받아야 합니다(새 링크면 201, 이미 있으면 200)",
        );
        return Err(failure("cannot-repeat", expected, text(seen.clone(), seen), service));
    }
    Ok(())
}

fn failure(reason: &'static str, expected: Text, seen: Text, service: &Service) -> Stop {
    Failure::new(reason, did(), expected, seen).with_log(service.last_lines()).into()
}
