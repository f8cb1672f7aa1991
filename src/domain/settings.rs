//! Site settings beyond the bell's placement: languages, retention, categories, history, app links,
//! messages inbox.

use super::{Language, ValidationError, channel::InboxId, language_matching, link};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, str::FromStr};

/// A category of messages that readers know by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// The value of a message's `category`.
    pub name: String,
    /// Labels by language. Without one for the reader's or the site's language, `name` is shown.
    #[serde(default)]
    pub labels: BTreeMap<Language, String>,
    /// Whether readers can mute it.
    #[serde(default)]
    pub mutable: bool,
}

impl Category {
    /// The label for a reader: in the closest language, else in the site's, else the name.
    pub fn label(&self, language: &Language, site: &Language) -> &str {
        let of = |wanted: &Language| {
            self.labels.get(wanted).or_else(|| {
                self.labels.get(language_matching::closest_language(wanted, self.labels.keys())?)
            })
        };
        of(language).or_else(|| of(site)).unwrap_or(&self.name)
    }
}

/// How a new contact sees messages to everyone and to segments that are older than the contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HistoryPolicy {
    /// As read, so that nobody starts with a backlog.
    #[default]
    Read,
    /// As unread.
    Unread,
    /// Not at all.
    Hidden,
}

impl HistoryPolicy {
    /// All values, the default first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Unread, Self::Hidden];

    /// The name in settings and forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Unread => "unread",
            Self::Hidden => "hidden",
        }
    }
}

impl FromStr for HistoryPolicy {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        let parsed = Self::ALL.into_iter().find(|history| history.as_str() == text);
        parsed.ok_or_else(|| ValidationError::new("history", errors::HISTORY_MODES))
    }
}

/// A site's settings; valid by construction.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SiteSettings {
    languages: Vec<Language>,
    retention_days: Option<u32>,
    categories: Vec<Category>,
    history: HistoryPolicy,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    link_schemes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages_inbox: Option<InboxId>,
}

impl SiteSettings {
    /// Maximum number of categories.
    pub const CATEGORIES: usize = 50;
    /// Maximum number of languages besides the site's own.
    pub const LANGUAGES: usize = 30;
    /// Maximum number of app schemes.
    pub const LINK_SCHEMES: usize = 20;

    /// Validates the parts. `retention_days` (1 to 3,650): older messages are deleted with their
    /// receipts; `None` keeps them.
    pub fn new(
        mut languages: Vec<Language>,
        retention_days: Option<u32>,
        categories: Vec<Category>,
    ) -> Result<Self, ValidationError> {
        if languages.len() > Self::LANGUAGES {
            return Err(ValidationError::new(
                "languages",
                errors::too_many_languages(Self::LANGUAGES),
            ));
        }
        let mut seen = std::collections::HashSet::new();
        languages.retain(|language| seen.insert(language.clone()));
        if retention_days.is_some_and(|days| !(1..=3_650).contains(&days)) {
            return Err(ValidationError::new("retentionDays", errors::RETENTION_DAYS));
        }
        if categories.len() > Self::CATEGORIES {
            return Err(ValidationError::new(
                "categories",
                errors::too_many_categories(Self::CATEGORIES),
            ));
        }
        let mut names = std::collections::HashSet::new();
        for (index, category) in categories.iter().enumerate() {
            let at = |part: &str| format!("categories[{index}].{part}");
            if !is_printable_within(&category.name, 50) {
                return Err(ValidationError::new(at("name"), errors::printable_characters(50)));
            }
            if !names.insert(category.name.as_str()) {
                return Err(ValidationError::new(at("name"), errors::REPEATED));
            }
            if let Some(language) = category
                .labels
                .iter()
                .find_map(|(language, label)| (!is_printable_within(label, 80)).then_some(language))
            {
                return Err(ValidationError::new(
                    at(&format!("labels.{language}")),
                    errors::printable_characters(80),
                ));
            }
        }
        Ok(Self { languages, retention_days, categories, ..Self::default() })
    }

