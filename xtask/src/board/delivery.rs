//! Sends what waits, in its order, within a budget, and leaves the rest for the next time.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::{self, Answer};
use super::membership::Membership;
use super::{FORMAT_VERSION, News, Sent, now, random, spool};

/// How many reports travel in one body.
const TOGETHER: usize = 50;

/// The first pause after a board could not be reached; it doubles, up to ten minutes.
const FIRST_PAUSE: i64 = 5_000;

/// The longest pause.
const LONGEST_PAUSE: i64 = 600_000;

/// Sends all that waits, or as much as the budget allows. `shows` says whether somebody will see the instructor's words.
pub fn send(folder: &Path, budget: Duration, shows: bool) -> Sent {
    let end = Instant::now() + budget;
    let Some(membership) = Membership::load(folder) else { return Sent::NotJoined };
    let waiting = || spool::waiting(folder).map(|events| events.len()).unwrap_or_default();
    // Somebody who asked by a command has patience, and may know that the network is back.
    if now() < membership.not_before && budget < super::PATIENCE {
        return Sent::Waiting(waiting());
    }
    // Two terminals at once would send everything twice; the other one does it.
    let Some(_turn) = turn(folder) else { return Sent::Everything(Vec::new()) };
    let sent = all(folder, &membership, end);
    let known = Membership::load(folder).unwrap_or(membership);
    // Where the file cannot be written, the next time is simply not later.
    let _ = match &sent {
        Sent::Waiting(_) => paused(known).save(folder),
        Sent::Everything(news) => told(known, news, shows).save(folder),
        _ => Ok(()),
    };
    sent
}

fn turn(folder: &Path) -> Option<File> {
    let file = File::create(folder.join("board-sending.lock")).ok()?;
    file.try_lock().ok().map(|()| file)
}

fn all(folder: &Path, membership: &Membership, end: Instant) -> Sent {
    let events = spool::waiting(folder).unwrap_or_default();
    let mut news = Vec::new();
    let mut left = events.len();
    // Without a report there may still be news.
    let batches: Vec<&[Value]> = if events.is_empty() { vec![&[]] } else { events.chunks(TOGETHER).collect() };
    for batch in batches {
        let patience = end.saturating_duration_since(Instant::now());
        match one(membership, batch, patience) {
            Ok(answer) if [200, 201].contains(&answer.status) => {
                let ids: Vec<String> =
                    batch.iter().filter_map(|event| event["id"].as_str().map(str::to_owned)).collect();
                if !ids.is_empty() && spool::taken(folder, &ids).is_err() {
                    return Sent::Waiting(left);
                }
                left -= batch.len();
                news = read_news(&answer.body, membership.news);
            }
            Ok(answer) if answer.status == 401 => return Sent::Unknown,
            Ok(answer) if answer.body["error"] == "newer" => return Sent::Newer,
            _ => return Sent::Waiting(left),
        }
    }
    Sent::Everything(news)
}

fn one(membership: &Membership, batch: &[Value], patience: Duration) -> Result<Answer, client::NoAnswer> {
    let (board, token) = (&membership.board, &membership.token);
    if batch.is_empty() {
        return client::get(board, "/api/v1/news", token, patience);
    }
    let body = json!({ "format_version": FORMAT_VERSION, "now": now(), "events": batch });
    client::post(board, "/api/v1/events", token, &body, patience)
}

fn read_news(body: &Value, seen: i64) -> Vec<News> {
    let all = body["announcements"].as_array().map(Vec::as_slice).unwrap_or_default();
    let news = all.iter().filter_map(|said| {
        let factor = said["factor"].as_u64().and_then(|number| u8::try_from(number).ok());
        let words = said["words"].as_str()?.chars().filter(|c| !c.is_control()).take(400).collect();
        Some(News { id: said["id"].as_i64()?, factor, words })
    });
    news.filter(|news| news.id > seen).collect()
}

/// After each miss the pause is longer, and never the same for a whole room.
fn paused(mut known: Membership) -> Membership {
    let pause = (FIRST_PAUSE << known.misses.min(10)).min(LONGEST_PAUSE);
    let chance = random::word().ok().and_then(|word| i64::from_str_radix(&word[..4], 16).ok()).unwrap_or_default();
    known.misses += 1;
    known.not_before = now() + pause / 2 + pause * chance / 0x2_0000;
    known
}

fn told(mut known: Membership, news: &[News], shows: bool) -> Membership {
    if shows {
        known.news = news.iter().map(|news| news.id).fold(known.news, i64::max);
    }
    known.opened.extend(news.iter().filter_map(|news| news.factor));
    known.opened.sort_unstable();
    known.opened.dedup();
    (known.misses, known.not_before) = (0, 0);
    known
}

/// What a damaged or foreign answer would do: nothing.
#[cfg(test)]
mod tests {
    use super::*;

    fn membership() -> Membership {
        Membership::new("http://127.0.0.1:9".into(), "r".into(), "Ann".into(), "t".into(), "d".into())
    }

    #[test]
    fn news_are_told_once_and_their_control_characters_never() {
        let body = json!({ "announcements": [
            { "id": 1, "factor": null, "words": "old" }, { "id": 2, "factor": null, "words": "\u{1b}[2Jnew" },
            { "id": 3, "factor": 3, "words": "" }, { "no": "id" }] });
        let news = read_news(&body, 1);
        assert_eq!(
            news.iter().map(|news| (news.id, news.words.as_str())).collect::<Vec<_>>(),
            [(2, "[2Jnew"), (3, "")]
        );
        let known = told(membership(), &news, true);
        assert_eq!(told(membership(), &news, false).news, 0, "what nobody saw stays new");
        assert_eq!((known.news, known.opened.clone()), (3, vec![3]));
        assert!(read_news(&body, known.news).is_empty());
        assert!(read_news(&Value::Null, 0).is_empty());
    }

    #[test]
    fn a_board_that_is_gone_is_asked_less_and_less() {
        let mut known = membership();
        let mut pauses = Vec::new();
        for _ in 0..20 {
            let before = now();
            known = paused(known);
            pauses.push(known.not_before - before);
        }
        assert!(pauses[0] >= FIRST_PAUSE / 2 && pauses[0] <= FIRST_PAUSE + 1000, "{pauses:?}");
        assert!(pauses[19] >= LONGEST_PAUSE / 2 && pauses[19] <= LONGEST_PAUSE + 1000, "{pauses:?}");
    }

    #[test]
    fn without_a_board_nothing_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(send(folder.path(), Duration::from_secs(1), true), Sent::NotJoined);
    }
}
