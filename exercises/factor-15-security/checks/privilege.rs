//! Rights that nobody needs: those of a Pod, by its manifests, and those of a role in the database (OWASP API8:2023).

use hyper::Method;
use serde_json::json;

use super::scene::{Scene, path_of};
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::postgres::{Credentials, Postgres};
use crate::lab::service::Startup;
use crate::links::account::{Answer, ask, shown, status};
use crate::links::scene::is_ready;
use crate::links::{did_not_come_up, fresh_target};
use crate::text::{Text, text};

/// What Kubernetes would grant, and then a visit by way of a role that owns nothing.
pub async fn least_privilege(lab: Lab) -> CheckResult {
    lab.manifests().await?.must_hold(&[
        ("not-root", "runs-as-root"),
        ("no-escalation", "rights-kept"),
        ("drops-all", "rights-kept"),
        ("seccomp", "rights-kept"),
        ("no-token", "rights-kept"),
        ("read-only-root", "writable-root"),
        ("no-credentials", "secret-in-configmap"),
        ("secrets-are-secret", "secret-in-configmap"),
    ])?;
    let scene = Scene::new(&lab).await?;
    let postgres = scene.system.postgres()?;
    // The program with the databases makes a role for each, and removes it. We borrow the role of a second, empty one.
    let borrowed = lab.postgres().await?;
    let guest = borrowed.credentials().clone();
    let outcome = as_guest(&scene, postgres, &guest).await;
    // Whatever came of it: a role that still has rights somewhere cannot be removed.
    postgres.query(format!("DROP OWNED BY {}", guest.user)).await?;
    outcome
}

async fn as_guest(scene: &Scene, postgres: &Postgres, guest: &Credentials) -> CheckResult {
    postgres.query(grants(postgres.credentials(), &guest.user)).await?;
    let guest = Credentials { database: postgres.credentials().database.clone(), ..guest.clone() };
    let url = postgres.url_with("127.0.0.1", &guest);
    let did = || {
        text(
            "started `web` with a role in the database that may read and write rows and owns nothing",
            "행을 읽고 쓸 수만 있고 아무것도 소유하지 않은 데이터베이스 역할로 `web` 시작",
        )
    };
    let (service, startup) = scene.web().set("DATABASE_URL", url).go().await?;
    if startup != Startup::Listening {
        return Err(did_not_come_up("owns-its-tables", &service, &startup, did()).into());
    }
    let ready = || async { is_ready(&service).await.then_some(()) };
    scene.lab.watch("ready as a guest", ready).await;
    for (request, answer, expected) in visit(scene, &service).await {
        if status(&answer) != expected {
            let expected = text(format!("{request}: {expected}"), format!("{request}: {expected}"));
            let got: Text = text(format!("got {}", shown(&answer)), format!("실제 응답: {}", shown(&answer)));
            let failure = Failure::new("owns-its-tables", did(), expected, got);
            return Err(failure.with_log(service.last_lines()).into());
        }
    }
    is_a_guest(postgres, &guest.user).await
}

/// Each request of the contract, by Anna.
async fn visit(scene: &Scene, service: &crate::lab::service::Service) -> Vec<(String, Answer, u16)> {
    let login = scene.anna.ask_to_log_in(service).await;
    let token = login.as_ref().ok().and_then(|reply| reply.json()["token"].as_str().map(str::to_owned));
    let token = token.unwrap_or_default();
    let body = json!({ "target": fresh_target(&scene.lab) });
    let made = ask(service, Method::POST, "/v1/links", &token, Some(&body)).await;
    let path = path_of(&made.as_ref().map(|reply| reply.json()).unwrap_or_default());
    let mut steps = vec![("POST /v1/sessions".to_owned(), login, 201), ("POST /v1/links".to_owned(), made, 201)];
    let (show, follow, change) = (path.clone(), path.replace("/v1/links", "/r"), json!({ "private": true }));
    let rest = [
        (Method::GET, show.as_str(), None, 200),
        (Method::GET, follow.as_str(), None, 307),
        (Method::GET, "/v1/links?q=a", None, 200),
        (Method::PATCH, show.as_str(), Some(&change), 200),
        (Method::DELETE, show.as_str(), None, 204),
        (Method::DELETE, "/v1/sessions/current", None, 204),
    ];
    for (method, path, body, expected) in rest {
        let answer = ask(service, method.clone(), path, &token, body).await;
        steps.push((format!("{method} {path}"), answer, expected));
    }
    steps
}

/// Rows, and what numbers them. Nothing that a program could change about the tables themselves.
fn grants(owner: &Credentials, guest: &str) -> String {
    let Credentials { database, .. } = owner;
    format!(
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC;
         GRANT CONNECT ON DATABASE {database} TO {guest};
         DO $$ DECLARE place text; BEGIN
             FOR place IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
                 EXECUTE format('GRANT USAGE ON SCHEMA %I TO {guest}', place);
                 EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO {guest}', place);
                 EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO {guest}', place);
                 EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO {guest}', place);
             END LOOP;
         END $$"
    )
}

/// The positive control: that role really may do nothing else.
async fn is_a_guest(postgres: &Postgres, guest: &str) -> CheckResult {
    let attempt = format!("SET ROLE {guest}; CREATE TABLE public.of_a_guest (number int)");
    match postgres.query(attempt).await {
        Err(Stop::Error(_)) => Ok(()),
        _ => Err(LabError::new("the role of a guest", "it may make tables").into()),
    }
}
