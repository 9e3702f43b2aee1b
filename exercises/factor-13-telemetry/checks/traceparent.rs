//! The header `traceparent` of W3C Trace Context: which trace a request belongs to, and who asked.

use crate::lab::Lab;

/// A well-formed header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traceparent {
    /// The trace: 32 hexadecimal digits.
    pub trace: String,
    /// The span that asks: 16 of them.
    pub span: String,
    /// Whether somebody upstream has decided to record it.
    pub sampled: bool,
}

impl Traceparent {
    /// One that nobody has used.
    pub fn random(lab: &Lab, sampled: bool) -> Self {
        let digits = || format!("{:016x}", 1 + lab.chance().below(u64::MAX));
        Self { trace: format!("{}{}", digits(), digits()), span: digits(), sampled }
    }

    /// As it is sent.
    pub fn header(&self) -> String {
        format!("00-{}-{}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }

    /// Reads a header as the standard says: lower-case digits, nothing all zero.
    pub fn read(header: &str) -> Option<Self> {
        let parts: Vec<&str> = header.split('-').collect();
        let [version, trace, span, flags] = parts[..] else { return None };
        let hex = |part: &str, length: usize| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        let is_id = |part: &str, length: usize| hex(part, length) && part.bytes().any(|byte| byte != b'0');
        let flags = u8::from_str_radix(flags, 16).ok().filter(|_| hex(flags, 2))?;
        let valid = version == "00" && is_id(trace, 32) && is_id(span, 16);
        valid.then(|| Self { trace: trace.to_owned(), span: span.to_owned(), sampled: flags & 1 == 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_standard_allows_is_read() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(Traceparent::read(good).map(|read| read.header()).as_deref(), Some(good));
        for wrong in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-zz",
        ] {
            assert_eq!(Traceparent::read(wrong), None, "{wrong}");
        }
    }
}
