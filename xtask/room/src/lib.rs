//! A bundle is one file: a tar archive, compressed by a program of this machine, whose first member lists all others.
//!
//! Whoever unpacks one trusts only the list, and of the list only names of the known form. What is not on it, has another size or another
//! hash, is no regular file or lies elsewhere, is refused before anything has been used.

pub mod compressed;
pub mod manifest;
pub mod pack;
pub mod progress;
pub mod trouble;
pub mod unpack;

/// The member that lists all others.
pub const MANIFEST: &str = "manifest.json";
