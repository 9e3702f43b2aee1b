//! A partner that lies, babbles or sends us elsewhere (OWASP API10 and API7:2023). Nothing leaves this machine: what we might be
//! sent to is another server of the grader.

use hyper::Method;
use serde_json::{Value, json};

use super::scene::{Scene, Visitor, failure, is_bad_request, path_of, seen};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::http::Endpoint;
use crate::lab::service::Service;
use crate::lab::stub::{Answer, PREVIEWS, Stub};
use crate::links::account::{shown, status};
use crate::links::fresh_target;
use crate::text::{Text, text};

/// How much the partner says at most, and how much of it tells that somebody listens without a limit. What lies in the buffers of
/// a connection is far less.
const BABBLE: usize = 48 * 1024 * 1024;
const TOO_MUCH: usize = 24 * 1024 * 1024;
/// The longest title of the contract.
const TITLE: usize = 300;

/// Wrong answers, answers without an end, and a redirect, to `web` and to `worker`.
pub async fn upstream_not_trusted(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let service = scene.serving().await?;
    let trap = Trap::new(&lab).await?;
    for (what, answer) in nonsense() {
        stays_closed(&scene, &service, &what, answer).await?;
    }
    is_not_led_away(&scene, &service, &trap).await?;
    does_not_listen_for_ever(&scene, &service).await?;
    scene.system.screen.answer(Answer::Verdict);
    if lab.bench.subject.app().process.contains_key("worker") {
        titles(&scene, &service, &trap).await?;
    }
    does_not_look_itself(&scene, &service, &trap).await
}

/// Another server, which nobody has a reason to call.
struct Trap {
    stub: Stub,
}

impl Trap {
    /// A trap that was seen to snap.
    async fn new(lab: &Lab) -> CheckResult<Self> {
        let stub = lab.stub().await?;
        drop(Endpoint::Port(stub.port).send(Method::GET, "/control", &[], None).await);
        match stub.calls().len() {
            1 => Ok(Self { stub }),
            _ => Err(LabError::new("the trap", "it does not see who calls it").into()),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.stub.url())
    }

    /// Who called it besides the grader.
    fn caught(&self) -> Option<String> {
        self.stub.calls().get(1).map(|call| format!("{} {}", call.method, call.path))
    }
}

fn nonsense() -> Vec<(Text, Answer)> {
    let words = |words: &str| Answer::Words(words.to_owned());
    let says = |words: &str| text(format!("200 {words}"), format!("200 {words}"));
    let mut all = vec![
        (text("500", "500"), Answer::Status(500)),
        (text("429", "429"), Answer::Status(429)),
        (text("bytes that are not HTTP", "HTTP가 아닌 바이트"), Answer::Garbage),
    ];
    let bodies = [
        "{}",
        r#"{"verdict":null}"#,
        r#"{"verdict":true}"#,
        r#"{"verdict":"perhaps"}"#,
        r#"{"verdict":["allow"]}"#,
        r#"{"allow":true}"#,
        r#"{"verdict":"allow""#,
        "<html><body>allow</body></html>",
        "",
    ];
    all.extend(bodies.map(|body| (says(body), words(body))));
    all
}

/// Neither yes nor no is no: 503, and nothing has come of it.
async fn stays_closed(scene: &Scene, service: &Service, what: &Text, answer: Answer) -> CheckResult {
    let (nobody, target) = (Visitor::nobody(), fresh_target(&scene.lab));
    let body = json!({ "target": target });
    scene.system.screen.answer(answer);
    let reply = nobody.ask(service, Method::POST, "/v1/links", Some(&body)).await;
    let did = || {
        text(
            format!("sent POST /v1/links while the partner answers {}", what.en),
            format!("협력 서비스가 다음과 같이 응답하는 동안 POST /v1/links 요청: {}", what.ko),
        )
    };
    let expected = || text("503 and no link", "503이고 링크는 생기지 않아야 합니다");
    if (200..300).contains(&status(&reply)) {
        return Err(failure("fails-open", did(), expected(), &reply, service));
    }
    if status(&reply) != 503 {
        return Err(failure("wrong-answer", did(), expected(), &reply, service));
    }
    // The positive control: the same target gets through when the partner is well, and for the first time.
    scene.system.screen.answer(Answer::Verdict);
    let again = nobody.ask(service, Method::POST, "/v1/links", Some(&body)).await;
    match status(&again) {
        201 => Ok(()),
        200 => Err(failure("fails-open", did(), expected(), &again, service)),
        _ => Err(LabError::new("POST /v1/links after the partner was well again", shown(&again)).into()),
    }
}

