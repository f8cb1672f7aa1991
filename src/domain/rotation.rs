//! Contact tokens that replace each other. Must not know how long one lives; that is a rule.
//!
//! The token that a site's backend asks for begins a family. Each use answers with a token that takes its place. Tokens that
//! follow each other form a chain and name it, so that an old one is recognised without being kept. A token that comes again
//! within the overlap (parallel requests), or while nobody used a successor of it (an answer that was lost), begins a further
//! chain: two answers never share a token, so no use of one can make the other look like a replay.

use super::{ContactId, Digest, Family, KeyId, SiteId, Timestamp};

/// A token as it was shown: what its chain and what it itself are found by. For the one that began a family both are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownToken {
    /// Digest of the chain's name.
    pub chain: Digest,
    /// Digest of the whole token.
    pub token: Digest,
}

/// The wish to replace a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// The site of the token, with whose other writes this one takes its turn.
    pub site: SiteId,
    /// What was shown.
    pub shown: ShownToken,
    /// Takes its place in its chain when it is the one in force.
    pub successor: Digest,
    /// Begins a chain of its own when it was replaced just now, or when no successor of it was used.
    pub fork: ShownToken,
    /// The moment.
    pub now: Timestamp,
    /// What was replaced before this is a replay, once a successor of it was used.
    pub overlap_since: Timestamp,
    /// When the new token ends.
    pub expires_at: Timestamp,
    /// When the family ends, if it begins now.
    pub ends_at: Timestamp,
}

/// For whom a token speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHolder {
    /// The site they read on.
    pub site: SiteId,
    /// Who they are.
    pub contact: ContactId,
    /// The family of the token.
    pub family: Family,
    /// The key that vouched for them.
    pub key: KeyId,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotated {
    /// The successor is in force now.
    Succeeded(TokenHolder),
    /// The fork is in force now.
    Forked(TokenHolder),
    /// The token was replaced long ago: the family was ended.
    Replayed(SiteId),
    /// There is no such token, or its time is over.
    Unknown,
}
