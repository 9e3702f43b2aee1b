//! What a platform adds to the environment without being asked.

use std::net::Ipv4Addr;

use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::kubelet::link_variables;
use crate::lab::ports::Port;
use crate::lab::service::{Service, Startup};
use crate::lab::stub::{Stub, VERDICTS};
use crate::links::{create_link, did_not_come_up, fresh_target};
use crate::text::{Text, text};

use super::scene::Scene;

/// Both apps run where Services called `links`, `screen`, `postgres` and `redis` exist.
pub async fn service_links_immune(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    // The Service `screen` of this cluster is a partner that answers, and that nobody was told of.
    let neighbour = lab.stub().await?;
    for app in scene.apps() {
        let links = ServiceLinks::new(&lab, &neighbour)?;
        // What a Pod's manifest says comes after what the kubelet adds, and wins.
        let start = links.variables.iter().fold(scene.web(app), |start, (name, value)| start.set(name, value));
        let (service, startup) = start.go().await?;
        let judged = judged(&scene, &service, &startup, &links, &neighbour).await;
        service.end().await;
        judged?;
    }
    Ok(())
}

/// The variables of four Services. Their addresses are on this machine, so whoever follows them arrives.
struct ServiceLinks {
    variables: Vec<(String, String)>,
    /// Nobody else listens there: whoever takes `LINKS_SERVICE_PORT` for its own port can have it.
    _ports: Vec<Port>,
}

impl ServiceLinks {
    fn new(lab: &Lab, neighbour: &Stub) -> CheckResult<Self> {
        let mut variables = link_variables("screen", Ipv4Addr::LOCALHOST, &[(Some("http"), neighbour.port)]);
        let mut ports = Vec::new();
        for name in ["links", "postgres", "redis"] {
            let port = lab.bench.ports.lease(lab.chance())?;
            variables.extend(link_variables(name, Ipv4Addr::LOCALHOST, &[(Some("http"), port.number)]));
            ports.push(port);
        }
        Ok(Self { variables, _ports: ports })
    }

    fn did(&self, app: &str) -> Text {
        let shown = |name: &str| {
            let known = self.variables.iter().find(|(known, _)| known == name);
            known.map_or_else(String::new, |(name, value)| format!("{name}={value}"))
        };
        let some = format!("{}, {}", shown("LINKS_PORT"), shown("SCREEN_PORT"));
        text(
            format!("started `web` of `{app}` with what a kubelet adds for Services: {some} and so on"),
            format!("kubelet이 Service마다 더하는 환경 변수({some} 등)와 함께 `{app}`의 `web` 시작"),
        )
    }
}

async fn judged(
    scene: &Scene,
    service: &Service,
    startup: &Startup,
    links: &ServiceLinks,
    neighbour: &Stub,
) -> CheckResult {
    let did = links.did(service.app());
    match startup {
        Startup::Listening if service.app() == "links" => asks_its_own_partner(scene, service, neighbour, did).await,
        Startup::Listening => Ok(()),
        Startup::Elsewhere(_) => Err(did_not_come_up("another-port", service, startup, did).into()),
        _ => Err(did_not_come_up("did-not-start", service, startup, did).into()),
    }
}

/// `SCREEN_URL` says where the partner is, and nothing else does.
async fn asks_its_own_partner(scene: &Scene, service: &Service, neighbour: &Stub, did: Text) -> CheckResult {
    let asked_before = scene.system.screen.calls_of(VERDICTS).len();
    let reply = create_link(service, &fresh_target(&scene.lab)).await;
    let asked = scene.system.screen.calls_of(VERDICTS).len() > asked_before;
    let strayed = !neighbour.calls().is_empty();
    if asked && !strayed && reply.as_ref().is_ok_and(|reply| reply.status == 201) {
        return Ok(());
    }
    let answer = reply.map_or_else(|why| why.to_string(), |reply| reply.status.to_string());
    let seen = match strayed {
        true => text(
            format!("it asked the Service that SCREEN_PORT names (answer: {answer})"),
            format!("SCREEN_PORT가 가리키는 Service에 물었습니다(응답: {answer})"),
        ),
        false => text(
            format!("the partner that SCREEN_URL names was not asked (answer: {answer})"),
            format!("SCREEN_URL의 협력 서비스에는 묻지 않았습니다(응답: {answer})"),
        ),
    };
    let expected = text(
        "POST /v1/links asks the partner that SCREEN_URL names: 201",
        "POST /v1/links 요청은 SCREEN_URL의 협력 서비스에 묻고 201로 응답해야 합니다",
    );
    Err(Failure::new("another-partner", did, expected, seen).with_log(service.last_lines()).into())
}
