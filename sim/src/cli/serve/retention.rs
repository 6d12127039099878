//! Moves, now and then and a little at a time, what was committed to its place, and forgets what is older than it is kept.

use std::path::Path;
use std::time::Duration;

use blynk_core::server::Clock;
use blynk_core::store::{Retention, Sqlite, StoreError};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// How often what was committed is moved to its place.
const PAUSE: Duration = Duration::from_secs(60);

/// After so many pauses it is looked for what is no longer kept.
const PAUSES: u32 = 10;

/// Between two parts, so that those who commit have their turn.
const BREATH: Duration = Duration::from_millis(20);

/// As many parts are moved at a time. Under a load that brings more, the one who commits moves them.
const PARTS: u32 = 100;

/// Runs until it is dropped. That something could not be moved or forgotten ends nothing.
pub(super) async fn keep_up(path: &Path, retention: Retention, clock: Clock) {
    loop {
        match forget(path, retention, clock).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "forgot what is no longer kept"),
            Err(error) => tracing::warn!(%error, "cannot forget what is no longer kept"),
        }
        for _ in 0..PAUSES {
            sleep(PAUSE).await;
            if let Err(error) = settle(path).await {
                tracing::warn!(%error, "cannot move what was committed to its place");
            }
        }
    }
}

async fn settle(path: &Path) -> Result<(), StoreError> {
    let path = path.to_owned();
    let mut store = beside(move || Sqlite::open(path)).await?;
    for _ in 0..PARTS {
        let is_more;
        (is_more, store) = beside(move || Ok((store.settle_some()?, store))).await?;
        if !is_more {
            break;
        }
        sleep(BREATH).await;
    }
    Ok(())
}

async fn forget(path: &Path, retention: Retention, clock: Clock) -> Result<usize, StoreError> {
    let (path, now) = (path.to_owned(), clock.now());
    let (mut store, mut devices) = beside(move || {
        let store = Sqlite::open(path)?;
        let devices = store.forgettable(now, &retention)?;
        Ok((store, devices))
    })
    .await?;
    let mut all = 0;
    loop {
        let part;
        (part, store, devices) = beside(move || {
            let part = store.forget(now, &retention, &mut devices)?;
            Ok((part, store, devices))
        })
        .await?;
        if part == 0 {
            return Ok(all);
        }
        all += part;
        sleep(BREATH).await;
    }
}

/// Does what blocks beside the tasks that serve.
async fn beside<T: Send + 'static>(
    what: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    spawn_blocking(what).await.map_err(|error| StoreError::Medium(error.to_string()))?
}
