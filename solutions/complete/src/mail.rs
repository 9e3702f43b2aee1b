//! Letters, handed to the mail server of this deploy (factor 4).

use lettre::AsyncTransport;
use lettre::address::Address;
use lettre::message::{Mailbox, Message, header::ContentType};
use tokio::time::timeout;

use crate::config::MailConfig;

/// The mail server.
#[derive(Debug)]
pub struct Mail {
    config: MailConfig,
}

/// The mail server cannot be reached, falls silent, or refuses.
#[derive(Debug, Clone, Copy)]
pub struct MailUnavailable;

impl Mail {
    /// Attaches the mail server without reaching for it.
    pub fn attach(config: MailConfig) -> Self {
        Self { config }
    }

    /// Hands over a letter with a short URL. It returns when the server has taken the letter, so what is promised to the visitor
    /// has happened. The bound around all of it also ends a server that falls silent in the middle.
    ///
    /// # Errors
    ///
    /// The server did not take it.
    pub async fn share(&self, to: Address, short_url: &str) -> Result<(), MailUnavailable> {
        let letter = Message::builder()
            .from(self.config.from.clone())
            .to(Mailbox::new(None, to))
            .subject("A link for you")
            .header(ContentType::TEXT_PLAIN)
            .body(format!("Somebody shared a link with you:\n\n{short_url}\n"))
            .map_err(|_| MailUnavailable)?;
        let sent = timeout(self.config.timeout, self.config.server.expose().send(letter)).await;
        sent.map_err(|_| MailUnavailable)?.map(drop).map_err(|_| MailUnavailable)
    }
}
