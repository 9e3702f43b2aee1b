//! What secrets look like: the shapes that give them away.

/// What is a secret by its shape alone: a private key, an access key of a well-known cloud, a password in a URL.
pub fn secret_shape(line: &str) -> Option<String> {
    if begins_private_key(line) {
        return Some("-----BEGIN … PRIVATE KEY-----".to_owned());
    }
    let access_key = line.match_indices("AKIA").find_map(|(at, _)| {
        let id: String = line[at..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let upper = id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        (id.len() == 20 && upper).then_some(id)
    });
    access_key.or_else(|| line.match_indices("://").find_map(|(at, _)| password_in_url(&line[at + 3..])))
}

/// The first line of a private key; the pattern with which a scanner looks for one is none.
fn begins_private_key(line: &str) -> bool {
    let kind = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ' ';
    let mut behind = line.match_indices("-----BEGIN ").map(|(at, begin)| &line[at + begin.len()..]);
    behind.any(|rest| rest.trim_start_matches(kind).starts_with("-----") && rest.contains("PRIVATE KEY-----"))
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
    // Names that are reserved for examples and tests (RFC 2606) lead nowhere.
    let reserved = [".example", ".test", ".invalid", ".localhost"].iter().any(|end| name.ends_with(end))
        || ["example.com", "example.org", "example.net"].iter().any(|end| name.ends_with(end));
    (!placeholder && !local && !reserved).then(|| format!("{user}@{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_shape() {
        for line in [
            "-----BEGIN RSA PRIVATE KEY-----",
            "key = \"-----BEGIN PRIVATE KEY-----\\n",
            "key = \"AKIAIOSFODNN7EXAMPLE\"",
            "ENV DATABASE_URL=postgres://links:k1mch1@db.prod.internal/links",
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
            "http://user:hunter2@partner.example/path",
            "AKIA is a prefix",
            "grep -e '-----BEGIN [A-Z ]*PRIVATE KEY-----'",
            "https://example.com/a:b@c",
        ] {
            assert!(secret_shape(line).is_none(), "{line}");
        }
    }
}
