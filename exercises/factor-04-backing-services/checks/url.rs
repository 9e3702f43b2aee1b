//! Every part of the database's address counts, and is decoded.

use super::scene::{Guest, Scene, attached, failure, says_ready};
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::postgres::{Credentials, Postgres};
use crate::lab::proxy::Proxy;
use crate::lab::service::Service;
use crate::text::{Text, text};

/// Names and a password of what means something in a URL, and of Hangul; then two addresses that lead nowhere.
pub async fn url_fully_honoured(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let postgres = lab.postgres_with(difficult(&lab)).await?;
    let name = format!("links-{}", lab.chance().word(8));
    let url = format!("{}?application_name={name}&sslmode=disable", postgres.url());
    says_who_it_is(&scene, &postgres, &url, &name).await?;
    let wrong = |change: fn(&mut Credentials)| {
        let mut credentials = postgres.credentials().clone();
        change(&mut credentials);
        credentials
    };
    let password = wrong(|credentials| credentials.password.push('x'));
    let database = wrong(|credentials| credentials.database.push('x'));
    let (one, other) = tokio::join!(
        never_ready(&scene, &postgres, password, text("a wrong password", "틀린 비밀번호")),
        never_ready(&scene, &postgres, database, text("a database that does not exist", "없는 데이터베이스")),
    );
    one.and(other)
}

fn difficult(lab: &Lab) -> Credentials {
    let word = || lab.chance().word(6);
    let own = || lab.chance().unshared_word(6);
    Credentials {
        database: format!("{}/링크?{}", own(), word()),
        user: format!("{}@team:{}", own(), word()),
        password: format!("{}@:/?#%&+ 비밀{}", word(), word()),
    }
}

async fn says_who_it_is(scene: &Scene, postgres: &Postgres, url: &str, name: &str) -> CheckResult {
    let did = text(
        "attached a database whose name, user and password hold reserved characters and Hangul, percent-encoded, with ?application_name=… behind them",
        "이름, 사용자, 비밀번호에 예약 문자와 한글이 들어 있는 데이터베이스를 퍼센트 인코딩한 주소에 ?application_name=… 값을 덧붙여 연결",
    );
    let ended = scene.system.migrated(&scene.lab, &[("DATABASE_URL", url)]).await?;
    if let Some(ended) = ended.filter(|ended| !ended.succeeded()) {
        let expected = text("`migrate` ends with exit code 0", "`migrate` 실행이 종료 코드 0으로 끝나야 합니다");
        let seen = ended.exit.map_or_else(|| text("it did not end", "끝나지 않았습니다"), |exit| exit.text());
        return Err(Failure::new("not-attached", did, expected, seen).with_log(ended.lines).into());
    }
    let service = attached(scene.web().set("DATABASE_URL", url), &did).await?;
    let before = postgres.proxy.startups().len();
    let guest = Guest::unknown(scene, &service);
    guest.friendly(&guest.create(), &did).await?;
    let Credentials { user, database, .. } = postgres.credentials();
    let parts = [("user", user.as_str()), ("database", database), ("application_name", name)];
    let lost = parts.into_iter().find(|(part, value)| !postgres.proxy.was_told(before, part, value));
    service.stop().await;
    lost.map_or(Ok(()), |(part, value)| Err(part_lost(part, value, &postgres.proxy, did, &service)))
}

fn part_lost(part: &str, value: &str, proxy: &Proxy, did: Text, service: &Service) -> Stop {
    let expected = text(
        format!("a connection is opened with {part} = {value}"),
        format!("{part} = {value} 값으로 연결해야 합니다"),
    );
    let seen = proxy.startups().pop().and_then(|mut said| said.remove(part)).unwrap_or_else(|| "-".to_owned());
    failure("part-lost", did, expected, text(format!("{part} = {seen}"), format!("{part} = {seen}")), service)
}

/// With an address that leads nowhere, the service either ends or goes on saying that it is not ready.
async fn never_ready(scene: &Scene, postgres: &Postgres, stranger: Credentials, wrong: Text) -> CheckResult {
    // A way of its own: what the server still owes to those who were let in counts for nobody else.
    let way = postgres.another_way(&scene.lab).await?;
    let url = postgres.url_by(&way, &stranger);
    let (service, _) = scene.impatient().set("DATABASE_URL", url).go().await?;
    let result = match says_ready(&scene.lab, &service).await {
        false => Ok(()),
        true if way.counters().replies > 0 => {
            Err(LabError::new("the database server", format!("lets somebody in with {}", wrong.en)).into())
        }
        true => Err(ready_all_the_same(&wrong, &service)),
    };
    service.end().await;
    result
}

fn ready_all_the_same(wrong: &Text, service: &Service) -> Stop {
    let did = text(format!("started it with the address of {}", wrong.en), format!("{} 주소로 시작", wrong.ko));
    let expected = text("/readyz does not say 200", "/readyz가 200으로 응답하지 않아야 합니다");
    let seen = text("it says 200", "200으로 응답합니다");
    failure("ready-all-the-same", did, expected, seen, service)
}