async fn is_not_led_away(scene: &Scene, service: &Service, trap: &Trap) -> CheckResult {
    scene.system.screen.answer(Answer::Redirect(trap.url("/elsewhere")));
    let reply = Visitor::nobody()
        .ask(service, Method::POST, "/v1/links", Some(&json!({ "target": fresh_target(&scene.lab) })))
        .await;
    let did = text(
        "let the partner redirect to another server, and sent POST /v1/links",
        "협력 서비스가 다른 서버로 리다이렉트하게 하고 POST /v1/links 요청",
    );
    if let Some(call) = trap.caught() {
        return Err(led_away(did, &call, service));
    }
    match status(&reply) {
        503 => Ok(()),
        _ => Err(failure("wrong-answer", did, text("503", "503이어야 합니다"), &reply, service)),
    }
}

fn led_away(did: Text, call: &str, service: &Service) -> crate::check::Stop {
    let expected = text("nobody calls there", "그 서버는 호출하지 않아야 합니다");
    let got = text(format!("that server received {call}"), format!("그 서버가 받은 요청: {call}"));
    seen("follows-redirects", did, expected, got, service)
}

async fn does_not_listen_for_ever(scene: &Scene, service: &Service) -> CheckResult {
    let screen = &scene.system.screen;
    screen.answer(Answer::Endless(BABBLE));
    let body = json!({ "target": fresh_target(&scene.lab) });
    let reply = Visitor::nobody().ask(service, Method::POST, "/v1/links", Some(&body)).await;
    let did = || {
        text(
            "let the partner answer without an end, and sent POST /v1/links",
            "협력 서비스가 끝없이 응답하게 하고 POST /v1/links 요청",
        )
    };
    if screen.taken() > TOO_MUCH {
        return Err(swallowed(did(), screen.taken(), service));
    }
    match status(&reply) {
        503 => Ok(()),
        200..300 => Err(failure("fails-open", did(), text("503", "503이어야 합니다"), &reply, service)),
        _ => Err(failure("wrong-answer", did(), text("503", "503이어야 합니다"), &reply, service)),
    }
}

fn swallowed(did: Text, taken: usize, service: &Service) -> crate::check::Stop {
    let expected = text("it stops listening soon", "곧 읽기를 그만두어야 합니다");
    let got = text(
        format!("it has read {} MiB of it", taken / 1024 / 1024),
        format!("{} MiB를 읽었습니다", taken / 1024 / 1024),
    );
    seen("swallows-everything", did, expected, got, service)
}

