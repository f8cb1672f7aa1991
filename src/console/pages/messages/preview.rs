//! A message in the real widget: a frame, and the form that is posted into it.

use super::{when, words};
use crate::{
    console::{view::Button, visit::Member},
    domain::{Audience, Language, Message, MessageDraft},
};
use leptos::prelude::*;

/// A stored message as it would be shown now.
pub(super) fn again(message: &Message) -> MessageDraft {
    MessageDraft {
        audience: Audience::Everyone,
        content: message.content.clone(),
        category: message.category.clone(),
        data: None,
        pinned: message.pinned,
        publish_at: None,
        expires_at: None,
        name: None,
    }
}

/// The frame with its form. Without a secret there is nothing to show yet; a script puts one in as soon as there is.
pub(super) fn view(member: &Member, languages: &[Language], secret: Option<&str>) -> AnyView {
    let lang = member.lang;
    let options = languages.iter().map(|language| view! { <option value=language.to_string()>{when::named(language)}</option> }).collect_view();
    let action = format!("/embed/{}/preview/messages", member.site.id);
    view! {
        <form method="post" action=action target="preview" class="preview-form" data-preview="1" hidden=secret.is_none()>
            <input type="hidden" name="secret" value=secret.map(ToOwned::to_owned) autocomplete="off"/>
            <select name="language" aria-label=words::IN_LANGUAGE.t(lang)>{options}</select>
            <select name="scheme" aria-label=words::APPEARANCE.t(lang)>
                <option value="light">{words::LIGHT.t(lang)}</option>
                <option value="dark">{words::DARK.t(lang)}</option>
            </select>
            <Button>{words::SHOW.t(lang)}</Button>
        </form>
        <iframe name="preview" class="preview-frame" title=words::PREVIEW.t(lang)></iframe>
    }
    .into_any()
}
