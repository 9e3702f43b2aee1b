//! The folder that an image is built from, as an archive, without what `.dockerignore` leaves out.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};

use super::ignore::Ignored;

/// A piece of the archive. Whole folders of crates may be in it, so it is never in memory as a whole.
const PIECE: usize = 256 * 1024;

/// How many pieces wait for the engine.
const WAITING: usize = 4;

/// Packs the folder in a thread of its own. An archive that ends early, because a file could not be read, is refused by the engine.
pub fn of<B: From<Vec<u8>>>(context: PathBuf, dockerfile: String) -> impl Stream<Item = B> {
    let (sender, pieces) = channel(WAITING);
    // Nobody waits for it: its result is the stream's end.
    drop(tokio::task::spawn_blocking(move || pack(&context, &dockerfile, Pieces(sender))));
    ReceiverStream::new(pieces).map(B::from)
}

struct Pieces(Sender<Vec<u8>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(bytes.to_owned());
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn pack(context: &Path, dockerfile: &str, pieces: Pieces) -> io::Result<()> {
    let own = format!("{dockerfile}.dockerignore");
    let name = if context.join(&own).is_file() { own.as_str() } else { ".dockerignore" };
    let ignored = Ignored::parse(&fs::read_to_string(context.join(name)).unwrap_or_default());
    let mut archive = tar::Builder::new(BufWriter::with_capacity(PIECE, pieces));
    archive.follow_symlinks(false);
    let kept = |path: &Path| path == Path::new(dockerfile) || path == Path::new(name) || !ignored.leaves_out(path);
    add(&mut archive, context, Path::new(""), &kept)?;
    archive.into_inner()?.flush()
}

/// Adds what is in `folder`. A folder that is left out is entered all the same, since an exception may bring back something below it.
fn add(
    archive: &mut tar::Builder<impl Write>,
    context: &Path,
    folder: &Path,
    kept: &impl Fn(&Path) -> bool,
) -> io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(context.join(folder))?.collect::<io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = folder.join(entry.file_name());
        let is_folder = entry.file_type()?.is_dir();
        if kept(&path) {
            archive.append_path_with_name(entry.path(), &path)?;
        }
        if is_folder {
            add(archive, context, &path, kept)?;
        }
    }
    Ok(())
}
