//! Message contents by language. Must not depend on the readers.

use super::object::{Object, as_bool, as_line, as_text, nth};
use crate::{
    content::{markdown, template, text::clean_body},
    domain::{Action, ActionKind, Content, Invalid, Language, Link, WebUrl},
};
use serde_json::Value;
use std::collections::BTreeMap;

const LANGUAGES: usize = 20;
const TITLE: usize = 200;
const BODY: usize = 10_000;
const ACTIONS: usize = 3;
const LABEL: usize = 40;

/// Parses the value of `content`. `variables`: whether `{{…}}` is a variable (`false`: literal
/// text). With `None` the caller checks the variables.
pub(super) fn parse(value: Value, at: &str, variables: Option<bool>) -> Result<BTreeMap<Language, Content>, Invalid> {
    let languages = Object::of(value, at)?;
    let mut content = BTreeMap::new();
    let mut written: BTreeMap<Language, String> = BTreeMap::new();
    for (tag, text) in languages.rest() {
        let at = super::object::join(at, &tag);
        let language: Language = tag.parse().map_err(|_| Invalid::new(&at, "must be named by a language tag such as `en` or `pt-BR`"))?;
        if let Some(other) = written.insert(language.clone(), tag) {
            return Err(Invalid::new(at, format!("is the same language as {other}")));
        }
        content.insert(language, one(Object::of(text, &at)?, variables)?);
    }
    if content.is_empty() || content.len() > LANGUAGES {
        return Err(Invalid::new(at, format!("must have 1 to {LANGUAGES} languages; this has {}", content.len())));
    }
    Ok(content)
}

fn one(mut text: Object, said: Option<bool>) -> Result<Content, Invalid> {
    text.only(&["title", "body", "link", "newTab", "image", "actions"])?;
    let variables = said.unwrap_or(true);
    let content = Content {
        title: line(&mut text, "title", TITLE)?,
        body: body(&mut text)?,
        link: text.take("link").map(|value| link(value, &text.path("link"), variables)).transpose()?,
        new_tab: new_tab(&mut text)?,
        image: text.take("image").map(|value| picture(value, &text.path("image"))).transpose()?,
        actions: actions(&mut text, variables)?,
        literal: !variables,
    };
    if said.is_some() {
        template::check(&content).map_err(|invalid| invalid.under(text.at()))?;
    }
    Ok(content)
}

fn line(object: &mut Object, name: &str, limit: usize) -> Result<String, Invalid> {
    let at = object.path(name);
    as_line(object.take(name).ok_or_else(|| Invalid::new(&at, "is required"))?, &at, limit)
}

fn body(text: &mut Object) -> Result<String, Invalid> {
    let body = clean_body(&text.text("body")?.unwrap_or_default());
    let length = body.chars().count();
    if length > BODY {
        return Err(Invalid::new(text.path("body"), format!("must have at most 10,000 characters; this has {length}")));
    }
    if !body.trim().is_empty() && !markdown::shows_something(&body) {
        return Err(Invalid::new(
            text.path("body"),
            "shows nothing: pictures go into image, and definitions of links need a place where they are used",
        ));
    }
    Ok(body)
}

fn link(value: Value, at: &str, variables: bool) -> Result<Link, Invalid> {
    let text = as_text(value, at)?;
    let text = if variables { template::escaped_in_address(&text) } else { text.as_str().into() };
    Link::parse(&text).map_err(|invalid| invalid.under(at))
}

fn picture(value: Value, at: &str) -> Result<WebUrl, Invalid> {
    WebUrl::parse(&as_text(value, at)?).map_err(|invalid| invalid.under(at))
}

fn new_tab(object: &mut Object) -> Result<bool, Invalid> {
    let at = object.path("newTab");
    object.take("newTab").map_or(Ok(false), |value| as_bool(&value, &at))
}

fn actions(text: &mut Object, variables: bool) -> Result<Vec<Action>, Invalid> {
    let actions = text.list("actions")?.unwrap_or_default();
    let at = text.path("actions");
    if actions.len() > ACTIONS {
        return Err(Invalid::new(at, format!("must be at most {ACTIONS}; this has {}", actions.len())));
    }
    let action = |(index, action)| {
        let mut action = Object::of(action, &nth(&at, index))?;
        action.only(&["type", "label", "link", "newTab"])?;
        let label = line(&mut action, "label", LABEL)?;
        Ok(Action { label, kind: kind(&mut action, variables)? })
    };
    actions.into_iter().enumerate().map(action).collect()
}

fn kind(action: &mut Object, variables: bool) -> Result<ActionKind, Invalid> {
    match action.text("type")?.as_deref() {
        None | Some(ActionKind::LINK) => {
            let written = action.take("link").ok_or_else(|| Invalid::new(action.path("link"), "is required"))?;
            Ok(ActionKind::Link { link: link(written, &action.path("link"), variables)?, new_tab: new_tab(action)? })
        }
        Some(ActionKind::REPLY) => match ["link", "newTab"].into_iter().find(|name| action.take(name).is_some()) {
            Some(odd) => Err(Invalid::new(action.path(odd), "is not allowed for an action of the type \"reply\"")),
            None => Ok(ActionKind::Reply),
        },
        Some(_) => Err(Invalid::new(action.path("type"), "must be \"link\" or \"reply\"")),
    }
}
