//! Subjects whose files are odd or meant harm: nothing outside is read, nothing of the attendee's is written or run.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::scene::{Ended, Scene};

/// One of the secrets that the check looks for.
const CANARY: &str = "sk_live_jjalda_7Q2mX9vB4tKp";

const SECRETS: &str = "--only no-secrets-in-repo";

#[test]
fn a_secret_in_the_tree_is_found() {
    let scene = Scene::links("");
    scene.write("notes/old.txt", CANARY);
    scene.check(SECRETS).ended(1, &["canary-in-tree", "notes/old.txt:1 holds sk_live_"]);
    scene.leaves_nothing();
}

#[test]
fn a_link_that_leads_outside_is_not_followed() {
    let scene = Scene::links("");
    fs::write(scene.path("outside.txt"), CANARY).unwrap();
    fs::create_dir(scene.path("private")).unwrap();
    fs::write(scene.path("private/key"), CANARY).unwrap();
    symlink(scene.path("outside.txt"), scene.service().join("file")).unwrap();
    symlink("../private", scene.service().join("folder")).unwrap();
    symlink("loop", scene.service().join("loop")).unwrap();
    symlink("/dev/zero", scene.service().join("endless")).unwrap();
    scene.check(SECRETS).said(0, &["PASS"]);
    scene.leaves_nothing();
}

#[test]
fn a_link_whose_own_words_are_a_secret_is_found() {
    let scene = Scene::links("");
    symlink(format!("https://links:{CANARY}@db.example/"), scene.service().join("database")).unwrap();
    scene.check(SECRETS).ended(1, &["canary-in-tree", "database:1 holds sk_live_"]);
    scene.leaves_nothing();
}

#[test]
fn a_release_takes_nothing_from_outside() {
    for target in ["outside.txt", "private/key"] {
        let scene = Scene::links("");
        fs::create_dir(scene.path("private")).unwrap();
        fs::write(scene.path("outside.txt"), CANARY).unwrap();
        fs::write(scene.path("private/key"), CANARY).unwrap();
        symlink(scene.path("outside.txt"), scene.service().join("outside.txt")).unwrap();
        symlink(scene.path("private"), scene.service().join("private")).unwrap();
        let words = fs::read_to_string(scene.service().join("app.toml")).unwrap();
        scene.write("app.toml", &words.replace("\"app.py\"]", &format!("\"app.py\", \"{target}\"]")));
        scene.check("").blocked("program-missing", &[&format!("{target} leads outside")]);
        scene.leaves_nothing();
    }
}

#[test]
fn sockets_pipes_and_other_oddities_are_left_out() {
    let scene = Scene::links("");
    let _listener = std::os::unix::net::UnixListener::bind(scene.service().join("socket")).unwrap();
    assert!(Command::new("mkfifo").arg(scene.service().join("pipe")).status().unwrap().success());
    fs::create_dir(scene.service().join("empty")).unwrap();
    scene.check(SECRETS).said(0, &["PASS"]);
    scene.leaves_nothing();
}

#[test]
fn strange_names_survive() {
    let scene = Scene::links("");
    let names: [&[u8]; 7] =
        [b"with space", b"new\nline", b"\xff\xfe.bin", b"-rf", b":(glob)*", b"quote'\"", "한글 파일.txt".as_bytes()];
    for name in names {
        let folder = scene.service().join(OsStr::from_bytes(name));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(OsStr::from_bytes(name)), name).unwrap();
    }
    scene.check(SECRETS).said(0, &["PASS"]);
    let copy = copy_of(&scene);
    for name in names {
        let name = OsStr::from_bytes(name);
        assert_eq!(fs::read(copy.join(name).join(name)).unwrap(), name.as_bytes());
    }
    // A secret in such a file is still named by a report that can be printed.
    fs::write(scene.service().join(OsStr::from_bytes(b"\x1b[2J\n\xff")), CANARY).unwrap();
    let ended = scene.check(SECRETS);
    ended.ended(1, &["canary-in-tree"]);
    assert!(!ended.stdout.contains('\u{1b}'), "{:?}", ended.stdout);
    scene.leaves_nothing();
}

