//! Looking again and again, where nothing tells by itself that something has happened.

use std::time::Duration;

use crate::lab::Lab;

/// Between two looks. A look, not a wait: every look may end the wait.
pub(super) const LOOK: Duration = Duration::from_millis(10);

impl Lab {
    /// Looks until there is something to see, under the hang guard of the wait called `name`.
    pub async fn watch<T, F>(&self, name: &str, look: impl FnMut() -> F) -> Option<T>
    where
        F: Future<Output = Option<T>>,
    {
        self.until(name, looking(look)).await
    }

    /// Looks until there is something to see, for as long as [`Lab::quiet`]; `None` means that nothing came.
    pub async fn glance<T, F: Future<Output = Option<T>>>(&self, look: impl FnMut() -> F) -> Option<T> {
        self.soon(looking(look)).await
    }

    /// Waits for `event`, for as long as [`Lab::quiet`]; `None` means that it did not happen by then, and nothing else.
    pub async fn soon<T>(&self, event: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(self.quiet(), event).await.ok()
    }
}

/// Looks until there is something to see, for as long as that takes.
pub async fn looking<T, F: Future<Output = Option<T>>>(mut look: impl FnMut() -> F) -> T {
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        tokio::time::sleep(LOOK).await;
    }
}
