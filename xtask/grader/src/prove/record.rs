//! `book/proof.json`: what the last full proof of each factor saw, case by case. A page of both books is drawn from it.
//!
//! A case is a line, so that a difference in the history shows which case changed.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::factors::Factor;
use crate::lab::clock::Waits;
use crate::prove::Proved;

/// Where it lies, below the workshop's folder.
pub const PATH: &str = "book/proof.json";

/// The version that this program reads and writes.
const FORMAT_VERSION: u64 = 1;

/// The whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    format_version: u64,
    /// In the order of the factors.
    pub factors: Vec<FactorRecord>,
}

/// The last full proof of a factor. Everything in it held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactorRecord {
    /// `factor-3`.
    pub factor: String,
    /// The state of the factor's folders, as in `solutions/proved.lock`.
    pub state: String,
    /// The day, in UTC: `2026-11-27`.
    pub date: String,
    /// The cores of the machine.
    pub cores: usize,
    /// The solution first.
    pub cases: Vec<CaseRecord>,
}

/// What became of one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseRecord {
    /// `mutant/dotenv-override`.
    pub case: String,
    /// How long building and grading it took, in seconds.
    pub seconds: f64,
    /// How many checks ran. None does where the service is BLOCKED.
    pub checks: usize,
    /// The checks that rejected it, with their reason codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<(String, String)>,
}

impl Default for Record {
    fn default() -> Self {
        Self { format_version: FORMAT_VERSION, factors: Vec::new() }
    }
}

impl Record {
    /// The record of the workshop in `root`; an empty one where there is none yet.
    pub fn read(root: &Path) -> io::Result<Self> {
        match fs::read_to_string(root.join(PATH)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            text => Self::parse(&text?),
        }
    }

    /// What the file says, if this program knows its format.
    pub fn parse(text: &str) -> io::Result<Self> {
        let record: Self = serde_json::from_str(text)?;
        if record.format_version == FORMAT_VERSION {
            return Ok(record);
        }
        let what =
            format!("format {} is not the one that this program writes ({FORMAT_VERSION})", record.format_version);
        Err(io::Error::new(io::ErrorKind::InvalidData, what))
    }

    /// The last full proof of this factor.
    pub fn of(&self, factor: &Factor) -> Option<&FactorRecord> {
        self.factors.iter().find(|record| record.factor == factor.id())
    }

    /// Puts a proof in the place of the factor's last one.
    pub fn note(&mut self, new: FactorRecord) {
        self.factors.retain(|old| old.factor != new.factor);
        self.factors.push(new);
        self.factors.sort_by_key(|record| number(&record.factor));
    }

    /// Writes it into the workshop in `root`.
    pub fn write(&self, root: &Path) -> io::Result<()> {
        fs::write(root.join(PATH), self.render()?)
    }

    fn render(&self) -> io::Result<String> {
        let factors = self.factors.iter().map(FactorRecord::render).collect::<io::Result<Vec<_>>>()?;
        Ok(format!("{{\"format_version\": {FORMAT_VERSION}, \"factors\": [\n{}\n]}}\n", factors.join(",\n")))
    }
}

impl FactorRecord {
    /// How long each case took, by its name.
    pub fn times(&self) -> BTreeMap<String, Duration> {
        let named = |case: &CaseRecord| format!("{}/{}", self.factor, case.case);
        self.cases.iter().map(|case| (named(case), Duration::from_secs_f64(case.seconds.max(0.0)))).collect()
    }

    fn render(&self) -> io::Result<String> {
        let head = serde_json::to_string(&Self { cases: Vec::new(), ..self.clone() })?;
        let cases = self.cases.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
        let open = head.strip_suffix("[]}").unwrap_or(&head);
        Ok(format!("{open}[\n  {}\n]}}", cases.join(",\n  ")))
    }
}

impl CaseRecord {
    /// What is kept of a case.
    pub fn of(proved: &Proved) -> Self {
        let case = proved.name.split_once('/').map_or(&*proved.name, |(_, case)| case);
        Self {
            case: case.to_owned(),
            // More digits would only make differences.
            seconds: (proved.took.as_secs_f64() * 10.0).round() / 10.0,
            checks: proved.checks,
            rejected: proved.rejected.clone(),
        }
    }

    /// The case as it was when this was kept: it held.
    pub fn proved(self, factor: &Factor) -> Proved {
        Proved {
            name: factor.path_of(&self.case),
            contradictions: Vec::new(),
            untested: Vec::new(),
            rejected: self.rejected,
            checks: self.checks,
            took: Duration::from_secs_f64(self.seconds.max(0.0)),
            waits: Waits::default(),
        }
    }
}

fn number(id: &str) -> u32 {
    id.strip_prefix("factor-").and_then(|number| number.parse().ok()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::find;

    fn factor(id: &str, cases: &[&str]) -> FactorRecord {
        let case = |case: &&str| CaseRecord {
            case: (*case).to_owned(),
            seconds: 1.5,
            checks: 9,
            rejected: vec![("a-check".to_owned(), "a-reason".to_owned())],
        };
        FactorRecord {
            factor: id.to_owned(),
            state: "22fbd860c01658af".to_owned(),
            date: "2026-11-27".to_owned(),
            cores: 2,
            cases: cases.iter().map(case).collect(),
        }
    }

    #[test]
    fn what_is_written_is_read_again_with_a_line_for_each_case() {
        let mut record = Record::default();
        record.note(factor("factor-11", &["solution"]));
        record.note(factor("factor-3", &["solution", "mutant/a"]));
        record.note(factor("factor-11", &["solution", "mutant/b"]));
        let text = record.render().unwrap();
        assert_eq!(Record::parse(&text).unwrap(), record);
        let ids: Vec<&str> = record.factors.iter().map(|factor| &*factor.factor).collect();
        assert_eq!(ids, ["factor-3", "factor-11"], "in their order, each once");
        assert_eq!(text.lines().filter(|line| line.contains("\"case\"")).count(), 4, "{text}");
        let times = record.of(find("factor-3").unwrap()).unwrap().times();
        assert_eq!(times["factor-3/mutant/a"], Duration::from_millis(1500));
    }

    #[test]
    fn another_format_is_refused_and_no_file_is_an_empty_record() {
        let error = Record::parse("{\"format_version\": 2, \"factors\": []}").unwrap_err();
        assert!(error.to_string().contains("format 2"), "{error}");
        assert_eq!(Record::read(Path::new("/nowhere")).unwrap(), Record::default());
    }
}
