//! A client sets what it may set, and is shown what it may see (OWASP API3:2023).

use hyper::Method;
use serde_json::{Value, json};

use super::scene::{Scene, Visitor, failure, is_bad_request, path_of, seen};
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::account::{me, status, token_of};
use crate::links::fresh_target;
use crate::text::text;

/// Every field that the contract names in a good answer.
const FIELDS: [&str; 17] = [
    "slug",
    "target",
    "short_url",
    "owner",
    "private",
    "submissions",
    "clicks",
    "preview",
    "state",
    "title",
    "created_at",
    "items",
    "next",
    "user",
    "role",
    "token",
    "expires_in",
];

/// Sends fields that are the service's own, in every body that the contract has, and looks at every answer.
pub async fn property_authorization(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let service = scene.serving().await?;
    let anna = scene.anna(&service).await?;
    let bodies = Bodies { lab: &lab, service: &service, anna: &anna };
    for (field, value) in foreign(&scene) {
        bodies.new_link(field, &value).await?;
        bodies.changed_link(field, &value).await?;
    }
    role_stays(&scene, &service).await?;
    shows_the_contract(&scene, &service, &anna).await
}

/// Fields that no client may choose, with values that would be seen.
fn foreign(scene: &Scene) -> Vec<(&'static str, Value)> {
    let number = 1000 + scene.lab.chance().below(9000);
    let word = scene.lab.chance().word(12);
    vec![
        ("owner", json!(scene.ben.user)),
        ("clicks", json!(number)),
        ("submissions", json!(number)),
        ("created_at", json!("2001-02-03T04:05:06Z")),
        ("slug", json!(format!("l-{}", scene.lab.chance().word(6)))),
        ("short_url", json!(format!("https://{word}.example/r/x"))),
        ("preview", json!({ "state": "done", "title": word })),
        ("state", json!("done")),
        ("title", json!(word)),
        ("id", json!(number)),
    ]
}

struct Bodies<'a> {
    lab: &'a Lab,
    service: &'a Service,
    anna: &'a Visitor,
}

impl Bodies<'_> {
    async fn new_link(&self, field: &'static str, value: &Value) -> CheckResult {
        let mut body = json!({ "target": fresh_target(self.lab) });
        body[field] = value.clone();
        let answer = self.anna.ask(self.service, Method::POST, "/v1/links", Some(&body)).await;
        // Who takes no field that the contract does not name is as safe as who ignores it.
        if is_bad_request(&answer) {
            return Ok(());
        }
        let did = format!("POST /v1/links {body}");
        match answer.as_ref().ok().filter(|reply| reply.status == 201) {
            Some(reply) => self.is_as_made(field, value, &did, &reply.json()).await,
            None => {
                let expected = text("201, or 4xx for the additional field", "201, 또는 추가 필드에 대한 4xx");
                Err(failure(reason(field), text(did.clone(), did), expected, &answer, self.service))
            }
        }
    }

    async fn changed_link(&self, field: &'static str, value: &Value) -> CheckResult {
        let link = self.anna.creates(self.service, &fresh_target(self.lab), false).await?;
        let mut body = json!({ "private": false });
        body[field] = value.clone();
        let path = path_of(&link);
        let answer = self.anna.ask(self.service, Method::PATCH, &path, Some(&body)).await;
        let did = format!("PATCH {path} {body}");
        if !is_bad_request(&answer) && status(&answer) != 200 {
            let expected = text("200, or 4xx for the additional field", "200, 또는 추가 필드에 대한 4xx");
            return Err(failure(reason(field), text(did.clone(), did), expected, &answer, self.service));
        }
        self.is_as_made(field, value, &did, &link).await
    }

    /// The link as it is kept has the values that the service gave it.
    async fn is_as_made(&self, field: &'static str, value: &Value, did: &str, made: &Value) -> CheckResult {
        let kept = self.anna.ask(self.service, Method::GET, &path_of(made), None).await;
        let link = kept.as_ref().map(|reply| reply.json()).unwrap_or_default();
        let taken = |link: &Value| match field {
            "title" | "state" => link["preview"][field] == *value,
            _ => link[field] == *value,
        };
        if status(&kept) == 200 && !taken(made) && !taken(&link) {
            return Ok(());
        }
        let expected = text(
            format!("`{field}` is what the service says it is"),
            format!("`{field}` 값은 서비스가 정한 그대로여야 합니다"),
        );
        let did = text(format!("sent {did}, as a user"), format!("일반 사용자로 {did} 요청"));
        Err(failure(reason(field), did, expected, &kept, self.service))
    }
}