#[test]
fn a_folder_with_a_strange_name_is_graded_all_the_same() {
    let scene = Scene::links("");
    for name in [OsStr::new("my 'service'\n한글"), OsStr::from_bytes(b"bad\xff")] {
        let folder = scene.path("home").join(name);
        fs::create_dir(&folder).unwrap();
        for file in ["app.toml", "app.py"] {
            fs::copy(scene.service().join(file), folder.join(file)).unwrap();
        }
        // From inside, because words of the command line must be Unicode.
        let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
        scene.surround(&mut xtask);
        xtask.current_dir(&folder).args(["check", "factor-3", "--path", ".", "--only", "no-secrets-in-repo"]);
        Ended::of(xtask).said(0, &["PASS"]);
    }
    scene.leaves_nothing();
}

#[test]
fn a_repository_can_run_nothing_and_stays_as_it_is() {
    let scene = Scene::links("");
    let marker = scene.path("ran");
    trap(&scene.service(), &marker);
    let before = contents(&scene.service());
    // The hooks are real: git itself, asked without precautions, walks into them.
    for words in [SECRETS, "--only env-drives-behaviour"] {
        scene.check(words).said(0, &["PASS"]);
        assert!(!marker.exists(), "the repository ran {}", fs::read_to_string(&marker).unwrap());
    }
    assert!(contents(&scene.service()) == before, "the repository was changed");
    git(&scene.service(), &["status"]);
    assert!(marker.exists(), "the trap does not work, so nothing was tested");
    scene.leaves_nothing();
}

#[test]
fn history_is_searched_and_what_is_ignored_is_not_copied() {
    let scene = Scene::links("");
    let folder = scene.service();
    scene.write("key.txt", CANARY);
    repository(&folder);
    scene.check(SECRETS).ended(1, &["canary-in-tree", "key.txt:1 holds sk_live_"]);
    fs::remove_file(folder.join("key.txt")).unwrap();
    git(&folder, &["commit", "--quiet", "--all", "--message", "no key any more"]);
    scene.write(".gitignore", "private\n");
    scene.write("private", CANARY);
    scene.check(SECRETS).said(0, &["PASS", "note:", "rotate it"]);
    scene.leaves_nothing();
}

#[test]
fn a_tracked_file_is_scanned_even_where_it_is_ignored_by_now() {
    for subfolder in [false, true] {
        let scene = Scene::links("");
        let folder = scene.service();
        scene.write(".env", CANARY);
        let top = if subfolder { folder.parent().unwrap().to_owned() } else { folder.clone() };
        repository(&top);
        scene.write(".gitignore", ".env\n");
        scene.check(SECRETS).ended(1, &["canary-in-tree", ".env:1 holds sk_live_"]);
        git(&folder, &["rm", "--quiet", "--cached", ".env"]);
        git(&top, &["commit", "--quiet", "--all", "--message", "no longer tracked"]);
        // The file is still there, and it is nobody's business any more.
        scene.check(SECRETS).said(0, &["PASS"]);
        scene.leaves_nothing();
    }
}

#[test]
fn what_a_repository_around_the_service_ignores_is_not_copied() {
    let scene = Scene::links("");
    let top = scene.service().parent().unwrap().to_owned();
    fs::write(top.join(".gitignore"), "private\n").unwrap();
    repository(&top);
    scene.write("private", CANARY);
    scene.check(SECRETS).said(0, &["PASS"]);
    scene.leaves_nothing();
}

