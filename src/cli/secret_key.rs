//! `belfry secret-key`.

use super::{Common, Failure, output};
use crate::server;
use clap::Subcommand;
use serde_json::json;

/// What can be done with the secret key.
#[derive(Subcommand)]
pub(super) enum SecretKey {
    /// Make a new key, seal everything with it, and forget the former one. A server that runs on the database follows by itself. Keep a copy
    /// of the file afterwards: the former one opens nothing any more but older backups.
    Rotate,
    /// Go on without a key that was lost: makes a new one and forgets what was sealed with the other. People sign in without their second
    /// factor until they set it up again, and webhooks with a secret or a password are disabled until an owner gives them a new one; signing
    /// keys of the Inbox SDK are gone, and their agents' sessions with them. Stop the server first.
    Reset,
}

pub(super) async fn run(common: &Common, command: &SecretKey) -> Result<(), Failure> {
    let file = match command {
        SecretKey::Rotate => server::rotate_secret_key(&common.database()).await?,
        SecretKey::Reset => server::reset_secret_key(&common.database()).await?,
    };
    output::line(&json!({ "secret_key_file": file.display().to_string() }))
}
