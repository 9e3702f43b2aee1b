//! Where the workshop's folder is, from wherever the command was called.

use std::path::{Path, PathBuf};

use grader::subject::Workspace;

/// Finds the workshop: cargo's word first, then the folders above the current one, then where this program was compiled.
pub fn find(env: impl Fn(&str) -> Option<String>, current: &Path) -> Option<Workspace> {
    let from_cargo = env("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let starts = [from_cargo, Some(current.to_owned()), Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")))];
    let root = starts.into_iter().flatten().find_map(|start| above(&start))?;
    let root = root.canonicalize().unwrap_or(root);
    // Cargo reads a relative CARGO_TARGET_DIR from the current folder as well.
    let asked = env("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
    let target = asked.map_or_else(|| root.join("target"), |folder| current.join(folder));
    Some(Workspace { root, target })
}

/// `path` as a person would write it here: relative to the current folder where it lies below it.
pub fn shown(path: &Path) -> String {
    let current = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
    let inside = path.strip_prefix(&current).ok().filter(|rest| !rest.as_os_str().is_empty());
    inside.unwrap_or(path).display().to_string()
}

fn above(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| is_workshop(folder)).map(Path::to_owned)
}

fn is_workshop(folder: &Path) -> bool {
    ["Cargo.toml", "xtask/Cargo.toml"].iter().all(|file| folder.join(file).is_file())
        && folder.join("exercises").is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        folder.canonicalize().unwrap()
    }

    #[test]
    fn the_workshop_is_found_from_a_folder_inside_and_from_anywhere() {
        for start in [here().join("exercises"), PathBuf::from("/")] {
            assert_eq!(find(|_| None, &start).unwrap().root, here());
        }
    }

    #[test]
    fn the_target_folder_is_cargos() {
        let target = |name: &str| (name == "CARGO_TARGET_DIR").then(|| "built".to_owned());
        assert_eq!(find(target, Path::new("/")).unwrap().target, Path::new("/built"));
        assert_eq!(find(|_| None, Path::new("/")).unwrap().target, here().join("target"));
    }
}
