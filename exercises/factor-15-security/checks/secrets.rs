//! What somebody learns who reads the stores, or the errors (OWASP API2 and API8:2023).

use hyper::Method;

use super::scene::{Scene, Visitor, failure, seen};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::http::Reply;
use crate::lab::postgres::Postgres;
use crate::lab::proxy::Mode;
use crate::lab::service::Service;
use crate::links::account::{Account, Answer, ask, status};
use crate::links::fresh_target;
use crate::links::scene::{serving, slowed};
use crate::manifest::Need;
use crate::text::text;

/// Every row of every table, as text; columns of bytes are shown in hexadecimal digits.
const ROWS: &str = "
    CREATE FUNCTION pg_temp.contents() RETURNS TABLE (line text) LANGUAGE plpgsql AS $$
    DECLARE name text;
    BEGIN
        FOR name IN SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'm', 'p')
            AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) LOOP
            RETURN QUERY EXECUTE 'SELECT to_jsonb(t)::text FROM ' || name || ' t';
        END LOOP;
    END $$;
    SELECT line FROM pg_temp.contents()";
/// How long it may wait for what is away, in milliseconds on a machine of the reference's speed.
const HASTY: f64 = 300.0;
/// What a hash has at least, and a name, a number or a word has not.
const LONG: usize = 16;
/// Words of the inside: of statements, of stack traces, of files.
const INSIDE: [&str; 16] = [
    "select ",
    "insert ",
    "update ",
    "relation ",
    "syntax error",
    "sqlstate",
    "constraint",
    "postgres://",
    "redis://",
    "panicked",
    "traceback",
    "stack trace",
    "node_modules",
    ".rs:",
    ".py\"",
    "/src/",
];

/// Reads the stores after people have logged in, and every error that can be brought about.
pub async fn secrets_at_rest(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let service = scene.serving().await?;
    // Letters and digits alone, so that no way of writing them down changes them.
    let password = lab.chance().word(24);
    let [one, between, two] =
        [password.clone(), lab.chance().word(24), password.clone()].map(|word| Account::with_password(&lab, word));
    for account in [&one, &between, &two] {
        scene.create(account, "user").await?;
        account.log_in(&service).await?;
    }
    unreadable(&scene, &service, &password).await?;
    salted(scene.system.postgres()?, &service, [&one, &between, &two]).await?;
    headers(&scene, &service).await?;
    errors(&scene, &service).await
}

/// The password stands nowhere. The positive control: what may be read is found by the same look.
async fn unreadable(scene: &Scene, service: &Service, password: &str) -> CheckResult {
    let (target, wrong) = (fresh_target(&scene.lab), scene.lab.chance().word(24));
    Visitor::nobody().creates(service, &target, false).await?;
    let body = serde_json::json!({ "user": scene.ben.user, "password": wrong });
    drop(service.request(Method::POST, "/v1/sessions", Some(&body)).await);
    let mut kept = contents(scene.system.postgres()?).await?.join("\n");
    if !kept.contains(&target) {
        return Err(LabError::new("the rows of a database", "the target of a link was not found in them").into());
    }
    if scene.lab.bench.subject.app().needs.contains(&Need::Redis) {
        let redis = scene.system.redis()?;
        let own = scene.lab.chance().word(12);
        redis.put(&own).await?;
        let contents = String::from_utf8_lossy(&redis.contents().await?).into_owned();
        if !contents.contains(&own) {
            return Err(LabError::new("what is in Redis", "the grader's own key was not found in it").into());
        }
        kept.push_str(&contents);
    }
    let hexadecimal = |word: &str| word.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let readable =
        [password, wrong.as_str()].iter().any(|word| kept.contains(word) || kept.contains(&hexadecimal(word)));
    if !readable {
        return Ok(());
    }
    let did = text(
        "created a user, logged in, and read everything in PostgreSQL and Redis",
        "사용자를 만들어 로그인한 뒤 PostgreSQL과 Redis의 내용을 모두 읽음",
    );
    let expected = text("the password is nowhere", "비밀번호가 어디에도 없어야 합니다");
    Err(seen("password-readable", did, expected, text("it stands there as it is", "그대로 적혀 있습니다"), service))
}

async fn contents(postgres: &Postgres) -> CheckResult<Vec<String>> {
    Ok(postgres.query(ROWS).await?.into_iter().flatten().flatten().collect())
}

/// Two people with the same password have no long value in common that a third one does not have.
async fn salted(postgres: &Postgres, service: &Service, [one, between, two]: [&Account; 3]) -> CheckResult {
    let rows = contents(postgres).await?;
    let values = |account: &Account| -> Vec<String> {
        let theirs = rows.iter().filter(|row| row.contains(&account.user));
        let fields = theirs.filter_map(|row| serde_json::from_str::<serde_json::Value>(row).ok());
        let values = fields.filter_map(|row| Some(row.as_object()?.values().cloned().collect::<Vec<_>>()));
        values.flatten().map(|value| value.to_string()).filter(|value| value.len() >= LONG).collect()
    };
    let (one, between, two) = (values(one), values(between), values(two));
    if one.is_empty() {
        return Err(
            LabError::new("the rows of a user", "there is nothing in them that could be a password's hash").into()
        );
    }
    if !one.iter().any(|value| two.contains(value) && !between.contains(value)) {
        return Ok(());
    }
    let did = text("created two users with the same password", "비밀번호가 같은 사용자 둘을 만듦");
    let expected =
        text("what is stored of it differs: each hash has its own salt", "솔트가 달라 저장된 값도 달라야 합니다");
    Err(seen(
        "same-hash",
        did,
        expected,
        text("the same is stored for both", "둘에게 같은 값이 저장되었습니다"),
        service,
    ))
}

