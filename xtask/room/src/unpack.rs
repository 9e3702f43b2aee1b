//! Unpacking into an empty folder: everything is compared with the list before anybody uses it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use grader::text::text;
use tar::{Archive, Entry, EntryType};

use crate::MANIFEST;
use crate::compressed::Reader;
use crate::manifest::{FORMAT, Hashed, MOST_MEMBERS, Manifest, Member, is_known};
use crate::progress::{Progress, megabytes};
use crate::trouble::Trouble;

/// A list that is longer than this is none of ours.
const LONGEST_LIST: u64 = 8 << 20;

/// What stays free: the workshop wants to build afterwards.
const RESERVE: u64 = 64 << 20;

/// Unpacks `file` into `folder`, which must be empty, without the members whose names begin with one of `without`.
pub fn unpack(file: &Path, folder: &Path, without: &[String]) -> Result<(), Trouble> {
    let mut reader = Reader::start(file)?;
    let taken = take_all(&mut reader, folder, without);
    // What the opener says of a damaged file is nearer to the truth than what we saw of its beginning.
    let whole = reader.finish();
    match (taken, whole) {
        (Ok(()), Ok(())) => Ok(()),
        (Err(trouble), Ok(())) => Err(trouble),
        (Ok(()), Err(error)) => Err(Trouble::refused(&error, &error)),
        (Err(trouble), Err(_)) => Err(trouble),
    }
}

fn take_all(reader: &mut Reader, folder: &Path, without: &[String]) -> Result<(), Trouble> {
    let mut archive = Archive::new(reader);
    // Raw: long names, links and other inventions of tar are seen as what they are, and refused.
    let mut entries = archive.entries().map_err(damaged)?.raw(true);
    let first = entries.next().ok_or_else(|| Trouble::refused("it is empty", "비어 있습니다"))?.map_err(damaged)?;
    let manifest = list(first)?;
    let wanted = |member: &Member| !without.iter().any(|prefix| member.name.starts_with(prefix));
    let all = sum(manifest.files.iter());
    let needed = sum(manifest.files.iter().filter(|member| wanted(member)));
    room_for(needed, folder)?;
    keep(folder, MANIFEST, &mut serde_json::to_vec(&manifest).unwrap_or_default().as_slice())?;
    let mut progress = Progress::of(all);
    let mut members = manifest.files.iter();
    for entry in entries {
        let entry = entry.map_err(damaged)?;
        let Some(member) = members.next() else {
            return Err(Trouble::refused("there is more in it than its list says", "목록에 없는 파일이 들어 있습니다"));
        };
        take(entry, member, wanted(member).then_some(folder), &mut progress)?;
    }
    match members.next() {
        None => Ok(()),
        Some(Member { name, .. }) => {
            Err(Trouble::refused(format!("{name} is missing, so it was cut off"), format!("{name} 파일이 빠졌습니다")))
        }
    }
}

/// The first member, which lists all others.
fn list(entry: Entry<'_, &mut Reader>) -> Result<Manifest, Trouble> {
    if name(&entry)? != MANIFEST || entry.header().entry_type() != EntryType::Regular {
        return Err(Trouble::refused("it does not begin with its list", "맨 앞에 목록이 없습니다"));
    }
    let mut words = Vec::new();
    entry.take(LONGEST_LIST).read_to_end(&mut words).map_err(damaged)?;
    let manifest: Manifest = serde_json::from_slice(&words).map_err(|error| {
        Trouble::refused(format!("its list cannot be read ({error})"), format!("목록을 읽을 수 없습니다({error})"))
    })?;
    if manifest.format_version != FORMAT {
        return Err(other_format(manifest.format_version));
    }
    if manifest.files.len() > MOST_MEMBERS {
        return Err(Trouble::refused("its list is too long", "목록이 너무 깁니다"));
    }
    let mut seen = BTreeSet::new();
    // Some file systems take `A` and `a` for the same.
    let bad = manifest.files.iter().find(|member| !is_known(&member.name) || !seen.insert(member.name.to_lowercase()));
    match bad {
        Some(member) => Err(foreign(&member.name)),
        None => Ok(manifest),
    }
}

