//! Reads a row from left to right, and parses each column into a domain type.

use super::{Column, Row};
use crate::{Result, StoreError};
use belfry_domain::{
    AccountId, ContactId, Digest, EndpointId, KeyId, MessageId, Position, SiteId, ThemeVersion,
    Timestamp, TokenFamily, Version,
};
use serde::de::DeserializeOwned;

/// The columns of a row, in the order of the query.
pub(crate) struct Columns<'r> {
    row: &'r Row,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(crate) fn new(row: &'r Row) -> Self {
        Self { row, next: 0 }
    }

    pub(crate) fn value<T: Column<'r>>(&mut self) -> Result<T> {
        let index = self.next;
        self.next += 1;
        self.row.try_get(index)
    }

    fn bytes<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH]> {
        let bytes: &[u8] = self.value()?;
        bytes.try_into().map_err(|_| {
            StoreError::Inconsistent(format!("{} bytes where {LENGTH} belong", bytes.len()))
        })
    }

    pub(crate) fn account(&mut self) -> Result<AccountId> {
        Ok(AccountId(self.value()?))
    }

    pub(crate) fn site(&mut self) -> Result<SiteId> {
        Ok(SiteId::from_bytes(self.bytes()?))
    }

    pub(crate) fn message(&mut self) -> Result<MessageId> {
        Ok(MessageId::from_bytes(self.bytes()?))
    }

    pub(crate) fn endpoint(&mut self) -> Result<EndpointId> {
        Ok(EndpointId::from_bytes(self.bytes()?))
    }

    pub(crate) fn contact(&mut self) -> Result<ContactId> {
        Ok(ContactId(self.value()?))
    }

    pub(crate) fn position(&mut self) -> Result<Position> {
        Ok(Position(self.value()?))
    }

    pub(crate) fn version(&mut self) -> Result<Version> {
        Ok(Version(self.value()?))
    }

    pub(crate) fn key(&mut self) -> Result<KeyId> {
        Ok(KeyId(self.value()?))
    }

    pub(crate) fn digest(&mut self) -> Result<Digest> {
        Ok(Digest(self.bytes()?))
    }

    pub(crate) fn family(&mut self) -> Result<TokenFamily> {
        Ok(TokenFamily(self.bytes()?))
    }

    pub(crate) fn theme(&mut self) -> Result<ThemeVersion> {
        Ok(ThemeVersion(self.value()?))
    }

    pub(crate) fn maybe_theme(&mut self) -> Result<Option<ThemeVersion>> {
        Ok(self.value::<Option<u32>>()?.map(ThemeVersion))
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp> {
        Ok(Timestamp::from_millis(self.value()?))
    }

    pub(crate) fn maybe_time(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.value::<Option<i64>>()?.map(Timestamp::from_millis))
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        from_json(self.value()?)
    }

    pub(crate) fn maybe_json<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        self.value::<Option<&str>>()?.map(from_json).transpose()
    }

    /// A domain value that is stored as text.
    pub(crate) fn parse<T: std::str::FromStr<Err = belfry_domain::ValidationError>>(
        &mut self,
    ) -> Result<T> {
        self.value::<&str>()?
            .parse()
            .map_err(|invalid| StoreError::Inconsistent(format!("{invalid}")))
    }
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

pub(crate) fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Inconsistent(error.to_string()))
}
