//! The command line and the environment: everything that can be set.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use grader::locale;
use grader::text::Lang;
use lexopt::{Arg, Parser, ValueExt};

use crate::store::Kind;

/// More would not fit into any room.
const MOST_ATTENDEES: usize = 2000;

/// What requests that are under way may take unless somebody says so.
const GRACE: Duration = Duration::from_secs(10);

/// A shorter secret could be guessed.
const SHORTEST_SECRET: usize = 16;

/// What the program is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// Show the board.
    Serve,
    /// Make the tables.
    Migrate,
    /// Delete everything, if the yes was given.
    Forget(bool),
    /// Write the report into this folder.
    Report(PathBuf),
    /// Show a board with so many simulated attendees.
    Rehearse(usize),
    /// Measure.
    Bench,
}

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// What to do.
    pub task: Task,
    /// The board's folder.
    pub home: PathBuf,
    /// The workshop's folder.
    pub workshop: PathBuf,
    /// The address to listen on.
    pub listen: IpAddr,
    /// The port to listen on, if it matters.
    pub port: Option<u16>,
    /// Whether to end when standard input is closed.
    pub tied: bool,
    /// The language of what is printed.
    pub lang: Lang,
    /// A database that several boards share.
    pub database: Option<String>,
    /// The instructor's secret, if it was given.
    pub secret: Option<String>,
    /// The address under which attendees reach the board.
    pub url: Option<String>,
    /// Where the books are read.
    pub book: String,
    /// How long requests that are under way may take when it is time to end.
    pub grace: Duration,
}

/// What cannot be understood.
#[derive(Debug, PartialEq)]
pub enum Wrong {
    /// In the parser's words: an unknown option, a missing value.
    Words(String),
    /// No port.
    Port(String),
    /// No number of attendees.
    Number(String),
    /// No address.
    Address(String),
    /// No number of seconds.
    Grace(String),
    /// No language of the workshop.
    Language(String),
    /// A shared database, and no secret.
    SecretNeeded,
    /// No address of a database.
    Database(String),
}

