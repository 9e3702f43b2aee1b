//! Entering namespaces, and giving up what that gained.

use std::fs;
use std::io;

use rustix::mount::{MountPropagationFlags, mount_change};
use rustix::process::{getegid, geteuid};
use rustix::thread::{CapabilitySet, CapabilitySets, UnshareFlags};

/// Moves this process into user, mount and network namespaces of its own.
///
/// The user and group map to themselves and to nobody else. So an ordinary user stays one, and programs that refuse to run as root run; root
/// stays root, but of nothing outside. Files of other users look as if they were nobody's.
///
/// # Errors
///
/// What this machine lacks, in words for a person.
pub(super) fn enter() -> Result<(), String> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS | UnshareFlags::NEWNET)
        .and_then(|()| map(user, group))
        .and_then(|()| own_mounts())
        .map_err(|error| missing(&error))
}

/// Copies the mounts of this process once more, so that changes stay its own.
pub(super) fn copy_mounts() -> io::Result<()> {
    unshare(UnshareFlags::NEWNS)
}

/// Gives up every capability in this namespace for good: not even a service of root's can undo a read-only mount, and `sudo` gains nothing.
pub(super) fn drop_privileges() -> io::Result<()> {
    rustix::thread::clear_ambient_capability_set()?;
    // The kernel refuses numbers it does not know; those are the last.
    let one_by_one = (0..u64::BITS).map(|number| CapabilitySet::from_bits_retain(1 << number));
    for capability in one_by_one {
        if rustix::thread::remove_capability_from_bounding_set(capability).is_err() {
            break;
        }
    }
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    rustix::thread::set_capabilities(None, none)?;
    Ok(rustix::thread::set_no_new_privs(true)?)
}

pub(super) fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: the call is only dangerous with FILES, which separates the threads' file descriptors.
    Ok(unsafe { rustix::thread::unshare_unsafe(flags) }?)
}

fn map(user: u32, group: u32) -> io::Result<()> {
    // Without this the kernel refuses an unprivileged group map: dropping a group could open files that are closed to that group.
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
}

/// Mounts made from here on are seen nowhere else. This is also where a machine that hands out powerless user namespaces refuses.
fn own_mounts() -> io::Result<()> {
    Ok(mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?)
}

/// The settings that switch unprivileged user namespaces off, each with the value that does.
const SWITCHES: [(&str, &str); 3] = [
    ("kernel.apparmor_restrict_unprivileged_userns", "1"),
    ("kernel.unprivileged_userns_clone", "0"),
    ("user.max_user_namespaces", "0"),
];

fn missing(error: &io::Error) -> String {
    let reason = SWITCHES.iter().find(|(name, value)| setting(name) == Some((*value).to_owned()));
    match reason {
        Some((name, value)) => format!("unprivileged user namespaces ({name} = {value})"),
        None => {
            format!("unprivileged user namespaces ({error}; inside a container its seccomp profile may refuse them)")
        }
    }
}

fn setting(name: &str) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/sys/{}", name.replace('.', "/"))).ok()?;
    Some(text.trim().to_owned())
}
