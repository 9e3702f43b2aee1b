//! Commits of the grader's own in clones of hostile repositories.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

/// A clone of what `prepare` has made of a fresh repository, and the repository itself.
fn cloned(prepare: impl FnOnce(&Path)) -> (tempfile::TempDir, PathBuf, Checkout) {
    let folder = tempfile::tempdir().unwrap();
    let (theirs, clone) = (folder.path().join("theirs"), folder.path().join("clone"));
    fs::create_dir(&theirs).unwrap();
    fs::write(theirs.join("app.toml"), "first\n").unwrap();
    git(&theirs, &["init", "--quiet"]).unwrap();
    prepare(&theirs);
    git(&theirs, &["add", "--all"]).unwrap();
    git(&theirs, &["commit", "--quiet", "--message", "theirs"]).unwrap();
    let checkout = clone_of(&theirs, &clone, Path::new("")).unwrap();
    (folder, theirs, checkout)
}

/// A program that leaves a mark when anybody runs it.
fn trap(path: &Path, mark: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\ntouch '{}'\n", mark.display())).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Every file of a repository, its own folder included, with what is in it.
fn snapshot(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.symlink_metadata().unwrap() {
            known if known.is_dir() => found.extend(snapshot(&path)),
            known if known.is_file() => found.push((path.clone(), fs::read(&path).unwrap())),
            _ => found.push((path.clone(), fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes())),
        }
    }
    found.sort();
    found
}

#[test]
fn a_commit_holds_what_was_written_and_appended_and_leaves_the_original_alone() {
    let (_folder, theirs, clone) = cloned(|_| ());
    let before = snapshot(&theirs);
    let first = clone.head().unwrap();
    let changes = [Change::Append("app.toml", b"second\n"), Change::Write("a/b c.txt", b"new")];
    let second = clone.commit("ours", &changes).unwrap();
    assert_ne!(first, second);
    assert_eq!(git(&clone.root, &["show", "HEAD:app.toml"]).unwrap(), b"first\nsecond\n");
    assert_eq!(git(&clone.root, &["show", "HEAD:a/b c.txt"]).unwrap(), b"new");
    assert_eq!(git(&clone.root, &["show", "-s", "--format=%an", "HEAD"]).unwrap(), b"workshop\n");
    assert_eq!(snapshot(&theirs), before);
}

#[test]
fn a_commit_takes_ignored_files_and_strange_names() {
    let (_folder, _, clone) = cloned(|theirs| fs::write(theirs.join(".gitignore"), "*.local\n").unwrap());
    let names = ["x.local", "-n", ":(top)y", "한글 이름", "line\nbreak", "*"];
    let changes = names.map(|name| Change::Write(name, b"1"));
    clone.commit("strange", &changes).unwrap();
    let listing = git(&clone.root, &["ls-tree", "-r", "-z", "--name-only", "HEAD"]).unwrap();
    let listing = String::from_utf8(listing).unwrap();
    for name in names {
        assert!(listing.split('\0').any(|known| known == name), "{name:?} is not in {listing:?}");
    }
}