async fn headers(scene: &Scene, service: &Service) -> CheckResult {
    let token = scene.anna.log_in(service).await?;
    let origin = format!("https://{}.example", scene.lab.chance().word(10));
    let bearer = format!("Bearer {token}");
    let asked = [("authorization", bearer.as_str()), ("origin", origin.as_str())];
    for method in [Method::GET, Method::OPTIONS] {
        let preflight = [("origin", origin.as_str()), ("access-control-request-method", "DELETE")];
        let headers: &[(&str, &str)] = if method == Method::GET { &asked } else { &preflight };
        let answer = service.request_with(method.clone(), "/v1/me", headers, None).await;
        let Ok(reply) = &answer else { continue };
        is_discreet(service, reply)?;
        let (allows, credentials) =
            (header(reply, "access-control-allow-origin"), header(reply, "access-control-allow-credentials"));
        if (allows == "*" || allows == origin) && credentials == "true" {
            let did = text(
                format!("sent {method} /v1/me with `Origin: {origin}`"),
                format!("`Origin: {origin}` 헤더로 {method} /v1/me 요청"),
            );
            let expected =
                text("no other site may act for the visitor", "다른 사이트가 방문자 대신 요청할 수 없어야 합니다");
            let got = text(
                format!("access-control-allow-origin: {allows}, with credentials"),
                format!("access-control-allow-origin: {allows}, 자격 증명 허용"),
            );
            return Err(seen("open-cors", did, expected, got, service));
        }
    }
    Ok(())
}

fn header<'r>(reply: &'r Reply, name: &str) -> &'r str {
    reply.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// No header says which version of what answers.
fn is_discreet(service: &Service, reply: &Reply) -> CheckResult {
    for name in ["server", "x-powered-by", "x-aspnet-version", "x-runtime", "via"] {
        let value = header(reply, name);
        if value.contains(|c: char| c.is_ascii_digit()) {
            let did = text("sent GET /v1/me and read the headers", "GET /v1/me 요청을 보내고 응답 헤더를 읽음");
            let expected = text("no version of any program", "프로그램의 버전이 드러나지 않아야 합니다");
            let got = text(format!("{name}: {value}"), format!("{name}: {value}"));
            return Err(seen("header-tells", did, expected, got, service));
        }
    }
    Ok(())
}

/// A database without the tables, one that is away, a Redis that is away, and bodies that make no sense.
async fn errors(scene: &Scene, service: &Service) -> CheckResult {
    let token = scene.anna.log_in(service).await?;
    for body in
        [serde_json::json!({ "target": 7 }), serde_json::json!([]), serde_json::json!({ "user": {}, "password": 1 })]
    {
        for path in ["/v1/links", "/v1/sessions"] {
            tells_nothing(scene, service, &service.request(Method::POST, path, Some(&body)).await)?;
        }
    }
    let postgres = scene.system.postgres()?;
    postgres.query("ALTER SCHEMA public RENAME TO elsewhere").await?;
    let broken = every_request(scene, service, &token).await;
    if broken.iter().all(|answer| status(answer) < 500) {
        return Err(LabError::new("a database without its tables", "every request was answered all the same").into());
    }
    postgres.query("ALTER SCHEMA elsewhere RENAME TO public").await?;
    // Every one of these waits as long as it may, so this instance may not wait long.
    let hasty = serving(&scene.lab, scene.web().set("DB_TIMEOUT_MS", slowed(&scene.lab, HASTY))).await?;
    let away = [Some(&postgres.proxy), scene.system.redis().ok().map(|redis| &redis.proxy)];
    let mut answers = broken;
    for proxy in away.into_iter().flatten() {
        proxy.set(Mode::Refuse);
        proxy.cut();
        answers.extend(every_request(scene, &hasty, &token).await);
    }
    answers.iter().try_for_each(|answer| tells_nothing(scene, service, answer))
}

async fn every_request(scene: &Scene, service: &Service, token: &str) -> Vec<Answer> {
    let body = serde_json::json!({ "target": fresh_target(&scene.lab) });
    let credentials = scene.ben.credentials();
    let get = |path| service.request(Method::GET, path, None);
    let all = tokio::join!(
        get("/v1/links?q=a"),
        get("/v1/links/l-000000"),
        get("/r/l-000000"),
        get("/readyz"),
        service.request(Method::POST, "/v1/links", Some(&body)),
        service.request(Method::POST, "/v1/sessions", Some(&credentials)),
        ask(service, Method::GET, "/v1/me", token, None),
    );
    vec![all.0, all.1, all.2, all.3, all.4, all.5, all.6]
}

fn tells_nothing(scene: &Scene, service: &Service, answer: &Answer) -> CheckResult {
    let Ok(reply) = answer else { return Ok(()) };
    let said = String::from_utf8_lossy(&reply.body).to_lowercase();
    let owner = scene.system.postgres()?.credentials();
    let own = [&owner.database, &owner.user, &owner.password, &scene.system.deploy.key].map(|word| word.to_lowercase());
    let found = INSIDE.iter().map(|word| (*word).to_owned()).chain(own).find(|word| said.contains(word.as_str()));
    if found.is_none() || reply.status < 400 {
        return Ok(());
    }
    let did = text(
        "sent bad bodies, took the tables away, and then PostgreSQL and Redis",
        "잘못된 본문을 보내고, 테이블을 없애고, PostgreSQL과 Redis를 끊음",
    );
    let expected = text("errors that say nothing of the inside", "오류 응답에 내부 정보가 없어야 합니다");
    Err(failure("error-tells", did, expected, answer, service))
}
