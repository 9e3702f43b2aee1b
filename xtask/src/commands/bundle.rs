//! `bundle`: everything that a room without internet needs, in one file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use grader::outcome::ExitCode;
use grader::text::Lang;
use serde_json::{Value, json};

use super::{book, prefetch};
use crate::messages::{Note, Wrong};
use crate::programs::compiled;
use crate::room::crates::{Downloads, locked, members};
use crate::room::engine::{self, Failure};
use crate::room::{PROGRAM, clear, platform, size, source, workbench};
use crate::session::Session;
use crate::stamp::stamp;
use crate::trouble::Trouble;
use crate::workspace::shown;

/// What begins on a machine that has nothing of the workshop.
const START: &str = include_str!("../../room/start.sh");

/// The parts of a bundle: what they are, and each file with its name in it.
struct Parts {
    about: Value,
    files: Vec<Value>,
    bench: PathBuf,
}

/// Adds something to the parts.
type Step = fn(&mut Parts, &mut Session) -> Result<ExitCode, Trouble>;

/// Gathers all parts and packs them into `file`.
pub fn run(session: &mut Session, file: &Path, without_images: bool) -> Result<ExitCode, Trouble> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    if ![".tar.zst", ".tar.gz", ".tar"].iter().any(|ending| name.ends_with(ending)) {
        return Err(Wrong::BundleName(name.into_owned()).into());
    }
    let bench = workbench(&session.workspace);
    clear(&bench).map_err(|error| Trouble::failed(format!("cannot empty {}", bench.display()), error))?;
    let bundled = gather(session, &bench, without_images).and_then(|parts| match parts {
        Ok(parts) => pack(session, file, &parts),
        Err(code) => Ok(code),
    });
    // Who interrupts it clears it too, and may be faster.
    let _ = fs::remove_dir_all(&bench);
    bundled
}

/// The program that packs and unpacks.
pub fn packer(session: &mut Session, word: &str) -> Result<Command, Trouble> {
    let first = session.messages().note(&Note::CompilingPacker);
    let mut packer = Command::new(compiled(session, &PROGRAM, &first)?);
    packer.arg(if session.lang == Lang::Ko { "--lang=ko" } else { "--lang=en" }).arg(word);
    Ok(packer)
}

/// All parts; a code when one that is needed cannot be had, which has been said then.
fn gather(session: &mut Session, bench: &Path, without_images: bool) -> Result<Result<Parts, ExitCode>, Trouble> {
    let about =
        json!({ "platform": platform(), "rust": env!("CARGO_PKG_RUST_VERSION"), "made": stamp(SystemTime::now()) });
    let mut parts = Parts { about, files: Vec::new(), bench: bench.to_owned() };
    parts.write("start.sh", START)?;
    let mut steps = vec![Parts::add_crates, Parts::add_books, Parts::add_source];
    steps.extend((!without_images).then_some(Parts::add_images as Step));
    for step in steps {
        match step(&mut parts, session)? {
            ExitCode::Passed => {}
            code => return Ok(Err(code)),
        }
    }
    Ok(Ok(parts))
}

impl Parts {
    fn add(&mut self, name: &str, path: &Path) {
        self.files.push(json!({ "name": name, "path": path }));
    }

    fn write(&mut self, name: &str, words: &str) -> io::Result<()> {
        let path = self.bench.join(name);
        fs::write(&path, words)?;
        self.add(name, &path);
        Ok(())
    }

    /// The crates of every system. Those of this system alone are enough for a room in which all have the same.
    fn add_crates(&mut self, session: &mut Session) -> Result<ExitCode, Trouble> {
        let (wanted, downloads) = (locked(&session.workspace.root)?, Downloads::find()?);
        if !downloads.missing(&wanted).is_empty() {
            prefetch::crates(session)?;
        }
        let missing = downloads.missing(&wanted);
        if !missing.is_empty() && !super::unbundle::builds_offline(session)? {
            session.say(session.messages().note(&Note::CratesMissing(missing.len())))?;
            return Ok(ExitCode::Failed);
        }
        if !missing.is_empty() {
            session.say(session.messages().note(&Note::CratesOfThisSystem(missing.len())))?;
        }
        for known in &wanted {
            if let (Some(archive), Some(entry)) = (downloads.archive(known), downloads.entry(known)) {
                let [archive_name, entry_name] = members(known);
                self.files.push(json!({ "name": archive_name, "path": archive, "sha256": known.checksum }));
                // Two versions of a crate share an entry.
                if !self.files.iter().any(|file| file["name"] == entry_name) {
                    self.add(&entry_name, &entry);
                }
            }
        }
        Ok(ExitCode::Passed)
    }