#[test]
fn nothing_is_written_through_a_link_or_outside() {
    let outside = tempfile::tempdir().unwrap();
    let victim = outside.path().join("victim");
    fs::write(&victim, "whole").unwrap();
    let (_folder, _, clone) = cloned(|theirs| {
        symlink(&victim, theirs.join("file")).unwrap();
        symlink(outside.path(), theirs.join("folder")).unwrap();
        symlink(outside.path().join("absent"), theirs.join("dangling")).unwrap();
    });
    let absolute = victim.to_str().unwrap();
    for name in
        ["file", "folder/victim", "folder/new", "dangling", "../victim", absolute, ".git/config", ".GIT/config", ""]
    {
        assert!(clone.commit("no", &[Change::Append(name, b"broken")]).is_err(), "{name:?} was written");
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "whole");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[test]
fn nothing_that_a_repository_brings_is_run() {
    let outside = tempfile::tempdir().unwrap();
    let mark = outside.path().join("mark");
    let (_folder, theirs, clone) = cloned(|theirs| {
        let program = theirs.join("trap.sh");
        trap(&program, &mark);
        for hook in ["pre-commit", "commit-msg", "post-commit", "post-checkout", "post-index-change"] {
            trap(&theirs.join(".git/hooks").join(hook), &mark);
        }
        fs::write(theirs.join("included"), format!("[core]\nfsmonitor = {}\n", program.display())).unwrap();
        for (name, value) in [
            ("core.fsmonitor", program.to_str().unwrap()),
            ("core.hooksPath", theirs.join(".git/hooks").to_str().unwrap()),
            ("include.path", theirs.join("included").to_str().unwrap()),
            ("uploadpack.packObjectsHook", program.to_str().unwrap()),
        ] {
            git(theirs, &["config", name, value]).unwrap();
        }
    });
    let before = snapshot(&theirs);
    clone.commit("ours", &[Change::Append("app.toml", b"more\n")]).unwrap();
    assert!(!mark.exists(), "a program of the repository was run");
    assert_eq!(snapshot(&theirs), before);
}

#[test]
fn filters_that_a_repository_configures_are_not_run() {
    let (folder, theirs, _) = cloned(|theirs| fs::write(theirs.join(".gitattributes"), "* filter=evil\n").unwrap());
    let mark = folder.path().join("mark");
    for name in ["clean", "smudge"] {
        let run = format!("sh -c 'touch {}; cat'", mark.display());
        git(&theirs, &["config", &format!("filter.evil.{name}"), &run]).unwrap();
    }
    let before = snapshot(&theirs);
    let clone = clone_of(&theirs, &folder.path().join("second"), Path::new("")).unwrap();
    clone.commit("ours", &[Change::Append("app.toml", b"more\n")]).unwrap();
    assert!(!mark.exists(), "a filter of the repository was run");
    assert_eq!(snapshot(&theirs), before);
    git(&theirs, &["add", "--renormalize", "."]).unwrap();
    assert!(mark.exists(), "the filter is none, so nothing was tested");
}

#[test]
fn strange_names_and_branches_of_a_repository_are_cloned_and_kept() {
    let names = ["-rf", "line\nbreak", "quote'\"", ":(glob)*", "한글 파일.rs", "HEAD", "--"];
    let (_folder, theirs, clone) = cloned(|theirs| {
        names.iter().for_each(|name| fs::write(theirs.join(name), "theirs").unwrap());
    });
    for branch in ["refs/heads/--upload-pack=x", "refs/heads/app.toml", "refs/tags/main"] {
        git(&theirs, &["update-ref", branch, "HEAD"]).unwrap();
    }
    let before = snapshot(&theirs);
    let again = clone_of(&theirs, &clone.repository.with_extension("again"), Path::new("")).unwrap();
    again.commit("ours", &names.map(|name| Change::Append(name, b" and ours"))).unwrap();
    for name in names {
        assert_eq!(fs::read_to_string(again.root.join(name)).unwrap(), "theirs and ours", "{name:?}");
    }
    assert!(git(&again.root, &["status", "--porcelain"]).unwrap().is_empty());
    assert_eq!(snapshot(&theirs), before);
}

#[test]
fn a_clone_has_the_commit_that_is_checked_out_and_not_what_waits() {
    let (folder, theirs, first) = cloned(|_| ());
    git(&theirs, &["checkout", "--quiet", "--detach"]).unwrap();
    fs::write(theirs.join("app.toml"), "not committed\n").unwrap();
    fs::write(theirs.join("staged"), "not committed\n").unwrap();
    git(&theirs, &["add", "staged"]).unwrap();
    let before = snapshot(&theirs);
    let clone = clone_of(&theirs, &folder.path().join("second"), Path::new("")).unwrap();
    assert_eq!(clone.head().unwrap(), first.head().unwrap());
    clone.commit("ours", &[Change::Append("app.toml", b"second\n")]).unwrap();
    assert_eq!(git(&clone.root, &["show", "HEAD:app.toml"]).unwrap(), b"first\nsecond\n");
    assert!(!clone.root.join("staged").exists());
    assert_eq!(snapshot(&theirs), before);
}

#[test]
fn a_submodule_is_neither_fetched_nor_in_the_way() {
    let outside = tempfile::tempdir().unwrap();
    let url = format!("[submodule \"s\"]\npath = s\nurl = {}\n", outside.path().join("other").display());
    let (_folder, _, clone) = cloned(|theirs| {
        fs::write(theirs.join(".gitmodules"), url).unwrap();
        let link = "160000,0123456789012345678901234567890123456789,s";
        git(theirs, &["update-index", "--add", "--cacheinfo", link]).unwrap();
        fs::create_dir(theirs.join("s")).unwrap();
    });
    clone.commit("ours", &[Change::Append("app.toml", b"more\n")]).unwrap();
    assert_eq!(fs::read_dir(clone.root.join("s")).map_or(0, Iterator::count), 0);
}

#[test]
fn a_huge_file_is_cloned_and_appended_to() {
    const SIZE: u64 = 64 << 20;
    let (_folder, _, clone) = cloned(|theirs| fs::File::create(theirs.join("huge")).unwrap().set_len(SIZE).unwrap());
    clone.commit("ours", &[Change::Append("huge", b"end")]).unwrap();
    assert_eq!(git(&clone.root, &["cat-file", "-s", "HEAD:huge"]).unwrap(), format!("{}\n", SIZE + 3).into_bytes());
}

/// Python and `make` compare whole seconds.
#[test]
fn changes_in_one_second_are_changes_for_tools_that_count_seconds() {
    let (_folder, _, clone) = cloned(|_| ());
    let second = |path: &Path| {
        let modified = path.metadata().unwrap().modified().unwrap();
        modified.duration_since(UNIX_EPOCH).unwrap().as_secs()
    };
    let seconds: Vec<u64> = (0..3)
        .map(|_| {
            clone.change(&[Change::Write("module.py", b"4")]).unwrap();
            second(&clone.root.join("module.py"))
        })
        .collect();
    assert!(seconds.windows(2).all(|pair| pair[0] < pair[1]), "{seconds:?}");
}

#[test]
fn a_commit_is_taken_back_with_all_that_came_with_it() {
    let (_folder, _, clone) = cloned(|_| ());
    let before = clone.head().unwrap();
    clone.commit("ours", &[Change::Write("new/file", b"x"), Change::Append("app.toml", b"second\n")]).unwrap();
    fs::write(clone.root.join("built"), "not committed").unwrap();
    clone.take_back().unwrap();
    assert_eq!(clone.head().unwrap(), before);
    assert!(!clone.root.join("new").exists() && !clone.root.join("built").exists());
    assert_eq!(fs::read(clone.root.join("app.toml")).unwrap(), b"first\n");
}
