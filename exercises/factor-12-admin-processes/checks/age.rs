//! Links that are older than the run: the grader, as the database's administrator, moves their times back.

use crate::check::{CheckResult, LabError, Missing};
use crate::lab::http::Reply;
use crate::lab::postgres::Postgres;
use crate::lab::service::Service;
use crate::links::get;
use crate::text::text;

/// Moves every time of every row that names the link, whatever tables there are.
const OLDER: &str = "
    DO $body$ DECLARE place record; BEGIN
    FOR place IN SELECT c.oid::regclass AS name, a.attname AS column_name
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind = 'r' AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        AND a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype) LOOP
        EXECUTE format('UPDATE %s AS it SET %I = %I - interval ''{days} days'' WHERE it::text LIKE ''%%{slug}%%''',
            place.name, place.column_name, place.column_name);
    END LOOP; END $body$";

/// Makes a link `days` older, and sees in its `created_at` that it is.
///
/// # Errors
///
/// UNGRADED for a schema in which that is not so: it keeps its times elsewhere, or in columns of other types.
pub async fn make_older(postgres: &Postgres, at: &Service, slug: &str, days: u64) -> CheckResult {
    let before = created_at(at, slug).await?;
    postgres.query(OLDER.replace("{days}", &days.to_string()).replace("{slug}", slug)).await?;
    // RFC 3339 in UTC orders like text.
    if created_at(at, slug).await? < before {
        return Ok(());
    }
    Err(Missing {
        what: text(
            "a link that is older than this run: the grader can age columns of the types timestamptz, timestamp and date alone",
            "이번 채점보다 오래된 링크. 채점기는 timestamptz, timestamp, date 타입의 컬럼만 과거로 옮길 수 있습니다",
        ),
        fix: text(
            "keep `created_at` in such a column of PostgreSQL",
            "`created_at` 값을 PostgreSQL의 그런 컬럼에 저장하십시오",
        ),
    }
    .into())
}

async fn created_at(at: &Service, slug: &str) -> CheckResult<String> {
    let reply = get(at, &format!("/v1/links/{slug}")).await;
    let time = |reply: &Reply| reply.json()["created_at"].as_str().map(str::to_owned);
    match reply.as_ref().map(time) {
        Ok(Some(time)) => Ok(time),
        _ => Err(LabError::new("GET /v1/links/{slug}", format!("{reply:?}")).into()),
    }
}
