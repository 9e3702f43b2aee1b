//! The sandbox of systems without Linux namespaces: there is none, and it says so.

use std::sync::Arc;

use crate::protocol::{Report, SandboxSpec};
use crate::run::Reports;

const MISSING: &str = "Linux namespaces";

/// Never exists here.
pub(crate) enum Sandbox {}

/// Never exists here.
pub(crate) enum Sniffer {}

/// Never exists here.
pub(crate) enum Tree {}

/// Says what is missing.
pub(crate) fn probe() -> Result<(), String> {
    Err(MISSING.to_owned())
}

impl Sandbox {
    pub(crate) fn enter(_: &SandboxSpec) -> Result<Self, Report> {
        Err(Report::SandboxUnavailable { missing: MISSING.to_owned() })
    }

    pub(crate) fn tree(&self) -> Tree {
        match *self {}
    }

    pub(crate) fn start(self, _: &Reports) -> Arc<Sniffer> {
        match self {}
    }
}

impl Sniffer {
    pub(crate) fn drain(&self) {
        match *self {}
    }
}

impl Tree {
    pub(crate) fn enter(&self) -> Result<(), String> {
        match *self {}
    }
}
