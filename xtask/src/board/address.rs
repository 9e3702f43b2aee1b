//! The address of an invitation: `http://192.168.0.10:15016/join/ABC234`.

/// An invitation that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The board: `http://192.168.0.10:15016`.
    pub board: String,
    /// The join code.
    pub code: String,
}

/// Why an address is no invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoInvitation {
    /// It is no address of a board with a code.
    Malformed,
    /// It begins with `https:`, for which this program would need a hundred crates.
    Secure,
}

impl Invitation {
    /// Reads an address as people copy it, with or without its beginning.
    pub fn read(typed: &str) -> Result<Self, NoInvitation> {
        let typed = typed.trim().trim_end_matches('/');
        if typed.starts_with("https://") {
            return Err(NoInvitation::Secure);
        }
        let rest = typed.strip_prefix("http://").unwrap_or(typed);
        let (host, code) = rest.split_once("/join/").ok_or(NoInvitation::Malformed)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]_".contains(c);
        let is_host = !host.is_empty() && host.chars().all(plain);
        let is_code = (4..=32).contains(&code.len()) && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !is_host || !is_code {
            return Err(NoInvitation::Malformed);
        }
        Ok(Self { board: format!("http://{host}"), code: code.to_owned() })
    }
}

/// The name and the port behind `http://`.
pub fn authority(board: &str) -> &str {
    board.strip_prefix("http://").unwrap_or(board)
}

/// What to connect to: port 80 where none is named.
pub fn target(board: &str) -> String {
    let authority = authority(board);
    let after_brackets = authority.rsplit(']').next().unwrap_or(authority);
    if after_brackets.contains(':') { authority.to_owned() } else { format!("{authority}:80") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_read_as_people_copy_it() {
        let expected = Invitation { board: "http://10.0.0.7:15016".to_owned(), code: "ABC234".to_owned() };
        for typed in ["http://10.0.0.7:15016/join/ABC234", " 10.0.0.7:15016/join/ABC234/\n"] {
            assert_eq!(Invitation::read(typed), Ok(expected.clone()), "{typed}");
        }
        assert!(Invitation::read("http://[::1]:8080/join/abc-234").is_ok());
    }

    #[test]
    fn what_is_no_invitation_is_told_apart() {
        assert_eq!(Invitation::read("https://b.example/join/ABC234"), Err(NoInvitation::Secure));
        for typed in [
            "",
            "http://b.example",
            "http://b.example/join/",
            "ftp://b/join/ABC234",
            "http:///join/ABC234",
            "b/join/A B",
        ] {
            assert_eq!(Invitation::read(typed), Err(NoInvitation::Malformed), "{typed}");
        }
    }

    #[test]
    fn the_usual_port_can_be_left_out() {
        assert_eq!(target("http://board.example"), "board.example:80");
        assert_eq!(target("http://board.example:81"), "board.example:81");
        assert_eq!(target("http://[::1]"), "[::1]:80");
        assert_eq!(target("http://[::1]:81"), "[::1]:81");
    }
}
