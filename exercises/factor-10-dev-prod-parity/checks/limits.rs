//! Where types and lengths end: integers, texts, and times without a zone.

use super::scene::{Guise, create, submit};
use crate::check::{CheckResult, Failure, LabError, Missing, Stop};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::account::{Answer, follow, sent_to, show, shown, status};
use crate::links::numbers::number;
use crate::links::scene::serving;
use crate::links::{System, fresh_target};
use crate::text::{Text, text};

/// Zones in which a local time is not UTC, at any time of the year.
const ZONES: [&str; 4] = ["Asia/Seoul", "Asia/Kolkata", "America/New_York", "Australia/Sydney"];
/// The last number of 32 bits.
const LAST: i64 = i32::MAX as i64;
/// Seconds.
const DAY: i64 = 86_400;
/// Clicks after it was almost reached.
const MORE: i64 = 4;

/// Times first, then lengths, then the counter, which not every service keeps where it can be set.
pub async fn types_and_limits(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = serving(&lab, Guise::default().put_on(system.web(&lab))).await?;
    same_time_everywhere(&lab, &system, &service).await?;
    lengths(&lab, &service).await?;
    counts_on(&lab, &system, &service).await?;
    service.end().await;
    Ok(())
}

/// A second process in another zone, on the same database: both show one time, in UTC, for each link.
async fn same_time_everywhere(lab: &Lab, system: &System, here: &Service) -> CheckResult {
    let zone = ZONES[usize::try_from(lab.chance().below(4)).unwrap_or_default()];
    let abroad = serving(lab, Guise::default().put_on(system.web(lab)).set("TZ", zone)).await?;
    let of_here = create(here, &fresh_target(lab)).await?;
    let of_abroad = create(&abroad, &fresh_target(lab)).await?;
    let before = seconds(&time(here, &of_here).await?);
    let mut seen = Vec::new();
    for (slug, first) in [(&of_here, before), (&of_abroad, before)] {
        for at in [here, &abroad] {
            let time = time(at, slug).await?;
            let right = (time.ends_with('Z') || time.ends_with("+00:00"))
                && seconds(&time).is_some_and(|now| first.is_some_and(|first| is_near(now, first)));
            if !right {
                seen.push(time);
            }
        }
    }
    abroad.end().await;
    if seen.is_empty() {
        return Ok(());
    }
    let did = text(
        format!("started one process with TZ=UTC and one with TZ={zone}, and created a link at each"),
        format!("TZ=UTC와 TZ={zone} 값으로 프로세스를 하나씩 시작하고 각각 링크를 만듦"),
    );
    let shown = before.map_or_else(String::new, |_| seen.join(", "));
    let expected = text("both show the same times, in UTC", "두 프로세스가 보여 주는 시각이 같고 UTC여야 합니다");
    Err(failure(
        "time-not-utc",
        here,
        did,
        expected,
        text(format!("created_at: {shown}"), format!("created_at: {shown}")),
    ))
}

async fn time(at: &Service, slug: &str) -> CheckResult<String> {
    let answer = show(at, slug).await;
    let time = answer.as_ref().ok().and_then(|reply| reply.json()["created_at"].as_str().map(str::to_owned));
    time.ok_or_else(|| LabError::new("GET /v1/links/{slug}", shown(&answer)).into())
}

/// Seconds of its day, which is enough to compare two times of one check.
fn seconds(time: &str) -> Option<i64> {
    let part = |at: std::ops::Range<usize>| time.get(at)?.parse::<i64>().ok();
    Some((part(11..13)? * 60 + part(14..16)?) * 60 + part(17..19)?)
}

/// Links that are made one after the other are seconds apart, also at midnight, and zones at least half an hour.
fn is_near(one: i64, other: i64) -> bool {
    let apart = (one - other).rem_euclid(DAY);
    apart.min(DAY - apart) < 900
}

async fn lengths(lab: &Lab, service: &Service) -> CheckResult {
    let host = format!("https://{}.example/", lab.chance().word(10));
    let target = |length: usize| format!("{host}{}", lab.chance().word(length - host.len()));
    let (longest, too_long) = (target(2000), target(2001));
    expect(service, "a target of 2000 bytes", 201, submit(service, &longest, None).await)?;
    expect(service, "the same again", 200, submit(service, &longest, None).await)?;
    expect(
        service,
        "the same with a prefix of 32 characters",
        201,
        submit(service, &longest, Some(&lab.chance().word(32))).await,
    )?;
    expect(service, "a target of 2001 bytes", 400, submit(service, &too_long, None).await)?;
    expect(service, "an empty prefix", 400, submit(service, &fresh_target(lab), Some("")).await)?;
    expect(
        service,
        "a prefix of 33 characters",
        400,
        submit(service, &fresh_target(lab), Some(&lab.chance().word(33))).await,
    )
}

