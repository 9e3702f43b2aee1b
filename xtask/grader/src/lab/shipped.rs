//! What is shipped: the release of production's own build, where `app.toml` names one.

use std::path::PathBuf;

use crate::build::Builder;
use crate::check::{CheckResult, Stop};
use crate::event::Stage;
use crate::lab::ports::lock_file;
use crate::lab::{Bench, Lab};
use crate::manifest::Recipe;

impl Lab {
    /// The folder with the files that `[prod] build` makes, built once for the run; `None` where there is one build for
    /// everybody, as in most languages.
    ///
    /// # Errors
    ///
    /// [`Stop::Fail`] with a reason of the build step, when it does not build.
    pub async fn shipped(&self) -> CheckResult<Option<PathBuf>> {
        let bench = &self.bench;
        let Some(recipe) = bench.subject.manifest.shipped() else { return Ok(None) };
        bench.shipped.get_or_init(|| build(bench, recipe)).await.clone().map(Some)
    }
}

async fn build(bench: &Bench, recipe: Recipe<'_>) -> Result<PathBuf, Stop> {
    let release = bench.scratch.join("shipped");
    let waiting = || bench.news(Stage::Waiting, None);
    let _building = lock_file(&bench.locks.join("build.lock"), waiting).await?;
    let builder = Builder {
        program: &bench.program,
        subject: &bench.subject,
        tree: &bench.tree,
        poison: &bench.poison,
        clock: &bench.clock,
        supervisors: &bench.supervisors,
    };
    let news = |stage, detail| match stage {
        Stage::Building => bench.news(Stage::Shipping, detail),
        other => bench.news(other, detail),
    };
    builder.build(recipe, &release, news).await.map(|()| release)
}
