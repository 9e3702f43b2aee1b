//! What waits to be sent: `.workshop/board-waiting.jsonl`, one report a line, the oldest first.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::membership::lock;

/// A machine that finds no board for days keeps this much; then the oldest reports go.
const LARGEST: u64 = 1024 * 1024;

/// Adds a report. It is on the disk when this returns.
pub fn append(folder: &Path, event: &Value) -> io::Result<()> {
    let _lock = lock(folder, "board.lock")?;
    if fs::metadata(path(folder)).is_ok_and(|file| file.len() > LARGEST) {
        let waiting = waiting_here(folder);
        write(folder, &waiting[waiting.len() / 2..])?;
    }
    let mut file = File::options().create(true).append(true).open(path(folder))?;
    // A line that a full disk cut short is not continued by this one.
    let torn = fs::read(path(folder)).is_ok_and(|words| words.last().is_some_and(|last| *last != b'\n'));
    writeln!(file, "{}{event}", if torn { "\n" } else { "" })?;
    file.sync_data()
}

/// All that waits, the oldest first. A line that was cut short is none.
pub fn waiting(folder: &Path) -> io::Result<Vec<Value>> {
    let _lock = lock(folder, "board.lock")?;
    Ok(waiting_here(folder))
}

/// Removes what a board has taken. What was added meanwhile stays.
pub fn taken(folder: &Path, ids: &[String]) -> io::Result<()> {
    let _lock = lock(folder, "board.lock")?;
    let mut left = waiting_here(folder);
    left.retain(|event| !event["id"].as_str().is_some_and(|id| ids.iter().any(|taken| taken == id)));
    write(folder, &left)
}

/// Throws everything away.
pub fn remove(folder: &Path) -> io::Result<()> {
    let _lock = lock(folder, "board.lock")?;
    write(folder, &[])
}

fn waiting_here(folder: &Path) -> Vec<Value> {
    let words = fs::read_to_string(path(folder)).unwrap_or_default();
    words.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn write(folder: &Path, events: &[Value]) -> io::Result<()> {
    let unfinished = path(folder).with_extension("jsonl.new");
    let mut file = File::create(&unfinished)?;
    for event in events {
        writeln!(file, "{event}")?;
    }
    file.sync_data()?;
    fs::rename(unfinished, path(folder))
}

fn path(folder: &Path) -> PathBuf {
    folder.join("board-waiting.jsonl")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(n: usize) -> Value {
        json!({ "id": format!("id-{n}"), "seq": n })
    }

    #[test]
    fn what_was_taken_goes_and_the_rest_stays_in_order() {
        let folder = tempfile::tempdir().unwrap();
        (1..=4).for_each(|n| append(folder.path(), &event(n)).unwrap());
        taken(folder.path(), &["id-1".to_owned(), "id-3".to_owned(), "no-such".to_owned()]).unwrap();
        assert_eq!(waiting(folder.path()).unwrap(), [event(2), event(4)]);
        remove(folder.path()).unwrap();
        assert!(waiting(folder.path()).unwrap().is_empty());
    }

    #[test]
    fn a_line_that_was_cut_short_costs_itself_alone() {
        let folder = tempfile::tempdir().unwrap();
        append(folder.path(), &event(1)).unwrap();
        let mut file = File::options().append(true).open(path(folder.path())).unwrap();
        file.write_all(b"{\"id\":\"id-2\",\"se").unwrap();
        append(folder.path(), &event(3)).unwrap();
        assert_eq!(waiting(folder.path()).unwrap(), [event(1), event(3)]);
    }

    #[test]
    fn the_oldest_reports_go_when_there_are_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let long = "x".repeat(1000);
        let events: Vec<Value> = (0..2000).map(|n| json!({ "id": n.to_string(), "words": long })).collect();
        fs::create_dir_all(folder.path()).unwrap();
        write(folder.path(), &events).unwrap();
        append(folder.path(), &event(1)).unwrap();
        let left = waiting(folder.path()).unwrap();
        assert_eq!((left.len(), left.last()), (1001, Some(&event(1))));
        assert_eq!(left[0]["id"], "1000");
    }
}
