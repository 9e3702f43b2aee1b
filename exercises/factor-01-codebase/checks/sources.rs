//! The files that somebody wrote for this repository, and what they say.

use std::path::Path;

/// Larger files were not written by hand.
const LARGEST: u64 = 1 << 20;
/// Source files, by how their names end. Manifests and overlays may well be there once for each environment.
const SOURCES: [&str; 16] =
    ["rs", "go", "py", "js", "mjs", "cjs", "ts", "java", "kt", "cs", "rb", "ex", "c", "cpp", "swift", "php"];
/// Where the code of others is kept.
const FOREIGN: [&str; 2] = ["vendor", "third_party"];
/// What code of others brings along: without one of these it is no package of anybody's.
const MANIFESTS: [&str; 8] = [
    "Cargo.toml",
    "package.json",
    "go.mod",
    "modules.txt",
    "pyproject.toml",
    "composer.json",
    "pom.xml",
    "build.gradle",
];

/// Whether this is a source file of the repository's own.
pub fn is_own_source(folder: &Path, file: &Path) -> bool {
    let is_source = file.extension().and_then(|end| end.to_str()).is_some_and(|end| SOURCES.contains(&end));
    is_source && !file.iter().any(|part| part == "node_modules") && !is_vendored(folder, file)
}

/// Whether this belongs to somebody else's code, which the repository carries along with the manifest that says what it is.
pub fn is_vendored(folder: &Path, file: &Path) -> bool {
    let is_foreign = |part: &std::ffi::OsStr| FOREIGN.iter().any(|name| part == *name);
    let mut inside = file.ancestors().skip(1).take_while(|above| above.iter().any(is_foreign));
    inside.any(|above| MANIFESTS.iter().any(|name| folder.join(above).join(name).is_file()))
}

/// The lines that say something, without their indentation; `None` for what a tool has generated.
pub fn lines(folder: &Path, file: &Path) -> Option<Vec<String>> {
    let words = words(folder, file)?;
    if words.lines().take(5).any(|line| line.to_lowercase().contains("generated")) {
        return None;
    }
    Some(words.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect())
}

/// What a file says. A link on the way may lead anywhere on this machine, and what is there is nobody's business.
pub fn words(folder: &Path, file: &Path) -> Option<String> {
    let path = folder.canonicalize().ok()?.join(file);
    let known = path.symlink_metadata().ok()?;
    if !known.is_file() || known.len() > LARGEST || path.canonicalize().ok()? != path {
        return None;
    }
    std::fs::read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
