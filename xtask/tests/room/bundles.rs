//! What becomes of a bundle on other machines, and of bundles that cannot be made.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::machine::{BUNDLE, IMAGES, Machine, ended};

/// How many crates the workshop is locked to.
fn locked() -> usize {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("Cargo.lock");
    fs::read_to_string(lock).unwrap().lines().filter(|line| line.starts_with("checksum = ")).count()
}

/// An engine that answers and takes nothing.
const FULL: &str = "[ \"$1\" = version ] && exec echo linux/amd64\necho 'no space left on device' >&2\nexit 1\n";

fn unbundled(machine: &Machine) -> (Option<i32>, String) {
    ended(machine.xtask("unbundle").arg(&*BUNDLE))
}

#[track_caller]
fn contains(said: &str, part: &str) {
    assert!(said.contains(part), "{part:?} is not in:\n{said}");
}

#[test]
fn crates_books_and_images_are_taken_over_and_again_without_harm() {
    let machine = Machine::new(Some("linux/amd64"));
    for new in ["", "0 of them are new"] {
        let (code, said) = unbundled(&machine);
        assert_eq!(code, Some(0), "{said}");
        contains(&said, new);
        contains(&said, "compiled without a network");
        assert_eq!(machine.loaded().as_deref(), Some(IMAGES));
        for language in ["en", "ko"] {
            assert!(machine.path("target/workshop/book").join(language).join("index.html").is_file());
        }
        assert!(!machine.path("target/workshop/room").exists(), "the workbench is cleared");
    }
    // On a machine that has never fetched for other systems, the bundle is for this one; it still has all that is compiled here.
    assert!(machine.crates() <= locked() && machine.crates() > locked() / 2, "{} crates", machine.crates());
    let (code, said) = ended(&mut machine.xtask("book"));
    assert_eq!(code, Some(0), "{said}");
    contains(&said, "up to date");
}

#[test]
fn images_are_left_where_nobody_can_use_them() {
    let machine = Machine::new(None);
    for (engine, wish, code, why) in [
        (None, None, 0, "no container engine answers"),
        (Some("linux/amd64"), Some("--without-images"), 0, "none were wanted"),
        (Some("linux/arm64"), None, 0, "They are for linux/amd64, and the engine here runs linux/arm64"),
        (Some("full"), None, 1, "could not load the images: no space left on device"),
    ] {
        match engine {
            Some("full") => machine.program("docker", FULL),
            engine => machine.engine(engine),
        }
        let (ended_with, said) = ended(machine.xtask("unbundle").arg(&*BUNDLE).args(wish));
        assert_eq!(ended_with, Some(code), "{said}");
        contains(&said, why);
        assert_eq!(machine.loaded(), None);
        assert!(machine.crates() > 0, "everything else was taken over");
    }
}

#[test]
fn nothing_of_a_damaged_bundle_is_used() {
    let machine = Machine::new(Some("linux/amd64"));
    let whole = fs::read(&*BUNDLE).unwrap();
    let damaged = machine.path("damaged.tar.zst");
    fs::write(&damaged, &whole[..whole.len() / 2]).unwrap();
    let (code, said) = ended(machine.xtask("unbundle").arg(&damaged));
    assert_eq!(code, Some(1), "{said}");
    contains(&said, "no sound bundle");
    assert_eq!((machine.crates(), machine.loaded()), (0, None));
    assert!(!machine.path("target/workshop/room").exists());
}

#[test]
fn a_crate_that_the_lock_file_does_not_want_is_refused_with_all_others() {
    let machine = Machine::new(None);
    // A workshop that is locked to another `axum` of the same version.
    let (workshop, real) = (machine.path("workshop"), Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap());
    for file in ["Cargo.toml", "Cargo.lock", "xtask/Cargo.toml"] {
        fs::create_dir_all(workshop.join(file).parent().unwrap()).unwrap();
        fs::copy(real.join(file), workshop.join(file)).unwrap();
    }
    fs::create_dir(workshop.join("exercises")).unwrap();
    let lock = fs::read_to_string(workshop.join("Cargo.lock")).unwrap();
    let at = lock.find("name = \"axum\"").and_then(|at| Some(at + lock[at..].find("checksum = \"")? + 12)).unwrap();
    let other = format!("{}{}{}", &lock[..at], "0".repeat(64), &lock[at + 64..]);
    fs::write(workshop.join("Cargo.lock"), other).unwrap();
    let mut unbundle = machine.xtask("unbundle");
    let (code, said) = ended(unbundle.arg(&*BUNDLE).env("CARGO_MANIFEST_DIR", workshop.join("xtask")));
    assert_eq!(code, Some(1), "{said}");
    contains(&said, "axum-");
    contains(&said, "is not the crate that Cargo.lock wants");
    assert_eq!(machine.crates(), 0);
}