/// What the worker is told, one link after another. A worker that tries again later is asked about nothing but what it stored.
async fn titles(scene: &Scene, service: &Service, trap: &Trap) -> CheckResult {
    let nobody = Visitor::nobody();
    let long = |length| json!({ "title": format!("<script>alert(1)</script>\r\n{}", "제".repeat(length)) }).to_string();
    // The links of before have their titles first, so that each of the next workers is asked about one link alone.
    let last = nobody.creates(service, &fresh_target(&scene.lab), false).await?;
    let worker = scene.worker().run().await?;
    if scene.lab.until("earlier titles", decided(service, &nobody, &last)).await.is_none() {
        return Err(LabError::new("the worker", "it did not come to its end").into());
    }
    worker.end().await;
    let answers = [Answer::Words(long(2000)), Answer::Words(long(400_000)), Answer::Redirect(trap.url("/title"))];
    for answer in answers {
        let link = nobody.creates(service, &fresh_target(&scene.lab), false).await?;
        scene.system.screen.answer(answer);
        let asked = scene.system.screen.calls_of(PREVIEWS).len();
        let worker = scene.worker().run().await?;
        // Two calls: whatever came of the first is stored before there is a second. A worker that gives up at once makes one.
        let settled = async {
            tokio::select! {
                _ = scene.system.screen.received(PREVIEWS, asked + 2) => {}
                () = decided(service, &nobody, &link) => {}
            }
        };
        if scene.lab.until("title", settled).await.is_none() {
            return Err(LabError::new("the worker", "it asked for no title").into());
        }
        worker.end().await;
        scene.system.screen.answer(Answer::Verdict);
        let view = nobody.does(service, Method::GET, &path_of(&link), None, 200).await?;
        is_short(service, &view)?;
        if let Some(call) = trap.caught() {
            let did = text(
                "let the partner redirect to another server, and started `worker`",
                "협력 서비스가 다른 서버로 리다이렉트하게 하고 `worker` 시작",
            );
            return Err(led_away(did, &call, service));
        }
    }
    Ok(())
}

async fn decided(service: &Service, nobody: &Visitor, link: &Value) {
    crate::lab::looks::looking(|| async {
        let view = nobody.ask(service, Method::GET, &path_of(link), None).await.ok()?.json();
        (view["preview"]["state"].is_string() && view["preview"]["state"] != "pending").then_some(())
    })
    .await;
}

fn is_short(service: &Service, view: &Value) -> CheckResult {
    let length = view["preview"]["title"].as_str().map_or(0, |title| title.chars().count());
    if length <= TITLE {
        return Ok(());
    }
    let did =
        text("let the partner answer `worker` with a long title", "협력 서비스가 `worker`에 긴 제목으로 응답하게 함");
    let expected = text(format!("at most {TITLE} characters of it"), format!("{TITLE}자까지만 남아야 합니다"));
    let got = text(format!("{length} characters are shown"), format!("{length}자가 보입니다"));
    Err(seen("title-unbounded", did, expected, got, service))
}

/// A target is for visitors. Whoever looks there for them can be sent anywhere inside the network.
async fn does_not_look_itself(scene: &Scene, service: &Service, trap: &Trap) -> CheckResult {
    let nobody = Visitor::nobody();
    let target = trap.url(&format!("/{}", scene.lab.chance().word(6)));
    let answer = nobody.ask(service, Method::POST, "/v1/links", Some(&json!({ "target": target }))).await;
    // Who links to no private address at all is careful in another way.
    if !is_bad_request(&answer) && status(&answer) != 201 {
        return Err(LabError::new("POST /v1/links", shown(&answer)).into());
    }
    let link = answer.map(|reply| reply.json()).unwrap_or_default();
    if link["slug"].is_string() {
        nobody.does(service, Method::GET, &path_of(&link).replace("/v1/links", "/r"), None, 307).await?;
        if scene.lab.bench.subject.app().process.contains_key("worker") {
            let worker = scene.worker().run().await?;
            let done = decided(service, &nobody, &link);
            scene.lab.until("preview", done).await;
            worker.end().await;
        }
    }
    let Some(call) = trap.caught() else { return Ok(()) };
    let did = text(
        format!("made a link to {target}, a server that records who calls it"),
        format!("호출을 기록하는 서버 {target} 주소로 링크를 만듦"),
    );
    let expected = text("only visitors are sent there", "그 주소에는 방문자만 보내야 합니다");
    let got = text(format!("it received {call}"), format!("그 서버가 받은 요청: {call}"));
    Err(seen("fetches-target", did, expected, got, service))
}
