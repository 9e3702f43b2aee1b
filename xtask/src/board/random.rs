//! Random words, from the system: of what only this machine shall know, nobody may guess the next one.

use std::fs::File;
use std::io::{self, Read};

/// 128 bits, in letters.
pub fn word() -> io::Result<String> {
    Ok(hex(&bytes::<16>()?))
}

/// A UUID of version 7: the time, then chance.
pub fn uuid(now: i64) -> io::Result<String> {
    let mut id = bytes::<16>()?;
    id[..6].copy_from_slice(&now.to_be_bytes()[2..]);
    id[6] = 0x70 | (id[6] & 0x0f);
    id[8] = 0x80 | (id[8] & 0x3f);
    let digits = hex(&id);
    let groups = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    Ok(groups.join("-"))
}

fn bytes<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_seven_and_differ() {
        let (one, other) = (uuid(1_700_000_000_000).unwrap(), uuid(1_700_000_000_000).unwrap());
        assert_ne!(one, other);
        assert_eq!((one.len(), &one[14..15], &one[..13]), (36, "7", "018bcfe5-6800"));
        assert_ne!(word().unwrap(), word().unwrap());
    }
}
