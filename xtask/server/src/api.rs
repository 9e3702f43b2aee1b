//! What a page can ask for: start a run, find the last one, follow one.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use grader::factors::{self, Factor};
use grader::locale;
use grader::text::Lang;
use serde_json::{Value, json};

use crate::runs::Runs;
use crate::stream::{self, Events};

/// What every handler needs.
pub type Shared = State<Arc<Runs>>;

/// `POST /api/checks/{factor}/runs?lang=ko`: 202 and the run's name.
pub async fn start(
    State(runs): Shared,
    Path(factor): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<(StatusCode, Json<Value>), StatusCode> {
    let lang = value(query.as_deref(), "lang").and_then(locale::named).unwrap_or(Lang::En);
    let run = runs.start(known(&factor)?, lang);
    Ok((StatusCode::ACCEPTED, Json(json!({ "run": run.id }))))
}

/// `GET /api/checks/{factor}`: the name of the run that goes on or was the last, or null.
pub async fn latest(State(runs): Shared, Path(factor): Path<String>) -> Result<Json<Value>, StatusCode> {
    let run = runs.latest_of(known(&factor)?).map(|run| run.id.clone());
    Ok(Json(json!({ "run": run })))
}

/// `GET /api/runs/{run}/events`: its events, from the beginning or from where the page left off.
pub async fn events(
    State(runs): Shared,
    Path(run): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Events, StatusCode> {
    let run = runs.find(&run).ok_or(StatusCode::NOT_FOUND)?;
    Ok(stream::events(run.follow(), first(&headers, query.as_deref())))
}

/// A factor that can be graded, by the name that pages use.
fn known(word: &str) -> Result<&'static Factor, StatusCode> {
    factors::with_id(word).ok_or(StatusCode::NOT_FOUND)
}

/// The number of the first event that the page lacks. A browser that lost the connection knows better than the address.
fn first(headers: &HeaderMap, query: Option<&str>) -> usize {
    let seen: Option<usize> = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let asked = || value(query, "from").and_then(|from| from.parse().ok());
    seen.map(|seen| seen.saturating_add(1)).or_else(asked).unwrap_or(0)
}

/// The value of `name=value` in a query. Names and values here are plain words, so nothing needs to be decoded.
fn value<'a>(query: Option<&'a str>, name: &str) -> Option<&'a str> {
    query?.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_page_goes_on_where_it_left_off() {
        let mut headers = HeaderMap::new();
        assert_eq!(first(&headers, None), 0);
        assert_eq!(first(&headers, Some("lang=ko&from=7")), 7);
        assert_eq!(first(&headers, Some("from=x")), 0);
        headers.insert("last-event-id", HeaderValue::from_static("9"));
        assert_eq!(first(&headers, Some("from=7")), 10);
    }

    #[test]
    fn only_what_can_be_graded_is_known() {
        assert_eq!(known("factor-3").unwrap().number, 3);
        for word in ["config", "3", "factor-16", "factor-03", "--all", ""] {
            assert!(known(word).is_err(), "{word}");
        }
    }
}
