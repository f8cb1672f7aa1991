//! Links in messages: which targets are allowed, and how they are normalized.
//!
//! Doesn't know HTML. Which app schemes a site allows is part of
//! [`SiteSettings`](super::SiteSettings).

use super::{Origin, ValidationError};
use belfry_locales::{LocalizedText, phrases::errors};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    fmt::{self, Write as _},
};

/// Maximum length of a URL, in characters.
pub(super) const MAX_ADDRESS_CHARS: usize = 8_192;

/// Schemes that execute or read something where they are opened. No site can allow them.
const FORBIDDEN_SCHEMES: [&str; 30] = [
    "about",
    "blob",
    "chrome",
    "chrome-extension",
    "chrome-untrusted",
    "cid",
    "data",
    "devtools",
    "edge",
    "file",
    "filesystem",
    "ftp",
    "jar",
    "javascript",
    "livescript",
    "mhtml",
    "mk",
    "mocha",
    "moz-extension",
    "ms-its",
    "opera",
    "res",
    "resource",
    "safari-extension",
    "safari-web-extension",
    "vbs",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];
/// Schemes that every site allows.
const COMMON_SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];
/// Base URL for checking site-relative links; it is removed afterwards.
const SITE_BASE: &str = "https://site.invalid";

/// The target of a click: a web address, a page of the site, an e-mail address, a phone number, or
/// a place in an app.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Link(String);

/// A link by the kind of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkTarget<'l> {
    /// An absolute `http` or `https` URL.
    Web(&'l str),
    /// Path, query and fragment on the site itself; begins with `/`.
    Site(&'l str),
    /// A `mailto:` or `tel:` URL.
    Contact(&'l str),
    /// A URL with an app's scheme.
    App(&'l str),
}

impl Link {
    /// Parses and normalizes a link.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        let reject = |reason: LocalizedText| Err(ValidationError::new("", reason));
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return reject(errors::CONTROL_CHARACTERS);
        }
        let link = match parse_scheme(text) {
            Some(scheme) => parse_absolute(text, &scheme)?,
            None => parse_site_relative(text)?,
        };
        if link.chars().count() > MAX_ADDRESS_CHARS {
            return Err(too_long());
        }
        Ok(Self(link))
    }

    /// The normalized link.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind of target.
    pub fn target(&self) -> LinkTarget<'_> {
        let link = self.as_str();
        match link.split_once(':').map(|(scheme, _)| scheme) {
            _ if link.starts_with('/') => LinkTarget::Site(link),
            Some("http" | "https") => LinkTarget::Web(link),
            Some("mailto" | "tel") => LinkTarget::Contact(link),
            _ => LinkTarget::App(link),
        }
    }

    /// The scheme, if it is an app's.
    pub fn app_scheme(&self) -> Option<&str> {
        match self.target() {
            LinkTarget::App(link) => link.split_once(':').map(|(scheme, _)| scheme),
            _ => None,
        }
    }

    /// The prefix that decides where the link leads: scheme and authority, or the address of a
    /// `mailto:` or `tel:` link. It must not contain variables.
    pub fn authority(&self) -> &str {
        let behind = |text: &str, signs: &[char]| text.find(signs).unwrap_or(text.len());
        let end = match self.target() {
            LinkTarget::Site(_) => 0,
            LinkTarget::Contact(link) => behind(link, &['?']),
            LinkTarget::Web(link) | LinkTarget::App(link) => {
                let (scheme, rest) = link.split_once(':').unwrap_or(("", link));
                let slashes = if rest.starts_with("//") { 2 } else { 0 };
                scheme.len()
                    + 1
                    + slashes
                    + behind(rest.get(slashes..).unwrap_or_default(), &['/', '?', '#'])
            }
        };
        self.0.get(..end).unwrap_or_default()
    }

    /// Appends a percent-encoded value to a URL as one path segment or query value. A value of only
    /// dots is dropped: it would be a step up in the path, even encoded.
    pub fn push_encoded(address: &mut String, value: &str) {
        if value.chars().all(|character| character == '.') {
            return;
        }
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() {
                address.push(char::from(byte));
            } else {
                let _ = write!(address, "%{byte:02X}");
            }
        }
    }

    /// The URL for a page of this origin.
    pub fn resolve(&self, origin: Option<&Origin>) -> Cow<'_, str> {
        match (self.target(), origin) {
            (LinkTarget::Site(path), Some(origin)) => Cow::Owned(format!("{origin}{path}")),
            _ => Cow::Borrowed(self.as_str()),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Parses the name of an app scheme that a site allows: lower case, without the colon.
pub(super) fn parse_app_scheme(text: &str) -> Result<String, ValidationError> {
    let name = text.trim();
    let name = name.strip_suffix("://").or_else(|| name.strip_suffix(':')).unwrap_or(name);
    let Some(name) = parse_scheme(&format!("{name}:"))
        .filter(|scheme| scheme.len() == name.len() && scheme.len() <= 40)
    else {
        return Err(ValidationError::new("", errors::SCHEME_NAME));
    };
    if FORBIDDEN_SCHEMES.contains(&name.as_str()) {
        return Err(ValidationError::new("", errors::HARMFUL_SCHEME));
    }
    if COMMON_SCHEMES.contains(&name.as_str()) {
        return Err(ValidationError::new("", errors::COMMON_SCHEME));
    }
    Ok(name)
}

pub(super) fn too_long() -> ValidationError {
    ValidationError::new("", errors::at_most_characters("8,192"))
}

/// The scheme (RFC 3986) in lower case.
fn parse_scheme(text: &str) -> Option<String> {
    let (scheme, _) = text.split_once(':')?;
    let well_formed = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character));
    well_formed.then(|| scheme.to_ascii_lowercase())
}

