//! What the repository holds, and what it should not.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::sources::is_vendored;
use crate::check::{CheckResult, Failure};
use crate::git::{git, git_succeeds};
use crate::lab::Lab;
use crate::lab::fresh_clone::is_output_folder;
use crate::text::{Text, text, verbatim};
use crate::tree::versioned_files;

/// Smaller files may be a picture or a test's sample.
const LARGE: u64 = 32 * 1024;
/// How programs and compiled code begin: ELF, Mach-O, PE, Java, WebAssembly.
const PROGRAMS: [&[u8]; 6] =
    [b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ", b"\0asm", b"\xce\xfa\xed\xfe"];
/// What Python compiles begins in another way with each version.
const COMPILED: &str = "pyc";

/// There is a commit, `app.toml` is tracked, and nothing waits.
pub async fn tracked_and_clean(lab: Lab) -> CheckResult {
    let did = text("asked git about the folder", "폴더의 상태를 git에 확인");
    if !is_tracked(&lab) {
        let expected = text("app.toml is in version control", "app.toml이 버전 관리에 들어 있어야 합니다");
        return Err(Failure::new("not-committed", did, expected, text("it is not", "들어 있지 않습니다")).into());
    }
    if lab.bench.own_history {
        // What a submodule holds is a matter of its own repository; here it is only named.
        let question = ["status", "--porcelain", "--untracked-files=all", "--ignore-submodules=all"];
        let status = git(&lab.bench.tree.folder, &question)?;
        if let Some(first) = String::from_utf8_lossy(&status).lines().next() {
            let expected = text("nothing waits to be committed", "커밋을 기다리는 변경이 없어야 합니다");
            return Err(Failure::new("not-committed", did, expected, verbatim(format!("git status: {first}"))).into());
        }
    }
    Ok(())
}

/// Whether the repository has `app.toml` in a commit, or would take it by itself.
fn is_tracked(lab: &Lab) -> bool {
    let bench = &lab.bench;
    let has = |folder: &Path| {
        git_succeeds(folder, &["rev-parse", "--verify", "--quiet", "HEAD"])
            && git_succeeds(folder, &["ls-files", "--error-unmatch", "--", "app.toml"])
    };
    if bench.own_history {
        return has(&bench.tree.folder);
    }
    // The grader has committed the copy itself, ignored or not: a folder of somebody's own has to answer for itself.
    let is_ours = bench.subject.inside(&bench.workspace).is_some();
    let copy = &bench.tree.folder;
    (is_ours || has(&bench.subject.folder))
        && has(copy)
        && !git_succeeds(copy, &["check-ignore", "--no-index", "--quiet", "app.toml"])
}

/// No large program, and nothing in a folder where tools put what they build.
pub async fn no_build_output_tracked(lab: Lab) -> CheckResult {
    let folder = &lab.bench.tree.folder;
    match versioned_files(folder)?.into_iter().find(|file| is_output(folder, file)) {
        None => Ok(()),
        Some(file) => Err(output(file).into()),
    }
}

fn is_output(folder: &Path, file: &Path) -> bool {
    let path = folder.join(file);
    let Ok(known) = path.symlink_metadata() else { return false };
    if !known.is_file() || known.len() <= LARGE || is_vendored(folder, file) {
        return false;
    }
    file.iter().any(is_output_folder) || file.extension().is_some_and(|end| end == COMPILED) || is_program(&path)
}

fn is_program(path: &Path) -> bool {
    let mut begin = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(4).read_to_end(&mut begin));
    read.is_ok() && PROGRAMS.iter().any(|magic| begin.starts_with(magic))
}

fn output(file: PathBuf) -> Failure {
    let expected = text("only sources", "소스만 있어야 합니다");
    Failure::new("build-output", looked(), expected, verbatim(file.display().to_string()))
}

/// How the repository's files were examined.
pub fn looked() -> Text {
    text("looked at every file in version control", "버전 관리에 들어 있는 모든 파일을 확인")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a file of this name and size, beginning so, is what a tool has built.
    fn is_built(name: &str, begin: &[u8], length: u64) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, begin).unwrap();
        fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length).unwrap();
        fs::write(folder.path().join("package.json"), "{}").unwrap();
        is_output(folder.path(), Path::new(name))
    }

    #[test]
    fn large_programs_and_what_lies_in_folders_of_tools_are_output() {
        for magic in PROGRAMS {
            assert!(is_built("bin/screen", magic, LARGE + 1), "{magic:?}");
            assert!(!is_built("bin/screen", magic, LARGE), "{magic:?} is small");
        }
        assert!(is_built("web/dist/all.js", b"//", LARGE + 1));
        assert!(is_built("module.pyc", b"\xcb\r\r\n", LARGE + 1));
        assert!(!is_built("web/all.js", b"//", LARGE + 1));
    }

    #[test]
    fn a_folder_of_the_code_of_others_needs_a_manifest() {
        assert!(is_built("vendor/tool", b"\x7fELF", LARGE + 1), "nobody says what this is");
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("vendor/tool/bin")).unwrap();
        fs::write(folder.path().join("vendor/tool/Cargo.toml"), "").unwrap();
        assert!(is_vendored(folder.path(), Path::new("vendor/tool/bin/tool")));
        assert!(!is_vendored(folder.path(), Path::new("tool/bin/tool")));
    }
}
