//! `migrate` again, `migrate` by several at once, and `migrate` that was killed: afterwards there is one schema, the same.

use super::scene::{MIGRATE, MOST_STEPS, bury, create, end_of, failure, one_off, serving, web};
use crate::check::{CheckResult, LabError, LogLine};
use crate::lab::Lab;
use crate::lab::one_off::OneOff;
use crate::lab::postgres::Postgres;
use crate::lab::proxy::Proxy;
use crate::lab::service::Service;
use crate::lab::start::Start;
use crate::links::{System, fresh_target};
use crate::text::{Text, text};

/// How many run at once where all of them begin together, and how often.
const CROWD: usize = 4;
const CROWDS: u64 = 4;

/// Takes everything out of a database, which is quicker than a new one. A name in the place of `{owner}`.
const EMPTY: &str = r#"
    DO $body$ DECLARE it text; BEGIN
    FOR it IN SELECT nspname FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', it);
    END LOOP; END $body$;
    CREATE SCHEMA public AUTHORIZATION "{owner}""#;

/// A schema to compare with, and the deploy that it stands in.
struct Reference {
    system: System,
    schema: String,
}

impl Reference {
    /// The schema that one `migrate` brings which nobody disturbs.
    async fn make(lab: &Lab) -> CheckResult<Self> {
        let system = System::fresh(lab).await?;
        let empty = system.postgres()?.schema().await?;
        let ended = one_off(lab, &system, MIGRATE, &[]).offering_port().to_the_end().await?;
        let schema = system.postgres()?.schema().await?;
        if schema != empty {
            return Ok(Self { system, schema });
        }
        let did = text("ran `migrate` against an empty database", "빈 데이터베이스에서 `migrate` 실행");
        let expected = text("a schema", "스키마가 생겨야 합니다");
        let end = end_of(ended.exit);
        let seen = text(format!("{}, and there is none", end.en), format!("{}. 스키마는 없습니다", end.ko));
        Err(failure("nothing-migrated", &did, expected, seen, ended.lines))
    }

    fn equals(&self, schema: &str, reason: &'static str, did: &Text, lines: Vec<LogLine>) -> CheckResult {
        let Some(difference) = difference(&self.schema, schema) else { return Ok(()) };
        let expected = text(
            "the schema is the one that an undisturbed `migrate` brings",
            "아무 방해 없이 실행한 `migrate`와 같은 스키마여야 합니다",
        );
        Err(failure(reason, did, expected, difference, lines))
    }
}

fn migrate(lab: &Lab, system: &System, url: String) -> Start {
    one_off(lab, system, MIGRATE, &[]).offering_port().set("DATABASE_URL", url)
}

async fn emptied(postgres: &Postgres) -> CheckResult {
    postgres.query(EMPTY.replace("{owner}", &postgres.credentials().user)).await.map(drop)
}

/// The first line that one schema has and the other has not.
fn difference(reference: &str, other: &str) -> Option<Text> {
    let only = |here: &str, there: &str| {
        let line = here.lines().find(|line| !there.lines().any(|known| known == *line))?;
        Some(line.to_owned())
    };
    if let Some(line) = only(reference, other) {
        return Some(text(format!("missing: {line}"), format!("없는 것: {line}")));
    }
    let line = only(other, reference)?;
    Some(text(format!("too much: {line}"), format!("남는 것: {line}")))
}

/// A second run on a database in use, and runs that meet at every moment.
pub async fn idempotent_and_concurrent(lab: Lab) -> CheckResult {
    let reference = Reference::make(&lab).await?;
    // Side by side, and reported in this order.
    let (again, together, pairs) = tokio::join!(
        changes_nothing_again(&lab, &reference),
        crowds_meet(&lab, &reference),
        pairs_meet(&lab, &reference)
    );
    again.and(together).and(pairs)
}

/// With rows in its tables, `migrate` once more.
async fn changes_nothing_again(lab: &Lab, reference: &Reference) -> CheckResult {
    let system = &reference.system;
    let postgres = system.postgres()?;
    let empty = postgres.rows().await?;
    let service = serving(lab, web(lab, system)).await?;
    create(system, &service, &fresh_target(lab)).await?;
    service.end().await;
    let used = postgres.rows().await?;
    let did = text(
        "ran `migrate` a second time, on a database that holds a link",
        "링크가 들어 있는 데이터베이스에서 `migrate`를 두 번째로 실행",
    );
    let ended = migrate(lab, system, postgres.url()).to_the_end().await?;
    if !ended.succeeded() {
        let expected = text("it ends with exit code 0", "종료 코드 0으로 끝나야 합니다");
        return Err(failure("second-run-failed", &did, expected, end_of(ended.exit), ended.lines));
    }
    let now = postgres.rows().await?;
    // The tables in which the link is; a migrator may keep books of its own.
    let touched = used.iter().find(|(table, rows)| empty.get(*table) != Some(rows) && now.get(*table) != Some(rows));
    if let Some((table, _)) = touched {
        let expected = text("rows stay as they are", "행은 그대로여야 합니다");
        let seen = text(format!("those of {table} changed"), format!("{table} 테이블의 행이 바뀌었습니다"));
        return Err(failure("rows-touched", &did, expected, seen, ended.lines));
    }
    reference.equals(&postgres.schema().await?, "schemas-differ", &did, ended.lines)
}