fn parse_absolute(text: &str, scheme: &str) -> Result<String, ValidationError> {
    let reject = |reason: LocalizedText| Err(ValidationError::new("", reason));
    if FORBIDDEN_SCHEMES.contains(&scheme) {
        return reject(errors::HARMFUL_LINK);
    }
    let Ok(url) = url::Url::parse(text) else {
        return reject(errors::full_address("https://shop.example/orders/7"));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return reject(errors::CREDENTIALS);
    }
    let path = url.path();
    match scheme {
        "mailto" if path.is_empty() && url.query().is_none() => reject(errors::MAILTO_EMPTY),
        "tel" if !path.contains(|digit: char| digit.is_ascii_digit()) => reject(errors::TEL_EMPTY),
        _ if text.len() == scheme.len() + 1 => reject(errors::SCHEME_EMPTY),
        _ => Ok(url.into()),
    }
}

/// Parses a link without a scheme. It must not name another host in any notation, nor look as if it
/// did.
fn parse_site_relative(text: &str) -> Result<String, ValidationError> {
    let reject = |reason: LocalizedText| Err(ValidationError::new("", reason));
    let full = errors::address_or_page("https://shop.example/orders/7");
    let first = text.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let rest = text.get(first.len()..).unwrap_or_default();
    let host_like = first.starts_with("www.")
        || (first.trim_matches('.').contains('.') && rest.starts_with(['/', '\\']));
    // A single word is more likely an incomplete URL than a page.
    if rest.is_empty()
        || first.contains(':')
        || first.starts_with('{')
        || host_like
        || starts_with_authority(text)
    {
        return reject(full);
    }
    let resolved = url::Url::parse(SITE_BASE).and_then(|base| base.join(text)).ok();
    let link = resolved.as_ref().and_then(|url| url.as_str().strip_prefix(SITE_BASE));
    match link {
        Some(link) if link.starts_with('/') && !starts_with_authority(link) => Ok(link.to_owned()),
        _ => reject(full),
    }
}

/// Whether a browser would parse the beginning as an authority.
fn starts_with_authority(text: &str) -> bool {
    let mut characters = text.chars();
    let mut slash = || characters.next().is_some_and(|character| matches!(character, '/' | '\\'));
    slash() && slash()
}

#[cfg(test)]
mod tests;
