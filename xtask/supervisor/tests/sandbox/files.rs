//! A service sees and writes the files it was given, as the user it was given.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use supervisor::protocol::{Report, Root, SandboxSpec};

use crate::Test;
use crate::place::Place;
use crate::support::{ORDINARY, User, ensure, expect};

pub const TESTS: &[(&str, Test)] = &[
    ("only_writable_folders_can_be_written", only_writable_folders_can_be_written),
    ("hidden_folders_are_empty_but_for_what_is_shown", hidden_folders_are_empty_but_for_what_is_shown),
    ("a_bare_root_holds_what_is_listed", a_bare_root_holds_what_is_listed),
    ("a_bare_root_has_writable_folders", a_bare_root_has_writable_folders),
    ("the_user_stays_the_same", the_user_stays_the_same),
    ("the_service_cannot_undo_it", the_service_cannot_undo_it),
    ("a_path_that_does_not_exist_is_an_error", a_path_that_does_not_exist_is_an_error),
];

fn only_writable_folders_can_be_written(place: &Place) -> Result<(), Failed> {
    let (closed, open) = (place.owned("closed")?, place.owned("open")?);
    let sandbox = SandboxSpec { writable: vec![open.clone()], ..place.host() };
    let (printed, _) = place.run(sandbox.clone(), &["write", text(&closed.join("file"))])?;
    expect(printed.as_str(), "ReadOnlyFilesystem")?;
    let (printed, _) = place.run(sandbox, &["write", text(&open.join("file"))])?;
    expect(printed.as_str(), "written")?;
    ensure(open.join("file").exists() && !closed.join("file").exists(), || "on the host it looks different".to_owned())
}

fn hidden_folders_are_empty_but_for_what_is_shown(place: &Place) -> Result<(), Failed> {
    let hidden = place.owned("hidden")?;
    fs::create_dir(hidden.join("shown"))?;
    fs::write(hidden.join("shown/file"), "")?;
    fs::write(hidden.join("secret"), "")?;
    let sandbox = place.with(Root::HostReadOnly {
        hide: vec![hidden.clone(), PathBuf::from("/does/not/exist")],
        show: vec![hidden.join("shown")],
    });
    for (path, seen) in [("secret", "false"), ("shown/file", "true")] {
        let (printed, _) = place.run(sandbox.clone(), &["see", text(&hidden.join(path))])?;
        expect(printed.as_str(), seen)?;
    }
    for path in ["new", "shown/new"] {
        let (printed, _) = place.run(sandbox.clone(), &["write", text(&hidden.join(path))])?;
        expect(printed.as_str(), "ReadOnlyFilesystem")?;
    }
    Ok(())
}

fn a_bare_root_holds_what_is_listed(place: &Place) -> Result<(), Failed> {
    let libraries: BTreeSet<_> = supervisor::shared_libraries(&place.executable)?.into_iter().collect();
    let mut others = vec!["/usr/bin", "/bin/sh", "/home", "/etc/shadow", "/sys"];
    others.retain(|path| !libraries.iter().any(|library| library.starts_with(path)));
    for path in others {
        expect(place.run(place.bare()?, &["see", path])?.0.as_str(), "false")?;
    }
    for path in ["/dev/null", "/proc/self", "/etc/hosts", "/etc/resolv.conf", "/etc/passwd", "/tmp"] {
        expect(place.run(place.bare()?, &["see", path])?.0.as_str(), "true")?;
    }
    Ok(())
}

fn a_bare_root_has_writable_folders(place: &Place) -> Result<(), Failed> {
    let open = place.owned("open")?;
    let sandbox = SandboxSpec { writable: vec![open.clone()], ..place.bare()? };
    let file = open.join("file");
    for (path, answer) in
        [(text(&file), "written"), ("/tmp/file", "written"), ("/file", "ReadOnlyFilesystem"), ("/dev/null", "written")]
    {
        expect(place.run(sandbox.clone(), &["write", path])?.0.as_str(), answer)?;
    }
    ensure(file.exists(), || "the host does not see the file".to_owned())
}

fn the_user_stays_the_same(place: &Place) -> Result<(), Failed> {
    let user = match place.user {
        User::Myself => rustix::process::geteuid().as_raw(),
        User::Ordinary => ORDINARY,
    };
    expect(place.run(place.host(), &["user"])?.0, user.to_string())
}

fn the_service_cannot_undo_it(place: &Place) -> Result<(), Failed> {
    expect(place.run(place.host(), &["remount"])?.0.as_str(), "PERM")
}

fn a_path_that_does_not_exist_is_an_error(place: &Place) -> Result<(), Failed> {
    let sandbox = SandboxSpec { writable: vec![place.folder.path("nothing")], ..place.host() };
    let report = place.start(sandbox, &["user"])?.next()?;
    ensure(
        matches!(&report, Report::CouldNotStart { error, missing_program: false } if error.contains("nothing")),
        || format!("{report:?}"),
    )
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
