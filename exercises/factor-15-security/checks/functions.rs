//! What administrators may do, asked for by everybody else in every spelling (OWASP API5:2023).

use hyper::Method;

use super::scene::{Scene, Visitor, failure, is_refused, no};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::http::Reply;
use crate::lab::service::Service;
use crate::links::account::{Answer, ask, status};
use crate::text::text;

const USERS: &str = "/v1/admin/users";
/// The same place, as proxies, frameworks and file systems may read it.
const SPELLINGS: [&str; 8] = [
    "/v1/admin/users/",
    "/v1//admin/users",
    "//v1/admin/users",
    "/V1/Admin/Users",
    "/v1/ADMIN/users",
    "/v1/%61dmin/users",
    "/v1/x/%2e%2e/admin/users",
    "/v1/admin%2fusers",
];
/// What anybody can write, and some believe.
const HEADERS: [(&str, &str); 9] = [
    ("x-user-role", "admin"),
    ("x-role", "admin"),
    ("x-admin", "true"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-real-ip", "127.0.0.1"),
    ("x-http-method-override", "GET"),
    ("x-original-url", USERS),
    ("x-rewrite-url", USERS),
    ("referer", "http://127.0.0.1/v1/admin/users"),
];

/// An administrator is shown the users; nobody else is, whatever they send.
pub async fn function_authorization(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let service = scene.serving().await?;
    let chief = scene.chief(&service).await?;
    let shown = chief.does(&service, Method::GET, USERS, None, 200).await?;
    if !shown.to_string().contains(&scene.ben.user) {
        return Err(LabError::new("GET /v1/admin/users", "an administrator is not shown the users").into());
    }
    let (anna, nobody) = (scene.anna(&service).await?, Visitor::nobody());
    let tries = Tries { scene: &scene, service: &service };
    tries.is_closed("open-to-anybody", &nobody, USERS).await?;
    tries.is_closed("open-to-users", &anna, USERS).await?;
    for visitor in [&anna, &nobody] {
        tries.headers(visitor).await?;
        tries.spellings(visitor).await?;
        tries.methods(visitor).await?;
    }
    Ok(())
}

struct Tries<'a> {
    scene: &'a Scene,
    service: &'a Service,
}

impl Tries<'_> {
    async fn is_closed(&self, reason: &'static str, visitor: &Visitor, path: &str) -> CheckResult {
        let answer = visitor.ask(self.service, Method::GET, path, None).await;
        if is_refused(&answer) { Ok(()) } else { Err(self.open(reason, visitor, &format!("GET {path}"), &answer)) }
    }

    /// One at a time, and the user's own name where one is wanted.
    async fn headers(&self, visitor: &Visitor) -> CheckResult {
        let named = ["x-user", "x-forwarded-user", "x-remote-user"].map(|name| (name, self.scene.chief.user.as_str()));
        for (name, value) in HEADERS.into_iter().chain(named) {
            for path in [USERS, "/v1/me"] {
                let bearer = visitor.token.as_ref().map(|token| format!("Bearer {token}"));
                let own = bearer.as_deref().map(|bearer| ("authorization", bearer));
                let headers: Vec<(&str, &str)> = own.into_iter().chain([(name, value)]).collect();
                let answer = self.service.request_with(Method::GET, path, &headers, None).await;
                let admin = answer.as_ref().is_ok_and(|reply| reply.json()["role"] == "admin");
                if self.shows_users(&answer) || admin {
                    let request = format!("GET {path} with `{name}: {value}`");
                    return Err(self.open("trusts-headers", visitor, &request, &answer));
                }
            }
        }
        Ok(())
    }

    /// Whatever is made of these, nobody else's name comes out.
    async fn spellings(&self, visitor: &Visitor) -> CheckResult {
        for path in SPELLINGS {
            let answer = visitor.ask(self.service, Method::GET, path, None).await;
            if self.shows_users(&answer) {
                return Err(self.open("another-spelling", visitor, &format!("GET {path}"), &answer));
            }
        }
        Ok(())
    }

    /// `HEAD` has no body: that it is answered at all is what `GET` would have said.
    async fn methods(&self, visitor: &Visitor) -> CheckResult {
        for method in [Method::HEAD, Method::OPTIONS, Method::POST] {
            let answer = match &visitor.token {
                Some(token) => ask(self.service, method.clone(), USERS, token, None).await,
                None => self.service.request(method.clone(), USERS, None).await,
            };
            let open = self.shows_users(&answer) || (method == Method::HEAD && (200..300).contains(&status(&answer)));
            if open {
                return Err(self.open("another-method", visitor, &format!("{method} {USERS}"), &answer));
            }
        }
        Ok(())
    }

    /// Whether an answer holds the name of somebody else.
    fn shows_users(&self, answer: &Answer) -> bool {
        let holds = |reply: &Reply| String::from_utf8_lossy(&reply.body).contains(&self.scene.ben.user);
        answer.as_ref().is_ok_and(holds)
    }

    fn open(&self, reason: &'static str, visitor: &Visitor, request: &str, answer: &Answer) -> crate::check::Stop {
        let did = text(
            format!("sent {request}, as {}", who(visitor).0),
            format!("{} 신분으로 {request} 요청", who(visitor).1),
        );
        failure(reason, did, no(), answer, self.service)
    }
}

fn who(visitor: &Visitor) -> (&'static str, &'static str) {
    match visitor.token {
        Some(_) => ("an ordinary user", "일반 사용자"),
        None => ("somebody who is not logged in", "로그인하지 않은 사람"),
    }
}
