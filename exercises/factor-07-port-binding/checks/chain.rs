//! One app as the backing service of another: the attendee's own `screen` takes the place of the lab's partner.

use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::service::{Service, Startup};
use crate::links::{create_link, did_not_come_up, fresh_target, get};
use crate::screen::Deploy;
use crate::text::{Text, text};

use super::scene::{Scene, lacks, started, up};

/// `screen` at one port, then another `screen` at another one with nothing but the handle changed, then none.
pub async fn app_as_backing_service(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    for app in ["links", "screen"] {
        if !scene.apps().any(|declared| declared == app) {
            return Err(lacks(app).into());
        }
    }
    let partners = [Partner::start(&scene).await?, Partner::start(&scene).await?];
    let attached = attached_one_after_the_other(&scene, &partners).await;
    for partner in partners {
        partner.service.end().await;
    }
    attached
}

async fn attached_one_after_the_other(scene: &Scene, partners: &[Partner; 2]) -> CheckResult {
    for (index, partner) in partners.iter().enumerate() {
        let links = partner.links(scene).await?;
        let mut judged = partner.decides(scene, &links, index).await;
        if judged.is_ok() && index == 1 {
            judged = misses(scene, &links, partner).await;
        }
        links.end().await;
        judged?;
    }
    Ok(())
}

/// A running `screen`, with hosts of its own that it denies.
struct Partner {
    service: Service,
    deploy: Deploy,
}

impl Partner {
    async fn start(scene: &Scene) -> CheckResult<Self> {
        let deploy = Deploy::random(&scene.lab);
        let start = scene.web("screen").environment(&deploy.environment());
        let (service, startup) = start.set("SCREEN_API_KEYS", &scene.system.deploy.key).go().await?;
        if startup == Startup::Listening {
            return Ok(Self { service, deploy });
        }
        let did = started("screen", service.port());
        let failure = did_not_come_up("partner-not-there", &service, &startup, did);
        service.end().await;
        Err(failure.into())
    }

    fn handle(&self) -> String {
        format!("http://127.0.0.1:{}", self.service.port())
    }

    /// A `links` that is told of it. Everything else stays as it was.
    async fn links(&self, scene: &Scene) -> CheckResult<Service> {
        Ok(up(scene.web("links").set("SCREEN_URL", self.handle())).await?.service)
    }

    /// Its own verdicts arrive: each `screen` denies other hosts.
    async fn decides(&self, scene: &Scene, links: &Service, index: usize) -> CheckResult {
        let denied = format!("https://{}/menu", self.deploy.denied_hosts[0]);
        for (target, status) in [(fresh_target(&scene.lab), 201), (denied, 422)] {
            let reply = create_link(links, &target).await;
            if reply.as_ref().is_ok_and(|reply| reply.status == status) {
                continue;
            }
            let expected = text(
                format!("POST /v1/links for {target}: {status}, as this `screen` says"),
                format!("{target} 주소의 POST /v1/links 요청에 이 `screen`의 판단대로 {status} 응답이 와야 합니다"),
            );
            let seen =
                reply.map_or_else(|why| why.to_string(), |reply| format!("{} {}", reply.status, reply.excerpt()));
            let seen = text(format!("got {seen}"), format!("실제 결과: {seen}"));
            let failure = Failure::new("handle-ignored", self.told(index), expected, seen);
            return Err(failure.with_log(links.last_lines()).into());
        }
        Ok(())
    }

    fn told(&self, index: usize) -> Text {
        let handle = self.handle();
        match index {
            0 => text(
                format!("started `screen`, and `links` with SCREEN_URL={handle}"),
                format!("`screen`을 시작하고 SCREEN_URL={handle} 값으로 `links` 시작"),
            ),
            _ => text(
                format!("started `links` again with another `screen`: SCREEN_URL={handle}"),
                format!("다른 `screen`의 주소(SCREEN_URL={handle}) 값으로 `links`를 다시 시작"),
            ),
        }
    }
}

/// `screen` is stopped under a running `links`, which then says so, and lives on.
async fn misses(scene: &Scene, links: &Service, partner: &Partner) -> CheckResult {
    // Until now it had one: `decides` is the positive control.
    partner.service.stop().await;
    let did = text(
        "stopped `screen` while `links` ran, and sent POST /v1/links",
        "`links`가 실행 중일 때 `screen`을 멈추고 POST /v1/links 요청",
    );
    let reply = create_link(links, &fresh_target(&scene.lab)).await;
    if !reply.as_ref().is_ok_and(|reply| reply.status == 503) {
        let seen = reply.map_or_else(|why| why.to_string(), |reply| format!("{} {}", reply.status, reply.excerpt()));
        let expected =
            text("503: without a verdict there is no link", "판단을 받을 수 없으므로 503 응답이 와야 합니다");
        let seen = text(format!("got {seen}"), format!("실제 결과: {seen}"));
        return Err(Failure::new("not-unavailable", did, expected, seen).with_log(links.last_lines()).into());
    }
    let reply = get(links, "/healthz").await;
    if !reply.as_ref().is_ok_and(|reply| reply.status == 200) {
        let seen = reply.map_or_else(|why| why.to_string(), |reply| reply.status.to_string());
        let expected = text("GET /healthz: 200 all the same", "그래도 GET /healthz 응답은 200이어야 합니다");
        let seen = text(format!("got {seen}"), format!("실제 결과: {seen}"));
        return Err(Failure::new("took-itself-down", did, expected, seen).with_log(links.last_lines()).into());
    }
    Ok(())
}