#[test]
fn files_may_become_folders_and_links_and_nothing_outside_is_touched() {
    let scene = Scene::links("");
    let (thing, outside) = (scene.service().join("thing"), scene.path("outside"));
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("inner"), "the attendee's own").unwrap();
    let states: [&dyn Fn(); 5] = [
        &|| fs::write(&thing, "a file").unwrap(),
        &|| scene.write("thing/inner", "in a folder"),
        &|| symlink(&outside, &thing).unwrap(),
        &|| scene.write("thing/inner", "in a folder again"),
        &|| (),
    ];
    for state in states {
        drop(fs::remove_file(&thing).or_else(|_| fs::remove_dir_all(&thing)));
        state();
        scene.check(SECRETS).said(0, &["PASS"]);
        let copied = copy_of(&scene).join("thing");
        assert_eq!(fs::read_link(&copied).ok(), fs::read_link(&thing).ok());
        for path in ["", "inner"] {
            assert_eq!(fs::read(copied.join(path)).ok(), fs::read(thing.join(path)).ok());
        }
        assert_eq!(fs::read_to_string(outside.join("inner")).unwrap(), "the attendee's own");
    }
    scene.leaves_nothing();
}

/// What a killed git or a full disk leaves must not stop later runs, or lead them into a repository further up.
#[test]
fn a_broken_copy_is_made_anew_and_the_repository_around_it_stays_as_it_is() {
    let scene = Scene::links("");
    fs::write(scene.path("attendee.txt"), "the attendee's own").unwrap();
    git(&scene.path(""), &["init", "--quiet"]);
    git(&scene.path(""), &["add", "attendee.txt"]);
    git(&scene.path(""), &["commit", "--quiet", "--message", "mine"]);
    let before = contents(&scene.path(".git"));
    scene.check(SECRETS).said(0, &["PASS"]);
    let breaks: [fn(&Path); 4] = [
        |copy| fs::remove_file(copy.join("HEAD")).unwrap(),
        |copy| fs::write(copy.join("index.lock"), "").unwrap(),
        |copy| fs::write(copy.join("HEAD"), "").unwrap(),
        |copy| fs::write(copy.join("index"), "cut o").unwrap(),
    ];
    for (number, break_it) in breaks.iter().enumerate() {
        break_it(&copy_of(&scene).join(".git"));
        scene.write("changed", &number.to_string());
        scene.check(SECRETS).said(0, &["PASS"]);
        assert!(contents(&scene.path(".git")) == before, "the grader wrote into the attendee's repository");
    }
    scene.leaves_nothing();
}

/// Where the service was copied to.
fn copy_of(scene: &Scene) -> PathBuf {
    let trees = fs::read_dir(scene.path("target/workshop/trees")).unwrap();
    trees.map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap()
}

pub fn repository(folder: &Path) {
    git(folder, &["init", "--quiet", "--initial-branch", "main"]);
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "a service"]);
}

/// A repository in which almost everything git does would run a program that writes the marker.
pub fn trap(folder: &Path, marker: &Path) {
    fs::write(folder.join(".gitattributes"), "* filter=evil diff=evil merge=evil\n").unwrap();
    repository(folder);
    git(folder, &["branch", "other"]);
    let runs = |what: &str| format!("sh -c 'echo {what} >> {}; cat'", marker.display());
    for name in
        ["filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv", "diff.evil.command"]
    {
        git(folder, &["config", name, &runs(name)]);
    }
    for name in [
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "gpg.program",
        "uploadpack.packObjectsHook",
        "credential.helper",
    ] {
        git(folder, &["config", name, &runs(name)]);
    }
    git(folder, &["config", "core.fsmonitor", &runs("core.fsmonitor")]);
    for hook in ["post-checkout", "pre-commit", "post-commit", "reference-transaction", "post-index-change"] {
        let path = folder.join(".git/hooks").join(hook);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\necho {hook} >> {}\n", marker.display())).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(&path).status().unwrap().success());
    }
    assert!(!marker.exists());
}

/// Every file of a folder, `.git` included, with its bytes and the time of its last change.
pub fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap(), path.metadata().unwrap().modified().unwrap()));
        }
    }
    found.sort();
    found
}

pub fn git(folder: &Path, words: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(folder).args(["-c", "user.name=a", "-c", "user.email=a@localhost"]).args(words);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = git.output().unwrap();
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
}
