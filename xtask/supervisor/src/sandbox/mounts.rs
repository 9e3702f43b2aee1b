//! The file tree that the service sees, built by the service's own process between fork and exec.
//!
//! It is built on a workbench, a small file system with the host's tree at `/host` and the service's at `/new`, because the new tree may
//! cover whatever its own parts come from. At the end the process moves into `/new` and the workbench is gone.

use std::fs::{self, File};
use std::io;
use std::net::Ipv4Addr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rustix::mount::{MountFlags, UnmountFlags, mount, mount_bind_recursive, unmount};
use rustix::process::pivot_root;

use super::{names, namespaces, remount};
use crate::protocol::{Root, SandboxSpec};

/// A folder that every system has; it is covered only until the host's tree has moved away.
const WORKBENCH: &str = "/tmp";

/// The host's tree, as the workbench sees it.
pub(super) const HOST: &str = "/host";

/// The service's tree, as the workbench sees it.
const NEW: &str = "/new";

/// Devices of a bare root, and the links that programs expect next to them.
const DEVICES: [&str; 4] = ["/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"];
const DEVICE_LINKS: [(&str, &str); 4] = [
    ("dev/fd", "/proc/self/fd"),
    ("dev/stdin", "/proc/self/fd/0"),
    ("dev/stdout", "/proc/self/fd/1"),
    ("dev/stderr", "/proc/self/fd/2"),
];

/// Neither devices nor set-user-id programs work on file systems of our own.
const HARMLESS: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);

/// A tree that is described but not built, its paths resolved.
#[derive(Clone)]
pub(crate) struct Tree {
    base: Base,
    writable: Vec<Place>,
    names: Vec<(&'static str, PathBuf)>,
    hosts: Vec<(Ipv4Addr, String)>,
    working_directory: PathBuf,
}

#[derive(Clone)]
enum Base {
    Host { hidden: Vec<PathBuf>, shown: Vec<Place> },
    Bare { files: Vec<Place> },
}

/// Something of the host's and where the service finds it. Links are resolved on the host: inside, half of their way may be missing.
#[derive(Clone)]
struct Place {
    source: PathBuf,
    target: PathBuf,
}

impl Tree {
    /// Resolves all paths of a specification.
    ///
    /// # Errors
    ///
    /// One of them does not exist.
    pub(super) fn new(spec: &SandboxSpec) -> io::Result<Self> {
        let (base, names) = match &spec.root {
            Root::HostReadOnly { hide, show } => {
                let hidden = hide.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
                let shown = places(show, true)?;
                (Base::Host { hidden, shown }, names::in_host())
            }
            Root::Bare { files } => (Base::Bare { files: places(files, false)? }, names::in_bare()),
        };
        Ok(Self {
            writable: places(&spec.writable, matches!(base, Base::Host { .. }))?,
            base,
            names,
            hosts: spec.hosts.iter().map(|host| (host.address, host.name.clone())).collect(),
            working_directory: std::env::current_dir()?,
        })
    }

    /// Builds the tree, makes it this process's root and gives up every privilege.
    ///
    /// # Errors
    ///
    /// What could not be done, in words.
    pub(crate) fn enter(&self) -> Result<(), String> {
        step("the workbench of the file tree", || workbench(&self.hosts))?;
        step("the file tree", || match &self.base {
            Base::Host { hidden, shown } => over_host(hidden, shown),
            Base::Bare { files } => bare(files),
        })?;
        step("the files for name lookups", || self.put_names())?;
        step("the writable folders", || self.writable.iter().try_for_each(bind))?;
        step("sealing the file tree", || self.seal())?;
        step("moving into the file tree", || self.move_in())?;
        step("giving up privileges", namespaces::drop_privileges)
    }

    fn put_names(&self) -> io::Result<()> {
        for (name, target) in &self.names {
            let target = below(NEW, target);
            bind_path(&Path::new("/").join(name), &target)?;
            remount::read_only(&target)?;
        }
        Ok(())
    }

