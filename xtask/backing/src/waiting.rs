//! Waiting for a server that comes up: by asking it, never by reading what it logs.

use std::time::Duration;

use backing_protocol::Refusal;
use tokio::time::{Instant, sleep};

use crate::refusals::{failed, words};

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(10);

/// Every so many questions somebody looks whether the server still runs.
const LOOK: u32 = 5;

/// Asks until there is an answer, the server has `ended` (then with its last words), or it has taken longer than `patience`.
pub async fn first_answer<T>(
    server: &str,
    patience: Duration,
    ask: impl AsyncFn() -> Result<T, Refusal>,
    ended: impl AsyncFn() -> Option<String>,
) -> Result<T, Refusal> {
    let deadline = Instant::now() + patience;
    for question in 1_u32.. {
        let refused = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(refused) => refused,
        };
        if question % LOOK == 0
            && let Some(last_words) = ended().await
        {
            return Err(failed(format!("{server} ended"), last_words));
        }
        if Instant::now() > deadline {
            let late = format!("{server} did not answer within {} s", patience.as_secs());
            return Err(failed(late, words(&refused)));
        }
        sleep(PAUSE).await;
    }
    Err(failed(server, "was asked too often"))
}
