//! Where tables come from, in every guise.

use hyper::Method;
use serde_json::json;

use super::scene::Guise;
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::service::Startup;
use crate::links::{System, fresh_target, get};
use crate::text::{Text, text};

/// `web` on an empty database, then `migrate` as a developer and as production.
pub async fn schema_by_migrations_only(lab: Lab) -> CheckResult {
    for environment in [None, Some("development")] {
        makes_nothing(&lab, &Guise { environment, release: None }).await?;
    }
    let as_developer = Guise { environment: Some("development"), release: None };
    let release = match lab.shipped().await {
        Ok(release) => release,
        // That it does not build is another check's finding.
        Err(Stop::Fail(_)) => None,
        Err(stop) => return Err(stop),
    };
    let as_production = Guise { environment: Some("production"), release };
    let (dev, prod) = (migrated(&lab, &as_developer).await?, migrated(&lab, &as_production).await?);
    match difference(&dev, &prod) {
        None => Ok(()),
        Some(seen) => {
            let did = text(
                "ran `migrate` on an empty database as a developer does, and on another as production does",
                "빈 데이터베이스 둘에 각각 개발자처럼, 운영 환경처럼 `migrate` 실행",
            );
            let expected = text("the same schema", "스키마가 같아야 합니다");
            Err(Failure::new("schemas-differ", did, expected, seen).into())
        }
    }
}

/// Starts `web` without a schema, gives it every occasion to make one, and looks. Not starting is fine.
async fn makes_nothing(lab: &Lab, guise: &Guise) -> CheckResult {
    let system = System::fresh(lab).await?;
    let empty = system.postgres()?.schema().await?;
    let (service, startup) = guise.put_on(system.web(lab)).go().await?;
    if startup == Startup::Listening {
        drop(get(&service, "/readyz").await);
        let body = json!({ "target": fresh_target(lab) });
        drop(service.request(Method::POST, "/v1/links", Some(&body)).await);
    }
    let log = service.last_lines();
    service.end().await;
    let now = system.postgres()?.schema().await?;
    let Some(seen) = difference(&empty, &now) else { return Ok(()) };
    let named = guise.environment.map_or(String::new(), |name| format!("APP_ENV={name} "));
    let did = text(
        format!("started `web` {named}on an empty database, without `migrate`"),
        format!("`migrate` 없이 빈 데이터베이스로 {named}`web` 시작"),
    );
    let expected = text("the database stays empty", "데이터베이스가 빈 채로 있어야 합니다");
    Err(Failure::new("tables-at-boot", did, expected, seen).with_log(log).into())
}

/// The schema that `migrate` makes; that it makes one is the positive control of both looks.
async fn migrated(lab: &Lab, guise: &Guise) -> CheckResult<String> {
    let system = System::fresh(lab).await?;
    let empty = system.postgres()?.schema().await?;
    if !guise.migrate(lab, &system).await? {
        let did = text(
            format!("ran `migrate` with APP_ENV={}", guise.environment.unwrap_or_default()),
            format!("APP_ENV={} 값으로 `migrate` 실행", guise.environment.unwrap_or_default()),
        );
        let expected = text("it ends with exit code 0", "종료 코드 0으로 끝나야 합니다");
        let seen = text("it failed", "실패했습니다");
        return Err(Failure::new("schemas-differ", did, expected, seen).with_log(lab.last_lines()).into());
    }
    let schema = system.postgres()?.schema().await?;
    match schema == empty {
        true => Err(LabError::new("`migrate`", "made nothing that could be seen").into()),
        false => Ok(schema),
    }
}

/// The first line that only one of them has.
fn difference(one: &str, other: &str) -> Option<Text> {
    let only = |here: &str, there: &str| {
        here.lines().find(|line| !there.lines().any(|known| known == *line)).map(str::to_owned)
    };
    let line = only(other, one).or_else(|| only(one, other))?;
    Some(text(format!("only in one of them: {line}"), format!("한쪽에만 있는 것: {line}")))
}
