//! The tracks: who has how long, which pages that is, and what their estimates add up to.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use grader::text::{Lang, Words};
use serde::Deserialize;

use crate::outline::headings;
use crate::page::{Minutes, Page};
use crate::project::{Finding, Project, read};

const HEADER: Words = Words {
    en: "| Track | Pages | Reading | Exercises | Together |",
    ko: "| 과정 | 내용 | 읽기 | 실습 | 합계 |",
};
const NOTE: Words = Words {
    en: "The minutes are estimates, without breaks.",
    ko: "시간은 예상한 값이며 쉬는 시간은 넣지 않았습니다.",
};

/// `book/tracks.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tracks {
    track: Vec<Track>,
}

/// One track.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// In kebab case.
    pub id: String,
    /// Its name in English.
    pub en: String,
    /// Its name in Korean.
    pub ko: String,
    /// How long a room has.
    pub minutes: u32,
    /// Names of pages.
    pub pages: Vec<String>,
}

/// All tracks, the shortest first.
pub fn tracks(project: &Project) -> Result<Vec<Track>> {
    let words = read(&project.book().join("tracks.toml"))?;
    let tracks: Tracks = toml::from_str(&words).context("book/tracks.toml")?;
    Ok(tracks.track)
}

/// `{{#tracks}}` as a table.
pub fn table(lang: Lang, project: &Project) -> Result<String> {
    let mut table = format!("\n{}\n|---|---|---|---|---|\n", HEADER.get(lang));
    for track in tracks(project)? {
        let pages = pages_of(&track, lang, project)?;
        let links: Vec<String> = pages.iter().map(|page| format!("[{}]({}.md)", title(page), page.name)).collect();
        let Minutes { read, work } = sum(&pages);
        let name = if lang == Lang::Ko { &track.ko } else { &track.en };
        let cell = |minutes: u32| duration(minutes, lang);
        // A string takes every write.
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {} | {} |",
            links.join(", "),
            cell(read),
            cell(work),
            cell(read + work)
        );
    }
    let _ = writeln!(table, "\n{}", NOTE.get(lang));
    Ok(table)
}

/// Tracks that do not fit into the time they are named after.
pub fn findings(project: &Project) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for track in tracks(project)? {
        let total = sum(&pages_of(&track, Lang::En, project)?).total();
        if total > track.minutes {
            let what = format!("track `{}` takes {total} min, but has {}", track.id, track.minutes);
            found.push(Finding::new("book/tracks.toml", what));
        }
    }
    Ok(found)
}

fn pages_of(track: &Track, lang: Lang, project: &Project) -> Result<Vec<Page>> {
    track.pages.iter().map(|name| project.page(lang, name)).collect()
}

fn sum(pages: &[Page]) -> Minutes {
    let minutes = pages.iter().filter_map(Page::minutes);
    minutes.fold(Minutes::default(), |sum, one| Minutes { read: sum.read + one.read, work: sum.work + one.work })
}

fn title(page: &Page) -> String {
    headings(&page.text).into_iter().next().map(|heading| heading.title).unwrap_or_default()
}

fn duration(minutes: u32, lang: Lang) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    match (lang, hours, rest) {
        (Lang::En, 0, _) => format!("{rest} min"),
        (Lang::En, _, 0) => format!("{hours} h"),
        (Lang::En, ..) => format!("{hours} h {rest} min"),
        (Lang::Ko, 0, _) => format!("{rest}분"),
        (Lang::Ko, _, 0) => format!("{hours}시간"),
        (Lang::Ko, ..) => format!("{hours}시간 {rest}분"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_as_people_say_them() {
        assert_eq!(duration(45, Lang::Ko), "45분");
        assert_eq!(duration(120, Lang::Ko), "2시간");
        assert_eq!(duration(95, Lang::En), "1 h 35 min");
    }
}
