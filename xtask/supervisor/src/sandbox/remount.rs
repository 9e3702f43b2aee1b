//! Makes mounts read-only without loosening what locks them.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::mount::{MountFlags, mount_remount};

use super::mounts::HOST;

/// Makes every mount at or below a path read-only.
///
/// The kernel has locked the restrictions of mounts that came from the host, so each keeps its own; times of access it keeps unasked.
pub(super) fn read_only(path: &Path) -> io::Result<()> {
    let table = fs::read(Path::new(HOST).join("proc/self/mountinfo"))?;
    let lines = table.split(|byte| *byte == b'\n').filter_map(parse);
    for (point, flags) in lines.filter(|(point, _)| point.starts_with(path)) {
        match only_this(&point, flags).map_err(|error| Errno::from_io_error(&error)) {
            // Covered by another mount or in a folder of somebody else's: what cannot be reached cannot be written either.
            Ok(()) | Err(Some(Errno::NOENT | Errno::ACCESS | Errno::INVAL)) => {}
            Err(error) => return Err(failure(&point, error)),
        }
    }
    Ok(())
}

/// Makes the mount at a path read-only, with the restrictions given.
pub(super) fn only_this(path: &Path, restrictions: MountFlags) -> io::Result<()> {
    let flags = MountFlags::BIND | MountFlags::RDONLY | restrictions;
    Ok(mount_remount(path, flags, "")?)
}

fn failure(point: &Path, error: Option<Errno>) -> io::Error {
    let reason = error.map_or_else(|| "unknown".to_owned(), |error| error.to_string());
    io::Error::other(format!("{}: {reason}", point.display()))
}

/// Reads `ID PARENT DEVICE ROOT POINT OPTIONS … - TYPE SOURCE …`. An automounter is left out: asking for its path would set it off.
fn parse(line: &[u8]) -> Option<(PathBuf, MountFlags)> {
    let mut fields = line.split(|byte| *byte == b' ').skip(4);
    let point = unescape(fields.next()?);
    let options = fields.next()?;
    let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
    let flags = options.split(|byte| *byte == b',').map(restriction).collect();
    (kind != b"autofs").then_some((point, flags))
}

fn restriction(option: &[u8]) -> MountFlags {
    match option {
        b"nosuid" => MountFlags::NOSUID,
        b"nodev" => MountFlags::NODEV,
        b"noexec" => MountFlags::NOEXEC,
        _ => MountFlags::empty(),
    }
}

/// Spaces, tabs, line ends and backslashes are written as a backslash and three octal digits.
fn unescape(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, behind)) = rest.split_first() {
        let escaped = behind.get(..3).filter(|_| *first == b'\\').and_then(octal);
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { behind.get(3..).unwrap_or_default() } else { behind };
    }
    PathBuf::from(OsString::from_vec(bytes))
}

fn octal(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
}
