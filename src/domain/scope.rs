//! Scopes of API keys.

use super::ValidationError;
use belfry_locales::phrases::errors;
use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A scope of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Read everything.
    Read,
    /// Publish, edit and recall messages.
    Send,
    /// Create, update and erase contacts, and issue contact tokens.
    Contacts,
    /// Upload, publish and delete themes.
    Themes,
    /// Read and change webhooks.
    Webhooks,
    /// Manage keys, settings and the audit log.
    Admin,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 6] =
        [Self::Read, Self::Send, Self::Contacts, Self::Themes, Self::Webhooks, Self::Admin];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Send => "send",
            Self::Contacts => "contacts",
            Self::Themes => "themes",
            Self::Webhooks => "webhooks",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| ValidationError::new("scopes", errors::SCOPES))
    }
}

/// A set of scopes. As text: the names in the order of [`Scope::ALL`], separated by spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// All scopes, which keys had before scopes were introduced.
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Whether the set contains the scope.
    pub fn has(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// The scopes in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }

    /// The first scope of `other` that is missing in this set.
    pub fn lacks(self, other: Self) -> Option<Scope> {
        other.iter().find(|scope| !self.has(*scope))
    }
}

fn bit(scope: Scope) -> u8 {
    1 << Scope::ALL.into_iter().take_while(|other| *other != scope).count()
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | bit(scope)))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.iter().map(Scope::as_str).collect::<Vec<_>>().join(" "))
    }
}

impl FromStr for Scopes {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        text.split_whitespace().map(str::parse).collect()
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.iter().map(Scope::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_round_trip() {
        let some: Scopes = [Scope::Admin, Scope::Read].into_iter().collect();
        assert_eq!(some.to_string(), "read admin");
        assert_eq!("admin  read".parse(), Ok(some));
        assert_eq!(Scopes::all().to_string().parse(), Ok(Scopes::all()));
        assert_eq!("read write".parse::<Scopes>().unwrap_err().field, "scopes");
        assert_eq!(
            (some.lacks(Scopes::all()), Scopes::all().lacks(some)),
            (Some(Scope::Send), None)
        );
    }
}