/// Several begin together: each has its connection, and none has asked anything yet.
async fn crowds_meet(lab: &Lab, reference: &Reference) -> CheckResult {
    let did = text(
        format!("started {CROWD} `migrate` at once on an empty database"),
        format!("빈 데이터베이스에서 `migrate` {CROWD}개를 동시에 시작"),
    );
    let postgres = lab.postgres().await?;
    for _ in 0..CROWDS {
        Meeting::arrange(lab, reference, &postgres, CROWD, 1).await?.ends_well(lab, reference, &did).await?;
        emptied(&postgres).await?;
    }
    Ok(())
}

/// Two meet: both have come equally far, or one holds what the other waits for. At every step of the way.
async fn pairs_meet(lab: &Lab, reference: &Reference) -> CheckResult {
    let postgres = lab.postgres().await?;
    for step in 2..=MOST_STEPS {
        let meeting = Meeting::arrange(lab, reference, &postgres, 2, step).await?;
        let nobody_met = meeting.everybody_ended();
        let did = text(
            format!("let two `migrate` meet behind answer {step} of the database"),
            format!("데이터베이스가 {step}번째로 응답한 직후에 `migrate` 둘이 마주치게 함"),
        );
        meeting.ends_well(lab, reference, &did).await?;
        if nobody_met {
            return Ok(());
        }
        emptied(&postgres).await?;
    }
    Ok(())
}

/// Several `migrate` on one empty database, each with a proxy of its own.
struct Meeting<'p> {
    postgres: &'p Postgres,
    guests: Vec<(Proxy, Service)>,
}

impl<'p> Meeting<'p> {
    /// Returns when each of them stands still behind its answer `step`, waits for another one, or has ended.
    async fn arrange(
        lab: &Lab,
        reference: &Reference,
        postgres: &'p Postgres,
        number: usize,
        step: u64,
    ) -> CheckResult<Self> {
        let mut guests = Vec::new();
        for _ in 0..number {
            let proxy = postgres.another_way(lab).await?;
            proxy.freeze_after_replies(step);
            let url = postgres.url_by(&proxy, postgres.credentials());
            guests.push((proxy, migrate(lab, &reference.system, url).run().await?));
        }
        let meeting = Self { postgres, guests };
        // Who waits for a lock is seen; who asks for it again and again is not, and is waited for a while.
        lab.glance(|| async { meeting.settled().await.ok().filter(|settled| *settled).map(drop) }).await;
        Ok(meeting)
    }

    async fn settled(&self) -> CheckResult<bool> {
        let still = |(proxy, service): &&(Proxy, Service)| proxy.is_frozen() || service.has_ended();
        let still = self.guests.iter().filter(still).count();
        if still == self.guests.len() {
            return Ok(true);
        }
        let waiting =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let rows = self.postgres.query(waiting).await?;
        let waiting = rows.first().and_then(|row| row.first()?.as_ref()?.parse::<usize>().ok());
        Ok(waiting.is_some_and(|waiting| still + waiting >= self.guests.len()))
    }

    fn everybody_ended(&self) -> bool {
        self.guests.iter().all(|(_, service)| service.has_ended())
    }

    /// Lets all go on, and looks at how they end and what they leave.
    async fn ends_well(self, lab: &Lab, reference: &Reference, did: &Text) -> CheckResult {
        self.guests.iter().for_each(|(proxy, _)| proxy.thaw());
        for (_, service) in &self.guests {
            let exit = service.exit().await;
            let ended = OneOff { exit, lines: service.logs().lines() };
            if !ended.succeeded() {
                let expected = text("all of them end with exit code 0", "모두 종료 코드 0으로 끝나야 합니다");
                return Err(failure("concurrent-run-failed", did, expected, end_of(exit), ended.lines));
            }
        }
        reference.equals(&self.postgres.schema().await?, "schemas-differ", did, lab.last_lines())
    }
}

/// `migrate` is killed behind each answer of its database, and started again.
pub async fn interrupted_migrate_recovers(lab: Lab) -> CheckResult {
    let reference = Reference::make(&lab).await?;
    let postgres = lab.postgres().await?;
    for step in 1..=MOST_STEPS {
        if killed_behind(&lab, &reference, &postgres, step).await? {
            return Ok(());
        }
        emptied(&postgres).await?;
    }
    Ok(())
}

/// Whether it had ended before the moment came.
async fn killed_behind(lab: &Lab, reference: &Reference, postgres: &Postgres, step: u64) -> CheckResult<bool> {
    postgres.proxy.freeze_after_replies(step);
    let first = migrate(lab, &reference.system, postgres.url()).run().await?;
    let moment = async {
        tokio::select! {
            biased;
            () = postgres.proxy.frozen() => false,
            () = first.main_ended() => true,
        }
    };
    let ended = lab.until("moment", moment).await;
    first.kill().await;
    bury(lab, &postgres.proxy).await?;
    let ended = ended.ok_or_else(|| LabError::new("`migrate`", "it neither asks its database nor ends"))?;
    let did = text(
        format!("killed `migrate` (SIGKILL) right behind answer {step} of the database, and ran it again"),
        format!("데이터베이스가 {step}번째로 응답한 직후 `migrate`를 SIGKILL로 죽이고 다시 실행"),
    );
    let again = migrate(lab, &reference.system, postgres.url()).to_the_end().await?;
    if !again.succeeded() {
        let expected = text("the second run ends with exit code 0", "두 번째 실행이 종료 코드 0으로 끝나야 합니다");
        return Err(failure("cannot-recover", &did, expected, end_of(again.exit), again.lines));
    }
    reference.equals(&postgres.schema().await?, "half-a-schema", &did, again.lines)?;
    Ok(ended)
}
