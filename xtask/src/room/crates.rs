//! The crates of the lock file, where Cargo keeps them.
//!
//! A bundle leaves on a machine exactly what `cargo fetch --locked` would have left there: the archives and the index entries in the
//! folder of Cargo's downloads. No configuration has to be written, so every build of this user finds them: the workshop's own, those of
//! graded copies, and those of repositories that `start` made.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::trouble::Trouble;

/// What Cargo calls the folders of crates.io; the hash in it is that of the address, on every machine.
const CRATES_IO: &str = "index.crates.io-1949cf8c6b5b557f";

/// What the index says of itself; without it, Cargo would ask the network for it.
const INDEX_CONFIG: &str = r#"{"dl":"https://static.crates.io/crates","api":"https://crates.io"}"#;

/// A crate of the lock file that comes from a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crate {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of its archive.
    pub checksum: String,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// The crates that the workspace in `root` is locked to.
pub fn locked(root: &Path) -> Result<Vec<Crate>, Trouble> {
    let path = root.join("Cargo.lock");
    let words = fs::read_to_string(&path).map_err(|error| Trouble::failed(path.display(), error))?;
    read(&words).map_err(|error| Trouble::failed(path.display(), error))
}

fn read(lock: &str) -> Result<Vec<Crate>, toml::de::Error> {
    let Lock { package } = toml::from_str(lock)?;
    let from_registry = package.into_iter().filter_map(|package| {
        // The workspace's own packages have no checksum.
        Some(Crate { name: package.name, version: package.version, checksum: package.checksum? })
    });
    Ok(from_registry.collect())
}

impl Crate {
    /// The name of its archive.
    pub fn archive(&self) -> String {
        format!("{}-{}.crate", self.name, self.version)
    }

    /// The path of its entry in an index.
    pub fn entry(&self) -> String {
        let name = self.name.to_lowercase();
        match name.len() {
            1 | 2 => format!("{}/{name}", name.len()),
            3 => format!("3/{}/{name}", &name[..1]),
            _ => format!("{}/{}/{name}", &name[..2], &name[2..4]),
        }
    }
}

/// The folder of Cargo's downloads.
#[derive(Clone, Debug)]
pub struct Downloads {
    /// `~/.cargo/registry`, mostly.
    folder: PathBuf,
}

impl Downloads {
    /// Where Cargo keeps them for this user.
    pub fn find() -> Result<Self, Trouble> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = set("CARGO_HOME").or_else(|| Some(set("HOME")?.join(".cargo")));
        let home = home.ok_or_else(|| Trouble::failed("Cargo's home", "neither CARGO_HOME nor HOME is set"))?;
        Ok(Self { folder: home.join("registry") })
    }

    /// The archive of a crate, from whichever registry.
    pub fn archive(&self, wanted: &Crate) -> Option<PathBuf> {
        let name = wanted.archive();
        self.registries("cache").map(|registry| registry.join(&name)).find(|path| path.is_file())
    }

    /// The index entry of a crate that knows this version.
    pub fn entry(&self, wanted: &Crate) -> Option<PathBuf> {
        let name = wanted.entry();
        let entries = self.registries("index").map(|registry| registry.join(".cache").join(&name));
        { entries }.find(|path| fs::read(path).is_ok_and(|entry| knows(&entry, &wanted.version)))
    }

    /// The crates that are not here.
    pub fn missing<'a>(&self, wanted: &'a [Crate]) -> Vec<&'a Crate> {
        wanted.iter().filter(|wanted| self.archive(wanted).is_none() || self.entry(wanted).is_none()).collect()
    }

    /// How many bytes the archives of these crates take.
    pub fn bytes(&self, crates: &[Crate]) -> u64 {
        crates.iter().filter_map(|known| self.archive(known)).map(|path| super::size(&path)).sum()
    }

    /// Takes a crate over from the parts of a bundle; whether it was new.
    pub fn take_over(&self, wanted: &Crate, archive: &Path, entry: &Path) -> io::Result<bool> {
        let cache = self.folder.join("cache").join(CRATES_IO);
        let index = self.folder.join("index").join(CRATES_IO);
        let config = index.join("config.json");
        if !config.is_file() {
            put(&config, INDEX_CONFIG.as_bytes())?;
        }
        let (kept, known) = (cache.join(wanted.archive()), index.join(".cache").join(wanted.entry()));
        // An entry that somebody's Cargo wrote later knows more than ours.
        if !fs::read(&known).is_ok_and(|entry| knows(&entry, &wanted.version)) {
            put(&known, &fs::read(entry)?)?;
        }
        let new = super::size(&kept) != super::size(archive);
        if new {
            put(&kept, &fs::read(archive)?)?;
        }
        Ok(new)
    }

    fn registries(&self, kind: &str) -> impl Iterator<Item = PathBuf> {
        // A folder that is not there holds nothing.
        fs::read_dir(self.folder.join(kind)).into_iter().flatten().flatten().map(|entry| entry.path())
    }
}

