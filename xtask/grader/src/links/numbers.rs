//! Numbers of a link, which may still be on their way through a backing service.

use std::time::{Duration, Instant};

use crate::check::LabError;
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::links::get;
use crate::text::{Text, text};

/// Between two looks at a number that may still be on its way.
const LOOK: Duration = Duration::from_millis(20);

/// What a report says of a number.
pub fn seen(number: Option<i64>) -> Text {
    match number {
        Some(number) => text(number.to_string(), number.to_string()),
        None => text("there is no such link", "그런 링크가 없습니다"),
    }
}

/// A number of a link once it is what it should be, or once it has not moved for a while: a service may write through a
/// queue in a backing service. `None` when there is no such link.
pub async fn number(lab: &Lab, at: &Service, slug: &str, field: &str, expected: i64) -> Result<Option<i64>, LabError> {
    let mut last = None;
    let mut moved = Instant::now();
    let settled = async {
        loop {
            let reply = get(at, &format!("/v1/links/{slug}")).await;
            let now = reply.ok().filter(|reply| reply.status == 200).and_then(|reply| reply.json()[field].as_i64());
            if now != last {
                (last, moved) = (now, Instant::now());
            }
            if now == Some(expected) || moved.elapsed() > lab.quiet() {
                return now;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let settled = lab.until("number", settled).await;
    settled.ok_or_else(|| LabError::new(format!("the {field} of a link"), "they never came to rest"))
}
