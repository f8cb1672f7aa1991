//! A message in the real widget: a frame, the form that is posted into it, and through whose eyes one looks.

use super::{when, words};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{Console, error::ConsoleError, form::Form, view::Button, visit::Member},
    domain::{Audience, Contact, ContactId, ContactLookup, Identifiers, Language, Message, MessageDraft, SiteId},
    inbox::InboxError,
};
use leptos::prelude::*;

/// The field in which a contact is named.
pub(super) const AS: &str = "as";

/// Through whose eyes the preview looks; without a contact, a stranger's.
#[derive(Default)]
pub(super) struct Eyes {
    pub(super) contact: Option<ContactId>,
    /// What is said of it beside the field.
    pub(super) note: String,
}

impl Eyes {
    /// As the form has it. Whom nobody knows is no mistake of the message, so it is said and nothing more.
    pub(super) async fn of(console: &Console, member: &Member, form: &Form) -> Result<Self, ConsoleError> {
        let Some(typed) = form.maybe(AS) else { return Ok(Self::default()) };
        match named(console, member.site.id, typed).await {
            Ok(contact) => Ok(Self { contact: Some(contact.id), note: words::AS_THEM.with(member.lang, &[("name", &typed)]) }),
            Err(InboxError::NotFound | InboxError::Invalid(_)) => Ok(Self { contact: None, note: words::AS_NOBODY.t(member.lang).to_owned() }),
            Err(other) => Err(other.into()),
        }
    }
}

/// The contact with this id or e-mail address.
pub(super) async fn named(console: &Console, site: SiteId, typed: &str) -> Result<Contact, InboxError> {
    let lookup = if typed.contains('@') { Identifiers::parse(None, Some(typed), None) } else { Identifiers::parse(Some(typed), None, None) };
    console.inbox.contact(site, &ContactLookup::Identifiers(lookup?)).await
}

/// The field in which a contact is named, beside the form of the message.
pub(super) fn persona(member: &Member, form: &Form, note: String) -> Markup {
    let lang = member.lang;
    view! {
        <div class="field">
            <label for=AS>{words::PREVIEW_AS.t(lang)}</label>
            <input id=AS name=AS form="compose" value=form.get(AS).to_owned() autocomplete="off" aria-describedby="as-note as-hint"/>
            <p class="hint said" id="as-note" role="status" data-persona="1">{note}</p>
            <p class="hint" id="as-hint">{words::PREVIEW_AS_HINT.t(lang)}</p>
        </div>
    }
    .into_markup()
}

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
pub(super) fn view(member: &Member, languages: &[Language], secret: Option<&str>) -> Markup {
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
    .into_markup()
}
