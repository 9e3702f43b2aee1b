//! Where a server may come from, what the attendee wishes, and the order.
//!
//! An address that somebody has set comes first. Then the programs of this machine: measured on two busy cores, PostgreSQL and Redis
//! answered after 0.14 s and were gone after 0.02 s, against 2.0 s and 0.8 s in containers, and nobody has to download or to run an
//! engine. A container is what remains.

use backing_protocol::Refusal;

use crate::containers::Engine;
use crate::house::House;
use crate::refusals::{failed, words};

/// Forces one way.
pub const VARIABLE: &str = "WORKSHOP_BACKING";

/// Where a server comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Somebody else's server, named by an address.
    Url,
    /// A container.
    Docker,
    /// A program of this machine.
    Local,
}

/// What the attendee's environment asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Wish {
    only: Option<Way>,
    /// The address of a server that shall be used.
    pub url: Option<String>,
}

impl Wish {
    /// Reads the environment; `variable` may hold an address.
    pub fn read(variable: &str) -> Result<Self, Refusal> {
        Self::from(variable, |name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn from(variable: &str, environment: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        let only = match environment(VARIABLE).as_deref() {
            None => None,
            Some("url") => Some(Way::Url),
            Some("docker") => Some(Way::Docker),
            Some("local") => Some(Way::Local),
            Some(other) => return Err(failed(VARIABLE, format!("`{other}` is none of url, docker and local"))),
        };
        let url = environment(variable).filter(|_| only.is_none_or(|only| only == Way::Url));
        if only == Some(Way::Url) && url.is_none() {
            return Err(failed(format!("{VARIABLE}=url"), format!("{variable} is not set")));
        }
        Ok(Self { only, url })
    }

    /// Whether this way may be tried.
    pub fn allows(&self, way: Way) -> bool {
        self.only.is_none_or(|only| only == way)
    }
}

/// Tries the ways in their order. `local` starts this machine's program, if there is one; `in_container` is told whether it may
/// download an image.
pub async fn first<S>(
    house: &House,
    wish: &Wish,
    local: Option<impl Future<Output = Result<S, Refusal>>>,
    in_container: impl AsyncFnOnce(&Engine, bool) -> Result<S, Refusal>,
) -> Result<Option<S>, Refusal> {
    let broken = match local {
        Some(start) => match start.await {
            Ok(server) => return Ok(Some(server)),
            Err(refusal) => Some(refusal),
        },
        None => None,
    };
    if !wish.allows(Way::Docker) {
        return broken.map_or(Ok(None), Err);
    }
    match (house.engine().await, broken) {
        (Ok(engine), None) => in_container(&engine, true).await.map(Some),
        (Ok(engine), Some(broken)) => {
            house.news(format!("in a container, since this machine's own program fails: {}", words(&broken)));
            // Whoever has the program installed has not asked for a download.
            in_container(&engine, false).await.map(Some).map_err(|_| broken)
        }
        (Err(_), Some(broken)) => Err(broken),
        (Err(refusal), None) if wish.only.is_some() => Err(refusal),
        (Err(_), None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(way: &'static str, url: &'static str) -> Result<Wish, Refusal> {
        let environment = move |name: &str| Some(if name == VARIABLE { way } else { url }.to_owned());
        Wish::from("URL", move |name| environment(name).filter(|value| !value.is_empty()))
    }

    #[test]
    fn an_address_counts_unless_another_way_is_forced() {
        assert_eq!(wish("", "x://").unwrap().url.as_deref(), Some("x://"));
        assert_eq!(wish("local", "x://").unwrap(), Wish { only: Some(Way::Local), url: None });
        assert!(!wish("local", "").unwrap().allows(Way::Docker));
    }

    #[test]
    fn a_wish_that_cannot_be_met_is_no_other_way() {
        assert!(wish("url", "").is_err());
        assert!(wish("podman", "").is_err());
    }
}
