//! Hashing passwords (Argon2id), a few at a time: each takes 19 MiB and a core for some tens of milliseconds.

use crate::{
    domain::{Password, PasswordHash},
    inbox::InboxError,
    store::StoreError,
};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Two at once: a hundred people who sign in together wait for each other instead of filling the memory.
static TURNS: Semaphore = Semaphore::const_new(2);

/// What is checked in place of the password of somebody who is not there.
static NOBODY: LazyLock<String> = LazyLock::new(|| password_auth::generate_hash("nobody has this password"));

async fn work<T: Send + 'static>(task: impl FnOnce() -> T + Send + 'static) -> Result<T, InboxError> {
    let failed = || InboxError::Store(StoreError::Unavailable("a password could not be worked on".to_owned()));
    let turn = TURNS.acquire().await.map_err(|_| failed())?;
    // The turn goes along: a caller who has gone away must not let another in while the work is still being done.
    tokio::task::spawn_blocking(move || {
        let done = task();
        drop(turn);
        done
    })
    .await
    .map_err(|_| failed())
}

pub(super) async fn hash(password: Password) -> Result<PasswordHash, InboxError> {
    work(move || PasswordHash(password_auth::generate_hash(password.reveal()))).await
}

/// Whether this is the password; `None` costs the same and is never right.
pub(super) async fn verify(password: String, hash: Option<PasswordHash>) -> Result<bool, InboxError> {
    // Longer than any password that was ever accepted.
    let bounded = password.len() <= 4 * Password::LONGEST;
    work(move || {
        let known = hash.is_some() && bounded;
        let text = hash.map_or_else(|| NOBODY.clone(), |hash| hash.0);
        let given = if bounded { password.as_str() } else { "" };
        password_auth::verify_password(given, &text).is_ok() && known
    })
    .await
}
