//! Why a copy was refused or has failed.

use crate::StoreError;

/// Why a database was not copied.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CopyError {
    /// One of the databases is not what it should be. Nothing was written.
    #[error("{0}")]
    Refused(String),
    /// A database failed. The copy goes on where it was when it is started again.
    #[error("{what} failed: {reason}")]
    Failed {
        /// What was done.
        what: String,
        /// The error of the database.
        reason: StoreError,
    },
}

impl CopyError {
    pub(super) fn refused(sentence: impl Into<String>) -> Self {
        Self::Refused(sentence.into())
    }
}

pub(super) type CopyResult<T> = Result<T, CopyError>;

/// Says what was done when an error occurred.
pub(super) trait Context<T> {
    /// `what` was done with the table or database of this name.
    fn context(self, what: &str, name: &str) -> CopyResult<T>;
}

impl<T> Context<T> for crate::Result<T> {
    fn context(self, what: &str, name: &str) -> CopyResult<T> {
        self.map_err(|reason| CopyError::Failed { what: format!("{what} {name}"), reason })
    }
}
