//! What is shipped: the release of production's own build, where `app.toml` names one.

use std::path::PathBuf;

use crate::check::CheckResult;
use crate::event::Stage;
use crate::lab::Lab;

impl Lab {
    /// The folder with the files that `[prod] build` makes, built once for the run; `None` where there is one build for
    /// everybody, as in most languages.
    ///
    /// # Errors
    ///
    /// [`Stop::Fail`](crate::check::Stop::Fail) with a reason of the build step, when it does not build.
    pub async fn shipped(&self) -> CheckResult<Option<PathBuf>> {
        let bench = &self.bench;
        let Some(recipe) = bench.subject.manifest.shipped() else { return Ok(None) };
        let root = &bench.subject.app().root;
        let build = bench.build(root, recipe, bench.scratch.join("shipped"), Stage::Shipping);
        bench.shipped.get_or_init(|| build).await.clone().map(Some)
    }
}