    /// With another history policy. Applies to contacts that are created from now on.
    #[must_use]
    pub fn with_history(self, history: HistoryPolicy) -> Self {
        Self { history, ..self }
    }

    /// How new contacts see older messages.
    pub fn history(&self) -> HistoryPolicy {
        self.history
    }

    /// With the schemes that links may have for the site's apps, such as `myshop`.
    pub fn with_link_schemes(self, schemes: &[String]) -> Result<Self, ValidationError> {
        if schemes.len() > Self::LINK_SCHEMES {
            return Err(ValidationError::new(
                "linkSchemes",
                errors::too_many_schemes(Self::LINK_SCHEMES),
            ));
        }
        let mut link_schemes = Vec::new();
        for (index, scheme) in schemes.iter().enumerate() {
            let scheme = link::parse_app_scheme(scheme)
                .map_err(|invalid| invalid.with_parent(&format!("linkSchemes[{index}]")))?;
            if !link_schemes.contains(&scheme) {
                link_schemes.push(scheme);
            }
        }
        Ok(Self { link_schemes, ..self })
    }

    /// With the inbox in which readers write to the site's agents; `None` hides the widget's tab
    /// "Messages".
    #[must_use]
    pub fn with_messages_inbox(self, messages_inbox: Option<InboxId>) -> Self {
        Self { messages_inbox, ..self }
    }

    /// The inbox in which readers write to the site's agents.
    pub fn messages_inbox(&self) -> Option<InboxId> {
        self.messages_inbox
    }

    /// The languages of messages besides the site's own.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// Days after which messages are deleted; `None` keeps them.
    pub fn retention_days(&self) -> Option<u32> {
        self.retention_days
    }

    /// Schemes that links may have for the site's apps, in lower case.
    pub fn link_schemes(&self) -> &[String] {
        &self.link_schemes
    }

    /// The categories that readers know by name.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// Categories that readers can mute.
    pub fn mutable(&self) -> impl Iterator<Item = &Category> {
        self.categories.iter().filter(|category| category.mutable)
    }
}

fn is_printable_within(text: &str, longest: usize) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= longest
        && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category(name: &str) -> Category {
        Category { name: name.to_owned(), labels: BTreeMap::new(), mutable: true }
    }

    #[test]
    fn a_label_is_in_the_closest_language() {
        let tag = |tag: &str| tag.parse::<Language>().unwrap();
        let labels = [("en", "News"), ("uk", "Новини")]
            .map(|(language, label)| (tag(language), label.to_owned()));
        let news = Category { labels: BTreeMap::from(labels), ..category("news") };
        assert_eq!(news.label(&tag("uk-UA"), &tag("en")), "Новини");
        assert_eq!(news.label(&tag("fr"), &tag("en")), "News");
        assert_eq!(news.label(&tag("fr"), &tag("de")), "news");
    }

    #[test]
    fn out_of_bounds_values_name_their_field() {
        let field = |settings: Result<SiteSettings, ValidationError>| settings.unwrap_err().field;
        assert_eq!(field(SiteSettings::new(Vec::new(), Some(0), Vec::new())), "retentionDays");
        assert_eq!(
            field(SiteSettings::new(Vec::new(), None, vec![category(" ")])),
            "categories[0].name"
        );
        assert_eq!(
            field(SiteSettings::new(Vec::new(), None, vec![category("news"), category("news")])),
            "categories[1].name"
        );
        let schemes = |names: &[&str]| {
            SiteSettings::default()
                .with_link_schemes(&names.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(field(schemes(&["myshop", "JavaScript:"])), "linkSchemes[1]");
        assert_eq!(field(schemes(&["a"; 21])), "linkSchemes");
        assert_eq!(schemes(&["MyShop://", "myshop"]).unwrap().link_schemes(), ["myshop"]);
        let settings = SiteSettings::new(
            vec![Language::english(), Language::english()],
            Some(30),
            vec![category("news")],
        )
        .unwrap();
        assert_eq!(
            (settings.languages().len(), settings.retention_days(), settings.categories().len()),
            (1, Some(30), 1)
        );
    }
}
