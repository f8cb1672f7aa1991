//! The preview: a frame with the real widget, rendered for a selected contact.

use super::{format, phrases};
use crate::{Console, error::ConsoleError, form::Form, request_context::Member, view::Button};
use belfry_app::AppError;
use belfry_domain::{
    Audience, Contact, ContactId, ContactLookup, Identifiers, Language, Message, MessageDraft,
    SiteId,
};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// The field with the contact of the preview.
pub(super) const PREVIEW_AS_FIELD: &str = "as";

/// The contact of the preview; none is a contact without data.
#[derive(Default)]
pub(super) struct PreviewAs {
    pub(super) contact: Option<ContactId>,
    /// The note beside the field.
    pub(super) note: String,
}

impl PreviewAs {
    /// Parses the field. An unknown contact produces a note, not an error of the message.
    pub(super) async fn parse(
        console: &Console,
        member: &Member,
        form: &Form,
    ) -> Result<Self, ConsoleError> {
        let Some(typed) = form.trimmed(PREVIEW_AS_FIELD) else { return Ok(Self::default()) };
        match named(console, member.site.id, typed).await {
            Ok(contact) => Ok(Self {
                contact: Some(contact.id),
                note: phrases::AS_THEM.with(member.lang, &[("name", &typed)]),
            }),
            Err(AppError::NotFound | AppError::ValidationError(_)) => {
                Ok(Self { contact: None, note: phrases::AS_NOBODY.t(member.lang).to_owned() })
            }
            Err(other) => Err(other.into()),
        }
    }
}

/// The contact with this id or e-mail address.
pub(super) async fn named(
    console: &Console,
    site: SiteId,
    typed: &str,
) -> Result<Contact, AppError> {
    let lookup = if typed.contains('@') {
        Identifiers::parse(None, Some(typed), None)
    } else {
        Identifiers::parse(Some(typed), None, None)
    };
    console.app.contact(site, &ContactLookup::Identifiers(lookup?)).await
}

/// The contact field next to the message form.
pub(super) fn persona(member: &Member, form: &Form, note: String) -> Markup {
    let lang = member.lang;
    view! {
        <div class="field">
            <label for=PREVIEW_AS_FIELD>{phrases::PREVIEW_AS.t(lang)}</label>
            <input id=PREVIEW_AS_FIELD name=PREVIEW_AS_FIELD form="compose" value=form.get(PREVIEW_AS_FIELD).to_owned() autocomplete="off" aria-describedby="as-note as-hint"/>
            <p class="hint said" id="as-note" role="status" data-persona="1">{note}</p>
            <p class="hint" id="as-hint">{phrases::PREVIEW_AS_HINT.t(lang)}</p>
        </div>
    }
    .into_markup()
}

/// A stored message as a draft for the preview.
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

/// The frame and the form posted into it. Without a secret it is hidden until the script has one.
pub(super) fn view(member: &Member, languages: &[Language], secret: Option<&str>) -> Markup {
    let lang = member.lang;
    let options = languages.iter().map(|language| view! { <option value=language.to_string()>{format::named(language)}</option> }).collect_view();
    let action = format!("/embed/{}/preview/messages", member.site.id);
    view! {
        <form method="post" action=action target="preview" class="preview-form" data-preview="1" hidden=secret.is_none()>
            <input type="hidden" name="secret" value=secret.map(ToOwned::to_owned) autocomplete="off"/>
            <select name="language" aria-label=phrases::IN_LANGUAGE.t(lang)>{options}</select>
            <select name="scheme" aria-label=phrases::APPEARANCE.t(lang)>
                <option value="light">{phrases::LIGHT.t(lang)}</option>
                <option value="dark">{phrases::DARK.t(lang)}</option>
            </select>
            <Button>{phrases::SHOW.t(lang)}</Button>
        </form>
        <iframe name="preview" class="preview-frame" title=phrases::PREVIEW.t(lang)></iframe>
    }
    .into_markup()
}
