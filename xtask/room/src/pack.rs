//! Packing: all hashes first, since the list comes first; then the members. The file appears in one step, or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use grader::text::text;
use tar::{Builder, EntryType, Header};

use crate::MANIFEST;
use crate::compressed::{Way, Writer};
use crate::manifest::{FORMAT, Hashed, Manifest, Member, Plan, Source, is_known};
use crate::progress::Progress;
use crate::trouble::Trouble;

/// Packs what `plan` says into `file` and returns the file's size.
pub fn pack(file: &Path, plan: Plan) -> Result<u64, Trouble> {
    let way = Way::of_name(file)?;
    let members = plan.files.iter().map(member).collect::<Result<Vec<_>, _>>()?;
    let manifest = Manifest { format_version: FORMAT, about: plan.about, files: members };
    let partial = partial(file);
    let written = write(way, &partial, &manifest, &plan.files);
    let size = written.and_then(|()| settle(&partial, file));
    size.inspect_err(|_| drop(fs::remove_file(&partial)))
}

/// Where a bundle lies until it is whole.
pub fn partial(file: &Path) -> PathBuf {
    let mut name = file.file_name().map(OsString::from).unwrap_or_default();
    name.push(".partial");
    file.with_file_name(name)
}

fn member(source: &Source) -> Result<Member, Trouble> {
    if !is_known(&source.name) {
        return Err(Trouble::refused(
            format!("`{}` is no name for a member", source.name),
            format!("`{}` 이름은 쓸 수 없습니다", source.name),
        ));
    }
    let reading = |error: io::Error| Trouble::reading(&source.path, error);
    let mut hashed = Hashed::new(File::open(&source.path).map_err(reading)?);
    io::copy(&mut hashed, &mut io::sink()).map_err(reading)?;
    let (sha256, bytes) = hashed.result();
    if source.sha256.as_ref().is_some_and(|wanted| *wanted != sha256) {
        return Err(damaged(&source.path));
    }
    Ok(Member { name: source.name.clone(), bytes, sha256 })
}

fn write(way: Way, partial: &Path, manifest: &Manifest, sources: &[Source]) -> Result<(), Trouble> {
    let writing = |error: io::Error| Trouble::writing(partial, error);
    let file = File::create(partial).map_err(writing)?;
    let mut writer = Writer::start(way, file.try_clone().map_err(writing)?)?;
    let appended = append_all(&mut Builder::new(&mut writer), partial, manifest, sources);
    let finished = writer.finish();
    // Of a full disk the compressor knows more than we, who see only that it is gone.
    match (appended, finished) {
        (Err(trouble), Ok(())) => Err(trouble),
        (_, Err(error)) => Err(writing(error)),
        (Ok(()), Ok(())) => file.sync_all().map_err(writing),
    }
}

fn append_all(
    archive: &mut Builder<&mut Writer>,
    partial: &Path,
    manifest: &Manifest,
    sources: &[Source],
) -> Result<(), Trouble> {
    let writing = |error: io::Error| Trouble::writing(partial, error);
    let list = serde_json::to_vec_pretty(manifest).map_err(|error| writing(error.into()))?;
    archive.append(&header(MANIFEST, list.len() as u64).map_err(writing)?, &list[..]).map_err(writing)?;
    let mut progress = Progress::of(manifest.files.iter().map(|member| member.bytes).sum());
    for (member, source) in manifest.files.iter().zip(sources) {
        let file = File::open(&source.path).map_err(|error| Trouble::reading(&source.path, error))?;
        let mut content = Hashed::new(progress.counted(io::Read::take(file, member.bytes)));
        archive.append(&header(&member.name, member.bytes).map_err(writing)?, &mut content).map_err(writing)?;
        if content.result() != (member.sha256.clone(), member.bytes) {
            return Err(changed(&source.path));
        }
    }
    archive.finish().map_err(writing)
}

fn header(name: &str, bytes: u64) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_size(bytes);
    header.set_mode(0o644);
    header.set_mtime(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()));
    header.set_entry_type(EntryType::Regular);
    header.set_cksum();
    Ok(header)
}

fn damaged(path: &Path) -> Trouble {
    let shown = path.display();
    Trouble::new(
        text(
            format!("{shown} is damaged: its hash is not the one of the lock file"),
            format!("{shown} 파일이 손상되었습니다. 해시가 잠금 파일과 다릅니다"),
        ),
        text(
            format!("Remove it and download it again: rm '{shown}' && cargo xtask prefetch"),
            format!("지우고 다시 내려받으십시오: rm '{shown}' && cargo xtask prefetch"),
        ),
    )
}

fn changed(path: &Path) -> Trouble {
    let shown = path.display();
    Trouble::new(
        text(format!("{shown} changed while it was packed"), format!("묶는 동안 파일이 바뀌었습니다: {shown}")),
        text("Run it again when nothing else writes there.", "다른 프로그램이 쓰지 않을 때 다시 실행하십시오."),
    )
}

fn settle(partial: &Path, file: &Path) -> Result<u64, Trouble> {
    let size = fs::metadata(partial).map_err(|error| Trouble::writing(partial, error))?.len();
    fs::rename(partial, file).map_err(|error| Trouble::writing(file, error))?;
    Ok(size)
}
