//! What all checks of this factor share: a deploy with four resources, each behind a fault proxy, and a guest who needs
//! every one of them.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use hyper::Method;
use serde_json::{Value, json};

use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::http::Reply;
use crate::lab::proxy::{Mode, Proxy, Wire};
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::links::account::{Account, Answer, shown, token_of};
use crate::links::scene::{is_ready, slowed};
use crate::links::{System, did_not_come_up, fresh_target};
use crate::text::{Text, text, with_particle};

/// What a resource may need on a machine of the reference's speed, in milliseconds, where no fault is injected.
const PATIENT: f64 = 3000.0;
/// The same where a fault is, so that a check does not need much patience of its own.
const IMPATIENT: f64 = 2000.0;

/// A resource that is attached to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// PostgreSQL, with the links and accounts.
    Database,
    /// Redis, with the sessions.
    Sessions,
    /// `screen`, which judges targets.
    Partner,
    /// The mail server.
    Mail,
}

/// One deploy and somebody who has an account there.
pub struct Scene {
    /// The check's lab.
    pub lab: Lab,
    /// The resources.
    pub system: System,
    /// Before the partner.
    pub partner: Proxy,
    /// The account.
    pub account: Account,
    /// A copy of the check's own: what a service writes beside its program is met by no other check.
    release: PathBuf,
}

/// Somebody who is logged in at a running service and has made a link there.
pub struct Guest<'a> {
    scene: &'a Scene,
    service: &'a Service,
    /// The token of the session.
    pub token: String,
    /// The name of the link.
    pub slug: String,
    /// What mail must hold.
    pub short_url: String,
}

/// A request that cannot be answered well without a certain resource.
pub struct Ask {
    method: Method,
    path: String,
    body: Option<Value>,
    /// The status of a good answer.
    pub promised: u16,
    /// The same where an earlier try did its work and its answer was lost.
    again: u16,
}

impl Resource {
    /// In the order in which a report names the first that fails.
    pub const ALL: [Self; 4] = [Self::Database, Self::Sessions, Self::Partner, Self::Mail];

    /// For a report.
    pub fn name(self) -> Text {
        match self {
            Self::Database => text("PostgreSQL", "PostgreSQL"),
            Self::Sessions => text("Redis", "Redis"),
            Self::Partner => text("the partner service", "협력 서비스"),
            Self::Mail => text("the mail server", "메일 서버"),
        }
    }

    /// What stands between it and the service.
    pub fn proxy(self, scene: &Scene) -> CheckResult<&Proxy> {
        Ok(match self {
            Self::Database => &scene.system.postgres()?.proxy,
            Self::Sessions => &scene.system.redis()?.proxy,
            Self::Partner => &scene.partner,
            Self::Mail => &scene.system.mail()?.proxy,
        })
    }
}

impl Scene {
    /// Fresh resources with one account.
    pub async fn new(lab: &Lab) -> CheckResult<Self> {
        let scene = Self::around(lab, System::attach(lab).await?).await?;
        match scene.account.create(lab, &scene.system).await?.succeeded() {
            true => Ok(scene),
            false => Err(LabError::new("`create-user` worked in the smoke test, and now", "it failed").into()),
        }
    }

    /// The same around a system, without an account yet.
    pub async fn around(lab: &Lab, system: System) -> CheckResult<Self> {
        let partner = lab.proxy(("127.0.0.1".to_owned(), system.screen.port), Wire::Opaque).await?;
        let (account, release) = (Account::random(lab), lab.own_release()?);
        Ok(Self { lab: lab.clone(), system, partner, account, release })
    }

    /// Prepares an instance with all the patience that a slow machine needs.
    pub fn web(&self) -> Start {
        self.patient(PATIENT)
    }

    /// Prepares one that soon gives up waiting for a resource.
    pub fn impatient(&self) -> Start {
        self.patient(IMPATIENT)
    }

