//! `belfry secret-key`.

use super::{Common, Failure, output};
use crate::server;
use clap::Subcommand;
use serde_json::json;

/// The secret key.
#[derive(Subcommand)]
pub(super) enum SecretKey {
    /// Create a new key, re-encrypt all secrets with it, and discard the previous one. A running
    /// server picks it up by itself. Back up the file afterwards: the previous key only opens older
    /// backups
    Rotate,
    /// Replace a lost key: create a new one and discard everything that was encrypted with the old
    /// one. People sign in without their second factor until they set it up again; webhooks with a
    /// secret or a password are disabled until an owner sets a new one; signing keys of the Inbox
    /// SDK are removed, and the sessions of their agents end. Stop the server first
    Reset,
}

pub(super) async fn run(common: &Common, command: &SecretKey) -> Result<(), Failure> {
    let file = match command {
        SecretKey::Rotate => server::rotate_secret_key(&common.database()).await?,
        SecretKey::Reset => server::reset_secret_key(&common.database()).await?,
    };
    output::print_json(&json!({ "secret_key_file": file.display().to_string() }))
}