/// Reads the command line; `None` is a request for help.
pub fn read(words: Vec<OsString>, lang: Lang, env: impl Fn(&str) -> Option<String>) -> Result<Option<Options>, Wrong> {
    let mut options = defaults(lang, &env)?;
    let mut given = Vec::new();
    let mut yes = false;
    let mut parser = Parser::from_args(words);
    while let Some(word) = parser.next()? {
        match word {
            Arg::Long("home") => options.home = parser.value()?.into(),
            Arg::Long("workshop") => options.workshop = parser.value()?.into(),
            Arg::Long("listen") => options.listen = address(&parser.value()?.string()?)?,
            Arg::Long("port") => options.port = Some(port(&parser.value()?.string()?)?),
            Arg::Long("while-stdin-is-open") => options.tied = true,
            Arg::Long("yes") | Arg::Short('y') => yes = true,
            Arg::Long("lang") => known(&parser.value()?.string()?)?,
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            Arg::Value(word) if given.len() < 2 => given.push(word.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    options.task = task(&given, yes)?;
    Ok(Some(options))
}

fn defaults(lang: Lang, env: &impl Fn(&str) -> Option<String>) -> Result<Options, Wrong> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let database = set("DATABASE_URL");
    if database.as_ref().is_some_and(|url| Kind::of(url).is_none()) {
        // The address may hold a password, so it is not repeated.
        return Err(Wrong::Database("it begins with neither postgres: nor sqlite:".to_owned()));
    }
    Ok(Options {
        task: Task::Serve,
        home: ".workshop/board".into(),
        workshop: ".".into(),
        listen: set("HOST").map_or(Ok(IpAddr::from([127, 0, 0, 1])), |host| address(&host))?,
        port: set("PORT").map(|value| port(&value)).transpose()?,
        tied: false,
        lang,
        database,
        secret: set("BOARD_SECRET"),
        url: set("BOARD_URL").map(|url| url.trim_end_matches('/').to_owned()),
        grace: set("SHUTDOWN_GRACE_SECONDS").map_or(Ok(GRACE), |value| grace(&value))?,
        book: set("BOARD_BOOK").unwrap_or_else(|| "http://localhost:15015".to_owned()),
    })
}

fn task(words: &[String], yes: bool) -> Result<Task, Wrong> {
    let (first, second) = (words.first().map(String::as_str), words.get(1));
    match (first, second) {
        (None | Some("serve"), None) => Ok(Task::Serve),
        (Some("migrate"), None) => Ok(Task::Migrate),
        (Some("forget"), None) => Ok(Task::Forget(yes)),
        (Some("bench"), None) => Ok(Task::Bench),
        (Some("report"), Some(folder)) => Ok(Task::Report(folder.into())),
        (Some("rehearse"), Some(number)) => attendees(number).map(Task::Rehearse),
        (Some(word), _) => Err(Wrong::Words(format!("`{word}` is not understood"))),
        (None, Some(word)) => Err(Wrong::Words(format!("`{word}` is not understood"))),
    }
}

impl Options {
    /// The database's address: the shared one, or the file in the board's folder.
    pub fn database(&self) -> String {
        self.database.clone().unwrap_or_else(|| format!("sqlite://{}?mode=rwc", self.home.join("board.db").display()))
    }

    /// Refuses what would not work: replicas with secrets of their own do not know each other's attendees.
    pub fn checked(self) -> Result<Self, Wrong> {
        let shared = self.database.as_deref().and_then(Kind::of) == Some(Kind::Postgres);
        let short = self.secret.as_ref().is_some_and(|secret| secret.len() < SHORTEST_SECRET);
        if self.task == Task::Serve && (short || shared && self.secret.is_none()) {
            return Err(Wrong::SecretNeeded);
        }
        Ok(self.in_a_room_of_its_own())
    }

    /// A rehearsal must leave nothing in the room of the next morning.
    fn in_a_room_of_its_own(mut self) -> Self {
        if matches!(self.task, Task::Rehearse(_)) {
            (self.home, self.database) = (self.home.join("rehearsal"), None);
        }
        self
    }
}

fn address(value: &str) -> Result<IpAddr, Wrong> {
    value.parse().map_err(|_| Wrong::Address(value.to_owned()))
}

fn port(value: &str) -> Result<u16, Wrong> {
    value.parse().map_err(|_| Wrong::Port(value.to_owned()))
}

fn grace(value: &str) -> Result<Duration, Wrong> {
    value.parse().map(Duration::from_secs).map_err(|_| Wrong::Grace(value.to_owned()))
}

fn attendees(value: &str) -> Result<usize, Wrong> {
    let number = value.parse().ok().filter(|number| (1..=MOST_ATTENDEES).contains(number));
    number.ok_or_else(|| Wrong::Number(value.to_owned()))
}

/// The language itself was read before everything else, because errors need it.
fn known(value: &str) -> Result<(), Wrong> {
    locale::named(value).map(drop).ok_or_else(|| Wrong::Language(value.to_owned()))
}

impl From<lexopt::Error> for Wrong {
    fn from(error: lexopt::Error) -> Self {
        Wrong::Words(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn options(line: &str, env: &[(&str, &str)]) -> Result<Options, Wrong> {
        let env = |name: &str| env.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let words = line.split_whitespace().map(OsString::from).collect();
        read(words, Lang::En, env).map(|options| options.expect("no help was asked for"))?.checked()
    }

    #[test]
    fn without_a_word_the_board_is_shown_to_this_machine_alone() {
        let options = options("", &[]).unwrap();
        assert_eq!((options.task, options.port), (Task::Serve, None));
        assert!(options.listen.is_loopback());
    }

    #[test]
    fn options_outweigh_the_environment() {
        let env = [("HOST", "0.0.0.0"), ("PORT", "81"), ("BOARD_URL", "http://board.example/")];
        assert_eq!(options("", &env).unwrap().port, Some(81));
        let options = options("--listen ::1 --port 82 --home /h serve", &env).unwrap();
        assert_eq!((options.listen.to_string().as_str(), options.port), ("::1", Some(82)));
        assert_eq!(options.database(), "sqlite:///h/board.db?mode=rwc");
        assert_eq!(options.url.as_deref(), Some("http://board.example"));
    }

    #[test]
    fn every_task_is_understood() {
        assert_eq!(options("migrate", &[]).unwrap().task, Task::Migrate);
        assert_eq!(options("forget", &[]).unwrap().task, Task::Forget(false));
        assert_eq!(options("forget --yes", &[]).unwrap().task, Task::Forget(true));
        assert_eq!(options("report r", &[]).unwrap().task, Task::Report("r".into()));
        let rehearsal = options("rehearse 40 --home /h", &[("DATABASE_URL", "postgres://h/d")]).unwrap();
        assert_eq!((rehearsal.task.clone(), rehearsal.home.as_path()), (Task::Rehearse(40), Path::new("/h/rehearsal")));
        assert_eq!(rehearsal.database, None);
        assert_eq!(options("bench", &[]).unwrap().task, Task::Bench);
    }

    #[test]
    fn what_cannot_work_is_refused() {
        assert_eq!(options("--listen room", &[]), Err(Wrong::Address("room".to_owned())));
        assert_eq!(options("", &[("SHUTDOWN_GRACE_SECONDS", "soon")]), Err(Wrong::Grace("soon".to_owned())));
        assert_eq!(options("--port x", &[]), Err(Wrong::Port("x".to_owned())));
        assert_eq!(options("rehearse 0", &[]), Err(Wrong::Number("0".to_owned())));
        assert!(matches!(options("", &[("DATABASE_URL", "mysql://u:p@h/d")]), Err(Wrong::Database(_))));
        let shared = ("DATABASE_URL", "postgres://h/d");
        assert_eq!(options("", &[shared]), Err(Wrong::SecretNeeded));
        assert_eq!(options("", &[shared, ("BOARD_SECRET", "short")]), Err(Wrong::SecretNeeded));
        assert!(options("", &[shared, ("BOARD_SECRET", "long enough to be one")]).is_ok());
        for line in ["--no-such", "dance", "report", "serve twice", "rehearse", "a b c"] {
            assert!(options(line, &[]).is_err(), "{line}");
        }
    }
}
