//! Three runs on two commits: the store is a ledger, in which lines are added and none is changed.

use std::collections::BTreeMap;

use super::store::Snapshot;
use super::yard::{Yard, pipeline_on};
use crate::check::{CheckResult, Failure, Stop};
use crate::lab::Lab;
use crate::lab::checkout::Change;
use crate::text::{text, verbatim};

/// Earlier releases stay as they are, file by file, and each says its own commit.
pub async fn store_is_append_only(lab: Lab) -> CheckResult {
    let yard = Yard::open(&lab, "never-green").await?;
    let mut before = BTreeMap::new();
    yard.control().await?;
    remember(&yard, &mut before)?;
    again(&yard, &mut before).await?;
    let notes = format!("{}.md", lab.chance().word(9));
    let commit = yard.clone.checkout.commit("Write notes", &[Change::Write(&notes, b"Notes.\n")])?;
    match again(&yard, &mut before).await? {
        Some(id) if yard.store.says(&id)["commit"] == commit.as_str() => Ok(()),
        Some(id) => Err(wrong_commit(&yard, &id, &commit)),
        None => {
            Err(overwritten(&yard, "no release of its own for another commit", "다른 커밋인데 새 릴리즈가 없습니다"))
        }
    }
}

/// Runs the pipeline once more. The same commit may be the same release, which is left alone then.
async fn again(yard: &Yard, before: &mut BTreeMap<String, Snapshot>) -> CheckResult<Option<String>> {
    let run = yard.run_pipeline(&[]).await?;
    for (id, known) in before.iter() {
        if yard.store.snapshot(id)? != *known {
            let (en, ko) = (format!("release {id} has changed"), format!("릴리즈 {id}의 내용이 바뀌었습니다"));
            return Err(overwritten(yard, &en, &ko));
        }
    }
    if !run.ran.is_green() {
        return Err(yard.never_green(run.ran.end(), &run.ran));
    }
    remember(yard, before)?;
    Ok(run.new.into_iter().next())
}

fn remember(yard: &Yard, before: &mut BTreeMap<String, Snapshot>) -> CheckResult {
    for id in yard.store.releases()? {
        before.insert(id.clone(), yard.store.snapshot(&id)?);
    }
    Ok(())
}

fn overwritten(yard: &Yard, en: &str, ko: &str) -> Stop {
    let did = pipeline_on(" three times, on two commits", " 두 커밋에서 세 번,");
    let expected = text(
        "earlier releases stay as they were, file by file",
        "앞선 릴리즈가 파일 하나까지 그대로 남아 있어야 합니다",
    );
    yard.explained(Failure::new("overwritten", did, expected, text(en, ko)))
}

fn wrong_commit(yard: &Yard, id: &str, commit: &str) -> Stop {
    let did = pipeline_on(" again, on a second commit", " 두 번째 커밋에서 다시");
    let expected = verbatim(format!("release.json: \"commit\": \"{commit}\""));
    let seen = verbatim(format!("release.json: {}", yard.store.says(id)));
    yard.explained(Failure::new("wrong-commit", did, expected, seen))
}
