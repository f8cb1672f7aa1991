//! Settings of a site. Must not depend on their use.

use super::{
    member::{index_path, member_path, type_error},
    reader,
};
use crate::body::{CategoryBody, SiteSettingsBody};
use belfry_content::text::clean_line;
use belfry_domain::{
    Category, HistoryPolicy, Language, SiteSettings, ValidationError, channel::InboxId,
};
use belfry_locales::phrases::errors;
use serde_json::Value;
use std::collections::BTreeMap;

/// Parses and validates the body of `PUT /v1/site/settings`, which replaces all settings: absent
/// ones get their default.
pub fn parse_settings(json: &[u8]) -> Result<SiteSettings, ValidationError> {
    let settings: SiteSettingsBody = reader::parse(json)?;
    let languages = settings.languages.unwrap_or_default().into_iter().enumerate();
    let languages = languages.map(|(index, tag)| language(&tag, &index_path("languages", index)));
    let languages = languages.collect::<Result<_, _>>()?;
    let retention =
        settings.retention_days.map(|days| whole(&days, "retentionDays")).transpose()?;
    let categories = settings.categories.unwrap_or_default().into_iter().enumerate();
    let categories = categories
        .map(|(index, category)| category.validate(&index_path("categories", index)))
        .collect::<Result<_, _>>()?;
    let history =
        settings.history.map_or(Ok(HistoryPolicy::default()), |history| history.parse())?;
    let messages_inbox = settings.messages_inbox.map(|number| inbox(&number)).transpose()?;
    let valid = SiteSettings::new(languages, retention, categories)?
        .with_history(history)
        .with_link_schemes(&settings.link_schemes.unwrap_or_default())?;
    Ok(valid.with_messages_inbox(messages_inbox))
}

fn inbox(value: &Value) -> Result<InboxId, ValidationError> {
    let number = value.as_i64().filter(|number| *number > 0);
    number.map(InboxId).ok_or_else(|| ValidationError::new("messagesInbox", errors::UNKNOWN_INBOX))
}

fn language(tag: &str, at: &str) -> Result<Language, ValidationError> {
    tag.parse().map_err(|_| ValidationError::new(at, errors::LANGUAGE_TAG))
}

fn whole(value: &Value, at: &str) -> Result<u32, ValidationError> {
    let Value::Number(number) = value else {
        return Err(type_error(at, errors::KIND_WHOLE_NUMBER, value));
    };
    number
        .as_u64()
        .and_then(|number| number.try_into().ok())
        .ok_or_else(|| ValidationError::new(at, errors::RETENTION_DAYS_NUMBER))
}

impl CategoryBody {
    fn validate(self, at: &str) -> Result<Category, ValidationError> {
        let name = self
            .name
            .ok_or_else(|| ValidationError::new(format!("{at}.name"), errors::REQUIRED))?;
        let mut labels = BTreeMap::new();
        for (tag, label) in self.labels.unwrap_or_default() {
            let at = member_path(&format!("{at}.labels"), &tag);
            if labels.insert(language(&tag, &at)?, clean_line(&label)).is_some() {
                return Err(ValidationError::new(at, errors::SAME_LANGUAGE_AS_LABEL));
            }
        }
        // Normalised like a message's `category`, so that the two match.
        let name = clean_line(&name);
        Ok(Category { name, labels, mutable: self.mutable.unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_round_trip() {
        let full = json!({"languages": ["en", "pt-br"], "retentionDays": 30, "categories": [{"name": "news", "labels": {"en": "News"}, "mutable": true}],
                "history": "hidden", "linkSchemes": ["myshop"], "messagesInbox": 3});
        let settings = parse_settings(full.to_string().as_bytes()).unwrap();
        assert_eq!(serde_json::to_value(&settings).unwrap(), full);
        assert_eq!(parse_settings(b"{}").unwrap(), SiteSettings::default());
    }

    #[test]
    fn each_error_names_its_field() {
        for (body, field) in [
            (json!({"retention": 3}), "retention"),
            (json!({"languages": "en"}), "languages"),
            (json!({"languages": ["en", "english"]}), "languages[1]"),
            (json!({"retentionDays": "30"}), "retentionDays"),
            (json!({"retentionDays": 0.5}), "retentionDays"),
            (json!({"retentionDays": 0}), "retentionDays"),
            (json!({"history": "none"}), "history"),
            (json!({"history": true}), "history"),
            (json!({"categories": [{}]}), "categories[0].name"),
            (json!({"categories": [{"name": "a", "label": 1}]}), "categories[0].label"),
            (
                json!({"categories": [{"name": "a", "labels": {"en": 1}}]}),
                "categories[0].labels.en",
            ),
            (
                json!({"categories": [{"name": "a", "labels": {"en-GB": "x", "en_gb": "y"}}]}),
                "categories[0].labels.en_gb",
            ),
            (json!({"categories": [{"name": "a", "mutable": "yes"}]}), "categories[0].mutable"),
            (json!({"categories": [{"name": "a"}, {"name": "a"}]}), "categories[1].name"),
            (json!({"categories": [{"name": "\u{200b}\u{3164}"}]}), "categories[0].name"),
            (
                json!({"categories": [{"name": "a", "labels": {"en": "\u{202e}"}}]}),
                "categories[0].labels.en",
            ),
            (json!({"categories": [{"name": "a"}, {"name": "a\u{200b}"}]}), "categories[1].name"),
            (json!({"messagesInbox": "3"}), "messagesInbox"),
            (json!({"messagesInbox": 0}), "messagesInbox"),
            (json!({"messagesInbox": 1.5}), "messagesInbox"),
            (json!({"linkSchemes": "myshop"}), "linkSchemes"),
            (json!({"linkSchemes": ["myshop", 7]}), "linkSchemes[1]"),
            (json!({"linkSchemes": ["javascript"]}), "linkSchemes[0]"),
            (json!({"linkSchemes": ["myshop", "data:"]}), "linkSchemes[1]"),
        ] {
            assert_eq!(parse_settings(body.to_string().as_bytes()).unwrap_err().field, field);
        }
    }
}
