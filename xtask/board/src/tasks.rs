//! What is done once and ends: the tables, the report, and forgetting.

use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use grader::outcome::ExitCode;
use maud::{DOCTYPE, html};

use crate::messages::messages;
use crate::options::{Options, Task};
use crate::pages::report;
use crate::room::Room;
use crate::store::{Store, Write};

/// Forgets earlier rehearsals: each begins with an empty room.
pub fn clear_rehearsal(options: &Options) {
    if matches!(options.task, Task::Rehearse(_)) {
        // The first one finds nothing to remove.
        drop(fs::remove_dir_all(&options.home));
    }
}

/// Makes the tables or brings them up to date.
pub async fn migrate(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    Store::migrate(&options.database()).await?;
    tracing::info!("the tables are up to date");
    Ok(ExitCode::Passed)
}

/// Deletes everything, where that is really meant.
pub async fn forget(options: &Options, yes: bool) -> Result<ExitCode, Box<dyn Error>> {
    let words = messages(options.lang);
    if !yes {
        writeln!(io::stdout(), "{}", words.forget_needs_yes())?;
        return Ok(ExitCode::Usage);
    }
    let store = open(options).await?;
    let written = store.write(Write::Forget).await;
    store.close().await;
    written.map_err(|_| "the database takes nothing")?;
    writeln!(io::stdout(), "{}", words.forgotten())?;
    Ok(ExitCode::Passed)
}

/// Writes the report of the day, as a page that needs no server and as a table.
pub async fn report(options: &Options, folder: &Path) -> Result<ExitCode, Box<dyn Error>> {
    let words = messages(options.lang);
    let store = open(options).await?;
    let (room, events) = (store.room(&Room::default()).await?, store.events().await?);
    store.close().await;
    let page = html! {
        (DOCTYPE)
        html lang=(words.code()) {
            head { meta charset="utf-8"; title { (words.report()) } style { (maud::PreEscaped(include_str!("assets/board.css"))) } }
            body { main { (report::report(&room, &events, options.lang, words)) } }
        }
    };
    fs::create_dir_all(folder)?;
    fs::write(folder.join("report.html"), page.into_string())?;
    fs::write(folder.join("report.csv"), report::table(&room))?;
    writeln!(io::stdout(), "{}", words.report_written(&folder.display().to_string()))?;
    Ok(ExitCode::Passed)
}

async fn open(options: &Options) -> Result<Store, Box<dyn Error>> {
    if options.database.is_none() {
        fs::create_dir_all(&options.home)?;
    }
    Ok(Store::open(&options.database()).await?)
}
