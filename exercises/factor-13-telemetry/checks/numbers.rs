//! The numbers: right to the last request, and not one time series per visitor.

use std::collections::BTreeMap;

use hyper::Method;
use serde_json::{Value, json};

use super::exposition::Page;
use super::scene::{create, failure, requests, scrape, serving, wants, web};
use crate::check::{CheckResult, LabError, Stop};
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::lab::stub::Answer;
use crate::links::{System, fresh_target, get};
use crate::text::{Text, text};

/// How many more series there may be after all those visitors.
const MOST_SERIES: usize = 30;
const VISITORS: usize = 300;
const METHODS: usize = 50;

/// Requests that are all alike: a route and a status.
struct Group {
    method: Method,
    path: String,
    body: Option<Value>,
    status: u16,
    count: u64,
}

/// Sends so many requests of each kind and wants exactly these in the numbers.
pub async fn metrics_count_right(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = serving(&lab, web(&lab, &system)).await?;
    let groups = groups(&lab, &system, &service).await?;
    send(&system, &service, &groups, |_| 1).await?;
    // A counter begins with its first request, so all of them exist before they are compared.
    let before = settled(&lab, &service, &BTreeMap::new()).await?;
    send(&system, &service, &groups, |group| group.count).await?;
    let expected = per_status(&groups);
    let mut wanted = statuses(&before, &service)?;
    expected.iter().for_each(|(status, count)| *wanted.entry(*status).or_default() += *count as f64);
    let after = settled(&lab, &service, &wanted).await?;
    let moved = moved(&before, &after, &service)?;
    for status in per_status(&groups).into_keys() {
        counts_are_right(status, &groups, moved.get(&Some(status)).map_or(&[], Vec::as_slice), &service)?;
    }
    durations_agree(&before, &after, &service)
}

/// Counts differ, so that no two kinds can be taken for each other.
async fn groups(lab: &Lab, system: &System, service: &Service) -> CheckResult<Vec<Group>> {
    let slug = create(system, service, &fresh_target(lab)).await?;
    let host = format!("{}.example", lab.chance().word(10));
    system.screen.deny(&host);
    let word = || lab.chance().word(10);
    let kinds = [
        (Method::POST, "/v1/links".to_owned(), Some(json!({ "target": format!("https://{host}/") })), 422),
        (Method::POST, "/v1/links".to_owned(), Some(json!({ "target": 7 })), 400),
        (Method::POST, "/v1/links".to_owned(), Some(json!({ "target": fresh_target(lab) })), 503),
        (Method::GET, format!("/v1/links/{slug}"), None, 200),
        (Method::GET, "/v1/links".to_owned(), None, 200),
        (Method::GET, format!("/v1/links/{}", word()), None, 404),
        (Method::GET, format!("/{}", word()), None, 404),
    ];
    let mut count = 1;
    let groups = kinds.map(|(method, path, body, status)| {
        count += 1 + lab.chance().below(3);
        Group { method, path, body, status, count }
    });
    Ok(groups.into())
}

async fn send(system: &System, service: &Service, groups: &[Group], times: impl Fn(&Group) -> u64) -> CheckResult {
    for group in groups {
        // The partner fails for those that shall find it failing.
        system.screen.answer(if group.status == 503 { Answer::Status(500) } else { Answer::Verdict });
        for _ in 0..times(group) {
            let reply = service.request(group.method.clone(), &group.path, group.body.as_ref()).await;
            wants(&format!("{} {}", group.method, group.path), &reply, group.status)?;
        }
    }
    system.screen.answer(Answer::Verdict);
    Ok(())
}

/// The page once its numbers are what they should be, or rest: a request may be counted just behind its answer.
async fn settled(lab: &Lab, service: &Service, wanted: &BTreeMap<u16, f64>) -> CheckResult<Page> {
    let reached = || async {
        let page = scrape(service).await.ok()?;
        let now = statuses(&page, service).ok()?;
        let right = |(status, count): (&u16, &f64)| *status == 200 || now.get(status) == Some(count);
        (!wanted.is_empty() && wanted.iter().all(right)).then_some(page)
    };
    match lab.glance(reached).await {
        Some(page) => Ok(page),
        None => scrape(service).await,
    }
}

