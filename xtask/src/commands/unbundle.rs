//! `unbundle`: takes over what a bundle holds. Nothing of it is used before all of it was compared with its list.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use grader::outcome::ExitCode;
use serde::Deserialize;

use super::{book, bundle};
use crate::messages::{Note, Wrong};
use crate::programs::{cargo, succeeds};
use crate::room::crates::{Downloads, Reach, fetch, locked, members, wrong};
use crate::room::engine::{self, Engine, Failure};
use crate::room::{clear, source, workbench};
use crate::session::Session;
use crate::trouble::Trouble;
use crate::workspace::shown;

/// What is read of a bundle's list.
#[derive(Debug, Deserialize)]
struct List {
    about: About,
    files: Vec<Member>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct About {
    platform: String,
    made: String,
    commit: String,
    images: Option<Images>,
}

#[derive(Debug, Deserialize)]
struct Images {
    platform: String,
    names: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Member {
    name: String,
    sha256: String,
}

/// Takes over the crates, the books, and the images if an engine answers.
pub fn run(session: &mut Session, file: &Path, without_images: bool) -> Result<ExitCode, Trouble> {
    if file.to_string_lossy().contains("://") {
        return Err(Wrong::BundleAddress(file.to_string_lossy().into_owned()).into());
    }
    let bench = workbench(&session.workspace);
    clear(&bench).map_err(|error| Trouble::failed(format!("cannot empty {}", bench.display()), error))?;
    let engine = if without_images { None } else { engine::find() };
    let taken = take_apart(session, file, &bench, engine.as_ref())
        .and_then(|whole| if whole { take_over(session, &bench, engine.as_ref()) } else { Ok(ExitCode::Failed) });
    // Who interrupts it clears it too, and may be faster.
    let _ = fs::remove_dir_all(&bench);
    taken
}

/// Whether all that this machine compiles can be compiled without a network.
pub fn builds_offline(session: &Session) -> Result<bool, Trouble> {
    let mut look = fetch(cargo(session), Reach::ThisMachineOffline);
    look.arg("--quiet").stderr(std::process::Stdio::null());
    succeeds(look)
}

/// Unpacks onto the workbench. Whoever cannot use images does not have to have space for them.
fn take_apart(session: &mut Session, file: &Path, bench: &Path, engine: Option<&Engine>) -> Result<bool, Trouble> {
    let Ok(mut packer) = bundle::packer(session, "unpack") else {
        // Mostly for want of crates, which the script in the bundle puts into their place without it.
        session.say(session.messages().note(&Note::NoPacker { file: &shown(file) }))?;
        return Ok(false);
    };
    session.say(session.messages().note(&Note::Unpacking))?;
    packer.arg(file).arg(bench).arg("workshop.bundle");
    packer.args(engine.is_none().then_some("images/"));
    succeeds(packer)
}

fn take_over(session: &mut Session, bench: &Path, engine: Option<&Engine>) -> Result<ExitCode, Trouble> {
    let words = fs::read_to_string(bench.join("manifest.json"))?;
    let list: List = serde_json::from_str(&words).map_err(|error| Trouble::failed("the bundle's list", error))?;
    introduce(session, &list.about)?;
    if !crates(session, bench, &list)? {
        return Ok(ExitCode::Failed);
    }
    books(session, bench)?;
    let images = images(session, bench, &list.about, engine)?;
    if images == ExitCode::Interrupted {
        return Ok(images);
    }
    if !builds_offline(session)? {
        session.say(session.messages().note(&Note::StillMissing))?;
        return Ok(ExitCode::Failed);
    }
    session.say(session.messages().note(&Note::Unbundled))?;
    session.say(format!("{} cargo xtask check factor-0", session.messages().next()))?;
    Ok(images)
}

/// Whose bundle it is, and whether it was made for this version of the workshop.
fn introduce(session: &mut Session, about: &About) -> Result<(), Trouble> {
    let messages = session.messages();
    let commit: String = about.commit.chars().take(12).collect();
    session.say(messages.note(&Note::MadeOn { platform: &about.platform, made: &about.made, commit: &commit }))?;
    let own = source::commit(&session.workspace.root);
    let message = format!("as of commit {}", about.commit);
    let same = own.is_none_or(|own| own == about.commit || source::message(&session.workspace.root).contains(&message));
    if same { Ok(()) } else { Ok(session.say(messages.note(&Note::OtherCommit))?) }
}

/// The crates that this workshop is locked to. One whose archive is another than the lock file wants is refused with all others.
fn crates(session: &mut Session, bench: &Path, list: &List) -> Result<bool, Trouble> {
    let wanted = locked(&session.workspace.root)?;
    let hashes: BTreeMap<String, String> =
        list.files.iter().map(|member| (member.name.clone(), member.sha256.clone())).collect();
    if let Some(bad) = wrong(&wanted, &hashes).first() {
        session.say(session.messages().note(&Note::WrongCrate(&bad.archive())))?;
        return Ok(false);
    }
    let downloads = Downloads::find()?;
    let (mut here, mut new) = (0, 0);
    for known in wanted.iter().filter(|known| members(known).iter().all(|name| hashes.contains_key(name))) {
        let [archive, entry] = members(known).map(|name| bench.join(name));
        let taken = downloads.take_over(known, &archive, &entry);
        new += usize::from(taken.map_err(|error| Trouble::failed("cannot write into Cargo's folder", error))?);
        here += 1;
    }
    session.say(session.messages().note(&Note::CratesTaken { here, new, of: wanted.len() }))?;
    Ok(true)
}

/// The books, if they were built from the pages that are here.
fn books(session: &mut Session, bench: &Path) -> Result<(), Trouble> {
    let (brought, own) = (bench.join("book"), book::folder(session));
    let stamp = fs::read_to_string(brought.join(book::STAMP)).unwrap_or_default();
    let note = if stamp.trim() == book::current_hash(session)? {
        let _ = fs::remove_dir_all(&own);
        fs::rename(&brought, &own).map_err(|error| Trouble::failed(own.display(), error))?;
        Note::BooksTaken
    } else {
        Note::BooksOfOtherPages
    };
    Ok(session.say(session.messages().note(&note))?)
}

/// Loads the images. Those of another kind of processor would only run emulated, and slowly.
fn images(session: &mut Session, bench: &Path, about: &About, engine: Option<&Engine>) -> Result<ExitCode, Trouble> {
    let messages = session.messages();
    let (Some(images), Some(engine)) = (&about.images, engine) else {
        let note = if about.images.is_some() { Note::ImagesUnused } else { Note::NoImages };
        return session.say(messages.note(&note)).map(|()| ExitCode::Passed).map_err(Trouble::from);
    };
    if images.platform != engine.platform {
        let note = Note::OtherPlatform { images: &images.platform, engine: &engine.platform };
        return session.say(messages.note(&note)).map(|()| ExitCode::Passed).map_err(Trouble::from);
    }
    session.say(messages.note(&Note::LoadingImages(&images.names)))?;
    match engine.load(&bench.join("images/images.tar")) {
        Ok(()) => Ok(ExitCode::Passed),
        Err(Failure::Interrupted) => Ok(ExitCode::Interrupted),
        Err(Failure::Because(why)) => {
            session.say(messages.note(&Note::NotLoaded(&why)))?;
            Ok(ExitCode::Failed)
        }
    }
}
