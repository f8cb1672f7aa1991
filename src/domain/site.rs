//! A site: the tenant. All other data belongs to exactly one site.

use super::{Language, Rng, SiteId, ThemeVersion, Timestamp, ValidationError, channel::InboxId};
use belfry_locales::{LocalizedText, phrases::errors};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A web origin (scheme, host, port), serialized as browsers do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Origin(String);

impl Origin {
    /// The origin as in the `Origin` header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        let reject = |reason: LocalizedText| ValidationError::new("origin", reason);
        let url = url::Url::parse(text.trim()).map_err(|_| reject(errors::ORIGIN))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(reject(errors::HTTPS_OR_HTTP));
        }
        if !matches!(url.path(), "" | "/")
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
        {
            return Err(reject(errors::ORIGIN_WITH_PATH));
        }
        // A wildcard is a valid host for the URL parser; in a Content-Security-Policy it would
        // allow other sites.
        if url.host_str().is_none_or(|host| host.contains('*')) {
            return Err(reject(errors::ORIGIN_WILDCARD));
        }
        // Other characters could end a directive or a header value.
        let plain =
            |character: char| character.is_ascii_alphanumeric() || ".-_[]:".contains(character);
        if !url.host_str().unwrap_or_default().chars().all(plain) {
            return Err(reject(errors::ORIGIN_HOST));
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Where the bell is inserted relative to the selected element: the positions of
/// `insertAdjacentHTML`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InsertPosition {
    /// Before the element.
    BeforeBegin,
    /// First inside the element.
    AfterBegin,
    /// Last inside the element.
    #[default]
    BeforeEnd,
    /// After the element.
    AfterEnd,
}

impl InsertPosition {
    /// The DOM's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BeforeBegin => "beforebegin",
            Self::AfterBegin => "afterbegin",
            Self::BeforeEnd => "beforeend",
            Self::AfterEnd => "afterend",
        }
    }
}

impl FromStr for InsertPosition {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "beforebegin" => Ok(Self::BeforeBegin),
            "afterbegin" => Ok(Self::AfterBegin),
            "beforeend" => Ok(Self::BeforeEnd),
            "afterend" => Ok(Self::AfterEnd),
            _ => Err(ValidationError::new("position", errors::INSERT_POSITION)),
        }
    }
}

/// A site's validated properties before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteDraft {
    name: String,
    origins: Vec<Origin>,
    selector: String,
    placement: InsertPosition,
    language: Language,
}

impl Site {
    /// The origin for site-relative links where no page is known: the first https origin, else the
    /// first.
    pub fn main_origin(&self) -> Option<&Origin> {
        self.origins
            .iter()
            .find(|origin| origin.as_str().starts_with("https:"))
            .or_else(|| self.origins.first())
    }
}

impl SiteDraft {
    /// Validates the parts: a name of 1 to 200 characters, 1 to 50 origins, a selector of 1 to 500
    /// characters.
    pub fn new(
        name: &str,
        mut origins: Vec<Origin>,
        selector: &str,
        placement: InsertPosition,
        language: Language,
    ) -> Result<Self, ValidationError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
            return Err(ValidationError::new("name", errors::printable_characters(200)));
        }
        origins.sort();
        origins.dedup();
        if origins.is_empty() || origins.len() > 50 {
            return Err(ValidationError::new("origin", errors::ORIGINS));
        }
        let selector = selector.trim();
        if selector.is_empty() || selector.len() > 500 || selector.chars().any(char::is_control) {
            return Err(ValidationError::new("selector", errors::selector(500)));
        }
        if selector.split(">>>").any(|part| part.trim().is_empty()) {
            return Err(ValidationError::new("selector", errors::SELECTOR_SIDES));
        }
        Ok(Self {
            name: name.to_owned(),
            origins,
            selector: selector.to_owned(),
            placement,
            language,
        })
    }

    /// Creates a new site.
    pub fn into_site(self, rng: &dyn Rng, now: Timestamp) -> Site {
        let Self { name, origins, selector, placement, language } = self;
        Site {
            id: SiteId::generate(rng),
            name,
            origins,
            selector,
            placement,
            language,
            theme: None,
            messages: None,
            created_at: now,
        }
    }

    /// Replaces the site's properties; keeps its id, theme, messages inbox and creation time.
    pub fn apply_to(self, site: &Site) -> Site {
        let Self { name, origins, selector, placement, language } = self;
        Site {
            id: site.id,
            name,
            origins,
            selector,
            placement,
            language,
            theme: site.theme,
            messages: site.messages,
            created_at: site.created_at,
        }
    }
}

/// A site as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The id in the script's URL.
    pub id: SiteId,
    /// Name chosen by the owner.
    pub name: String,
    /// Origins whose pages may embed the widget; never empty.
    pub origins: Vec<Origin>,
    /// CSS selector of the element for the bell; `>>>` enters the shadow root of the element before
    /// it.
    pub selector: String,
    /// Where the bell is inserted relative to that element.
    pub placement: InsertPosition,
    /// Default language of messages and widget.
    pub language: Language,
    /// The published theme version; `None` is the built-in theme.
    pub theme: Option<ThemeVersion>,
    /// The inbox in which readers write to agents, if it is set and exists.
    pub messages: Option<InboxId>,
    /// Creation time.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_is_normalized_as_by_browsers() {
        assert_eq!(
            "https://Shop.Example:443/".parse::<Origin>().unwrap().as_str(),
            "https://shop.example"
        );
        assert_eq!(
            "http://localhost:3001".parse::<Origin>().unwrap().as_str(),
            "http://localhost:3001"
        );
        for invalid in [
            "shop.example",
            "https://*.shop.example",
            "https://shop.example/x",
            "ftp://shop.example",
            "null",
            "https://u@shop.example",
            "*",
            "https://a;b.example",
            "https://a,b.example",
            "https://it's.example",
        ] {
            assert!(invalid.parse::<Origin>().is_err(), "{invalid}");
        }
    }

    #[test]
    fn shadow_root_path_needs_selector_on_each_side() {
        let draft = |selector| {
            SiteDraft::new(
                "Shop",
                vec!["https://shop.example".parse().unwrap()],
                selector,
                InsertPosition::default(),
                Language::english(),
            )
        };
        for path in ["#bell", "app-shell >>> #bell", "a > b >>> c>>>d"] {
            assert!(draft(path).is_ok(), "{path}");
        }
        for path in ["", ">>>", "app-shell >>>", ">>> #bell", "a >>> >>> b"] {
            assert!(draft(path).is_err(), "{path}");
        }
    }
}
