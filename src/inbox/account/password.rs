//! Hashing passwords (Argon2id), a few at a time: each takes 19 MiB and a core for some tens of milliseconds.

use crate::{
    blocking::BlockingPool,
    domain::{Password, PasswordHash},
    inbox::InboxError,
};
use std::sync::LazyLock;

/// Two at once: a hundred people who sign in together wait for each other instead of filling the memory.
static HASHING: BlockingPool = BlockingPool::new(2);

/// What is checked in place of the password of somebody who is not there.
static NOBODY: LazyLock<String> = LazyLock::new(|| password_auth::generate_hash("nobody has this password"));

pub(super) async fn hash(password: Password) -> Result<PasswordHash, InboxError> {
    Ok(HASHING.run(move || PasswordHash(password_auth::generate_hash(password.reveal()))).await?)
}

/// Whether this is the password; `None` costs the same and is never right.
pub(super) async fn verify(password: String, hash: Option<PasswordHash>) -> Result<bool, InboxError> {
    // Longer than any password that was ever accepted.
    let bounded = password.len() <= 4 * Password::LONGEST;
    let checked = HASHING.run(move || {
        let known = hash.is_some() && bounded;
        let text = hash.map_or_else(|| NOBODY.clone(), |hash| hash.0);
        let given = if bounded { password.as_str() } else { "" };
        password_auth::verify_password(given, &text).is_ok() && known
    });
    Ok(checked.await?)
}
