//! Searching for everything that means something else to one database than to another.

use super::oracle::{Kind, Oracle, Query, found_by};
use super::paging::{every_page, ties};
use super::scene::{create, deployed, items, page};
use crate::check::{CheckResult, Failure, Stop};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::account::{shown, status};
use crate::text::{Text, text};

/// More than there are links.
const ALL: u64 = 100;

/// Random targets, random queries, and what the contract says of them; then page by page, with ties in time.
pub async fn search_semantics(lab: Lab) -> CheckResult {
    let (system, service) = deployed(&lab).await?;
    let oracle = Oracle::draw(lab.chance());
    let mut slugs = Vec::new();
    for target in &oracle.targets {
        slugs.push(create(&service, target).await?);
    }
    for query in &oracle.queries {
        found_rightly(&service, query, &oracle.targets, &slugs).await?;
    }
    every_page(&lab, &service, &slugs, false).await?;
    match ties(&system, &slugs).await? {
        true => every_page(&lab, &service, &slugs, true).await?,
        false => lab.remark(text(
            "no column with the time of a link was found, so pages were turned without ties in time",
            "링크의 시각이 담긴 열을 찾지 못해 같은 시각의 링크로는 쪽을 넘겨 보지 못했습니다",
        )),
    }
    service.end().await;
    Ok(())
}

async fn found_rightly(service: &Service, query: &Query, targets: &[String], slugs: &[String]) -> CheckResult {
    let expected = found_by(&query.q, targets);
    let answer = page(service, Some(&query.q), ALL, None).await;
    let Some(items) = items(&answer) else {
        let seen = if status(&answer) == 200 { "200 without \"items\"".to_owned() } else { shown(&answer) };
        return Err(wrong(service, query, expected.len(), text(format!("got {seen}"), format!("실제 응답: {seen}"))));
    };
    let place = |slug: &str| slugs.iter().position(|known| known == slug);
    let mut found: Vec<usize> = items.iter().filter_map(|link| place(link["slug"].as_str()?)).collect();
    found.sort_unstable();
    if found == expected && items.len() == expected.len() {
        return Ok(());
    }
    let target = |at: &usize| targets.get(*at).map(|target| excerpt(target)).unwrap_or_default();
    let missed = expected.iter().find(|at| !found.contains(at)).map(target);
    let extra = found.iter().find(|at| !expected.contains(at)).map(target);
    let number = items.len();
    let seen = match (missed, extra) {
        (Some(missed), _) => text(format!("{number}, without {missed}"), format!("{number}개, 빠진 링크: {missed}")),
        (None, Some(extra)) => {
            text(format!("{number}, among them {extra}"), format!("{number}개, 잘못 찾은 링크: {extra}"))
        }
        (None, None) => text(format!("{number}, some of them twice"), format!("{number}개, 겹치는 링크가 있음")),
    };
    Err(wrong(service, query, expected.len(), seen))
}

fn wrong(service: &Service, query: &Query, expected: usize, seen: Text) -> Stop {
    let reason = match query.kind {
        Kind::Case => "case-matters",
        Kind::Wildcard => "wildcards-live",
        Kind::Form => "forms-differ",
        Kind::Character => "characters-break",
    };
    let q = excerpt(&query.q);
    // A composed syllable and its parts look the same in a report.
    let codes = match query.kind {
        Kind::Form => query.q.chars().map(|c| format!(" U+{:04X}", u32::from(c))).collect(),
        _ => String::new(),
    };
    let did = text(
        format!("created links and sent GET /v1/links?q={q} (percent-encoded){codes}"),
        format!("링크를 만들고 GET /v1/links?q={q} 요청(퍼센트 인코딩){codes}"),
    );
    let expected = text(format!("{expected} links"), format!("링크 {expected}개를 찾아야 합니다"));
    Failure::new(reason, did, expected, seen).with_log(service.last_lines()).into()
}

/// A long text for a report.
fn excerpt(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
