//! Rotation of contact tokens. How long tokens live is decided by the use case.
//!
//! A token that a site's backend requests begins a token family. Each use of a token returns its
//! successor. Tokens that follow each other form a chain and contain its id, so an old one is
//! recognized without being stored. If a token is presented again within the overlap (parallel
//! requests), or before any successor of it was used (a lost response), the rotation forks a new
//! chain: two responses never share a token, so using one can't make the other look like a replay.

use super::{ContactId, Digest, KeyId, SiteId, Timestamp, TokenFamily};

/// A presented token: the digests that its chain and the token itself are looked up by. For the
/// first token of a family both are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresentedToken {
    /// Digest of the chain id.
    pub chain: Digest,
    /// Digest of the whole token.
    pub token: Digest,
}

/// A request to replace a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenRotation {
    /// The site of the token; its writes are serialized.
    pub site: SiteId,
    /// The presented token.
    pub presented: PresentedToken,
    /// Replaces the presented token in its chain, if that is the current one.
    pub successor: Digest,
    /// Begins a new chain, if the presented token was replaced just now or no successor of it was
    /// used.
    pub fork: PresentedToken,
    /// The current time.
    pub now: Timestamp,
    /// A token that was replaced before this time is a replay, if a successor of it was used.
    pub overlap_since: Timestamp,
    /// Expiry of the new token.
    pub expires_at: Timestamp,
    /// Expiry of the family, if it begins now.
    pub ends_at: Timestamp,
}

/// The contact that a token authenticates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSubject {
    /// The site.
    pub site: SiteId,
    /// The contact.
    pub contact: ContactId,
    /// The token's family.
    pub family: TokenFamily,
    /// The API key that requested the family.
    pub key: KeyId,
}

/// The result of a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RotationOutcome {
    /// The successor is valid now.
    Succeeded(TokenSubject),
    /// The fork is valid now.
    Forked(TokenSubject),
    /// The token was replayed: its family was revoked.
    Replayed(SiteId),
    /// The token is unknown or expired.
    Unknown,
}
