//! The apps of a subject: one is graded, and a check may start the others beside it, in place of the lab's own partners.

use std::path::{Path, PathBuf};

use crate::build::Builder;
use crate::check::{CheckResult, Stop};
use crate::event::Stage;
use crate::lab::declared::no_app;
use crate::lab::ports::lock_file;
use crate::lab::{Bench, Lab};
use crate::manifest::Recipe;

impl Lab {
    /// The folder with the release of one of the subject's apps. The graded one is there before any check; another is built
    /// when it is needed first, once for the run.
    ///
    /// # Errors
    ///
    /// [`Stop::Fail`] with a reason of the build step, when it does not build, and where `app.toml` has no such app.
    pub async fn release_of(&self, app: &str) -> CheckResult<PathBuf> {
        let bench = &self.bench;
        if app == bench.subject.app_name() {
            return Ok(bench.release.clone());
        }
        let (Some(declared), Some(built)) = (bench.subject.manifest.app.get(app), bench.others.get(app)) else {
            return Err(no_app(app).into());
        };
        let folder = bench.scratch.join(format!("release-of-{app}"));
        let build = bench.build(&declared.root, declared.recipe(), folder, Stage::Building);
        built.get_or_init(|| build).await.clone()
    }
}

impl Bench {
    /// Builds in the graded copy and copies the release's files into `folder`; `stage` is what the reports call it.
    pub(super) async fn build(
        &self,
        root: &Path,
        recipe: Recipe<'_>,
        folder: PathBuf,
        stage: Stage,
    ) -> Result<PathBuf, Stop> {
        let waiting = || self.news(Stage::Waiting, None);
        let _building = lock_file(&self.tree.build_lock(&self.locks), waiting).await?;
        let builder = Builder {
            program: &self.program,
            root,
            tree: &self.tree,
            poison: &self.poison,
            clock: &self.clock,
            supervisors: &self.supervisors,
        };
        let news = |told, detail| self.news(if told == Stage::Building { stage } else { told }, detail);
        builder.build(recipe, &folder, news).await.map(|()| folder)
    }
}
