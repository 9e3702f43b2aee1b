//! Names of container images: which of them are backing services, and in which version.

use crate::manifest::Need;

/// A backing service, as the name of its image tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// What it is for.
    pub need: Need,
    /// What it is: two makes of one kind are not the same service.
    pub make: &'static str,
    /// Its version.
    pub version: Version,
}

/// What a name says of the version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// The number before the first point.
    Major(u32),
    /// A tag that means another version tomorrow, or none at all, which means `latest`.
    Floating(String),
    /// A digest alone: pinned, and nobody can read which version it is.
    Hidden,
    /// It is computed somewhere else, as in `${{ matrix.postgres }}`.
    Computed,
}

/// The last parts of images' names that are servers. Others that begin like these are tools beside them.
const MAKES: [(&str, &str, Need); 10] = [
    ("postgres", "postgres", Need::Postgres),
    ("postgresql", "postgres", Need::Postgres),
    ("postgis", "postgres", Need::Postgres),
    ("pgvector", "postgres", Need::Postgres),
    ("timescaledb", "postgres", Need::Postgres),
    ("redis", "redis", Need::Redis),
    ("redis-stack", "redis", Need::Redis),
    ("redis-stack-server", "redis", Need::Redis),
    ("valkey", "valkey", Need::Redis),
    ("keydb", "keydb", Need::Redis),
];

/// The backing service that an image is, if it is one. `comment` stands behind its name: it may say what a digest hides.
pub fn backing_service(name: &str, comment: Option<&str>) -> Option<Image> {
    let (name, digest) = name.trim().split_once('@').map_or((name.trim(), false), |(name, _)| (name, true));
    // A colon before a slash belongs to the registry's port.
    let colon = name.rfind(':').filter(|colon| !name[*colon..].contains('/'));
    let (path, tag) = colon.map_or((name, None), |colon| (&name[..colon], Some(&name[colon + 1..])));
    let last = path.rsplit('/').next().unwrap_or(path);
    let (_, make, need) = MAKES.into_iter().find(|(known, ..)| *known == last)?;
    let version = match (tag, digest) {
        (Some(tag), _) if tag.contains('$') => Version::Computed,
        (Some(tag), _) => version(tag),
        (None, true) => match comment.map(|said| version(said.rsplit([':', ' ']).next().unwrap_or(said))) {
            Some(Version::Major(major)) => Version::Major(major),
            _ => Version::Hidden,
        },
        (None, false) => Version::Floating("latest".to_owned()),
    };
    Some(Image { need, make, version })
}

/// The version of a tag: `17.2-alpine`, `v17`, `pg17`, and `2.17.2-pg16` of an extension that names its server's.
pub fn version(tag: &str) -> Version {
    let number = |text: &str| {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let of_server = tag.split('-').find_map(|part| number(part.strip_prefix("pg")?));
    match of_server.or_else(|| number(tag.strip_prefix('v').unwrap_or(tag))) {
        Some(major) => Version::Major(major),
        None => Version::Floating(tag.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(name: &str, make: &str, expected: Version) {
        let image = backing_service(name, None).unwrap_or_else(|| panic!("{name} is one"));
        assert_eq!((image.make, image.version), (make, expected), "{name}");
    }

    #[test]
    fn a_tag_says_the_version() {
        is("postgres:17", "postgres", Version::Major(17));
        is("postgres:17.2-alpine3.20", "postgres", Version::Major(17));
        is("docker.io/library/postgres:17-alpine", "postgres", Version::Major(17));
        is("registry.example:5000/mirror/redis:7.4", "redis", Version::Major(7));
        is("bitnami/postgresql:16.4.0-debian-12-r0", "postgres", Version::Major(16));
        is("postgis/postgis:17-3.5", "postgres", Version::Major(17));
        is("pgvector/pgvector:pg17", "postgres", Version::Major(17));
        is("timescale/timescaledb:2.17.2-pg16", "postgres", Version::Major(16));
        is("valkey/valkey:8", "valkey", Version::Major(8));
    }

    #[test]
    fn what_means_something_else_tomorrow_floats() {
        is("postgres", "postgres", Version::Floating("latest".to_owned()));
        is("registry.example:5000/postgres", "postgres", Version::Floating("latest".to_owned()));
        is("postgres:latest", "postgres", Version::Floating("latest".to_owned()));
        is("redis:alpine", "redis", Version::Floating("alpine".to_owned()));
        is("postgres:bookworm", "postgres", Version::Floating("bookworm".to_owned()));
    }

    #[test]
    fn a_digest_hides_the_version_unless_a_tag_or_a_comment_says_it() {
        is("postgres:17@sha256:abc", "postgres", Version::Major(17));
        is("postgres@sha256:abc", "postgres", Version::Hidden);
        let said = |comment| backing_service("postgres@sha256:abc", Some(comment)).map(|image| image.version);
        assert_eq!(said("postgres:16.4"), Some(Version::Major(16)));
        assert_eq!(said("16.4"), Some(Version::Major(16)));
        assert_eq!(said("do not touch"), Some(Version::Hidden));
    }

    #[test]
    fn a_version_from_elsewhere_is_not_read() {
        is("postgres:${{ matrix.postgres }}", "postgres", Version::Computed);
        is("postgres:$POSTGRES_VERSION", "postgres", Version::Computed);
    }

    #[test]
    fn tools_beside_a_server_are_no_server() {
        for name in ["postgres-exporter:1", "dpage/pgadmin4:8", "redis-commander", "my/redis-cache:1", "links:17", ""] {
            assert_eq!(backing_service(name, None), None, "{name}");
        }
    }
}
