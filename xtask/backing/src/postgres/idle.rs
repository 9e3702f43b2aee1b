//! Connections of the administrator that wait for the next database to be made: saying who one is takes longer than making it.

use std::sync::{Mutex, PoisonError};

use tokio_postgres::Client;

/// As many as there are checks at the same time on a small machine.
const MOST: usize = 4;

/// Connections to the database that belongs to nobody. Those to a check's database end with each request, since the check may
/// count who is connected.
#[derive(Default)]
pub struct Idle(Mutex<Vec<Client>>);

impl Idle {
    /// Takes a connection that still stands.
    pub fn take(&self) -> Option<Client> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|client| !client.is_closed());
        idle.pop()
    }

    /// Gives one back, unless enough are waiting; one after an error is dropped instead.
    pub fn put(&self, client: Client) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST {
            idle.push(client);
        }
    }
}
