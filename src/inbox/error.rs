//! Why a rule said no, in terms a door can turn into its own answer.

use crate::{domain::Invalid, store::StoreError};

/// Why a rule said no.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// Something the caller wrote.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// What was asked for is not there, or not the caller's: the two can't be told apart.
    #[error("not found")]
    NotFound,
    /// The proof of identity is missing, wrong, expired or revoked.
    #[error("not authenticated")]
    Unauthenticated,
    /// The same idempotency key was used for another request.
    #[error("this Idempotency-Key was used before with a different request")]
    KeyReused,
    /// Something below failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