/// How many requests have been counted with each status, without those for the numbers themselves.
fn statuses(page: &Page, service: &Service) -> CheckResult<BTreeMap<u16, f64>> {
    let mut statuses = BTreeMap::new();
    for (labels, count) in requests(page, service)?.into_values().filter(|(labels, _)| !is_scrape(labels)) {
        if let Some(status) = status(&labels) {
            *statuses.entry(status).or_default() += count;
        }
    }
    Ok(statuses)
}

/// By how much each series has grown, by its status.
fn moved(before: &Page, after: &Page, service: &Service) -> CheckResult<BTreeMap<Option<u16>, Vec<f64>>> {
    let before = requests(before, service)?;
    let mut moved: BTreeMap<Option<u16>, Vec<f64>> = BTreeMap::new();
    for (key, (labels, count)) in requests(after, service)?.into_iter().filter(|(_, (labels, _))| !is_scrape(labels)) {
        let grown = count - before.get(&key).map_or(0.0, |(_, count)| *count);
        if grown != 0.0 {
            moved.entry(status(&labels)).or_default().push(grown);
        }
    }
    Ok(moved)
}

/// Whoever counts the requests for the numbers says so by the path or by the handler's name.
fn is_scrape(labels: &[String]) -> bool {
    labels.iter().any(|value| value.contains("metrics"))
}

/// Ecosystems call the label differently, and all of them write the number.
fn status(labels: &[String]) -> Option<u16> {
    labels
        .iter()
        .filter(|value| value.len() == 3)
        .find_map(|value| value.parse().ok().filter(|s| (100..600).contains(s)))
}

fn per_status(groups: &[Group]) -> BTreeMap<u16, u64> {
    let mut statuses = BTreeMap::new();
    groups.iter().for_each(|group| *statuses.entry(group.status).or_default() += group.count);
    statuses
}

/// `grown` says by how much each series of this status has grown.
fn counts_are_right(status: u16, groups: &[Group], grown: &[f64], service: &Service) -> CheckResult {
    let mut expected: Vec<u64> =
        groups.iter().filter(|group| group.status == status).map(|group| group.count).collect();
    expected.sort_unstable();
    let mut grown = grown.to_vec();
    grown.sort_by(f64::total_cmp);
    if grown.iter().copied().eq(expected.iter().map(|count| *count as f64)) {
        return Ok(());
    }
    let (wanted, counted): (f64, f64) = (expected.iter().sum::<u64>() as f64, grown.iter().sum());
    // Routes in one pot: then nobody can take out the requests for the numbers either, and there may be more of them.
    let in_one_pot = grown.len() < expected.len() && counted >= wanted;
    let reason = if in_one_pot || counted == wanted { "no-route" } else { "wrong-numbers" };
    let expected = text(
        format!("one series per route and status: those with {status} grow by {expected:?}"),
        format!("경로와 상태 코드마다 시계열이 하나씩 있어야 합니다. {status} 시계열의 증가량: {expected:?}"),
    );
    let seen = text(format!("they grew by {grown:?}"), format!("실제 증가량: {grown:?}"));
    Err(failure(reason, did_send(), expected, seen, service))
}

/// Every request that was counted took its time: within each page both families say the same.
fn durations_agree(before: &Page, after: &Page, service: &Service) -> CheckResult {
    let mapped = service.lab().bench.subject.manifest.metrics.durations.clone();
    let names = mapped.map_or_else(
        || ["http_request_duration_seconds", "http_server_request_duration_seconds"].map(str::to_owned).to_vec(),
        |name| vec![name],
    );
    let known = names.iter().find(|name| after.families.get(*name).is_some_and(|kind| kind == "histogram"));
    let expected = text(
        format!("a histogram {} that has seen every request", names[0]),
        format!("모든 요청을 담은 히스토그램 {} 있어야 합니다", crate::text::with_particle(&names[0], "이/가")),
    );
    let Some(known) = known else {
        let seen = text("there is none", "그런 히스토그램이 없습니다");
        return Err(failure("histogram-disagrees", did_send(), expected, seen, service));
    };
    let observed = |page: &Page| -> f64 {
        page.samples.iter().filter(|sample| sample.name == format!("{known}_count")).map(|sample| sample.value).sum()
    };
    let counted = |page: &Page| Ok::<f64, Stop>(requests(page, service)?.into_values().map(|(_, count)| count).sum());
    let (observed, counted) = (observed(after) - observed(before), counted(after)? - counted(before)?);
    if observed == counted {
        return Ok(());
    }
    let seen = text(
        format!("the counter grew by {counted}, the histogram's _count by {observed}"),
        format!("카운터는 {counted}, 히스토그램의 _count는 {observed} 늘었습니다"),
    );
    Err(failure("histogram-disagrees", did_send(), expected, seen, service))
}

