//! How much input is taken in. Real installations stay far below each number; what is above is a mistake or an attack, and is
//! refused in a second instead of filling the memory.

/// Bytes of all files together. The largest well-known installations, with all their custom resource definitions, have five
/// million.
pub const BYTES: usize = 32 << 20;

/// Files of one folder; more is a whole project that somebody named by mistake.
pub const FILES: usize = 10_000;

/// Documents of all files together.
pub const DOCUMENTS: usize = 50_000;

/// Nested lists and maps of one document. Schemas of custom resources are the deepest, with about forty.
pub const DEPTH: usize = 128;

/// Values that anchors and aliases may copy in one file: eleven lines of YAML can ask for billions.
pub const COPIED: usize = 200_000;

/// Seconds for a program that renders. A chart takes one or two.
pub const RENDER_SECONDS: u64 = 60;

/// Folders that kustomizations may lead through, one inside the other.
pub const BASES: usize = 32;