fn reason(field: &str) -> &'static str {
    if field == "owner" { "owner-chosen" } else { "record-chosen" }
}

/// Nobody makes themselves an administrator.
async fn role_stays(scene: &Scene, service: &Service) -> CheckResult {
    let mut credentials = scene.anna.credentials();
    credentials["role"] = json!("admin");
    let answer = service.request(Method::POST, "/v1/sessions", Some(&credentials)).await;
    let token = match &answer {
        Ok(reply) if reply.status == 201 => token_of(reply)?,
        _ => scene.anna.log_in(service).await?,
    };
    let anna = Visitor { token: Some(token.clone()), ..Visitor::nobody() };
    for method in [Method::PATCH, Method::PUT] {
        drop(anna.ask(service, method, "/v1/me", Some(&json!({ "role": "admin" }))).await);
    }
    let known = me(service, &token).await;
    if known.as_ref().is_ok_and(|reply| reply.status == 200 && reply.json()["role"] == "user") {
        return Ok(());
    }
    let did = text(
        "logged in with `\"role\":\"admin\"` in the body, sent the same to /v1/me, and asked GET /v1/me",
        "본문에 `\"role\":\"admin\"`을 넣어 로그인하고 /v1/me에도 보낸 뒤 GET /v1/me 요청",
    );
    let expected = text("the role is still `user`", "역할은 그대로 `user`여야 합니다");
    Err(failure("role-chosen", did, expected, &known, service))
}

/// Every good answer has the fields of the contract and no others.
async fn shows_the_contract(scene: &Scene, service: &Service, anna: &Visitor) -> CheckResult {
    let chief = scene.chief(service).await?;
    let link = anna.creates(service, &fresh_target(&scene.lab), true).await?;
    let path = path_of(&link);
    let requests = [
        (anna, Method::GET, path.as_str(), None),
        (anna, Method::PATCH, path.as_str(), Some(json!({ "private": false }))),
        (anna, Method::GET, "/v1/links?limit=100", None),
        (anna, Method::POST, "/v1/sessions", Some(scene.anna.credentials())),
        (anna, Method::POST, "/v1/links", Some(json!({ "target": fresh_target(&scene.lab) }))),
        (anna, Method::GET, "/v1/me", None),
        (&chief, Method::GET, "/v1/admin/users", None),
    ];
    for (visitor, method, path, body) in requests {
        let answer = visitor.ask(service, method.clone(), path, body.as_ref()).await;
        let value = answer.as_ref().map(|reply| reply.json()).unwrap_or_default();
        let Some(found) = unknown_field(&value) else { continue };
        let did = text(format!("sent {method} {path}"), format!("{method} {path} 요청"));
        let expected = text("the fields that the contract names", "계약에 있는 필드만 있어야 합니다");
        let got = text(format!("there is `{found}` as well"), format!("`{found}` 필드도 있습니다"));
        return Err(seen("answers-too-much", did, expected, got, service));
    }
    Ok(())
}

/// A field that the contract does not know, at any depth.
fn unknown_field(value: &Value) -> Option<String> {
    match value {
        Value::Object(fields) => fields.iter().find_map(|(name, value)| match FIELDS.contains(&name.as_str()) {
            true => unknown_field(value),
            false => Some(name.clone()),
        }),
        Value::Array(items) => items.iter().find_map(unknown_field),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_at_any_depth() {
        assert_eq!(
            unknown_field(&json!({ "items": [{ "user": "a", "password_hash": "b" }] })).as_deref(),
            Some("password_hash")
        );
        assert_eq!(unknown_field(&json!({ "items": [{ "slug": "a", "preview": { "state": "done" } }] })), None);
    }
}
