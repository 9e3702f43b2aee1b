//! What the proxy understands of the bytes it forwards: where an answer of PostgreSQL ends, and who connected there or
//! to Redis.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::commands::Commands;

/// The code in the place of a protocol version with which a client asks for encryption (TLS, GSSAPI).
const ASKS_FOR_ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];
/// `ReadyForQuery`: the server has answered all that it was asked, and whatever it committed is committed.
const READY: u8 = b'Z';

/// The language spoken through a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// PostgreSQL's, version 3: answers are counted and start-ups are read.
    Postgres,
    /// That of Redis: what a client says of itself is read.
    Redis,
    /// Any other: bytes are counted, nothing is understood.
    Opaque,
}

impl Wire {
    /// What answers behind the proxy, as the timeline calls it.
    pub(super) fn server(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Redis => "Redis",
            Self::Opaque => "the server",
        }
    }
}

/// What a client said of itself. To PostgreSQL: `user`, `database`, `application_name` and whatever else it sent, all at
/// once. To Redis: `password`, perhaps with `user`, or `database`, one after the other.
pub type Startup = BTreeMap<String, String>;

/// One connection's position in the language.
#[derive(Debug)]
pub struct Conversation {
    understood: Mutex<Understood>,
}

#[derive(Debug)]
enum Understood {
    Postgres(Positions),
    Redis(Commands),
    Nothing,
}

#[derive(Debug, Default)]
struct Positions {
    /// What the client sent of its start-up; `None` once that is over.
    starting: Option<Vec<u8>>,
    /// Answers of one byte still to come: one for each wish for encryption.
    single_bytes: usize,
    /// The beginning of a server message whose header has not come whole.
    header: Vec<u8>,
    /// Bytes of the current server message still to come.
    rest: usize,
    /// Whether the current server message ends an answer.
    ready: bool,
}

impl Wire {
    /// For a new connection.
    pub fn conversation(self) -> Conversation {
        let positions = Positions { starting: Some(Vec::new()), ..Positions::default() };
        let understood = match self {
            Wire::Postgres => Understood::Postgres(positions),
            Wire::Redis => Understood::Redis(Commands::default()),
            Wire::Opaque => Understood::Nothing,
        };
        Conversation { understood: Mutex::new(understood) }
    }
}

impl Conversation {
    /// Reads what the client sent; returns what became whole with it of what the client says of itself.
    pub fn asked(&self, piece: &[u8]) -> Vec<Startup> {
        match &mut *self.understood.lock().unwrap_or_else(PoisonError::into_inner) {
            Understood::Postgres(positions) => positions.asked(piece).into_iter().collect(),
            Understood::Redis(commands) => commands.asked(piece),
            Understood::Nothing => Vec::new(),
        }
    }

    /// Reads what the server sent; returns the places in it right behind a whole answer.
    pub fn answered(&self, piece: &[u8]) -> Vec<usize> {
        match &mut *self.understood.lock().unwrap_or_else(PoisonError::into_inner) {
            Understood::Postgres(positions) => positions.answered(piece),
            Understood::Redis(_) | Understood::Nothing => Vec::new(),
        }
    }
}

impl Positions {
    fn asked(&mut self, piece: &[u8]) -> Option<Startup> {
        let sent = self.starting.as_mut()?;
        sent.extend(piece);
        loop {
            let length = usize::try_from(number(sent.get(..4)?)?).ok()?;
            let code = number(sent.get(4..8)?)?;
            let packet: Vec<u8> = sent.get(..length)?.to_vec();
            if ASKS_FOR_ENCRYPTION.contains(&code) {
                self.single_bytes += 1;
                sent.drain(..length);
                continue;
            }
            self.starting = None;
            return Some(parameters(packet.get(8..)?));
        }
    }

    fn answered(&mut self, piece: &[u8]) -> Vec<usize> {
        let mut ends = Vec::new();
        let mut at = self.single_bytes.min(piece.len());
        self.single_bytes -= at;
        while at < piece.len() {
            if self.rest == 0 {
                at = self.read_header(piece, at);
                // A message may consist of its header alone.
                if self.header.len() < 5 {
                    break;
                }
                self.header.clear();
            }
            let taken = self.rest.min(piece.len() - at);
            at += taken;
            self.rest -= taken;
            if self.rest == 0 && self.ready {
                ends.push(at);
            }
        }
        ends
    }

    /// A type and a length, which counts itself but not the type.
    fn read_header(&mut self, piece: &[u8], at: usize) -> usize {
        let end = (at + 5 - self.header.len()).min(piece.len());
        self.header.extend(&piece[at..end]);
        if let [kind, length @ ..] = self.header.as_slice()
            && let Some(length) = number(length)
        {
            self.ready = *kind == READY;
            self.rest = (length as usize).saturating_sub(4);
        }
        end
    }
}

/// Four bytes, the most significant first.
fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

/// Names and values in turn, each ended by a zero.
fn parameters(bytes: &[u8]) -> Startup {
    let words: Vec<String> =
        bytes.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    words.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).filter(|(name, _)| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(code: u32, rest: &[u8]) -> Vec<u8> {
        let length = u32::try_from(8 + rest.len()).expect("is short");
        [&length.to_be_bytes()[..], &code.to_be_bytes(), rest].concat()
    }

    const READY_FOR_QUERY: [u8; 6] = [b'Z', 0, 0, 0, 5, b'I'];
    const PARSE_COMPLETE: [u8; 5] = [b'1', 0, 0, 0, 4];

    #[test]
    fn a_startup_is_read_after_a_wish_for_encryption_and_in_pieces() {
        let talk = Wire::Postgres.conversation();
        assert_eq!(talk.asked(&packet(80_877_103, &[])), []);
        let startup = packet(196_608, b"user\0kim\0database\0links\0\0");
        assert_eq!(talk.asked(&startup[..11]), []);
        let read = talk.asked(&startup[11..]).pop().expect("is whole");
        assert_eq!((read["user"].as_str(), read["database"].as_str()), ("kim", "links"));
        assert_eq!(talk.asked(b"Q\0\0\0\x04"), []);
    }

    #[test]
    fn an_answer_ends_with_ready_for_query_wherever_it_is_cut() {
        let stream = [&PARSE_COMPLETE[..], &READY_FOR_QUERY, &PARSE_COMPLETE, &READY_FOR_QUERY].concat();
        for cut in 0..=stream.len() {
            let talk = Wire::Postgres.conversation();
            let first = talk.answered(&stream[..cut]);
            let second: Vec<usize> = talk.answered(&stream[cut..]).into_iter().map(|end| end + cut).collect();
            assert_eq!([first, second].concat(), [11, 22], "cut at {cut}");
        }
    }

    #[test]
    fn the_answer_to_a_wish_for_encryption_is_no_message() {
        let talk = Wire::Postgres.conversation();
        talk.asked(&packet(80_877_103, &[]));
        assert!(talk.answered(b"N").is_empty());
        assert_eq!(talk.answered(&READY_FOR_QUERY), [6]);
    }
}
