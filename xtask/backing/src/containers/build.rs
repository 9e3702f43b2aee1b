//! Building an image: the folder goes to the engine as an archive, without what `.dockerignore` leaves out.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use backing_protocol::Refusal;
use testcontainers::bollard::body_full;
use testcontainers::bollard::models::{BuildInfo, BuildInfoAux};
use testcontainers::bollard::query_parameters::{BuildImageOptionsBuilder, BuilderVersion};
use tokio_stream::StreamExt;

use super::ignore::Ignored;
use super::{Engine, labels, said};
use crate::house::House;
use crate::refusals::{failed, failing};
use crate::session::random_word;
use crate::session::record::Trace;

/// How many of the builder's lines a report shows.
const LAST: usize = 30;

impl Engine {
    /// Builds an image with the labels of the session, by which it is removed at the end.
    pub async fn build(&self, house: &House, context: &Path, dockerfile: &str, tag: &str) -> Result<(), Refusal> {
        house.news(format!("building the image {tag}"));
        house.session.note(&Trace::Engine { address: self.address.clone() })?;
        let (folder, name) = (context.to_owned(), dockerfile.to_owned());
        let packed = tokio::task::spawn_blocking(move || pack(&folder, &name)).await;
        let cannot_read = format!("cannot read {}", context.display());
        let archive = packed.map_err(failing(&cannot_read))?.map_err(failing(&cannot_read))?;
        let talk = random_word().map_err(failing("cannot draw a random number"))?;
        let options = BuildImageOptionsBuilder::new()
            .dockerfile(dockerfile)
            .t(tag)
            .rm(true)
            .labels(&labels::of(&house.session.id))
            .version(BuilderVersion::BuilderBuildKit)
            .session(&talk)
            .build();
        let mut progress = self.docker.build_image(options, None, Some(body_full(archive.into())));
        let mut lines = VecDeque::new();
        while let Some(step) = progress.next().await {
            let complaint = step.as_ref().err().map(said);
            remember(&mut lines, step.ok().map(words).into_iter().flatten().chain(complaint.clone()));
            if complaint.is_some() {
                return Err(failed(format!("cannot build {tag}"), Vec::from(lines).join("\n")));
            }
        }
        Ok(())
    }
}

fn remember(lines: &mut VecDeque<String>, new: impl Iterator<Item = String>) {
    lines.extend(new.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()));
    let surplus = lines.len().saturating_sub(LAST);
    lines.drain(..surplus);
}

/// What one step of a build says: what commands wrote, and why a step failed.
fn words(step: BuildInfo) -> Vec<String> {
    let Some(BuildInfoAux::BuildKit(status)) = step.aux else { return step.stream.into_iter().collect() };
    let written = status.logs.into_iter().map(|log| String::from_utf8_lossy(&log.msg).into_owned());
    let complaints = status.vertexes.into_iter().map(|step| step.error).filter(|error| !error.is_empty());
    written.chain(complaints).collect()
}

/// An archive of the folder.
fn pack(context: &Path, dockerfile: &str) -> io::Result<Vec<u8>> {
    let own = format!("{dockerfile}.dockerignore");
    let name = if context.join(&own).is_file() { own.as_str() } else { ".dockerignore" };
    let ignored = Ignored::parse(&fs::read_to_string(context.join(name)).unwrap_or_default());
    let mut archive = tar::Builder::new(Vec::new());
    archive.follow_symlinks(false);
    let kept = |path: &Path| path == Path::new(dockerfile) || path == Path::new(name) || !ignored.leaves_out(path);
    add(&mut archive, context, PathBuf::new(), &kept)?;
    archive.into_inner()
}

/// Adds what is in `folder`. A folder that is left out is entered all the same, since an exception may bring back something below it.
fn add(
    archive: &mut tar::Builder<Vec<u8>>,
    context: &Path,
    folder: PathBuf,
    kept: &impl Fn(&Path) -> bool,
) -> io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(context.join(&folder))?.collect::<io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = folder.join(entry.file_name());
        if kept(&path) {
            archive.append_path_with_name(entry.path(), &path)?;
        }
        if entry.file_type()?.is_dir() {
            add(archive, context, path, kept)?;
        }
    }
    Ok(())
}