    fn patient(&self, milliseconds: f64) -> Start {
        let patience = slowed(&self.lab, milliseconds);
        let start =
            self.system.web(&self.lab).release(self.release.clone()).set("SCREEN_URL", self.partner_at("127.0.0.1"));
        start.set("DB_TIMEOUT_MS", patience.clone()).set("UPSTREAM_TIMEOUT_MS", patience)
    }

    /// The partner's address behind the proxy, which must listen at `host`.
    pub fn partner_at(&self, host: &str) -> String {
        format!("http://{host}:{}", self.partner.port())
    }

    /// Takes a resource away: open connections are reset and new ones refused. Returns when that is so.
    pub async fn take_away(&self, resource: Resource) -> CheckResult {
        let proxy = resource.proxy(self)?;
        proxy.set(Mode::Refuse);
        let gone = || async {
            let refused = tokio::net::TcpStream::connect(("127.0.0.1", proxy.port())).await.is_err();
            (refused && proxy.counters().open == 0).then_some(())
        };
        let gone = self.lab.watch("taken away", gone).await;
        self.lab.note("grader", format!("took {} away", resource.name().en));
        gone.ok_or_else(|| LabError::new("the fault proxy", "its connections are still open").into())
    }

    /// Brings it back, as it was.
    pub fn bring_back(&self, resource: Resource) -> CheckResult {
        resource.proxy(self)?.set(Mode::Pass);
        self.lab.note("grader", format!("brought {} back", resource.name().en));
        Ok(())
    }
}

/// Starts an instance that the handle in `did` has just been exchanged for.
///
/// # Errors
///
/// A failure with the reason `not-attached` when it does not come up.
pub async fn attached(start: Start, did: &Text) -> CheckResult<Service> {
    let (service, startup) = start.go().await?;
    match startup {
        Startup::Listening => Ok(service),
        other => Err(did_not_come_up("not-attached", &service, &other, did.clone()).into()),
    }
}

/// Whether it ever says that it is ready: in its first answer, however long that takes, or in one that soon follows.
pub async fn says_ready(lab: &Lab, service: &Service) -> bool {
    is_ready(service).await || lab.glance(|| async { is_ready(service).await.then_some(()) }).await.is_some()
}

impl<'a> Guest<'a> {
    /// Logs in and makes a link, as soon as that is possible.
    ///
    /// # Errors
    ///
    /// A failure with the reason `not-attached` when that does not succeed.
    pub async fn arrive(scene: &'a Scene, service: &'a Service, did: &Text) -> CheckResult<Self> {
        let mut guest = Self::unknown(scene, service);
        guest.token = token_of(&guest.gets_or_fails(&guest.log_in(), did).await?)?;
        let link = guest.gets_or_fails(&guest.create(), did).await?.json();
        let word = |name: &str| link[name].as_str().unwrap_or_default().to_owned();
        (guest.slug, guest.short_url) = (word("slug"), word("short_url"));
        Ok(guest)
    }

    /// Somebody who is not logged in.
    pub fn unknown(scene: &'a Scene, service: &'a Service) -> Self {
        Self { scene, service, token: String::new(), slug: String::new(), short_url: String::new() }
    }

    /// Name and password.
    pub fn log_in(&self) -> Ask {
        Ask::new(Method::POST, "/v1/sessions", Some(self.scene.account.credentials()), 201)
    }

    /// Who am I?
    pub fn me(&self) -> Ask {
        Ask::new(Method::GET, "/v1/me", None, 200)
    }

    /// The link of the guest, or another one.
    pub fn show(&self, slug: &str) -> Ask {
        Ask::new(Method::GET, &format!("/v1/links/{slug}"), None, 200)
    }

    /// A new link.
    pub fn create(&self) -> Ask {
        let target = json!({ "target": fresh_target(&self.scene.lab) });
        Ask { again: 200, ..Ask::new(Method::POST, "/v1/links", Some(target), 201) }
    }

    /// A letter with the link.
    pub fn share(&self, to: &str) -> Ask {
        Ask::new(Method::POST, &format!("/v1/links/{}/shares", self.slug), Some(json!({ "to": to })), 202)
    }