fn expect(service: &Service, what: &str, promised: u16, answer: Answer) -> CheckResult {
    if status(&answer) == promised {
        return Ok(());
    }
    // What should be refused and is answered with 5xx was accepted by the program and refused by its database.
    let reason = if promised == 400 { "wrongly-accepted" } else { "wrongly-refused" };
    let did = text(format!("sent POST /v1/links with {what}"), format!("POST /v1/links 요청({what})"));
    let expected = text(format!("the contract says {promised}"), format!("계약에 따른 응답: {promised}"));
    let seen = text(format!("got {}", shown(&answer)), format!("실제 응답: {}", shown(&answer)));
    Err(failure(reason, service, did, expected, seen))
}

/// Finds the column that counts clicks by its number, sets it just below the end of 32 bits, and goes on clicking.
async fn counts_on(lab: &Lab, system: &System, service: &Service) -> CheckResult {
    let slug = create(service, &fresh_target(lab)).await?;
    let clicks = 31 + i64::try_from(lab.chance().below(29)).unwrap_or_default();
    for _ in 0..clicks {
        drop(follow(service, &slug).await);
    }
    if number(lab, service, &slug, "clicks", clicks).await? != Some(clicks) {
        return Err(LabError::new("clicks", "could not be counted to a few dozen").into());
    }
    let (table, column) = column_with(system, clicks).await?.ok_or_else(no_column)?;
    let start = LAST - 1;
    let set = format!("update {table} set {column} = {start} where {column} = {clicks}");
    system.postgres()?.query(set).await?;
    let mut sent_on = 0;
    for _ in 0..MORE {
        sent_on += i64::from(sent_to(&follow(service, &slug).await).is_some());
    }
    let counted = number(lab, service, &slug, "clicks", start + MORE).await?;
    if sent_on == MORE && counted == Some(start + MORE) {
        return Ok(());
    }
    let did = text(
        format!("set the counter of a link to {start} in the database and followed the link {MORE} times"),
        format!("데이터베이스에서 링크의 카운터를 {start} 값으로 바꾸고 {MORE}번 방문"),
    );
    let expected = text(
        format!("{MORE} visitors are sent on, clicks = {}", start + MORE),
        format!("방문자 {MORE}명을 모두 보내고 clicks = {} 값이어야 합니다", start + MORE),
    );
    let counted = counted.map_or_else(|| "?".to_owned(), |counted| counted.to_string());
    let seen = text(
        format!("{sent_on} were sent on, clicks = {counted}"),
        format!("{sent_on}명을 보냈고 clicks = {counted} 값입니다"),
    );
    Err(failure("counter-ends", service, did, expected, seen))
}

/// The one column of whole numbers in the database in which exactly one row holds this number.
async fn column_with(system: &System, value: i64) -> CheckResult<Option<(String, String)>> {
    let database = system.postgres()?;
    let columns = database
        .query(
            "select quote_ident(table_schema) || '.' || quote_ident(table_name), quote_ident(column_name)
             from information_schema.columns join information_schema.tables using (table_schema, table_name)
             where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
               and data_type in ('smallint', 'integer', 'bigint', 'numeric')",
        )
        .await?;
    let mut found = Vec::new();
    for column in columns {
        let [Some(table), Some(column)] = column.as_slice() else { continue };
        let rows = database.query(format!("select count(*) from {table} where {column} = {value}")).await?;
        if rows.first() == Some(&vec![Some("1".to_owned())]) {
            found.push((table.clone(), column.clone()));
        }
    }
    Ok(found.pop().filter(|_| found.is_empty()))
}

fn no_column() -> Stop {
    Missing {
        what: text(
            "the column that counts clicks: no single one in the database holds their number",
            "클릭을 세는 열: 데이터베이스에서 클릭 수가 담긴 열을 하나로 정하지 못했습니다",
        ),
        fix: text(
            "nothing has to be done: this service counts somewhere else",
            "할 일은 없습니다. 이 서비스는 다른 곳에서 셉니다",
        ),
    }
    .into()
}

fn failure(reason: &'static str, service: &Service, did: Text, expected: Text, seen: Text) -> Stop {
    Failure::new(reason, did, expected, seen).with_log(service.last_lines()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_compared_whatever_follows_the_seconds() {
        let at = |time| seconds(time).expect("is a time");
        assert!(is_near(at("2026-11-30T23:59:59.5+00:00"), at("2026-12-01T00:00:01Z")));
        assert!(!is_near(at("2026-11-22T18:00:00Z"), at("2026-11-22T09:00:00Z")));
        assert_eq!(seconds("yesterday"), None);
    }
}
