//! Everything up to the first start of the service: copy, build, release, calibration.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::sync::mpsc::UnboundedSender;

use super::Request;
use crate::backing::Site;
use crate::build::Builder;
use crate::check::{LabError, Stop};
use crate::event::{Event, Stage};
use crate::factors::Factor;
use crate::lab::chance::Chance;
use crate::lab::clock::{Clock, Patience, Waits};
use crate::lab::ground::Ground;
use crate::lab::ports::{Ports, lock_file};
use crate::lab::process::Supervisors;
use crate::lab::servers::Servers;
use crate::lab::version_managers::skipped;
use crate::lab::{Bench, calibration};
use crate::manifest::Manifest;
use crate::subject::Subject;
use crate::tree::{self, Place};

/// Copy, build, release, calibration: everything up to the first start of the service.
pub async fn prepare(
    request: &Request,
    seed: u64,
    scratch: &Path,
    clock: &Clock,
    supervisors: &Arc<Supervisors>,
    events: &UnboundedSender<Event>,
) -> Result<(Arc<Bench>, tree::Tree), Stop> {
    let news = |stage, detail| drop(events.send(Event::Working { stage, detail }));
    let waiting = || news(Stage::Waiting, None);
    let lock = tree::lock_path(&request.subject, &request.workspace, request.patch.as_ref());
    let lock = lock_file(&lock, waiting).await?;
    news(Stage::Preparing, None);
    let copy = request.clone();
    let tree = tokio::task::spawn_blocking(move || {
        tree::materialise(&copy.subject, &copy.workspace, copy.patch.as_ref(), copy.builds.as_deref(), lock)
    });
    let tree = tree.await.map_err(|error| LabError::new("cannot copy the subject", error))??;
    let subject = as_patched(request, &tree.place)?;
    // In a container there are other programs.
    let subject = if request.in_container { subject } else { skipped(subject, &tree.place.folder).await };
    keep_toolchain(request, scratch)?;
    let release = scratch.join(format!("release-{}", Chance::new(seed, "release").word(8)));
    let poison = poison(&request.factors, &tree.place.folder);
    // Between a build and the copy of its release nobody else may build there.
    let locks = request.workspace.own().join("locks");
    let building = lock_file(&tree.place.build_lock(&locks), waiting).await?;
    let builder = Builder {
        program: &request.supervisor,
        root: &subject.app().root,
        tree: &tree.place,
        poison: &poison,
        clock,
        supervisors,
    };
    let site = Site { workspace: &request.workshop, supervisor: &request.supervisor, clock, supervisors };
    let needs = &subject.app().needs;
    let ground = async {
        match request.in_container {
            true => Ground::container(&request.backing, site, scratch, news).await,
            false => Ok(Ground::Machine),
        }
    };
    // While the service is compiled, its backing services come up.
    let (built, servers, ground) = tokio::join!(
        builder.build(subject.app().recipe(), &release, news),
        Servers::up(&request.backing, needs, site, news),
        ground
    );
    built?;
    drop(building);
    news(Stage::Starting, None);
    let program = request.supervisor.clone();
    let slowness = tokio::task::spawn_blocking(move || calibration::slowness(&program)).await;
    let slowness = slowness.map_err(|error| LabError::new("cannot calibrate", error))??;
    let others = subject.other_apps().map(|(name, _)| (name.clone(), OnceCell::new())).collect();
    let bench = Bench {
        program: request.supervisor.clone(),
        subject,
        tree: tree.place.clone(),
        own_history: tree.own_history,
        release,
        others,
        shipped: OnceCell::new(),
        poison,
        scratch: scratch.to_owned(),
        clock: clock.clone(),
        patience: patience(slowness, request.known_waits.clone()),
        ports: Ports,
        locks,
        supervisors: Arc::clone(supervisors),
        seed,
        servers: servers?,
        ground: ground?,
        backing: request.backing.clone(),
        workspace: request.workspace.clone(),
        workshop: request.workshop.clone(),
        starts: AtomicU64::new(0),
        events: events.downgrade(),
    };
    Ok((Arc::new(bench), tree))
}

/// What is graded, as the patch has left it: that may have changed `app.toml` too.
fn as_patched(request: &Request, place: &Place) -> Result<Subject, LabError> {
    let mut subject = request.subject.clone();
    if request.patch.is_some() {
        subject.manifest =
            Manifest::read(&place.folder).map_err(|error| LabError::new("cannot read the patched app.toml", error))?;
    }
    Ok(subject)
}

/// Clones are built below the run's folder. There rustup would not find the toolchain that the workshop names, and take
/// whatever the machine prefers: everything would be compiled twice, or not at all.
fn keep_toolchain(request: &Request, scratch: &Path) -> Result<(), LabError> {
    let named = request.workspace.root.join("rust-toolchain.toml");
    if request.subject.inside(&request.workspace).is_none() || !named.is_file() {
        return Ok(());
    }
    let failed = |error| LabError::new("cannot copy rust-toolchain.toml", error);
    std::fs::copy(named, scratch.join("rust-toolchain.toml")).map(drop).map_err(failed)
}

/// `WORKSHOP_HANG_GUARD_MS` replaces the hang guard. It is for tests of the grader alone: with a short one, a slow
/// machine would fail a correct service.
fn patience(slowness: f64, known_waits: Option<Waits>) -> Patience {
    let patience = Patience::new(slowness, known_waits);
    let asked = std::env::var("WORKSHOP_HANG_GUARD_MS").ok().and_then(|value| value.parse().ok());
    match asked {
        Some(milliseconds) => patience.with_guard(Duration::from_millis(milliseconds)),
        None => patience,
    }
}

/// Values that no deploy has and no release may hold, for every variable that a requested factor names.
///
/// They belong to the copy and not to the run: a build script that ran once need not run again, and what it wrote into
/// its output then is still to be found.
fn poison(factors: &[&'static Factor], copy: &Path) -> Vec<(String, String)> {
    let names = factors.iter().flat_map(|factor| factor.exercise.poisoned_at_build);
    let mut names: Vec<&str> = names.copied().collect();
    names.sort_unstable();
    names.dedup();
    let word = Chance::new(0, &copy.to_string_lossy()).word(12);
    let value = |name: &str| match name.ends_with("_URL") {
        true => format!("http://poison-{word}-{}.example", name.to_lowercase().replace('_', "-")),
        false => format!("poison-{word}-{}", name.to_lowercase().replace('_', "-")),
    };
    names.into_iter().map(|name| (name.to_owned(), value(name))).collect()
}
