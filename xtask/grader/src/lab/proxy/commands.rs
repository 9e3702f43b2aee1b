//! What a client of Redis says of itself: commands are arrays of strings, each with its length.

use super::Startup;

/// One connection's commands.
#[derive(Debug, Default)]
pub struct Commands {
    /// What came and is no whole command yet.
    sent: Vec<u8>,
    /// Something came that is not understood: from here on, nothing is.
    lost: bool,
}

/// Why the beginning of some bytes is no whole command.
#[derive(Debug, PartialEq, Eq)]
enum Not {
    /// The rest has not come yet.
    Whole,
    /// It is none.
    Command,
}

/// A line with a number is not longer.
const LONGEST_NUMBER: usize = 24;

impl Commands {
    /// Reads a piece; returns what the client said of itself in commands that became whole with it.
    pub fn asked(&mut self, piece: &[u8]) -> Vec<Startup> {
        let mut said = Vec::new();
        if !self.lost {
            self.sent.extend(piece);
        }
        loop {
            match command(&self.sent) {
                Ok((words, length)) => {
                    said.extend(introduction(&words));
                    self.sent.drain(..length);
                }
                Err(Not::Whole) => return said,
                Err(Not::Command) => {
                    self.lost = true;
                    self.sent.clear();
                    return said;
                }
            }
        }
    }
}

/// `AUTH [user] password`, the same inside of `HELLO`, and `SELECT database`.
fn introduction(words: &[String]) -> Option<Startup> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let said = match words.as_slice() {
        [verb, user, password] if verb.eq_ignore_ascii_case("auth") => vec![("user", *user), ("password", *password)],
        [verb, password] if verb.eq_ignore_ascii_case("auth") => vec![("password", *password)],
        [verb, database] if verb.eq_ignore_ascii_case("select") => vec![("database", *database)],
        [verb, _, auth, user, password, ..]
            if verb.eq_ignore_ascii_case("hello") && auth.eq_ignore_ascii_case("auth") =>
        {
            vec![("user", *user), ("password", *password)]
        }
        _ => return None,
    };
    Some(said.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// The words of the first command, and how many bytes it takes.
fn command(bytes: &[u8]) -> Result<(Vec<String>, usize), Not> {
    let (count, mut at) = number(bytes, 0, b'*')?;
    let mut words = Vec::new();
    for _ in 0..count {
        let (length, begin) = number(bytes, at, b'$')?;
        let end = begin.checked_add(length).ok_or(Not::Command)?;
        words.push(String::from_utf8_lossy(bytes.get(begin..end).ok_or(Not::Whole)?).into_owned());
        // The line end behind it.
        at = end + 2;
    }
    if at <= bytes.len() { Ok((words, at)) } else { Err(Not::Whole) }
}

/// The number in the line at `at`, which begins with `mark`, and where the next line begins.
fn number(bytes: &[u8], at: usize, mark: u8) -> Result<(usize, usize), Not> {
    let line = bytes.get(at..).filter(|rest| !rest.is_empty()).ok_or(Not::Whole)?;
    let end = line.iter().take(LONGEST_NUMBER).position(|byte| *byte == b'\n');
    match end {
        _ if line[0] != mark => Err(Not::Command),
        None if line.len() < LONGEST_NUMBER => Err(Not::Whole),
        None => Err(Not::Command),
        Some(end) => {
            let digits = std::str::from_utf8(&line[1..end]).map_err(|_| Not::Command)?;
            Ok((digits.trim_end().parse().map_err(|_| Not::Command)?, at + end + 1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(commands: &[&[&str]]) -> Vec<u8> {
        let word = |word: &&str| format!("${}\r\n{word}\r\n", word.len());
        let one = |words: &&[&str]| format!("*{}\r\n{}", words.len(), words.iter().map(word).collect::<String>());
        commands.iter().map(one).collect::<String>().into_bytes()
    }

    fn said(pairs: &[(&str, &str)]) -> Startup {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_a_client_says_of_itself_is_read_wherever_it_is_cut() {
        let stream = sent(&[&["AUTH", "p\r\n가"], &["PING"], &["select", "7"], &["HELLO", "3", "AUTH", "kim", "x"]]);
        let expected =
            [said(&[("password", "p\r\n가")]), said(&[("database", "7")]), said(&[("user", "kim"), ("password", "x")])];
        for cut in 0..=stream.len() {
            let mut commands = Commands::default();
            let pieces = [commands.asked(&stream[..cut]), commands.asked(&stream[cut..])];
            assert_eq!(pieces.concat(), expected, "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_command_ends_the_understanding() {
        for strange in [&b"GET / HTTP/1.1\r\n"[..], b"*x\r\n", b"*1\r\nPING\r\n", b"*99999999999999999999999999"] {
            let mut commands = Commands::default();
            assert_eq!(commands.asked(strange), []);
            assert_eq!(commands.asked(&sent(&[&["SELECT", "7"]])), [], "{strange:?}");
        }
    }
}
