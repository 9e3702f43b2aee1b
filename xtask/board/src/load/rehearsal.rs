//! A room of simulated attendees, who fail, repair, get stuck and raise their hands as people do.

use std::net::SocketAddr;
use std::time::Duration;

use grader::check::Check;
use grader::factors::{FACTORS, Factor};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::client::{Connection, Failed};
use crate::hub::now;

const NAMES: [&str; 16] = [
    "민수", "서연", "지훈", "하은", "도윤", "수아", "준호", "예린", "Ada", "Linus", "Grace", "Ken", "Barbara",
    "Dennis", "Margaret", "Edsger",
];

/// Between two runs of one attendee, in seconds: somebody thinks, types and tries.
const THINKS: std::ops::Range<u64> = 15..90;

/// Sends so many attendees into the room; they stay until the program ends.
pub fn begin(attendees: usize, board: SocketAddr, code: &str) {
    for n in 0..attendees {
        let code = code.to_owned();
        tokio::spawn(async move {
            if let Err(error) = attend(n, board, &code).await {
                tracing::warn!(error = %error, attendee = n, "a simulated attendee went home");
            }
        });
    }
}

async fn attend(n: usize, board: SocketAddr, code: &str) -> Result<(), Failed> {
    // Nobody sits down at the very same moment.
    sleep(Duration::from_millis(fastrand::u64(0..10_000))).await;
    let mut connection = Connection::open(board).await?;
    let token = connection.join(code, NAMES[n % NAMES.len()]).await?;
    let mut person = Person { token, seq: 0, skill: fastrand::f64() };
    for factor in &FACTORS {
        person.work(&mut connection, factor).await?;
    }
    Ok(())
}

/// One of them.
struct Person {
    token: String,
    seq: i64,
    /// How likely a try repairs something.
    skill: f64,
}

impl Person {
    async fn work(&mut self, connection: &mut Connection, factor: &Factor) -> Result<(), Failed> {
        let checks = factor.checks();
        let mut repaired = 0;
        let mut tries = 0;
        while repaired < checks.len() {
            self.report(connection, run(factor, repaired)).await?;
            sleep(Duration::from_secs(fastrand::u64(THINKS))).await;
            tries += 1;
            if fastrand::f64() < 0.3 + 0.6 * self.skill {
                (repaired, tries) = (repaired + fastrand::usize(1..4), 0);
            } else if tries == 4 {
                self.report(connection, json!({ "kind": "hand", "raised": true, "factor": factor.number })).await?;
            } else if tries == 6 {
                let opened = json!({ "kind": "solution", "factor": factor.number, "skipped": true });
                self.report(connection, opened).await?;
                repaired = checks.len();
            }
        }
        self.report(connection, run(factor, checks.len())).await?;
        self.report(connection, json!({ "kind": "hand", "raised": false, "factor": factor.number })).await
    }

    /// Comes again until it is taken, as machines do.
    async fn report(&mut self, connection: &mut Connection, mut what: Value) -> Result<(), Failed> {
        self.seq += 1;
        what["id"] = json!(id());
        what["seq"] = json!(self.seq);
        what["at"] = json!(now());
        loop {
            match connection.report(&self.token, std::slice::from_ref(&what)).await? {
                200 | 201 => return Ok(()),
                429 | 503 => sleep(Duration::from_secs(1)).await,
                other => return Err(format!("HTTP {other}").into()),
            }
        }
    }
}

/// A run of a service in which the first checks are repaired.
fn run(factor: &Factor, repaired: usize) -> Value {
    let all = factor.checks();
    let verdict = |(n, check): (usize, &Check)| match n < repaired {
        true => json!({ "check": check.id, "verdict": "PASS" }),
        false => json!({ "check": check.id, "verdict": "FAIL", "reason": check.reasons.first() }),
    };
    let passed = repaired >= all.len();
    json!({
        "kind": "graded", "factor": factor.number, "standing": if passed { "passed" } else { "failed" }, "whole": true,
        "core_passed": passed, "checks": all.iter().enumerate().map(verdict).collect::<Vec<_>>(),
    })
}

/// A random UUID.
pub fn id() -> String {
    let digits = format!("{:032x}", fastrand::u128(..));
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simulated_run_is_one_that_the_board_understands() {
        for factor in &FACTORS {
            for repaired in [0, 1, factor.checks().len()] {
                let mut what = run(factor, repaired);
                (what["id"], what["seq"], what["at"]) = (json!(id()), json!(1), json!(1));
                let event = crate::event::read(what).unwrap();
                let crate::event::What::Graded(graded) = event.what else { panic!("it is a graded one") };
                assert_eq!(graded.stuck().is_none(), repaired >= factor.checks().len());
            }
        }
    }
}