#[test]
fn the_script_that_begins_says_what_it_cannot_use() {
    let machine = Machine::new(None);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("room/start.sh");
    let begun = |file: &Path, language: &str| {
        let mut start = Command::new("sh");
        start.arg(&script).arg(file).arg(machine.path("workshop")).env("LC_ALL", language);
        ended(&mut start)
    };
    let cut = machine.path("cut.tar.zst");
    fs::write(&cut, &fs::read(&*BUNDLE).unwrap()[..100_000]).unwrap();
    for (file, language, part) in [
        (machine.path("nothing.tar"), "C", "there is no file"),
        (cut.clone(), "C", "this is no whole bundle"),
        (cut, "ko_KR.UTF-8", "온전한 꾸러미가 아닙니다"),
        (script.clone(), "C", "this is no whole bundle"),
    ] {
        let (code, said) = begun(&file, language);
        assert_eq!(code, Some(1), "{said}");
        contains(&said, part);
    }
    assert!(!machine.path("workshop").exists());
}

#[test]
fn what_is_no_bundle_is_named_with_the_line_that_helps() {
    let machine = Machine::new(None);
    let refused = |command: &str, word: &str, parts: [&str; 2]| {
        let (code, said) = ended(machine.xtask(command).arg(word));
        assert!(matches!(code, Some(1 | 2)), "{said}");
        parts.iter().for_each(|part| contains(&said, part));
    };
    refused("unbundle", "nowhere.tar.zst", ["cannot read nowhere.tar.zst", "Look whether it exists"]);
    refused(
        "unbundle",
        "http://10.0.0.1:8000/room.tar.zst",
        ["not an address", "curl -O http://10.0.0.1:8000/room.tar.zst"],
    );
    refused("bundle", "room.zip", ["does not say how", "room.tar.gz"]);
    let (code, said) = ended(&mut machine.xtask("bundle"));
    assert_eq!(code, Some(2));
    contains(&said, "cargo xtask bundle room.tar.zst");
}

#[test]
fn a_machine_without_zstd_is_told_what_helps() {
    let machine = Machine::new(None);
    // The whole path is this folder: nothing but the tools that are asked for before.
    for tool in ["cargo", "rustc", "git", "sh"] {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|folder| folder.join(tool))
            .find(|path| path.is_file());
        std::os::unix::fs::symlink(found.unwrap(), machine.path("programs").join(tool)).unwrap();
    }
    let mut unbundle = machine.xtask("unbundle");
    let (code, said) = ended(unbundle.arg(&*BUNDLE).env("PATH", machine.path("programs")));
    assert_eq!(code, Some(1), "{said}");
    contains(&said, "cannot run zstd");
    contains(&said, "room.tar.gz");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_leaves_no_half_bundle() {
    let machine = Machine::new(None);
    let small = machine.path("small");
    fs::create_dir(&small).unwrap();
    let mount = "mount -t tmpfs -o size=1m none \"$1\" && shift && \"$@\"; code=$?; ls -A \"$0\"; exit $code";
    let mut bundle = machine.xtask("bundle");
    bundle.arg("--without-images").arg(small.join("room.tar.gz"));
    let Some(flags) = unshare_flags("-m") else { return };
    let mut within = Command::new("unshare");
    within.args([flags, "sh", "-c", mount]).arg(&small).arg(&small).arg(bundle.get_program()).args(bundle.get_args());
    within.envs(bundle.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(machine.path(""));
    // The crates of this machine are the ones that are packed.
    within.env_remove("CARGO_HOME").env("HOME", std::env::var_os("HOME").unwrap_or_default());
    within.envs(std::env::var_os("CARGO_HOME").map(|home| ("CARGO_HOME", home)));
    let (code, said) = ended(&mut within);
    assert_eq!(code, Some(1), "{said}");
    contains(&said, "cannot write");
    contains(&said, "No space left on device");
    assert!(!said.lines().any(|line| line.starts_with("room.tar.gz")), "something was left: {said}");
}

/// How namespaces can be had here: as root, or as somebody who is root in one alone. On a build server they must be.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
pub fn unshare_flags(kind: &str) -> Option<&'static str> {
    let ways = match kind {
        "-m" => ["-m", "-Urm"],
        _ => ["-n", "-Urn"],
    };
    let works = |flags: &&&str| {
        Command::new("unshare").args([**flags, "true"]).output().is_ok_and(|output| output.status.success())
    };
    let found = ways.iter().find(works).copied();
    assert!(found.is_some() || std::env::var_os("CI").is_none(), "a build server must allow unshare {kind}");
    if found.is_none() {
        eprintln!("skipped: this machine allows no namespaces (unshare {kind})");
    }
    found
}
