//! What secrets look like: the shapes that give them away, and the forms in which a known one may be written.

/// What is a secret by its shape alone: a private key, an access key of a well-known cloud, a password in a URL.
pub fn secret_shape(line: &str) -> Option<String> {
    if line.contains("-----BEGIN") && line.contains("PRIVATE KEY-----") {
        return Some("-----BEGIN … PRIVATE KEY-----".to_owned());
    }
    let access_key = line.match_indices("AKIA").find_map(|(at, _)| {
        let id: String = line[at..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let upper = id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        (id.len() == 20 && upper).then_some(id)
    });
    access_key.or_else(|| line.match_indices("://").find_map(|(at, _)| password_in_url(&line[at + 3..])))
}

/// `user:password@host`, unless the password is a placeholder or the host is this very machine.
fn password_in_url(rest: &str) -> Option<String> {
    let authority: &str = rest.split(|c: char| c.is_whitespace() || "/\"'`<>?#,;)".contains(c)).next()?;
    let (user, host) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    let placeholder = password.is_empty()
        || password.contains(['$', '{', '*', '%'])
        || ["password", "pass", "secret", "user", "example"].contains(&password.to_lowercase().as_str());
    let name = host.split(':').next().unwrap_or_default();
    // A name without a dot is a container of the developer's own compose file.
    let local = name.starts_with("127.") || name.starts_with("[::1]") || !name.contains('.');
    (!placeholder && !local).then(|| format!("{user}@{host}"))
}

/// As it is, percent-encoded, and in base64.
pub fn written_forms(secret: &str) -> [String; 3] {
    let percent = secret.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    });
    [secret.to_owned(), percent.collect(), base64(secret.as_bytes())]
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
    fn secrets_are_known_by_their_shape() {
        for line in [
            "-----BEGIN RSA PRIVATE KEY-----",
            "key = \"AKIAIOSFODNN7EXAMPLE\"",
            "ENV DATABASE_URL=postgres://links:k1mch1@db.prod.example/links",
        ] {
            assert!(secret_shape(line).is_some(), "{line}");
        }
    }

    #[test]
    fn placeholders_and_this_machine_are_no_secrets() {
        for line in [
            "postgres://user:password@db.example/links",
            "postgres://links:${DB_PASSWORD}@db.example/links",
            "postgres://postgres:postgres@localhost:5432/links",
            "redis://:dev@redis:6379/0",
            "AKIA is a prefix",
            "https://example.com/a:b@c",
        ] {
            assert!(secret_shape(line).is_none(), "{line}");
        }
    }

    #[test]
    fn base64_agrees_with_its_standard() {
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
    }
}
