//! Which shared libraries a program needs.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The kind of the program header that names the interpreter.
const PT_INTERP: u32 = 3;

/// What the C library loads by itself, as it looks names up, without any program naming it (older glibc only).
const LOADED_LATE: [&str; 3] = ["libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"];

/// The ELF interpreter of a program and the libraries it loads, in their paths' order; empty for a static program and for what is no ELF file.
///
/// The program is not run: its interpreter is asked with `--list`, which glibc and musl understand, and which only maps the files.
///
/// # Errors
///
/// The program cannot be read, the interpreter does not start, or it says that a library is missing.
pub fn shared_libraries(program: &Path) -> io::Result<Vec<PathBuf>> {
    let Some(interpreter) = interpreter(&fs::read(program)?) else {
        return Ok(Vec::new());
    };
    let listing = Command::new(&interpreter).arg("--list").arg(program).output()?;
    if !listing.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&listing.stderr).trim().to_owned()));
    }
    let listing = String::from_utf8_lossy(&listing.stdout).into_owned();
    let mut found = BTreeSet::from([interpreter]);
    for line in listing.lines() {
        found.extend(library(line)?);
    }
    found.extend(loaded_late(&found));
    Ok(found.into_iter().collect())
}

/// Reads `libc.so.6 => /lib/libc.so.6 (0x…)` or `/lib64/ld-linux.so.2 (0x…)`; the kernel's own `linux-vdso` has no path.
fn library(line: &str) -> io::Result<Option<PathBuf>> {
    if line.contains("=> not found") {
        return Err(io::Error::new(io::ErrorKind::NotFound, line.trim().to_owned()));
    }
    let place = line.split_once("=> ").map_or(line, |(_, place)| place).trim();
    let path = place.rsplit_once(" (").map_or(place, |(path, _)| path);
    Ok(path.starts_with('/').then(|| PathBuf::from(path)))
}

fn loaded_late(found: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
    let libc = found.iter().find(|path| path.file_name() == Some(OsStr::new("libc.so.6")));
    let Some(folder) = libc.and_then(|path| path.parent()) else {
        return Vec::new();
    };
    let paths = LOADED_LATE.iter().map(|name| folder.join(name));
    paths.filter(|path| path.exists()).collect()
}

/// The interpreter that a 64-bit little-endian ELF file names (every platform the workshop supports is one).
fn interpreter(file: &[u8]) -> Option<PathBuf> {
    if file.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let table = usize::try_from(u64::from_le_bytes(bytes(file, 0x20)?)).ok()?;
    let size = usize::from(u16::from_le_bytes(bytes(file, 0x36)?));
    let count = usize::from(u16::from_le_bytes(bytes(file, 0x38)?));
    let mut headers = (0..count).filter_map(|index| file.get(table.checked_add(index * size)?..));
    let header = headers.find(|header| bytes(header, 0).map(u32::from_le_bytes) == Some(PT_INTERP))?;
    let start = usize::try_from(u64::from_le_bytes(bytes(header, 8)?)).ok()?;
    let name = file.get(start..)?.split(|byte| *byte == 0).next()?;
    Some(PathBuf::from(OsStr::from_bytes(name)))
}

fn bytes<const N: usize>(file: &[u8], at: usize) -> Option<[u8; N]> {
    file.get(at..at.checked_add(N)?)?.try_into().ok()
}
