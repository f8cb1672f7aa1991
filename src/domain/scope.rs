//! What a key may be used for, so that a shop's storefront needn't hold a key that can do everything.

use super::Invalid;
use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr};

/// One kind of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Looking at what is there.
    Read,
    /// Publishing, editing and recalling messages.
    Send,
    /// Telling of contacts, letting them in and erasing them.
    Contacts,
    /// Uploading, publishing and deleting themes.
    Themes,
    /// Everything about webhooks, reading included.
    Webhooks,
    /// Keys, settings and the record of what was done.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] = [Self::Read, Self::Send, Self::Contacts, Self::Themes, Self::Webhooks, Self::Admin];

    /// The word for it.
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
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| Invalid::new("scopes", "must be one of read, send, contacts, themes, webhooks and admin"))
    }
}

/// A set of scopes. As text they stand in their order with a space between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// Everything, as a key had it before there were scopes.
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Whether this one is in it.
    pub fn has(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// What is in it, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }

    /// The first that the other has and this has not.
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
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
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
    fn a_set_is_read_as_it_is_written() {
        let some: Scopes = [Scope::Admin, Scope::Read].into_iter().collect();
        assert_eq!(some.to_string(), "read admin");
        assert_eq!("admin  read".parse(), Ok(some));
        assert_eq!(Scopes::all().to_string().parse(), Ok(Scopes::all()));
        assert_eq!("read write".parse::<Scopes>().unwrap_err().field, "scopes");
        assert_eq!((some.lacks(Scopes::all()), Scopes::all().lacks(some)), (Some(Scope::Send), None));
    }
}
