//! Message contents by language. Must not depend on the readers.

use super::member::{as_line, index_path, member_path};
use crate::body::{ActionBody, ContentBody};
use belfry_content::{markdown, template, text::clean_body};
use belfry_domain::{
    Language, Link, MessageAction, MessageActionKind, MessageContent, ValidationError, WebUrl,
};
use belfry_locales::phrases::errors;
use std::collections::BTreeMap;

const MAX_LANGUAGES: usize = 20;
const MAX_TITLE_CHARS: usize = 200;
const MAX_BODY_CHARS: usize = 10_000;
const MAX_ACTIONS: usize = 3;
const MAX_LABEL_CHARS: usize = 40;

/// Validates `content`. `variables`: whether `{{…}}` is a variable (`false`: literal text). With
/// `None` the caller checks the variables.
pub(super) fn validate(
    languages: BTreeMap<String, ContentBody>,
    at: &str,
    variables: Option<bool>,
) -> Result<BTreeMap<Language, MessageContent>, ValidationError> {
    let mut content = BTreeMap::new();
    let mut written: BTreeMap<Language, String> = BTreeMap::new();
    for (tag, text) in languages {
        let at = member_path(at, &tag);
        let language: Language =
            tag.parse().map_err(|_| ValidationError::new(&at, errors::NAMED_BY_LANGUAGE))?;
        if let Some(other) = written.insert(language.clone(), tag) {
            return Err(ValidationError::new(at, errors::same_language(other)));
        }
        content.insert(language, text.validate(&at, variables)?);
    }
    if content.is_empty() || content.len() > MAX_LANGUAGES {
        return Err(ValidationError::new(at, errors::language_count(MAX_LANGUAGES, content.len())));
    }
    Ok(content)
}

impl ContentBody {
    fn validate(
        self,
        at: &str,
        has_variables: Option<bool>,
    ) -> Result<MessageContent, ValidationError> {
        let variables = has_variables.unwrap_or(true);
        let content = MessageContent {
            title: line(self.title, &format!("{at}.title"), MAX_TITLE_CHARS)?,
            body: body(&self.body.unwrap_or_default(), &format!("{at}.body"))?,
            link: self
                .link
                .map(|text| link(&text, &format!("{at}.link"), variables))
                .transpose()?,
            new_tab: self.new_tab.unwrap_or_default(),
            image: self.image.map(|text| picture(&text, &format!("{at}.image"))).transpose()?,
            actions: actions(
                self.actions.unwrap_or_default(),
                &format!("{at}.actions"),
                variables,
            )?,
            is_literal: !variables,
        };
        if has_variables.is_some() {
            template::check(&content).map_err(|invalid| invalid.with_parent(at))?;
        }
        Ok(content)
    }
}

fn line(text: Option<String>, at: &str, limit: usize) -> Result<String, ValidationError> {
    as_line(&text.ok_or_else(|| ValidationError::new(at, errors::REQUIRED))?, at, limit)
}

fn body(text: &str, at: &str) -> Result<String, ValidationError> {
    let body = clean_body(text);
    let length = body.chars().count();
    if length > MAX_BODY_CHARS {
        return Err(ValidationError::new(at, errors::at_most_characters_has("10,000", length)));
    }
    if !body.trim().is_empty() && !markdown::renders_visible_text(&body) {
        return Err(ValidationError::new(at, errors::SHOWS_NOTHING));
    }
    Ok(body)
}

fn link(text: &str, at: &str, variables: bool) -> Result<Link, ValidationError> {
    let text = if variables { template::escape_for_url(text) } else { text.into() };
    Link::parse(&text).map_err(|invalid| invalid.with_parent(at))
}

fn picture(text: &str, at: &str) -> Result<WebUrl, ValidationError> {
    WebUrl::parse(text).map_err(|invalid| invalid.with_parent(at))
}

fn actions(
    actions: Vec<ActionBody>,
    at: &str,
    variables: bool,
) -> Result<Vec<MessageAction>, ValidationError> {
    if actions.len() > MAX_ACTIONS {
        return Err(ValidationError::new(at, errors::at_most_items(MAX_ACTIONS, actions.len())));
    }
    let actions = actions.into_iter().enumerate();
    actions.map(|(index, action)| action.validate(&index_path(at, index), variables)).collect()
}

impl ActionBody {
    fn validate(self, at: &str, variables: bool) -> Result<MessageAction, ValidationError> {
        let label = line(self.label, &format!("{at}.label"), MAX_LABEL_CHARS)?;
        let kind = match self.kind.as_deref() {
            None | Some(MessageActionKind::LINK) => {
                let at = format!("{at}.link");
                let text = self.link.ok_or_else(|| ValidationError::new(&at, errors::REQUIRED))?;
                MessageActionKind::Link {
                    link: link(&text, &at, variables)?,
                    new_tab: self.new_tab.unwrap_or_default(),
                }
            }
            Some(MessageActionKind::REPLY) => {
                let odd = match (self.link, self.new_tab) {
                    (Some(_), _) => "link",
                    (None, Some(_)) => "newTab",
                    (None, None) => {
                        return Ok(MessageAction { label, kind: MessageActionKind::Reply });
                    }
                };
                return Err(ValidationError::new(format!("{at}.{odd}"), errors::LINK_WITH_REPLY));
            }
            Some(_) => {
                return Err(ValidationError::new(format!("{at}.type"), errors::LINK_OR_REPLY));
            }
        };
        Ok(MessageAction { label, kind })
    }
}
