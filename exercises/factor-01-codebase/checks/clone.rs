//! A clean clone, as a colleague has it on the first day.

use crate::check::{CheckResult, Stop};
use crate::graded::Deploy;
use crate::lab::Lab;
use crate::lab::fresh_clone::{FreshClone, without};
use crate::text::text;

/// The clone alone is enough to build and to answer.
pub async fn clean_clone_builds(lab: Lab) -> CheckResult {
    let did = text("cloned the repository into an empty folder and built it", "빈 폴더에 저장소를 clone 해서 빌드");
    let clone = FreshClone::make(&lab).await?;
    let incomplete = |stop: Stop, left_out: &[String]| without(stop.because("clone-incomplete", &did), left_out);
    let release = clone.build(&lab).await.map_err(|stop| incomplete(stop, &clone.left_out))?;
    let left_out = clone.left_out.clone();
    drop(clone);
    let deploy = Deploy::attach(&lab).await?;
    let start = lab.start("web").environment(&deploy.environment()).release(release);
    let service = deploy.answers_the_basics(&lab, start).await;
    service.map_err(|stop| incomplete(stop, &left_out))?.end().await;
    Ok(())
}