/// Whether an entry of Cargo's index knows a version: versions stand between zeros. As text, because the standard library's search in
/// texts is fast in unoptimised programs too, and the index of all crates has thirty megabytes.
fn knows(entry: &[u8], version: &str) -> bool {
    String::from_utf8_lossy(entry).contains(&format!("\0{version}\0"))
}

/// Writes a file in one step: another Cargo may read at the same time.
fn put(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let unfinished = path.with_extension(format!("{}.new", std::process::id()));
    let written = fs::write(&unfinished, content).and_then(|()| fs::rename(&unfinished, path));
    written.inspect_err(|_| drop(fs::remove_file(&unfinished)))
}

/// How far `fetch` may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Downloads the crates of every system.
    Everything,
    /// Looks only whether those of this system are here. Downloads nothing.
    ThisMachineOffline,
}

/// `cargo fetch --locked`, which goes on where an earlier one was interrupted.
pub fn fetch(mut cargo: Command, reach: Reach) -> Command {
    cargo.args(["fetch", "--locked"]).stdin(Stdio::null());
    if reach == Reach::ThisMachineOffline {
        cargo.args(["--offline", "--target", "host-tuple"]);
    }
    cargo
}

/// The files of a bundle that belong to a crate: those of the archive and of the entry, with their names in the bundle.
pub fn members(known: &Crate) -> [String; 2] {
    [format!("crates/{}", known.archive()), format!("index/{}", known.entry())]
}

/// The crates whose archive in a bundle is another than the lock file wants.
pub fn wrong<'a>(crates: &'a [Crate], hashes: &BTreeMap<String, String>) -> Vec<&'a Crate> {
    let differs = |known: &&Crate| hashes.get(&members(known)[0]).is_some_and(|hash| *hash != known.checksum);
    crates.iter().filter(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n[[package]]\nname = \"xtask\"\nversion = \"0.1.0\"\n\n\
        [[package]]\nname = \"Inflector\"\nversion = \"0.11.4\"\nsource = \"registry\"\nchecksum = \"aa\"\n";

    fn inflector() -> Crate {
        Crate { name: "Inflector".to_owned(), version: "0.11.4".to_owned(), checksum: "aa".to_owned() }
    }

    #[test]
    fn the_lock_file_says_which_crates_are_needed() {
        assert_eq!(read(LOCK).unwrap(), [inflector()]);
    }

    #[test]
    fn entries_lie_where_cargo_looks_for_them() {
        let entry = |name: &str| Crate { name: name.to_owned(), ..inflector() }.entry();
        assert_eq!([entry("a"), entry("cc"), entry("syn"), entry("Tokio")], ["1/a", "2/cc", "3/s/syn", "to/ki/tokio"]);
    }

    #[test]
    fn an_entry_knows_whole_versions_only() {
        let entry = b"\x03\x02\0\0\0etag\x000.11.40\0{}\x000.11.4\0{\"vers\":\"0.11.4\"}\0";
        assert!(knows(entry, "0.11.4") && knows(entry, "0.11.40") && !knows(entry, "0.11"));
    }

    #[test]
    fn what_was_taken_over_is_found_and_newer_knowledge_stays() {
        let (home, parts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let downloads = Downloads { folder: home.path().to_owned() };
        let known = inflector();
        assert_eq!(downloads.missing(std::slice::from_ref(&known)).len(), 1);
        let (archive, entry) = (parts.path().join("archive"), parts.path().join("entry"));
        fs::write(&archive, "crate").unwrap();
        fs::write(&entry, "x\x000.11.4\0{}\0").unwrap();
        assert!(downloads.take_over(&known, &archive, &entry).unwrap());
        assert!(downloads.missing(std::slice::from_ref(&known)).is_empty());
        assert_eq!(downloads.bytes(std::slice::from_ref(&known)), 5);

        let newer = "y\x000.11.4\0{}\x000.12.0\0{}\0";
        fs::write(downloads.entry(&known).unwrap(), newer).unwrap();
        assert!(!downloads.take_over(&known, &archive, &entry).unwrap());
        assert_eq!(fs::read_to_string(downloads.entry(&known).unwrap()).unwrap(), newer);
    }

    #[test]
    fn an_archive_that_the_lock_file_does_not_want_is_found() {
        let hashes = |hash: &str| BTreeMap::from([("crates/Inflector-0.11.4.crate".to_owned(), hash.to_owned())]);
        let crates = [inflector()];
        assert!(wrong(&crates, &hashes("aa")).is_empty() && wrong(&crates, &BTreeMap::new()).is_empty());
        assert_eq!(wrong(&crates, &hashes("bb")).len(), 1);
    }
}
