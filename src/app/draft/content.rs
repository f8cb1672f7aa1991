//! Message contents by language. Must not depend on the readers.

use super::object::{Object, as_bool, as_line, as_text, index_path};
use belfry_content::{markdown, template, text::clean_body};
use belfry_domain::{
    Language, Link, MessageAction, MessageActionKind, MessageContent, ValidationError, WebUrl,
};
use belfry_locales::phrases::errors;
use serde_json::Value;
use std::collections::BTreeMap;

const MAX_LANGUAGES: usize = 20;
const MAX_TITLE_CHARS: usize = 200;
const MAX_BODY_CHARS: usize = 10_000;
const MAX_ACTIONS: usize = 3;
const MAX_LABEL_CHARS: usize = 40;

/// Parses the value of `content`. `variables`: whether `{{…}}` is a variable (`false`: literal
/// text). With `None` the caller checks the variables.
pub(super) fn parse(
    value: Value,
    at: &str,
    variables: Option<bool>,
) -> Result<BTreeMap<Language, MessageContent>, ValidationError> {
    let languages = Object::from_value(value, at)?;
    let mut content = BTreeMap::new();
    let mut written: BTreeMap<Language, String> = BTreeMap::new();
    for (tag, text) in languages.into_rest() {
        let at = super::object::member_path(at, &tag);
        let language: Language =
            tag.parse().map_err(|_| ValidationError::new(&at, errors::NAMED_BY_LANGUAGE))?;
        if let Some(other) = written.insert(language.clone(), tag) {
            return Err(ValidationError::new(at, errors::same_language(other)));
        }
        content.insert(language, language_content(Object::from_value(text, &at)?, variables)?);
    }
    if content.is_empty() || content.len() > MAX_LANGUAGES {
        return Err(ValidationError::new(at, errors::language_count(MAX_LANGUAGES, content.len())));
    }
    Ok(content)
}

fn language_content(
    mut text: Object,
    said: Option<bool>,
) -> Result<MessageContent, ValidationError> {
    text.reject_unknown(&["title", "body", "link", "newTab", "image", "actions"])?;
    let variables = said.unwrap_or(true);
    let content = MessageContent {
        title: line(&mut text, "title", MAX_TITLE_CHARS)?,
        body: body(&mut text)?,
        link: text
            .take("link")
            .map(|value| link(value, &text.path("link"), variables))
            .transpose()?,
        new_tab: new_tab(&mut text)?,
        image: text.take("image").map(|value| picture(value, &text.path("image"))).transpose()?,
        actions: actions(&mut text, variables)?,
        is_literal: !variables,
    };
    if said.is_some() {
        template::check(&content).map_err(|invalid| invalid.with_parent(text.prefix()))?;
    }
    Ok(content)
}

fn line(object: &mut Object, name: &str, limit: usize) -> Result<String, ValidationError> {
    let at = object.path(name);
    as_line(
        object.take(name).ok_or_else(|| ValidationError::new(&at, errors::REQUIRED))?,
        &at,
        limit,
    )
}

fn body(text: &mut Object) -> Result<String, ValidationError> {
    let body = clean_body(&text.text("body")?.unwrap_or_default());
    let length = body.chars().count();
    if length > MAX_BODY_CHARS {
        return Err(ValidationError::new(
            text.path("body"),
            errors::at_most_characters_has("10,000", length),
        ));
    }
    if !body.trim().is_empty() && !markdown::renders_visible_text(&body) {
        return Err(ValidationError::new(text.path("body"), errors::SHOWS_NOTHING));
    }
    Ok(body)
}

fn link(value: Value, at: &str, variables: bool) -> Result<Link, ValidationError> {
    let text = as_text(value, at)?;
    let text = if variables { template::escape_for_url(&text) } else { text.as_str().into() };
    Link::parse(&text).map_err(|invalid| invalid.with_parent(at))
}

fn picture(value: Value, at: &str) -> Result<WebUrl, ValidationError> {
    WebUrl::parse(&as_text(value, at)?).map_err(|invalid| invalid.with_parent(at))
}

fn new_tab(object: &mut Object) -> Result<bool, ValidationError> {
    let at = object.path("newTab");
    object.take("newTab").map_or(Ok(false), |value| as_bool(&value, &at))
}

fn actions(text: &mut Object, variables: bool) -> Result<Vec<MessageAction>, ValidationError> {
    let actions = text.list("actions")?.unwrap_or_default();
    let at = text.path("actions");
    if actions.len() > MAX_ACTIONS {
        return Err(ValidationError::new(at, errors::at_most_items(MAX_ACTIONS, actions.len())));
    }
    let action = |(index, action)| {
        let mut action = Object::from_value(action, &index_path(&at, index))?;
        action.reject_unknown(&["type", "label", "link", "newTab"])?;
        let label = line(&mut action, "label", MAX_LABEL_CHARS)?;
        Ok(MessageAction { label, kind: kind(&mut action, variables)? })
    };
    actions.into_iter().enumerate().map(action).collect()
}

fn kind(action: &mut Object, variables: bool) -> Result<MessageActionKind, ValidationError> {
    match action.text("type")?.as_deref() {
        None | Some(MessageActionKind::LINK) => {
            let written = action
                .take("link")
                .ok_or_else(|| ValidationError::new(action.path("link"), errors::REQUIRED))?;
            Ok(MessageActionKind::Link {
                link: link(written, &action.path("link"), variables)?,
                new_tab: new_tab(action)?,
            })
        }
        Some(MessageActionKind::REPLY) => {
            match ["link", "newTab"].into_iter().find(|name| action.take(name).is_some()) {
                Some(odd) => Err(ValidationError::new(action.path(odd), errors::LINK_WITH_REPLY)),
                None => Ok(MessageActionKind::Reply),
            }
        }
        Some(_) => Err(ValidationError::new(action.path("type"), errors::LINK_OR_REPLY)),
    }
}
