//! A commit as it stands: green, one release, and the release runs.

use serde_json::Value;

use super::digest::digest;
use super::yard::{Run, Yard, pipeline_on, releases};
use crate::check::{CheckResult, Failure, Stop};
use crate::graded::Deploy;
use crate::lab::Lab;
use crate::text::{Text, text, verbatim};

/// Nobody is at the keyboard, and at the end there is one release more.
pub async fn one_command_green(lab: Lab) -> CheckResult {
    let yard = Yard::open(&lab, "no-pipeline").await?;
    let run = yard.run_pipeline(&[]).await?;
    let id = one_release(&yard, &run)?;
    is_complete(&yard, &run, &id).await?;
    runs(&yard, &run, &id).await
}

fn one_release(yard: &Yard, run: &Run) -> CheckResult<String> {
    if !run.ran.is_green() {
        let expected = text("it ends with exit code 0", "종료 코드 0으로 끝나야 합니다");
        return Err(failure(yard, "not-green", expected, run.ran.end(), run));
    }
    match run.new.as_slice() {
        [id] => Ok(id.clone()),
        some => {
            let expected = text(
                "one more folder with a release.json in RELEASE_STORE",
                "RELEASE_STORE에 release.json이 든 폴더가 하나 더해져야 합니다",
            );
            Err(failure(yard, "no-release", expected, releases(some), run))
        }
    }
}

/// `release.json` says which commit this is, when it was built, and what lies beside it.
async fn is_complete(yard: &Yard, run: &Run, id: &str) -> CheckResult {
    let says = yard.store.says(id);
    let commit = yard.clone.checkout.head()?;
    let app = yard.store.release(id).join("app");
    let digest = if app.is_dir() { digest(&app).await? } else { None };
    let known = [("id", Some(id.to_owned())), ("commit", Some(commit)), ("sha256", digest)];
    for (field, value) in known {
        let is_right = match &value {
            Some(value) => says[field] == value.as_str(),
            None => says[field].is_string(),
        };
        if !is_right {
            let value = value.unwrap_or_else(|| "…".to_owned());
            return Err(incomplete(yard, run, format!("\"{field}\": \"{value}\""), &says));
        }
    }
    match says["built_at"].as_str().is_some_and(is_a_time) {
        true => Ok(()),
        false => Err(incomplete(yard, run, "\"built_at\": \"2026-11-20T02:15:00Z\"".to_owned(), &says)),
    }
}

/// Whether this has the look of RFC 3339. When it was is the pipeline's own word.
fn is_a_time(words: &str) -> bool {
    let shape: String = words.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).take(19).collect();
    shape == "0000-00-00T00:00:00" && words.len() > 19
}

fn incomplete(yard: &Yard, run: &Run, expected: String, says: &Value) -> Stop {
    let expected = text(format!("release.json says {expected}"), format!("release.json의 내용: {expected}"));
    failure(yard, "release-incomplete", expected, verbatim(format!("release.json: {says}")), run)
}

/// The platform starts what lies in the release. Where that says nothing, the pipeline has the last word.
async fn runs(yard: &Yard, run: &Run, id: &str) -> CheckResult {
    let deploy = Deploy::attach(&yard.lab).await?;
    let served = yard.serves(id, &deploy, "does-not-run", &started()).await;
    served.map_err(|stop| match stop {
        Stop::Fail(why) if why.log.is_empty() => why.with_log(run.ran.last_lines()).into(),
        stop => stop,
    })
}

fn started() -> Text {
    text("started `web` from app/ of the new release", "새 릴리즈의 app/에서 `web` 프로세스를 시작")
}

fn failure(yard: &Yard, reason: &'static str, expected: Text, seen: Text, run: &Run) -> Stop {
    yard.explained(Failure::new(reason, pipeline_on("", ""), expected, seen).with_log(run.ran.last_lines()))
}

#[cfg(test)]
mod tests {
    use super::is_a_time;

    #[test]
    fn a_time_is_written_as_programs_read_it() {
        for good in ["2026-11-20T02:15:00Z", "2026-11-20T02:15:00.123+09:00"] {
            assert!(is_a_time(good), "{good}");
        }
        for bad in ["2026-11-20", "2026-11-20T02:15:00", "Fri Nov 20 02:15:00 UTC 2026", ""] {
            assert!(!is_a_time(bad), "{bad}");
        }
    }
}
