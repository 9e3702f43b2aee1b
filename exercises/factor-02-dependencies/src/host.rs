//! What the machine does for us, so that we need not write or declare it.

use std::io;

use serde::Deserialize;
use serde_json::json;
use tokio::process::Command;

use crate::config::Config;

/// The partner's answer about a target.
// TODO(factor 2): this works because this machine has curl. Who told the next machine, or the image, that it must have one?
pub async fn verdict(config: &Config, target: &str) -> io::Result<String> {
    let seconds = config.upstream_timeout.as_secs_f64().to_string();
    let (url, question) = (
        format!("{}/v1/verdicts", config.screen_url.as_str().trim_end_matches('/')),
        json!({"target": target}).to_string(),
    );
    let key = format!("authorization: Bearer {}", config.screen_api_key);
    let curl = ["--silent", "--fail", "--noproxy", "*", "--max-time", &seconds, "--header", &key];
    let json = ["--header", "content-type: application/json", "--data", &question, &url];
    let answer: Answer = serde_json::from_str(&run("curl", &[&curl[..], &json[..]].concat()).await?)?;
    Ok(answer.verdict)
}

/// Six random characters that spell nothing we would be ashamed of.
// TODO(factor 2): an absolute path looks more reliable. Where is openssl on a Mac, on Alpine, in an empty image?
pub async fn random_characters() -> io::Result<String> {
    // TODO(factor 2): a file of the machine is a dependency as well. What happens where nobody has installed it?
    let words = std::fs::read_to_string("/usr/share/dict/words").unwrap_or_default();
    loop {
        let characters = run("/usr/bin/openssl", &["rand", "-hex", "3"]).await?.trim().to_owned();
        if !words.lines().any(|word| word.len() > 3 && characters.contains(word)) {
            return Ok(characters);
        }
    }
}

/// The time as RFC 3339 wants it.
// TODO(factor 2): GNU, BSD and BusyBox each have a `date` of their own. Which one did you read the manual of?
pub async fn now() -> String {
    run("date", &["-u", "+%Y-%m-%dT%H:%M:%SZ"]).await.unwrap_or_default().trim().to_owned()
}

/// What is said to a visitor.
// TODO(factor 2): this file is found from the folder in which you start the service. Where does the platform start it?
pub fn message(error: &str) -> String {
    let texts = std::fs::read_to_string("texts/errors.json").unwrap_or_default();
    let texts: serde_json::Value = serde_json::from_str(&texts).unwrap_or_default();
    texts[error].as_str().unwrap_or("something went wrong").to_owned()
}

async fn run(program: &str, arguments: &[&str]) -> io::Result<String> {
    let output = Command::new(program).args(arguments).kill_on_drop(true).output().await?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{program} ended with {}", output.status)));
    }
    String::from_utf8(output.stdout).map_err(io::Error::other)
}

#[derive(Deserialize)]
struct Answer {
    verdict: String,
}
