//! The forms in which a secret may turn up in a log line or an answer.

/// The digits of base64.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// As it is, percent-encoded, and in base64.
pub fn written_forms(secret: &str) -> [String; 3] {
    [secret.to_owned(), percent_encoded(secret), base64(secret.as_bytes())]
}

/// For every part of a URL: all but letters, digits and the four marks that no part reserves becomes `%XX`.
pub fn percent_encoded(part: &str) -> String {
    let encoded = part.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    });
    encoded.collect()
}

/// Without padding: a longer text that begins with the secret then holds these characters too.
fn base64(bytes: &[u8]) -> String {
    let groups = bytes.chunks_exact(3).flat_map(|group| {
        let bits = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
        [18, 12, 6, 0].map(|shift| char::from(ALPHABET[(bits >> shift) as usize & 63]))
    });
    groups.collect()
}

/// What base64 stands for; characters that are none of it, such as line ends and padding, are passed over.
pub fn from_base64(written: &str) -> Vec<u8> {
    let digits: Vec<u32> = written.bytes().filter_map(digit).collect();
    let bytes = digits.chunks(4).flat_map(|group| {
        let bits = group.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - group.len()));
        let [_, bytes @ ..] = bits.to_be_bytes();
        bytes.into_iter().take(group.len().saturating_sub(1))
    });
    bytes.collect()
}

fn digit(character: u8) -> Option<u32> {
    u32::try_from(ALPHABET.iter().position(|known| *known == character)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_agrees_with_its_standard() {
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
        for (written, bytes) in [("Zm9vYmFy", "foobar"), ("Zm9v\r\nYmE=", "fooba"), ("Zm9vYg==", "foob"), ("", "")] {
            assert_eq!(from_base64(written), bytes.as_bytes());
        }
    }

    #[test]
    fn a_secret_has_three_forms() {
        assert_eq!(written_forms("a+b"), ["a+b", "a%2Bb", "YSti"]);
    }
}
