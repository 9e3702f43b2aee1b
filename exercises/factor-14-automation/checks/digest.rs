//! The digest of a release's files: that of the listing which `sha256sum` makes of them.

use std::path::Path;
use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::check::LabError;
use crate::lab::files::files_below;

/// The programs that make such listings; macOS has the second.
const TOOLS: [&[&str]; 2] = [&["sha256sum"], &["shasum", "-a", "256"]];

/// `find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum`, its first word. `None` when this machine has
/// no such program.
///
/// # Errors
///
/// A folder that cannot be listed, or a program that fails.
pub async fn digest(folder: &Path) -> Result<Option<String>, LabError> {
    let below = files_below(folder)?;
    let names = below.iter().filter_map(|path| Some(format!("./{}", path.strip_prefix(folder).ok()?.display())));
    let mut names: Vec<String> = names.collect();
    names.sort();
    for tool in TOOLS {
        let mut listing = command(tool, folder);
        listing.args(&names);
        let Some(listing) = output(listing, b"").await? else { continue };
        let whole = output(command(tool, folder), &listing).await?.unwrap_or_default();
        let whole = String::from_utf8_lossy(&whole).into_owned();
        return Ok(whole.split_whitespace().next().map(str::to_owned));
    }
    Ok(None)
}

fn command(tool: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(tool[0]);
    command.args(&tool[1..]).current_dir(folder).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// What it writes when it is given this; `None` when there is no such program.
async fn output(mut command: Command, given: &[u8]) -> Result<Option<Vec<u8>>, LabError> {
    let failed = |error: std::io::Error| LabError::new("cannot compute a digest", error);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(given).await.map_err(failed)?;
    }
    let output = child.wait_with_output().await.map_err(failed)?;
    match output.status.success() {
        true => Ok(Some(output.stdout)),
        false => Err(LabError::new("cannot compute a digest", output.status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_digest_is_what_the_shell_says() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("lib")).unwrap();
        for (name, words) in [("screen", "program"), ("lib/a.so", "library"), ("lib/B", "")] {
            std::fs::write(folder.path().join(name), words).unwrap();
        }
        let line = "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1";
        let shell = std::process::Command::new("sh").args(["-c", line]).current_dir(folder.path()).output().unwrap();
        let shell = String::from_utf8_lossy(&shell.stdout).trim().to_owned();
        assert_eq!(shell.len(), 64);
        assert_eq!(digest(folder.path()).await.unwrap(), Some(shell));
    }
}
