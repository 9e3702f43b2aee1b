//! `mutant edit`: opens a copy of the reference with a mutant applied, and writes the difference back as its patch.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::Command;

use grader::outcome::ExitCode;
use grader::prove::patches::{Mutant, header_of};

use crate::cli::MutantOptions;
use crate::place;
use crate::session::Session;
use crate::trouble::Trouble;
use crate::workspace::shown;

/// The file in the copy that becomes the patch's header.
const HEADER: &str = "MUTANT.txt";

/// What stands there for a mutant that does not exist yet.
const NEW_HEADER: &str =
    "What people really do, in one line.\n사람들이 실제로 하는 일을 한 줄로 적습니다.\nfails: check-id (reason-code)\n";

/// Opens the copy in `$VISUAL` or `$EDITOR`; without one, waits until Enter is pressed. `--write` writes an open copy back.
pub fn run(session: &mut Session, options: &MutantOptions) -> Result<ExitCode, Trouble> {
    let factor = place::meant(Some(&options.factor), session)?;
    let solution = session.workspace.solution(factor);
    let patch = solution.join("mutants").join(format!("{}.patch", options.name));
    let copy = session.workspace.own().join("mutant").join(factor.folder()).join(&options.name);
    if !options.write {
        open(&solution, &patch, &copy).map_err(|error| Trouble::failed("cannot open the mutant", error))?;
        session.say(session.messages().mutant_open(&shown(&copy), HEADER))?;
        if !edited(session, &copy)? {
            let again = format!("cargo xtask mutant edit {} {} --write", factor.id(), options.name);
            session.say(format!("{} {again}", session.messages().next()))?;
            return Ok(ExitCode::Passed);
        }
    }
    let written = write_back(&copy, &patch).map_err(|error| Trouble::failed("cannot write the mutant back", error))?;
    if !written {
        session.say(session.messages().nothing_done())?;
        return Ok(ExitCode::Failed);
    }
    Mutant::read(&patch).map_err(|why| Trouble::failed("the mutant's header is not complete", why))?;
    session.say(session.messages().mutant_written(&shown(&patch)))?;
    session.say(format!(
        "{} cargo xtask prove {} --only mutant/{}",
        session.messages().next(),
        factor.id(),
        options.name
    ))?;
    Ok(ExitCode::Passed)
}

/// A copy of the reference as a repository whose one commit is the reference, with the mutant in the working tree.
fn open(solution: &Path, patch: &Path, copy: &Path) -> io::Result<()> {
    if copy.exists() {
        fs::remove_dir_all(copy)?;
    }
    fs::create_dir_all(copy)?;
    for entry in fs::read_dir(solution)? {
        let entry = entry?;
        let name = entry.file_name();
        if name != "mutants" && name != "variants" {
            grader::copy(&entry.path(), &copy.join(name))?;
        }
    }
    git(copy, &["init", "--quiet"])?;
    git(copy, &["add", "--all", "--force"])?;
    git(copy, &["commit", "--quiet", "--message", "The reference"])?;
    let header = match fs::read_to_string(patch) {
        Ok(text) => {
            git(copy, &["apply", "--index", "--whitespace=nowarn", &patch.display().to_string()])?;
            header_of(&text).to_owned()
        }
        Err(_) => NEW_HEADER.to_owned(),
    };
    fs::write(copy.join(HEADER), header)
}

/// Whether somebody has edited the copy: an editor was opened and closed, or Enter was pressed.
fn edited(session: &mut Session, copy: &Path) -> Result<bool, Trouble> {
    let editor =
        ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok()).filter(|words| !words.is_empty());
    if let Some(editor) = editor {
        let mut words = editor.split_whitespace();
        let status = Command::new(words.next().unwrap_or_default())
            .args(words)
            .arg(copy.join(HEADER))
            .current_dir(copy)
            .status();
        return Ok(status.map_err(|error| Trouble::failed(format!("cannot start {editor}"), error))?.success());
    }
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    session.say(session.messages().mutant_press_enter())?;
    io::stdin().read_line(&mut String::new())?;
    Ok(true)
}

/// Whether there was a difference to write.
fn write_back(copy: &Path, patch: &Path) -> io::Result<bool> {
    let header = fs::read_to_string(copy.join(HEADER))?;
    git(copy, &["add", "--all", "--force", "--", ".", &format!(":!{HEADER}")])?;
    let question =
        ["diff", "--cached", "--no-color", "--no-ext-diff", "--no-renames", "--binary", "--full-index", "HEAD"];
    let difference = git(copy, &question)?;
    if difference.is_empty() {
        return Ok(false);
    }
    let difference: String = files(&String::from_utf8_lossy(&difference)).into_iter().map(without_noise).collect();
    if let Some(folder) = patch.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(patch, format!("{}\n{difference}", header.trim_end())).map(|()| true)
}

