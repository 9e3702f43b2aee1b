//! A start without the address of the database, in the guises in which people give in to it.

use super::scene::Guise;
use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::links::{Deploy, refused_well};
use crate::text::text;

/// The variable that is missing.
const VARIABLE: &str = "DATABASE_URL";

/// Without a name for the environment, and with every name that says "development".
pub async fn dev_without_url_refuses(lab: Lab) -> CheckResult {
    for environment in [None, Some("development")] {
        let screen = lab.stub().await?;
        let deploy = Deploy::random(&lab, &screen);
        let guise = Guise { environment, ..Guise::default() };
        let start = guise.put_on(lab.start("web").environment(&deploy.environment()));
        let (service, startup) = start.unset(VARIABLE).expecting_refusal().go().await?;
        let did = match environment {
            None => text(
                format!("started `web` with everything but {VARIABLE}"),
                format!("{VARIABLE} 하나만 빼고 나머지를 모두 준 상태로 `web` 시작"),
            ),
            Some(name) => text(
                format!("started `web` with APP_ENV={name} and its kin, and everything but {VARIABLE}"),
                format!("APP_ENV={name} 등을 주고 {VARIABLE} 하나만 뺀 상태로 `web` 시작"),
            ),
        };
        let refusal = refused_well(&service, &startup, VARIABLE, "").map_err(|(reason, expected, seen)| {
            Failure::new(reason, did, expected, seen).with_log(service.last_lines())
        });
        service.end().await;
        refusal?;
    }
    Ok(())
}
