//! A letter as a mail server receives it.

use crate::lab::secrets::from_base64;

/// A letter that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Position among everything observed in this run.
    pub sequence: u64,
    /// Who handed it in, as he proved.
    pub user: String,
    /// The sender of the envelope.
    pub from: String,
    /// The recipients of the envelope.
    pub to: Vec<String>,
    /// Names in lower case, in the order of arrival, with folded lines joined.
    pub headers: Vec<(String, String)>,
    /// The body, decoded as its `Content-Transfer-Encoding` says.
    pub body: String,
}

impl Letter {
    /// Reads what came between DATA and the dot.
    pub fn read(sequence: u64, user: String, from: String, to: Vec<String>, written: &str) -> Self {
        let (head, body) = written.split_once("\n\n").unwrap_or((written, ""));
        let mut letter = Self { sequence, user, from, to, headers: headers(head), body: String::new() };
        let encoding = letter.header("content-transfer-encoding").unwrap_or_default().to_lowercase();
        letter.body = match encoding.as_str() {
            "base64" => String::from_utf8_lossy(&from_base64(body)).into_owned(),
            "quoted-printable" => from_quoted_printable(body),
            _ => body.to_owned(),
        };
        letter
    }

    /// The first header called `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn headers(head: &str) -> Vec<(String, String)> {
    let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
    let named = unfolded.lines().filter_map(|line| line.split_once(':'));
    named.map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned())).collect()
}

fn from_quoted_printable(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let pair = others.get(..2).and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        match pair.filter(|_| *first == b'=') {
            Some(byte) => {
                bytes.push(byte);
                rest = &others[2..];
            }
            None => {
                bytes.push(*first);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &str) -> Letter {
        Letter::read(1, String::new(), String::new(), Vec::new(), written)
    }

    #[test]
    fn a_folded_header_is_one() {
        let letter = read("Subject: a\n long one\nTo: ann@example.com\n\nhello\n");
        assert_eq!(letter.header("subject"), Some("a long one"));
        assert_eq!(letter.headers.len(), 2);
        assert_eq!(letter.body, "hello\n");
    }

    #[test]
    fn a_body_is_decoded_as_its_header_says() {
        let url = "https://x.example/r/l-1\n";
        for written in [
            "Subject: a\n\nhttps://x.example/r/l-1\n",
            "Content-Transfer-Encoding: quoted-printable\n\nhttps://x.ex=\nample/r=2Fl-1\n",
            "Content-Transfer-Encoding: base64\n\naHR0cHM6Ly94LmV4YW1wbGUv\nci9sLTEK\n",
        ] {
            assert_eq!(read(written).body, url, "{written}");
        }
    }
}