    /// Closes the file systems of our own, in which mount points had to be made until now.
    fn seal(&self) -> io::Result<()> {
        match &self.base {
            Base::Host { hidden, .. } => hidden
                .iter()
                .map(|folder| below(NEW, folder))
                .filter(|folder| folder.is_dir())
                .try_for_each(|folder| remount::only_this(&folder, HARMLESS)),
            Base::Bare { .. } => remount::only_this(Path::new(NEW), HARMLESS),
        }
    }

    fn move_in(&self) -> io::Result<()> {
        rustix::process::chdir(NEW)?;
        // The old root comes to lie on top of the new one, from where it can be taken away.
        pivot_root(".", ".")?;
        unmount(".", UnmountFlags::DETACH)?;
        std::env::set_current_dir(&self.working_directory).map_err(|error| at(&self.working_directory, &error))
    }
}

fn step(what: &str, work: impl FnOnce() -> io::Result<()>) -> Result<(), String> {
    work().map_err(|error| format!("{what}: {error}"))
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// `real`: the target is the resolved path too, as in a tree that has the same links as the host.
fn places(paths: &[PathBuf], real: bool) -> io::Result<Vec<Place>> {
    let places = paths.iter().map(|path| {
        let source = fs::canonicalize(path).map_err(|error| at(path, &error))?;
        let target = if real { source.clone() } else { path.clone() };
        Ok(Place { source, target })
    });
    places.collect()
}

/// Where an absolute path lies inside one of the workbench's trees.
fn below(tree: &str, path: &Path) -> PathBuf {
    Path::new(tree).join(path.strip_prefix("/").unwrap_or(path))
}

fn workbench(hosts: &[(Ipv4Addr, String)]) -> io::Result<()> {
    namespaces::copy_mounts()?;
    let bench = Path::new(WORKBENCH);
    mount("tmpfs", bench, "tmpfs", HARMLESS, c"mode=0755")?;
    let host = below(WORKBENCH, Path::new(HOST));
    fs::create_dir(&host)?;
    fs::create_dir(below(WORKBENCH, Path::new(NEW)))?;
    pivot_root(bench, &host)?;
    rustix::process::chdir("/")?;
    names::write(Path::new("/"), hosts)
}

fn over_host(hidden: &[PathBuf], shown: &[Place]) -> io::Result<()> {
    mount_bind_recursive(HOST, NEW)?;
    remount::read_only(Path::new(NEW))?;
    for path in hidden {
        cover(&below(NEW, path)).map_err(|error| at(path, &error))?;
    }
    shown.iter().try_for_each(bind_read_only)
}

fn cover(path: &Path) -> io::Result<()> {
    // A hidden folder inside a hidden folder is gone already.
    if path.is_dir() {
        mount("tmpfs", path, "tmpfs", HARMLESS, c"mode=0755")?;
    }
    Ok(())
}

fn bare(files: &[Place]) -> io::Result<()> {
    mount("tmpfs", NEW, "tmpfs", HARMLESS, c"mode=0755")?;
    let temporary = below(NEW, Path::new("/tmp"));
    fs::create_dir(&temporary)?;
    mount("tmpfs", &temporary, "tmpfs", HARMLESS, c"mode=1777")?;
    let system =
        ["/proc"].iter().chain(&DEVICES).map(|path| Place { source: PathBuf::from(path), target: PathBuf::from(path) });
    system.into_iter().try_for_each(|place| bind_read_only(&place))?;
    for (link, target) in DEVICE_LINKS {
        symlink(target, Path::new(NEW).join(link))?;
    }
    files.iter().try_for_each(bind_read_only)
}

fn bind_read_only(place: &Place) -> io::Result<()> {
    bind(place)?;
    remount::read_only(&below(NEW, &place.target))
}

fn bind(place: &Place) -> io::Result<()> {
    bind_path(&below(HOST, &place.source), &below(NEW, &place.target)).map_err(|error| at(&place.target, &error))
}

/// Binds a file or a folder with all that is mounted in it; makes the mount point where the tree is our own and has none.
fn bind_path(source: &Path, target: &Path) -> io::Result<()> {
    if source.is_dir() {
        fs::create_dir_all(target)?;
    } else if !target.exists() {
        target.parent().map_or(Ok(()), fs::create_dir_all)?;
        File::create(target)?;
    }
    Ok(mount_bind_recursive(source, target)?)
}
