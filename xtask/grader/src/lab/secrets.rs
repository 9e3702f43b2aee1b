//! The forms in which a secret may turn up in a log line or an answer.

/// As it is, percent-encoded, and in base64.
pub fn written_forms(secret: &str) -> [String; 3] {
    [secret.to_owned(), percent_encoded(secret), base64(secret.as_bytes())]
}

/// For every part of a URL: all but letters, digits and hyphens becomes `%XX`.
pub fn percent_encoded(part: &str) -> String {
    let encoded = part.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    });
    encoded.collect()
}

/// Without padding: a longer text that begins with the secret then holds these characters too.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let groups = bytes.chunks_exact(3).flat_map(|group| {
        let bits = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
        [18, 12, 6, 0].map(|shift| char::from(ALPHABET[(bits >> shift) as usize & 63]))
    });
    groups.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_agrees_with_its_standard() {
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
    }

    #[test]
    fn a_secret_has_three_forms() {
        assert_eq!(written_forms("a+b"), ["a+b", "a%2Bb", "YSti"]);
    }
}
