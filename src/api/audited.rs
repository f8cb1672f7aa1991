//! What a handler returns for the audit log: the id of the object that it created or changed, where
//! the path does not name it (`AuditTarget::Handler` in [`belfry_web::routes`]).
//!
//! Must not depend on actions, which the list of routes declares. Read by [`super::middleware`].

use axum::{
    Extension,
    response::{IntoResponse, Response},
};

/// Response extension: the id of the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AuditedId(pub(super) String);

/// A response with the object that it is about.
pub(super) struct Audited<T> {
    target: AuditedId,
    response: T,
}

impl<T> Audited<T> {
    /// A response about the object with this id.
    pub(super) fn new(id: impl ToString, response: T) -> Self {
        Self { target: AuditedId(id.to_string()), response }
    }
}

impl<T: IntoResponse> IntoResponse for Audited<T> {
    fn into_response(self) -> Response {
        (Extension(self.target), self.response).into_response()
    }
}