    fn add_books(&mut self, session: &mut Session) -> Result<ExitCode, Trouble> {
        let built = book::build(session, false)?;
        if built != ExitCode::Passed {
            return Ok(built);
        }
        let folder = book::folder(session);
        let mut files = Vec::new();
        walk(&folder, &mut files)?;
        for path in files {
            let name = path.strip_prefix(&folder).unwrap_or(&path).to_string_lossy();
            self.add(&format!("book/{name}"), &path);
        }
        Ok(ExitCode::Passed)
    }

    fn add_source(&mut self, session: &mut Session) -> Result<ExitCode, Trouble> {
        let file = self.bench.join("workshop.bundle");
        let Some(source) = source::bundle(&session.workspace.root, &file)? else {
            session.say(session.messages().note(&Note::NoSource))?;
            return Ok(ExitCode::Passed);
        };
        if source.uncommitted > 0 {
            session.say(session.messages().note(&Note::Uncommitted(source.uncommitted)))?;
        }
        self.about["commit"] = source.commit.into();
        self.add("workshop.bundle", &file);
        Ok(ExitCode::Passed)
    }

    /// The images that are here. What is not here stays away, and what follows from that is said.
    fn add_images(&mut self, session: &mut Session) -> Result<ExitCode, Trouble> {
        let messages = session.messages();
        let Some(engine) = engine::find() else {
            session.say(messages.note(&Note::NoEngine))?;
            return Ok(ExitCode::Passed);
        };
        let wanted = engine::wanted(&session.workspace.root)?;
        let (here, absent): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|image| engine.size(image).is_some());
        for image in &absent {
            session.say(messages.note(&Note::ImageAbsent(image)))?;
        }
        if here.is_empty() {
            return Ok(ExitCode::Passed);
        }
        let bytes = here.iter().filter_map(|image| engine.size(image)).sum();
        session.say(messages.note(&Note::SavingImages { images: here.len(), bytes }))?;
        let file = self.bench.join("images.tar");
        match engine.save(&here, &file) {
            Ok(()) => {}
            Err(Failure::Interrupted) => return Ok(ExitCode::Interrupted),
            Err(Failure::Because(why)) => return Err(Trouble::failed(format!("{} save", engine.program), why)),
        }
        self.about["images"] = json!({ "platform": engine.platform, "names": here, "bytes": size(&file) });
        self.add("images/images.tar", &file);
        Ok(ExitCode::Passed)
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            walk(&entry, files)?;
        } else {
            files.push(entry);
        }
    }
    Ok(())
}

fn pack(session: &mut Session, file: &Path, parts: &Parts) -> Result<ExitCode, Trouble> {
    let mut packer = packer(session, "pack")?;
    session.say(session.messages().note(&Note::Packing(parts.files.len())))?;
    let failed = |error: io::Error| Trouble::failed("cannot run the packer", error);
    let mut running = packer.arg(file).stdin(Stdio::piped()).spawn().map_err(failed)?;
    if let Some(plan) = running.stdin.take() {
        // A packer that refused the file's name reads no plan; it has said why.
        let _ = serde_json::to_writer(plan, &json!({ "about": parts.about, "files": parts.files }));
    }
    match running.wait().map_err(failed)?.code() {
        Some(0) => {}
        Some(engine::INTERRUPTED) => return Ok(ExitCode::Interrupted),
        _ => return Ok(ExitCode::Failed),
    }
    session.say(session.messages().note(&Note::Bundled { file: &shown(file) }))?;
    Ok(ExitCode::Passed)
}
