//! The ways in which a proxy disturbs.

/// What the proxy does with connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Forwards both ways.
    Pass,
    /// Nobody listens, and open connections are reset: the server is gone.
    Refuse,
    /// Accepts and resets at once; open connections are reset.
    Reset,
    /// Forwards nothing more, either way; connections stay open, and new ones are opened to the server but carry nothing.
    Freeze,
    /// Accepts, reads, and never answers; the server is not asked. Open connections freeze.
    Blackhole,
}

impl Mode {
    /// As the timeline says it.
    pub(super) fn said(self) -> &'static str {
        match self {
            Self::Pass => "passes again",
            Self::Refuse => "refuses connections",
            Self::Reset => "resets every connection",
            Self::Freeze => "freezes",
            Self::Blackhole => "accepts and never answers",
        }
    }
}
