//! One-offs: programs of the release that do one thing and end, such as `migrate`.

use crate::check::{CheckResult, LogLine};
use crate::lab::process::Exit;
use crate::lab::start::Start;

/// A one-off that has ended.
#[derive(Clone, Debug)]
pub struct OneOff {
    /// How; `None` when it went on past the hang guard and was ended.
    pub exit: Option<Exit>,
    /// What it wrote, both streams.
    pub lines: Vec<LogLine>,
}

impl OneOff {
    /// Whether it says that it did what it was asked.
    pub fn succeeded(&self) -> bool {
        self.exit == Some(Exit::Code(0))
    }
}

impl Start {
    /// Starts it and waits for its end.
    pub async fn to_the_end(self) -> CheckResult<OneOff> {
        let service = self.run().await?;
        let exit = service.exit().await;
        let lines = service.logs().lines();
        service.end().await;
        Ok(OneOff { exit, lines })
    }
}