fn did_send() -> Text {
    text(
        "sent so many requests of each route and status, failing ones among them, and compared /metrics before and after",
        "경로와 상태 코드별로 정해진 수만큼 실패하는 요청까지 보내고, 앞뒤의 /metrics를 비교",
    )
}

/// Visitors who ask for what does not exist, in words of their own.
pub async fn cardinality_bounded(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = serving(&lab, web(&lab, &system)).await?;
    // One of each kind first, so that nothing is new but the words.
    visit(&lab, &system, &service, 1).await?;
    let before = is_live(&lab, &system, &service).await?;
    let words = visit(&lab, &system, &service, VISITORS).await?;
    let after = scrape(&service).await?;
    let values = || after.samples.iter().flat_map(|sample| &sample.labels);
    if let Some((label, value)) = values().find(|(_, value)| words.iter().any(|word| value.contains(word.as_str()))) {
        let expected =
            text("no label repeats what a visitor wrote", "방문자가 쓴 말이 레이블에 들어가지 않아야 합니다");
        let seen = text(format!("{label}={value:?}"), format!("{label}={value:?}"));
        return Err(failure("visitor-in-label", did_visit(), expected, seen, &service));
    }
    let grown = after.series().difference(&before.series()).count();
    if grown > MOST_SERIES {
        let expected = text(
            format!("at most {MOST_SERIES} more time series"),
            format!("시계열이 많아야 {MOST_SERIES}개 늘어나야 합니다"),
        );
        let seen = text(format!("{grown} more"), format!("{grown}개 늘었습니다"));
        return Err(failure("series-grow", did_visit(), expected, seen, &service));
    }
    Ok(())
}

/// The control: the page counts what is served. Returns it.
async fn is_live(lab: &Lab, system: &System, service: &Service) -> CheckResult<Page> {
    let total = |page: &Page| Ok::<f64, Stop>(requests(page, service)?.into_values().map(|(_, count)| count).sum());
    create(system, service, &fresh_target(lab)).await?;
    let first = total(&scrape(service).await?)?;
    create(system, service, &fresh_target(lab)).await?;
    let grown = || async { scrape(service).await.ok().filter(|page| total(page).is_ok_and(|now| now > first)) };
    let page = lab.watch("live numbers", grown).await;
    Ok(page.ok_or_else(|| LabError::new("GET /metrics", "a link that was made is not counted"))?)
}

/// Returns the words that the visitors have used.
async fn visit(lab: &Lab, system: &System, service: &Service, times: usize) -> CheckResult<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let mut word = || {
        let word = lab.chance().word(12);
        words.push(word.clone());
        word
    };
    for _ in 0..times {
        let slug = format!("/v1/links/{}", word());
        let path = format!("/{}/{}", word(), word());
        wants("GET of an unknown link", &get(service, &slug).await, 404)?;
        wants("GET of an unknown path", &get(service, &path).await, 404)?;
    }
    for _ in 0..times.min(METHODS) {
        let (method, agent) = (word().to_uppercase(), word());
        let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
        // Whatever it answers, or that it hangs up: some servers know no other methods than those of HTTP.
        drop(service.request_with(method, "/v1/links", &[("user-agent", &agent)], None).await);
    }
    let links = times.min(10);
    for _ in 0..links {
        let slug = create(system, service, &fresh_target(lab)).await?;
        wants("GET of a link", &get(service, &format!("/v1/links/{slug}")).await, 200)?;
        words.push(slug);
    }
    let upper: Vec<String> = words.iter().map(|word| word.to_uppercase()).collect();
    words.extend(upper);
    Ok(words)
}

fn did_visit() -> Text {
    text(
        format!(
            "visited {VISITORS} links and {VISITORS} paths that do not exist, and came with {METHODS} invented methods"
        ),
        format!("없는 링크 {VISITORS}개와 없는 경로 {VISITORS}개를 요청하고, 지어낸 메서드 {METHODS}개로 요청"),
    )
}
