//! Three processes change the same things at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hyper::Method;
use serde_json::Value;

use super::scene::{Answer, DISTANCE, SEVERAL, bad, crowd, submission, web};
use crate::check::{CheckResult, Failure, Stop};
use crate::lab::Lab;
use crate::lab::service::{Service, Startup};
use crate::links::numbers::{number, seen};
use crate::links::scene::{create, links, serving};
use crate::links::{System, describe, fresh_target};
use crate::text::{Text, text, verbatim};

/// How many visitors come at once, and how often.
const VISITORS: usize = 60;
const VISITS: usize = 5;
/// How many people submit the same link at once.
const SUBMISSIONS: usize = 50;
/// How many links are made at once with one prefix; with the others they fit into one page of the list.
const LINKS: usize = 60;

/// Clicks, then equal links, then links with one prefix; the database is some way off, so that the processes meet.
pub async fn no_lost_updates(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let services = three(&lab, &system).await?;
    let slug = create(&system, &services[0], &fresh_target(&lab)).await?;
    system.postgres()?.proxy.latency(DISTANCE);
    clicks(&lab, &services, &slug).await?;
    submissions(&lab, &services).await?;
    slugs(&lab, &services).await
}

/// The first one came up in the smoke test; the others have company.
async fn three(lab: &Lab, system: &System) -> CheckResult<Vec<Arc<Service>>> {
    let mut services = vec![Arc::new(serving(lab, web(lab, system)).await?)];
    while services.len() < SEVERAL {
        let (service, startup) = web(lab, system).go().await?;
        if startup != Startup::Listening {
            let did = text(
                "started another `web` with the same configuration and a port of its own beside a running one",
                "실행 중인 `web` 옆에 설정은 같고 포트만 다른 `web`을 하나 더 시작",
            );
            let expected = text("it listens like the first one", "첫 번째처럼 연결을 받아야 합니다");
            let seen = describe(&startup, service.port());
            return Err(failure("second-process-ends", did, expected, seen, &service));
        }
        services.push(Arc::new(service));
    }
    Ok(services)
}

async fn clicks(lab: &Lab, services: &[Arc<Service>], slug: &str) -> CheckResult {
    let all = VISITORS * VISITS;
    let did = text(
        format!("sent {all} visits of one link to {SEVERAL} processes, {VISITORS} at a time"),
        format!("링크 하나를 프로세스 {SEVERAL}개에서 한 번에 {VISITORS}명씩 모두 {all}번 방문"),
    );
    for _ in 0..VISITS {
        let visits = crowd(services, VISITORS, || (Method::GET, format!("/r/{slug}"), None)).await;
        all_answered(&visits, &[307], &did, services)?;
    }
    let expected = i64::try_from(all).unwrap_or_default();
    let clicks = number(lab, &services[0], slug, "clicks", expected).await?;
    exact("clicks", "clicks-wrong", did, expected, clicks, services)
}

async fn submissions(lab: &Lab, services: &[Arc<Service>]) -> CheckResult {
    let target = fresh_target(lab);
    let did = text(
        format!("submitted the same link {SUBMISSIONS} times at once, to {SEVERAL} processes"),
        format!("같은 링크를 프로세스 {SEVERAL}개에 동시에 {SUBMISSIONS}번 제출"),
    );
    let answers = crowd(services, SUBMISSIONS, || submission(&target, None)).await;
    all_answered(&answers, &[200, 201], &did, services)?;
    let mut slugs: BTreeSet<String> = made(&answers).into_keys().collect();
    let listed = links(&services[0]).await?.into_iter().filter(|link| link["target"] == *target);
    slugs.extend(listed.map(|link| slug_of(&link)));
    if slugs.len() > 1 {
        let expected = text("they make one link", "링크는 하나만 생겨야 합니다");
        let number = slugs.len();
        let seen = text(format!("they made {number}"), format!("{number}개가 생겼습니다"));
        return Err(failure("link-twice", did, expected, seen, &services[0]));
    }
    let slug = slugs.pop_first().unwrap_or_default();
    let expected = i64::try_from(SUBMISSIONS).unwrap_or_default();
    let submissions = number(lab, &services[0], &slug, "submissions", expected).await?;
    exact("submissions", "submissions-wrong", did, expected, submissions, services)
}

async fn slugs(lab: &Lab, services: &[Arc<Service>]) -> CheckResult {
    let prefix = lab.chance().word(6);
    let did = text(
        format!("created {LINKS} different links with the prefix {prefix} at once, at {SEVERAL} processes"),
        format!("프로세스 {SEVERAL}개에 접두사 {prefix} 하나로 서로 다른 링크 {LINKS}개를 동시에 만듦"),
    );
    let answers = crowd(services, LINKS, || submission(&fresh_target(lab), Some(&prefix))).await;
    all_answered(&answers, &[201], &did, services)?;
    let made = made(&answers);
    let listed = links(&services[0]).await?.into_iter().map(|link| (slug_of(&link), link["target"].clone()));
    let listed: BTreeMap<String, Value> = listed.collect();
    let kept = made.iter().filter(|(slug, target)| listed.get(*slug) == Some(target)).count();
    if kept == LINKS {
        return Ok(());
    }
    let expected = text(
        format!("{LINKS} slugs, each of which leads where its link should"),
        format!("저마다 제 목적지로 가는 slug가 {LINKS}개여야 합니다"),
    );
    let seen = text(
        format!("{} different slugs, and {kept} of them lead there", made.len()),
        format!("서로 다른 slug는 {}개이고, 그중 {kept}개만 제 목적지로 갑니다", made.len()),
    );
    Err(failure("slug-twice", did, expected, seen, &services[0]))
}

fn all_answered(answers: &[Answer], good: &[u16], did: &Text, services: &[Arc<Service>]) -> CheckResult {
    let Some(seen) = bad(answers, good) else { return Ok(()) };
    let good = good.iter().map(u16::to_string).collect::<Vec<_>>().join(" / ");
    let expected = text(format!("every answer is {good}"), format!("모든 응답이 {good}이어야 합니다"));
    Err(failure("errors-under-load", did.clone(), expected, seen, &services[0]))
}

fn exact(
    field: &str,
    reason: &'static str,
    did: Text,
    expected: i64,
    number: Option<i64>,
    services: &[Arc<Service>],
) -> CheckResult {
    if number == Some(expected) {
        return Ok(());
    }
    let expected = format!("{field} = {expected}");
    Err(failure(reason, did, verbatim(expected), seen(number), &services[0]))
}

/// Slugs and targets of the links in these answers.
fn made(answers: &[Answer]) -> BTreeMap<String, Value> {
    let links = answers.iter().flatten().map(|reply| reply.json());
    links.map(|link| (slug_of(&link), link["target"].clone())).collect()
}

fn slug_of(link: &Value) -> String {
    link["slug"].as_str().unwrap_or_default().to_owned()
}

fn failure(reason: &'static str, did: Text, expected: Text, seen: Text, service: &Service) -> Stop {
    Failure::new(reason, did, expected, seen).with_log(service.last_lines()).into()
}