const FILE: &str = "diff --git ";

/// What a difference says of each file.
fn files(difference: &str) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for line in difference.split_inclusive('\n') {
        if line.starts_with(FILE) {
            files.push(String::new());
        }
        if let Some(file) = files.last_mut() {
            file.push_str(line);
        }
    }
    files
}

/// Lines such as `index 1a2b3c` change with every edit of the reference and say nothing that `---` and `+++` do not: except of
/// links, of programs and of what is no text.
fn without_noise(file: String) -> String {
    let is_odd = |line: &str| {
        let mode = line.strip_prefix("new file mode ").or_else(|| line.strip_prefix("new mode "));
        line.starts_with("GIT binary patch") || mode.is_some_and(|mode| mode != "100644")
    };
    if file.lines().any(is_odd) {
        return file;
    }
    file.split_inclusive('\n').filter(|line| !is_noise(line)).collect()
}

fn is_noise(line: &str) -> bool {
    let noise = ["index ", FILE, "new file mode ", "deleted file mode ", "old mode ", "new mode "];
    noise.iter().any(|start| line.starts_with(start))
}

fn git(folder: &Path, arguments: &[&str]) -> io::Result<Vec<u8>> {
    grader::git::git(folder, arguments).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_mutant_is_written_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let solution = folder.path().join("solution");
        fs::create_dir_all(solution.join("mutants")).unwrap();
        fs::write(solution.join("app.py"), "one\ntwo\nthree\n").unwrap();
        let (patch, copy) = (solution.join("mutants/forgets.patch"), folder.path().join("copy"));
        open(&solution, &patch, &copy).unwrap();
        fs::write(copy.join("app.py"), "one\nthree\n").unwrap();
        fs::write(copy.join(".env"), "KEY=1\n").unwrap();
        assert!(write_back(&copy, &patch).unwrap());
        let text = fs::read_to_string(&patch).unwrap();
        assert!(text.contains("-two") && text.contains("+KEY=1") && !text.contains("index "), "{text}");
        assert_eq!(Mutant::read(&patch).unwrap().fails.len(), 1);
        open(&solution, &patch, &copy).unwrap();
        assert_eq!(fs::read_to_string(copy.join("app.py")).unwrap(), "one\nthree\n");
        assert_eq!(fs::read_to_string(copy.join(".env")).unwrap(), "KEY=1\n");
    }

    #[test]
    fn links_programs_and_what_is_no_text_are_read_back_too() {
        let folder = tempfile::tempdir().unwrap();
        let solution = folder.path().join("solution");
        fs::create_dir_all(solution.join("mutants")).unwrap();
        fs::write(solution.join("app.py"), "one\n").unwrap();
        let (patch, copy) = (solution.join("mutants/odd.patch"), folder.path().join("copy"));
        open(&solution, &patch, &copy).unwrap();
        std::os::unix::fs::symlink("../outside", copy.join("link")).unwrap();
        fs::write(copy.join("program"), b"\x7fELF\0\x01").unwrap();
        fs::write(copy.join("plain"), "1\n").unwrap();
        let link = "160000,0123456789012345678901234567890123456789,lib";
        git(&copy, &["update-index", "--add", "--cacheinfo", link]).unwrap();
        fs::create_dir(copy.join("lib")).unwrap();
        assert!(write_back(&copy, &patch).unwrap());
        let first = fs::read_to_string(&patch).unwrap();
        open(&solution, &patch, &copy).unwrap();
        assert_eq!(fs::read_link(copy.join("link")).unwrap(), Path::new("../outside"));
        assert_eq!(fs::read(copy.join("program")).unwrap(), b"\x7fELF\0\x01");
        assert!(write_back(&copy, &patch).unwrap());
        assert_eq!(fs::read_to_string(&patch).unwrap(), first);
        assert!(!first.contains("b/plain\nnew file mode"), "{first}");
    }

    #[test]
    fn a_copy_without_a_difference_is_no_mutant() {
        let folder = tempfile::tempdir().unwrap();
        let solution = folder.path().join("solution");
        fs::create_dir_all(&solution).unwrap();
        fs::write(solution.join("app.py"), "one\n").unwrap();
        let copy = folder.path().join("copy");
        open(&solution, &folder.path().join("x.patch"), &copy).unwrap();
        let patch = folder.path().join("x.patch");
        assert!(!write_back(&copy, &patch).unwrap());
        assert!(!patch.exists());
    }
}