/// One member: what the list says, at its place in the list.
fn take(
    entry: Entry<'_, &mut Reader>,
    member: &Member,
    folder: Option<&Path>,
    progress: &mut Progress,
) -> Result<(), Trouble> {
    let found = name(&entry)?;
    if found != member.name {
        return Err(foreign(&found));
    }
    if entry.header().entry_type() != EntryType::Regular {
        return Err(Trouble::refused(format!("{found} is no file"), format!("{found} 항목이 일반 파일이 아닙니다")));
    }
    let size = entry.header().size().map_err(damaged)?;
    let mut content = Hashed::new(progress.counted(entry));
    // Who lies about a size is caught before a byte of it is written.
    if size == member.bytes {
        match folder {
            Some(folder) => keep(folder, &member.name, &mut content)?,
            None => drop(io::copy(&mut content, &mut io::sink()).map_err(damaged)?),
        }
    }
    if content.result() == (member.sha256.clone(), member.bytes) {
        return Ok(());
    }
    Err(Trouble::refused(format!("{found} is not what the list says"), format!("{found} 내용이 목록과 다릅니다")))
}

/// Writes a file that does not exist yet.
fn keep(folder: &Path, name: &str, content: &mut impl Read) -> Result<(), Trouble> {
    let path = folder.join(name);
    let writing = |error: io::Error| Trouble::writing(&path, error);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(writing)?;
    }
    let mut file = File::create_new(&path).map_err(writing)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        // Reading and writing fail for different reasons, so they are not one `copy`.
        let read = content.read(&mut buffer).map_err(damaged)?;
        if read == 0 {
            return Ok(());
        }
        io::Write::write_all(&mut file, &buffer[..read]).map_err(writing)?;
    }
}

fn name(entry: &Entry<'_, &mut Reader>) -> Result<String, Trouble> {
    String::from_utf8(entry.path_bytes().into_owned()).map_err(damaged)
}

/// A list that somebody made up may claim more than there is.
fn sum<'a>(members: impl Iterator<Item = &'a Member>) -> u64 {
    members.fold(0, |sum, member| sum.saturating_add(member.bytes))
}

fn room_for(needed: u64, folder: &Path) -> Result<(), Trouble> {
    // Where it cannot be told, writing will tell.
    let Ok(system) = rustix::fs::statvfs(folder) else { return Ok(()) };
    let free = system.f_bavail.saturating_mul(system.f_frsize);
    if free >= needed.saturating_add(RESERVE) {
        return Ok(());
    }
    let (needed, free, shown) = (megabytes(needed.saturating_add(RESERVE)), megabytes(free), folder.display());
    Err(Trouble::new(
        text(
            format!("not enough space in {shown}: {needed} are needed, {free} are free"),
            format!("공간이 부족합니다: {shown} 폴더에 {needed} 필요한데 {free} 남았습니다"),
        ),
        text(
            "Free some space; without the images (--without-images) it needs less.",
            "공간을 비우십시오. 이미지를 빼면(--without-images) 더 적게 필요합니다.",
        ),
    ))
}

fn damaged(error: impl std::fmt::Display) -> Trouble {
    Trouble::refused(&error, &error)
}

fn foreign(name: &str) -> Trouble {
    // A name may hold anything, so it is shown as a program would write it.
    Trouble::refused(format!("{name:?} does not belong there"), format!("{name:?} 파일은 들어 있을 수 없습니다"))
}

fn other_format(found: u32) -> Trouble {
    Trouble::new(
        text(
            format!("the bundle has format {found}, this workshop reads format {FORMAT}"),
            format!("꾸러미의 형식은 {found}인데 이 워크숍은 형식 {FORMAT}만 읽습니다"),
        ),
        text(
            "Use the workshop that the bundle brings along: sh start.sh FILE FOLDER",
            "꾸러미에 들어 있는 워크숍을 쓰십시오: sh start.sh 파일 폴더",
        ),
    )
}
