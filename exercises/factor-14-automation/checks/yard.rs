//! A build server of the check's own: a clean clone, an empty store, and the repository's commands.

use std::time::{SystemTime, UNIX_EPOCH};

use super::store::Store;
use crate::check::{CheckResult, Failure, LabError, Stop};
use crate::git::git;
use crate::graded::Deploy;
use crate::lab::fresh_clone::{FreshClone, without};
use crate::lab::scripts::{Ran, Script};
use crate::lab::{Lab, create_folder};
use crate::manifest::Pipeline;
use crate::text::{Text, text, verbatim};

/// A clone with a store. Nothing else is built while it is open.
#[derive(Debug)]
pub struct Yard {
    /// The check's lab.
    pub lab: Lab,
    /// The clone.
    pub clone: FreshClone,
    /// The store, empty at first.
    pub store: Store,
    pipeline: Pipeline,
}

/// What a run of the pipeline came to.
#[derive(Debug)]
pub struct Run {
    /// Its end and what it wrote.
    pub ran: Ran,
    /// The releases that were not there before.
    pub new: Vec<String>,
}

impl Yard {
    /// Makes a clone of the graded repository. A subject without a pipeline fails with the reason `why`.
    ///
    /// # Errors
    ///
    /// Git refuses, and the failure.
    pub async fn open(lab: &Lab, why: &'static str) -> CheckResult<Self> {
        let Some(pipeline) = lab.bench.subject.manifest.pipeline.clone() else { return Err(no_pipeline(why).into()) };
        let clone = FreshClone::make(lab).await?;
        // A branch, as a push has one; a clone of a commit that no branch names would have none.
        git(&clone.checkout.root, &["checkout", "--quiet", "-B", "main"])?;
        let folder = lab.scratch()?.join("releases");
        create_folder(&folder)?;
        Ok(Self { lab: lab.clone(), clone, store: Store { folder }, pipeline })
    }

    /// Runs the pipeline on what is checked out.
    ///
    /// # Errors
    ///
    /// A command that cannot be supervised, or a store that cannot be read.
    pub async fn run_pipeline(&self, more: &[(&str, &str)]) -> CheckResult<Run> {
        self.in_a_second_of_its_own().await?;
        let before = self.store.releases()?;
        let ran = self.script(&self.pipeline.run, &[], more).run(&self.lab).await?;
        let new = self.store.releases()?.into_iter().filter(|id| !before.contains(id)).collect();
        Ok(Run { ran, new })
    }

    /// A release may be named after the second in which it was made, and no build server makes two of them in one. Waits until
    /// the second of the newest release is over.
    async fn in_a_second_of_its_own(&self) -> CheckResult {
        let Some(newest) = self.store.newest()? else { return Ok(()) };
        let is_over = || async { (second(SystemTime::now()) != second(newest)).then_some(()) };
        let over = self.lab.watch("another second", is_over).await;
        over.ok_or_else(|| LabError::new("the clock", "stands still").into())
    }

    /// The positive control: without a defect the pipeline is green and adds one release, which is returned. A red pipeline
    /// would prove nothing otherwise.
    ///
    /// # Errors
    ///
    /// A failure with the reason `never-green`.
    pub async fn control(&self) -> CheckResult<String> {
        let run = self.run_pipeline(&[]).await?;
        let seen = match run.new.as_slice() {
            [id] if run.ran.is_green() => return Ok(id.clone()),
            _ if !run.ran.is_green() => run.ran.end(),
            _ => releases(&run.new),
        };
        Err(self.never_green(seen, &run.ran))
    }