    /// What cannot be answered well without the resource.
    pub fn needs(&self, resource: Resource) -> Vec<Ask> {
        match resource {
            Resource::Database => vec![self.show(&self.slug)],
            Resource::Sessions => vec![self.me(), self.log_in()],
            Resource::Partner => vec![self.create()],
            Resource::Mail => vec![self.share(&self.friend())],
        }
    }

    /// An address that no other letter goes to.
    pub fn friend(&self) -> String {
        format!("{}@friends.example", self.scene.lab.chance().word(10))
    }

    /// Sends a request and waits for its answer.
    pub async fn ask(&self, ask: &Ask) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str())];
        let headers = if self.token.is_empty() { &[][..] } else { &headers[..] };
        self.service.request_with(ask.method.clone(), &ask.path, headers, ask.body.as_ref()).await
    }

    /// Sends it until it succeeds; `Err` holds the last answer.
    pub async fn gets(&self, ask: &Ask) -> Result<Reply, Answer> {
        let look = || async {
            let good = [ask.promised, ask.again];
            let reply = self.ask(ask).await.ok().filter(|reply| good.contains(&reply.status));
            (reply.is_some() || self.service.has_ended()).then_some(reply)
        };
        match self.scene.lab.watch("success", look).await.flatten() {
            Some(reply) => Ok(reply),
            None => Err(self.ask(ask).await),
        }
    }

    /// The answer where nothing is wrong: what does not work then tells nothing about faults.
    ///
    /// # Errors
    ///
    /// A failure with the reason `not-attached`.
    pub async fn friendly(&self, ask: &Ask, did: &Text) -> CheckResult<Reply> {
        match self.ask(ask).await {
            Ok(reply) if reply.status == ask.promised => Ok(reply),
            other => Err(self.failure("not-attached", did.clone(), ask, &other)),
        }
    }

    /// All that needs the resource succeeds, sooner or later: the faults that follow are to meet something that works.
    ///
    /// # Errors
    ///
    /// A failure with the reason `not-attached`.
    pub async fn uses(&self, resource: Resource) -> CheckResult {
        let name = resource.name();
        let did = text(
            format!("used {} while everything was well", name.en),
            format!("모든 것이 정상일 때 {} 이용", with_particle(&name.ko, "을/를")),
        );
        for ask in self.needs(resource) {
            self.gets_or_fails(&ask, &did).await?;
        }
        Ok(())
    }

    async fn gets_or_fails(&self, ask: &Ask, did: &Text) -> CheckResult<Reply> {
        self.gets(ask).await.map_err(|last| self.failure("not-attached", did.clone(), ask, &last))
    }

    /// That the request should have been answered as the contract promises.
    pub fn failure(&self, reason: &'static str, did: Text, ask: &Ask, answer: &Answer) -> Stop {
        let expected = text(format!("{ask}: {}", ask.promised), format!("{ask} 요청의 응답: {}", ask.promised));
        failure(reason, did, expected, got(answer), self.service)
    }
}

impl Ask {
    /// A request and the status that the contract promises.
    pub fn new(method: Method, path: &str, body: Option<Value>, promised: u16) -> Self {
        Self { method, path: path.to_owned(), body, promised, again: promised }
    }
}

impl Display for Ask {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// An answer as a report shows it.
pub fn got(answer: &Answer) -> Text {
    text(format!("got {}", shown(answer)), format!("실제 응답: {}", shown(answer)))
}

/// A failure with the last lines of the service.
pub fn failure(reason: &'static str, did: Text, expected: Text, seen: Text, service: &Service) -> Stop {
    Failure::new(reason, did, expected, seen).with_log(service.last_lines()).into()
}

/// The same failure for another reason: what is no more than not attached elsewhere may be the very fact of a check.
pub fn because(stop: Stop, reason: &'static str) -> Stop {
    match stop {
        Stop::Fail(failure) => Stop::Fail(Box::new(Failure { reason, ..*failure })),
        other => other,
    }
}
