//! One-offs next to a deploy that serves: nobody notices them, and they do exactly what is left to do.

use std::collections::BTreeMap;

use hyper::Method;
use serde_json::json;

use super::age::make_older;
use super::scene::{
    BACKFILL, MOST_STEPS, PURGE, StepByStep, create, deployed, end_of, failure, has_title, one_off, preview, serving,
    web, worker,
};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::http::{NoReply, Reply};
use crate::lab::one_off::OneOff;
use crate::lab::service::Service;
use crate::lab::stub::{Answer, PREVIEWS};
use crate::links::{System, create_link, fresh_target, get};
use crate::text::{Text, text};

/// A deploy that serves while one-offs run.
struct Formation<'l> {
    lab: &'l Lab,
    system: &'l System,
    service: Service,
}

/// `backfill-previews` and `purge` beside a `web` that is in use.
pub async fn runs_while_serving(lab: Lab) -> CheckResult {
    let system = deployed(&lab).await?;
    let service = serving(&lab, web(&lab, &system)).await?;
    let formation = Formation { lab: &lab, system: &system, service };
    formation.backfills_what_is_missing().await?;
    formation.purges_what_is_old().await
}

impl Formation<'_> {
    /// Links whose previews failed, whose previews are done, and whose jobs still wait.
    async fn backfills_what_is_missing(&self) -> CheckResult {
        let chance = self.lab.chance();
        let failed = self.create_some(5 + chance.below(4)).await?;
        self.system.screen.answer(Answer::Status(500));
        self.work_until("failed", &failed).await?;
        self.system.screen.answer(Answer::Verdict);
        let done = self.create_some(2 + chance.below(3)).await?;
        self.work_until("done", &done).await?;
        let waiting = self.create_some(2).await?;
        let before = self.asked();
        let busy = self.with_visitors(BACKFILL, &[], &done).await?;
        self.worked(BACKFILL, &busy)?;
        // Somebody starts it twice, and somebody else at the same moment.
        let twice = || one_off(self.lab, self.system, BACKFILL, &[]).to_the_end();
        let (one, other) = tokio::join!(twice(), twice());
        self.worked(BACKFILL, &one?)?;
        self.worked(BACKFILL, &other?)?;
        let worker = worker(self.lab, self.system).run().await?;
        for slug in failed.keys().chain(waiting.keys()) {
            self.gets_its_title(slug, &busy).await?;
        }
        self.worked(BACKFILL, &one_off(self.lab, self.system, BACKFILL, &[]).to_the_end().await?)?;
        let expected_of = |target: &String| match () {
            () if failed.values().any(|known| known == target) => 1,
            () if done.values().any(|known| known == target) => 0,
            () => 1,
        };
        let too_often = || async {
            let now = self.asked();
            let calls = |target: &String| now[target] - before.get(target).unwrap_or(&0);
            now.keys().find(|target| calls(target) > expected_of(target)).cloned()
        };
        let again = self.lab.glance(too_often).await;
        worker.end().await;
        let Some(target) = again else { return Ok(()) };
        let did = text(
            format!("ran `{BACKFILL}` several times, twice at once among them, and let a worker do what it had queued"),
            format!(
                "`{BACKFILL}` 명령을 두 개 동시에 실행하는 것을 포함해 여러 번 실행하고 워커가 쌓인 작업을 처리하게 함"
            ),
        );
        let expected = text(
            "each preview that was missing is made once, and no other one",
            "없던 미리보기만 한 번씩 만들어야 합니다",
        );
        let seen = text(
            format!("the partner was asked too often about {target}"),
            format!("협력 서비스가 {target} 요청을 필요한 횟수보다 더 받았습니다"),
        );
        Err(failure("done-again", &did, expected, seen, busy.lines))
    }

    /// Links that are a day older than what shall go, and a day younger; some have jobs that still wait.
    async fn purges_what_is_old(&self) -> CheckResult {
        let chance = self.lab.chance();
        let days = 10 + chance.below(200);
        let postgres = self.system.postgres()?;
        let (old, young) = (self.create_some(2).await?, self.create_some(2).await?);
        self.work_until("done", &old).await?;
        let old_and_waiting = self.create_some(2).await?;
        for (slugs, age) in [(&old, days + 1), (&old_and_waiting, days + 1), (&young, days - 1)] {
            for slug in slugs.keys() {
                make_older(postgres, &self.service, slug, age).await?;
            }
        }
        let fresh = self.create_some(1).await?;
        let days = days.to_string();
        let arguments = ["--older-than-days", days.as_str()];
        let busy = self.with_visitors(PURGE, &arguments, &fresh).await?;
        self.worked(PURGE, &busy)?;
        let did =
            text(format!("ran `{PURGE} --older-than-days {days}`"), format!("`{PURGE} --older-than-days {days}` 실행"));
        for slug in young.keys() {
            if self.status(slug).await? != 200 {
                let expected = text("a link that is a day younger stays", "하루 덜 지난 링크는 남아 있어야 합니다");
                let seen = text(format!("{slug} is gone"), format!("{slug} 링크가 사라졌습니다"));
                return Err(failure("purged-too-much", &did, expected, seen, busy.lines));
            }
        }
        for slug in old.keys().chain(old_and_waiting.keys()) {
            if self.status(slug).await? != 404 {
                let expected = text("a link that is a day older goes", "하루 더 지난 링크는 지워져야 합니다");
                let seen = text(format!("{slug} is still there"), format!("{slug} 링크가 아직 있습니다"));
                return Err(failure("not-purged", &did, expected, seen, busy.lines));
            }
        }
        self.worked(PURGE, &one_off(self.lab, self.system, PURGE, &arguments).to_the_end().await?)
    }

    /// Runs a one-off one answer of the database at a time. Behind each, while it stands still with whatever it holds, visitors
    /// come.
    async fn with_visitors(
        &self,
        name: &'static str,
        arguments: &[&str],
        links: &BTreeMap<String, String>,
    ) -> CheckResult<OneOff> {
        let start = one_off(self.lab, self.system, name, arguments);
        let running = StepByStep::start(self.lab, start, self.system.postgres()?).await?;
        for _ in 0..MOST_STEPS {
            if !running.stands_still().await {
                break;
            }
            self.visit(name, links).await?;
            running.goes_on();
        }
        Ok(running.ends().await)
    }

    /// A visitor who reads the list, one who reads a link, one who submits a known link and one who submits a new one.
    async fn visit(&self, name: &str, links: &BTreeMap<String, String>) -> CheckResult {
        let Some((slug, target)) = links.first_key_value() else { return Ok(()) };
        let path = format!("/v1/links/{slug}");
        let (list, link, known, new) = tokio::join!(
            get(&self.service, "/v1/links?limit=100"),
            get(&self.service, &path),
            create_link(&self.service, target),
            self.submit_new()
        );
        let wanted = [("GET /v1/links", list, 200), ("GET /v1/links/{slug}", link, 200)];
        let wanted = wanted.into_iter().chain([("POST /v1/links", known, 200), ("POST /v1/links", new, 201)]);
        for (request, answer, status) in wanted {
            self.served(name, request, answer, status)?;
        }
        Ok(())
    }

    async fn submit_new(&self) -> Result<Reply, NoReply> {
        self.service.request(Method::POST, "/v1/links", Some(&json!({ "target": fresh_target(self.lab) }))).await
    }

    fn served(&self, name: &str, request: &str, answer: Result<Reply, NoReply>, status: u16) -> CheckResult {
        let seen = match answer {
            Ok(reply) if reply.status == status => return Ok(()),
            Ok(reply) => format!("{} {}", reply.status, reply.excerpt()),
            Err(why) => why.to_string(),
        };
        let did = text(
            format!("sent {request} while `{name}` was in the middle of its work"),
            format!("`{name}` 실행 도중 {request} 요청"),
        );
        let expected = text(
            format!("{status}: visitors do not notice it"),
            format!("방문자는 눈치채지 못하고 {status} 응답을 받아야 합니다"),
        );
        Err(failure("request-failed", &did, expected, text(seen.clone(), seen), self.service.last_lines()))
    }

    fn worked(&self, name: &str, ended: &OneOff) -> CheckResult {
        if ended.succeeded() {
            return Ok(());
        }
        let did = text(format!("ran `{name}` beside a `web` in use"), format!("사용 중인 `web` 옆에서 `{name}` 실행"));
        let expected = text("it ends with exit code 0", "종료 코드 0으로 끝나야 합니다");
        Err(failure("one-off-failed", &did, expected, end_of(ended.exit), ended.lines.clone()))
    }

    /// New links, by their slugs, with their targets.
    async fn create_some(&self, number: u64) -> CheckResult<BTreeMap<String, String>> {
        let mut links = BTreeMap::new();
        for _ in 0..number {
            let target = fresh_target(self.lab);
            links.insert(create(self.system, &self.service, &target).await?, target);
        }
        Ok(links)
    }

    /// Lets a worker work until these previews have come to `state`, which the smoke test has seen.
    async fn work_until(&self, state: &str, links: &BTreeMap<String, String>) -> CheckResult {
        let worker = worker(self.lab, self.system).set("JOB_MAX_ATTEMPTS", "1").run().await?;
        for slug in links.keys() {
            let look =
                || async { preview(&self.service, slug).await.filter(|link| link["preview"]["state"] == *state) };
            if self.lab.watch("worked", look).await.is_none() {
                return Err(
                    LabError::new(format!("a preview came to {state} in the smoke test"), "now it does not").into()
                );
            }
        }
        // What it has in hand is all done: otherwise it would not have come so far.
        worker.end().await;
        Ok(())
    }

    async fn gets_its_title(&self, slug: &str, one_off: &OneOff) -> CheckResult {
        let look = || async { preview(&self.service, slug).await.filter(|link| has_title(self.system, link)) };
        if self.lab.watch("preview", look).await.is_some() {
            return Ok(());
        }
        let did = text(
            format!("ran `{BACKFILL}` and then a worker, with links whose previews had failed"),
            format!("미리보기에 실패한 링크가 있을 때 `{BACKFILL}` 실행 뒤 워커 시작"),
        );
        let expected = text("each of them gets its preview", "모두 미리보기가 만들어져야 합니다");
        let seen = preview(&self.service, slug).await.map_or_else(String::new, |link| link["preview"].to_string());
        let seen: Text = text(format!("{slug}: {seen}"), format!("{slug}: {seen}"));
        Err(failure("still-missing", &did, expected, seen, one_off.lines.clone()))
    }

    async fn status(&self, slug: &str) -> CheckResult<u16> {
        let reply = get(&self.service, &format!("/v1/links/{slug}")).await;
        Ok(reply.map_err(|why| LabError::new("GET /v1/links/{slug}", why))?.status)
    }

    /// How often the partner was asked for a preview, by target.
    fn asked(&self) -> BTreeMap<String, usize> {
        let mut asked = BTreeMap::new();
        for call in self.system.screen.calls_of(PREVIEWS) {
            *asked.entry(call.json()["target"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        asked
    }
}