    /// Wants a run on a mistake to be red and to have released nothing. A run that is green fails with the first reason, and a
    /// red one that released with the second.
    ///
    /// # Errors
    ///
    /// The failure.
    pub fn is_red(&self, run: &Run, did: Text, [green, released]: [&'static str; 2]) -> CheckResult {
        let reason = match (run.ran.is_green(), run.new.is_empty()) {
            (false, true) => return Ok(()),
            (false, false) => released,
            (true, _) => green,
        };
        let expected = text(
            "an exit code other than 0, and no new release",
            "0이 아닌 종료 코드로 끝나고, 새 릴리즈가 없어야 합니다",
        );
        let (end, added) = (run.ran.end(), releases(&run.new));
        let seen = text(format!("{}; {}", end.en, added.en), format!("{} ({})", end.ko, added.ko));
        Err(self.explained(Failure::new(reason, did, expected, seen).with_log(run.ran.last_lines())))
    }

    /// Starts what lies in a release, as the platform does, and asks what the contract of the app promises.
    ///
    /// # Errors
    ///
    /// A failure with this reason.
    pub async fn serves(&self, id: &str, deploy: &Deploy, reason: &'static str, did: &Text) -> CheckResult {
        let start = self.lab.start("web").environment(&deploy.environment());
        let start = start.release(self.store.release(id).join("app"));
        let service = deploy.answers_the_basics(&self.lab, start).await;
        service.map_err(|stop| without(stop.because(reason, did), &self.clone.left_out))?.end().await;
        Ok(())
    }

    /// A failure of the control.
    pub fn never_green(&self, seen: Text, ran: &Ran) -> Stop {
        let expected = text(
            "it ends with exit code 0 and adds one release",
            "종료 코드 0으로 끝나고 릴리즈가 하나 더해져야 합니다",
        );
        self.explained(Failure::new("never-green", pipeline_on("", ""), expected, seen).with_log(ran.last_lines()))
    }

    /// `deploy ID ENV-FILE`; `None` when `app.toml` names no such command.
    ///
    /// # Errors
    ///
    /// A command that cannot be supervised.
    pub async fn deploy(&self, id: &str, settings: &str) -> CheckResult<Option<Ran>> {
        self.optional(&self.pipeline.deploy, &[id, settings], &[]).await
    }

    /// `rollback [ID]` with these variables; `None` when `app.toml` names no such command.
    ///
    /// # Errors
    ///
    /// A command that cannot be supervised.
    pub async fn rollback(&self, id: &[&str], more: &[(&str, &str)]) -> CheckResult<Option<Ran>> {
        self.optional(&self.pipeline.rollback, id, more).await
    }

    /// A failure, with what the clone lacks.
    pub fn explained(&self, failure: Failure) -> Stop {
        without(failure.into(), &self.clone.left_out)
    }

    async fn optional(&self, argv: &[String], arguments: &[&str], more: &[(&str, &str)]) -> CheckResult<Option<Ran>> {
        match argv.is_empty() {
            true => Ok(None),
            false => self.script(argv, arguments, more).run(&self.lab).await.map(Some),
        }
    }

    fn script(&self, argv: &[String], arguments: &[&str], more: &[(&str, &str)]) -> Script {
        let own = [
            ("RELEASE_STORE", self.store.folder.display().to_string()),
            ("CARGO_TARGET_DIR", self.clone.target.display().to_string()),
        ];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Script {
            argv: argv.iter().cloned().chain(arguments.iter().map(|word| (*word).to_owned())).collect(),
            root: self.clone.checkout.root.clone(),
            environment: own.chain(more).collect(),
        }
    }
}

/// What was done, for a report: a run of the pipeline on a clone, with what was committed to it.
pub fn pipeline_on(en: &str, ko: &str) -> Text {
    text(
        format!("ran the pipeline on a clean clone{en}, without a terminal"),
        format!("새로 clone 한 저장소에서{ko} 터미널 없이 파이프라인 실행"),
    )
}

/// The releases that a run has added, as a sentence.
pub fn releases(new: &[String]) -> Text {
    match new {
        [] => text("no release was added", "릴리즈가 더해지지 않았습니다"),
        some => verbatim(format!("+ {}", some.join(", "))),
    }
}

fn no_pipeline(why: &'static str) -> Failure {
    Failure::new(
        why,
        text("looked for [pipeline] in app.toml", "app.toml에서 [pipeline]을 찾음"),
        text("`run` names the command that makes a release", "`run`에 릴리즈를 만드는 명령이 적혀 있어야 합니다"),
        text("there is no [pipeline]", "[pipeline]이 없습니다"),
    )
}

/// Whole seconds of the clock on the wall.
fn second(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
