//! A whole deploy of `links`: its configuration, the partner, and a database of its own for each backing service it needs.

use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::lab::Lab;
use crate::lab::declared::not_needed;
use crate::lab::mail::Mail;
use crate::lab::one_off::OneOff;
use crate::lab::postgres::Postgres;
use crate::lab::process::Exit;
use crate::lab::redis::Redis;
use crate::lab::start::Start;
use crate::lab::stub::Stub;
use crate::links::Deploy;
use crate::manifest::Need;
use crate::text::{Text, text};

/// The one-off that brings the schema.
const MIGRATE: &str = "migrate";

/// Everything that processes of one deploy share. Dropping it removes its databases.
#[derive(Debug)]
pub struct System {
    /// The partner.
    pub screen: Stub,
    /// The configuration.
    pub deploy: Deploy,
    postgres: Option<Postgres>,
    redis: Option<Redis>,
    mail: Option<Mail>,
    /// The sender of its mail.
    pub mail_from: String,
    /// What all of its processes are told besides.
    pub further: Vec<(String, String)>,
}

impl System {
    /// Fresh backing services as `needs` names them, with the schema of the subject's own `migrate`.
    ///
    /// # Errors
    ///
    /// [`Stop::Ungraded`] where this machine lacks one of them, [`Stop::Error`] when one failed or the schema did not come:
    /// the smoke test has seen that it can.
    pub async fn attach(lab: &Lab) -> CheckResult<Self> {
        let system = Self::fresh(lab).await?;
        match system.migrate(lab).await {
            Err(Stop::Fail(failure)) => Err(LabError::new("cannot migrate", failure.seen.en).into()),
            other => other.map(|()| system),
        }
    }

    /// The same without a schema: a database as it was created.
    pub async fn fresh(lab: &Lab) -> CheckResult<Self> {
        let needs = &lab.bench.subject.app().needs;
        let screen = lab.stub().await?;
        let deploy = Deploy::random(lab, &screen);
        let postgres = if needs.contains(&Need::Postgres) { Some(lab.postgres().await?) } else { None };
        let redis = if needs.contains(&Need::Redis) { Some(lab.redis().await?) } else { None };
        let mail = if needs.contains(&Need::Smtp) { Some(lab.mail().await?) } else { None };
        let mail_from = if mail.is_some() { format!("{}@links.example", lab.chance().word(8)) } else { String::new() };
        Ok(Self { screen, deploy, postgres, redis, mail, mail_from, further: Vec::new() })
    }

    /// Runs the subject's `migrate`, if it declares one.
    ///
    /// # Errors
    ///
    /// A failure with the reason `migrate-failed`.
    pub async fn migrate(&self, lab: &Lab) -> CheckResult {
        let ended = self.migrated(lab, &[]).await?;
        ended.filter(|ended| !ended.succeeded()).map_or(Ok(()), |ended| Err(not_migrated(ended).into()))
    }

    /// Runs the subject's `migrate` with further variables, such as the address of another database, to its end; `None`
    /// where it declares none.
    pub async fn migrated(&self, lab: &Lab, variables: &[(&str, &str)]) -> CheckResult<Option<OneOff>> {
        if !lab.bench.subject.app().admin.contains_key(MIGRATE) {
            return Ok(None);
        }
        // As much time as it would have on a machine of the reference's speed.
        let patience = format!("{:.0}", (3000.0 * lab.bench.patience.slowness()).ceil());
        let variables = [&[("DB_TIMEOUT_MS", patience.as_str())], variables].concat();
        self.one_off(lab, MIGRATE, &[], &variables).await.map(Some)
    }

    /// Its PostgreSQL database.
    ///
    /// # Errors
    ///
    /// A failure with the reason `not-in-app-toml` when `needs` does not name one.
    pub fn postgres(&self) -> CheckResult<&Postgres> {
        self.postgres.as_ref().ok_or_else(|| not_needed(Need::Postgres).into())
    }

    /// Its Redis database.
    ///
    /// # Errors
    ///
    /// A failure with the reason `not-in-app-toml` when `needs` does not name one.
    pub fn redis(&self) -> CheckResult<&Redis> {
        self.redis.as_ref().ok_or_else(|| not_needed(Need::Redis).into())
    }

    /// Its mail server.
    ///
    /// # Errors
    ///
    /// A failure with the reason `not-in-app-toml` when `needs` does not name one.
    pub fn mail(&self) -> CheckResult<&Mail> {
        self.mail.as_ref().ok_or_else(|| not_needed(Need::Smtp).into())
    }

    /// The environment variables of each of its processes; `PORT` comes from the lab.
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut environment = self.deploy.environment();
        let urls = [
            ("DATABASE_URL", self.postgres.as_ref().map(Postgres::url)),
            ("REDIS_URL", self.redis.as_ref().map(Redis::url)),
            ("SMTP_URL", self.mail.as_ref().map(Mail::url)),
            ("MAIL_FROM", self.mail.as_ref().map(|_| self.mail_from.clone())),
        ];
        environment.extend(urls.into_iter().filter_map(|(name, url)| Some((name.to_owned(), url?))));
        environment.extend(self.further.iter().cloned());
        environment
    }

    /// Prepares an instance of its `web` process.
    pub fn web(&self, lab: &Lab) -> Start {
        lab.start("web").environment(&self.environment())
    }

    /// Prepares an instance of its `worker` process; started with [`Start::run`], since it listens nowhere.
    pub fn worker(&self, lab: &Lab) -> Start {
        lab.start("worker").environment(&self.environment())
    }

    /// Runs a one-off in the same release and configuration, with further arguments and variables.
    pub async fn one_off(
        &self,
        lab: &Lab,
        name: &'static str,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> CheckResult<OneOff> {
        let start = lab.one_off(name, arguments).environment(&self.environment());
        variables.iter().fold(start, |start, (name, value)| start.set(name, *value)).to_the_end().await
    }

    /// The loopback ports that a sandboxed process must reach.
    pub fn ports(&self) -> Vec<u16> {
        let postgres = self.postgres.as_ref().map(|postgres| postgres.proxy.port());
        let redis = self.redis.as_ref().map(|redis| redis.proxy.port());
        let mail = self.mail.as_ref().map(|mail| mail.proxy.port());
        [Some(self.screen.port), postgres, redis, mail].into_iter().flatten().collect()
    }
}

fn not_migrated(ended: OneOff) -> Failure {
    let did = text(
        "ran `migrate` against an empty database, with every variable of the contract",
        "빈 데이터베이스에서 계약의 환경 변수를 모두 주고 `migrate` 실행",
    );
    let expected = text("it ends with exit code 0", "종료 코드 0으로 끝나야 합니다");
    let end = ended.exit.map_or_else(|| text("it did not end", "끝나지 않았습니다"), ended_with);
    Failure::new("migrate-failed", did, expected, end).with_log(ended.lines)
}

fn ended_with(exit: Exit) -> Text {
    text(format!("it ended with {exit}"), format!("끝났지만 결과는 다음과 같습니다: {}", exit.text().ko))
}
