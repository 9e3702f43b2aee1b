//! Everything secret: the instructor's secret, what is derived from it, and join codes.

use std::io;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Letters and digits without I, L, O and U: nobody confuses them when a neighbour reads them out.
const CODE_LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 32 to the power of 6 is a thousand million.
const CODE_LENGTH: usize = 6;

/// The instructor's secret. Tokens and sessions are its signatures, so no replica has to remember them.
#[derive(Clone)]
pub struct Keys {
    secret: String,
}

/// What a signature is for; one for one purpose is worth nothing for another.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// An attendee's device.
    Device,
    /// An attendee's browser.
    Browser,
    /// The way from a terminal to a browser.
    Ticket,
    /// The instructor's browser.
    Instructor,
    /// The name of the room.
    Room,
}

/// The secret is not for logs.
impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// Signs with `secret`.
    pub fn new(secret: String) -> Self {
        Self { secret }
    }

    /// The secret itself, for the terminal of the instructor.
    pub fn shown(&self) -> &str {
        &self.secret
    }

    /// Whether somebody knows the secret. Both are hashed first, so that time tells nothing.
    pub fn is_secret(&self, word: &str) -> bool {
        hash("secret", word.trim()) == hash("secret", &self.secret)
    }

    /// Names the room without naming its secret: a machine must not tell one room what was meant for another.
    pub fn room(&self) -> String {
        let signed = self.signed(Purpose::Room, "");
        signed.trim_start_matches('.').to_owned()
    }

    /// `value.signature`, 128 bits of it.
    pub fn signed(&self, purpose: Purpose, value: &str) -> String {
        format!("{value}.{}", hex(&self.mac(purpose, value).finalize().into_bytes()[..16]))
    }

    /// The value of a signature that is ours.
    pub fn opened<'a>(&self, purpose: Purpose, signed: &'a str) -> Option<&'a str> {
        let (value, signature) = signed.rsplit_once('.')?;
        let signature = bytes(signature)?;
        self.mac(purpose, value).verify_truncated_left(&signature).ok()?;
        // A shorter one would be easier to guess.
        (signature.len() == 16).then_some(value)
    }

    /// The same with an end, in milliseconds since 1970.
    pub fn signed_until(&self, purpose: Purpose, value: &str, end: i64) -> String {
        self.signed(purpose, &format!("{end}.{value}"))
    }

    /// The value of a signature that is ours and has not ended.
    pub fn opened_at<'a>(&self, purpose: Purpose, signed: &'a str, now: i64) -> Option<&'a str> {
        let (end, value) = self.opened(purpose, signed)?.split_once('.')?;
        (end.parse::<i64>().ok()? > now).then_some(value)
    }

    fn mac(&self, purpose: Purpose, value: &str) -> Hmac<Sha256> {
        // SHA-256 takes a key of any length.
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).expect("any length");
        mac.update(format!("{purpose:?}\0{value}").as_bytes());
        mac
    }
}

/// The name of an attendee, made of what only its machine knows: asking twice to join is joining once.
pub fn attendee(device: &str) -> String {
    hash("attendee", device)[..16].to_owned()
}

/// A new join code.
pub fn join_code() -> io::Result<String> {
    let random = random::<CODE_LENGTH>()?;
    Ok(random.iter().map(|byte| char::from(CODE_LETTERS[usize::from(byte % 32)])).collect())
}

/// A code as somebody may type it: small letters, an O for a zero.
pub fn normal_code(typed: &str) -> String {
    let plain = typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase());
    plain
        .map(|c| {
            if c == 'O' {
                '0'
            } else if matches!(c, 'I' | 'L') {
                '1'
            } else {
                c
            }
        })
        .collect()
}

/// A new secret of 128 bits.
pub fn secret() -> io::Result<String> {
    Ok(hex(&random::<16>()?))
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes)
}

fn hash(purpose: &str, value: &str) -> String {
    hex(&Sha256::digest(format!("{purpose}\0{value}")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    digits.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_purpose_its_value_and_its_secret() {
        let keys = Keys::new("one".to_owned());
        let token = keys.signed(Purpose::Device, "abc");
        assert_eq!(keys.opened(Purpose::Device, &token), Some("abc"));
        assert_eq!(keys.opened(Purpose::Browser, &token), None);
        assert_eq!(Keys::new("two".to_owned()).opened(Purpose::Device, &token), None);
        assert_eq!(keys.opened(Purpose::Device, &token.replace("abc", "abd")), None);
        for forged in ["abc.", "abc", "", ".", "abc.zz", &token[..token.len() - 2], "abc.ü"] {
            assert_eq!(keys.opened(Purpose::Device, forged), None, "{forged}");
        }
    }

    #[test]
    fn a_signature_ends() {
        let keys = Keys::new("one".to_owned());
        let ticket = keys.signed_until(Purpose::Ticket, "abc", 100);
        assert_eq!(keys.opened_at(Purpose::Ticket, &ticket, 99), Some("abc"));
        assert_eq!(keys.opened_at(Purpose::Ticket, &ticket, 100), None);
    }

    #[test]
    fn codes_are_short_and_forgiving() {
        let code = join_code().unwrap();
        assert_eq!(code.len(), CODE_LENGTH);
        assert_eq!(normal_code(&format!(" {}-{} ", &code[..3], code[3..].to_lowercase())), code);
        assert_eq!(normal_code("o1lI"), "0111");
    }

    #[test]
    fn the_secret_is_recognised_with_what_a_clipboard_adds() {
        assert!(Keys::new("one".to_owned()).is_secret(" one\n"));
        assert!(!Keys::new("one".to_owned()).is_secret("two"));
    }
}
