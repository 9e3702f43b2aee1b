//! `workshop-room`: packs a bundle from a plan on standard input, or takes one apart.

#[cfg(not(unix))]
compile_error!("native Windows is not supported: open WSL2 (`wsl --install`) and work there");

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use grader::locale;
use grader::outcome::ExitCode as Code;
use grader::text::Lang;
use room::manifest::Plan;
use room::pack::{pack, partial};
use room::progress::megabytes;
use room::trouble::Trouble;
use room::unpack::unpack;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let lang = locale::language(&words, |name| std::env::var(name).ok());
    let option = |word: &OsString| word.to_string_lossy().starts_with("--lang=");
    let words: Vec<PathBuf> = words.into_iter().filter(|word| !option(word)).map(PathBuf::from).collect();
    let done = match (words.first().and_then(|word| word.to_str()), &words[..]) {
        (Some("pack"), [_, file]) => packed(file),
        (Some("unpack"), [_, file, folder, without @ ..]) => unpacked(file, folder, without),
        _ => return Code::Usage.into(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => complain(&trouble, lang),
    }
}

fn packed(file: &Path) -> Result<(), Trouble> {
    clean_up_when_interrupted(partial(file)).map_err(|error| Trouble::writing(file, error))?;
    let plan: Plan = serde_json::from_reader(io::stdin()).map_err(|error| Trouble::reading(Path::new("-"), error))?;
    let size = pack(file, plan)?;
    // Where nobody listens, the bundle is there all the same.
    let _ = writeln!(io::stdout(), "  {}: {}", file.display(), megabytes(size));
    Ok(())
}

fn unpacked(file: &Path, folder: &Path, without: &[PathBuf]) -> Result<(), Trouble> {
    let without: Vec<String> = without.iter().map(|prefix| prefix.display().to_string()).collect();
    unpack(file, folder, &without)
}

/// From now on Ctrl-C, a closed terminal and a polite end leave no half file.
fn clean_up_when_interrupted(partial: PathBuf) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Noticed before this returns, so none comes too early.
    let noticed = runtime.enter();
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let [interrupt, terminate, hangup] = kinds.map(signal);
    let (mut interrupt, mut terminate, mut hangup) = (interrupt?, terminate?, hangup?);
    drop(noticed);
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        });
        // It may not exist yet.
        let _ = fs::remove_file(&partial);
        std::process::exit(i32::from(Code::Interrupted as u8))
    });
    Ok(())
}

fn complain(trouble: &Trouble, lang: Lang) -> ExitCode {
    let word = if lang == Lang::Ko { "오류" } else { "error" };
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "{word}: {}\n  {}", trouble.what.get(lang), trouble.help.get(lang));
    Code::Failed.into()
}
