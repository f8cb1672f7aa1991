//! Password hashing (Argon2id), a few at a time: each takes 19 MiB and a core for some tens of
//! milliseconds.

use crate::AppError;
use belfry_domain::{Password, PasswordHash};
use belfry_runtime::blocking::BlockingPool;
use std::sync::LazyLock;

/// Two at once, so that a hundred concurrent sign-ins queue instead of exhausting memory.
static HASHING: BlockingPool = BlockingPool::new(2);

/// Verified in place of a password when the account does not exist, so that it takes as long.
static DUMMY_HASH: LazyLock<String> =
    LazyLock::new(|| password_auth::generate_hash("nobody has this password"));

pub(super) async fn hash(password: Password) -> Result<PasswordHash, AppError> {
    Ok(HASHING.run(move || PasswordHash(password_auth::generate_hash(password.reveal()))).await?)
}

/// Whether the password is correct; `None` takes as long and is never correct.
pub(super) async fn verify(password: String, hash: Option<PasswordHash>) -> Result<bool, AppError> {
    // Longer than any password that was ever accepted.
    let is_bounded = password.len() <= 4 * Password::LONGEST;
    let checked = HASHING.run(move || {
        let can_match = hash.is_some() && is_bounded;
        let text = hash.map_or_else(|| DUMMY_HASH.clone(), |hash| hash.0);
        let candidate = if is_bounded { password.as_str() } else { "" };
        password_auth::verify_password(candidate, &text).is_ok() && can_match
    });
    Ok(checked.await?)
}
