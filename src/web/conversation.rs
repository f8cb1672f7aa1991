//! Renders a conversation thread as HTML: days, messages, files and activity lines. Called by the
//! console and by the window of the Inbox SDK.
//!
//! Must not depend on routes, sessions or forms: the actions on a message are passed in as
//! [`MessageActions`].

mod message;
pub mod phrases;

use super::html::{IntoMarkup, Markup};
use belfry_content::{
    text::clean_line,
    time::{self, exact_local},
};
use belfry_domain::{
    ContactId, Language, TimeZone, Timestamp,
    channel::{AgentId, ChannelContact, ConversationMessage, ConversationMessageId},
};
use belfry_locales::UiLanguage;
use leptos::prelude::*;

/// The reader of a thread, and its contact.
pub struct ThreadContext<'t> {
    /// Language of the labels.
    pub lang: UiLanguage,
    /// The agent who reads the thread.
    pub me: AgentId,
    /// The contact.
    pub contact: &'t ChannelContact,
    /// Time zone of the shown times and days.
    pub zone: &'t TimeZone,
    /// Actions on the messages.
    pub actions: &'t dyn MessageActions,
}

/// Renders the actions on a message.
pub trait MessageActions {
    /// A link to the full text of a message that is shown truncated.
    fn full_text_link(&self, message: ConversationMessageId, label: &'static str) -> Markup;
    /// The line of an undelivered message, with a retry action.
    fn retry_line(
        &self,
        message: ConversationMessageId,
        reason: String,
        label: &'static str,
    ) -> Markup;
}

/// Display name of a contact: the name, or the best identifier.
pub fn display_name(lang: UiLanguage, contact: &ChannelContact) -> String {
    let name = contact.name();
    let person = &contact.contact;
    let candidates =
        [Some(name), person.email.clone(), person.phone.clone(), person.external_id.clone()];
    candidates
        .into_iter()
        .flatten()
        .map(|text| clean_line(&text))
        .find(|text| !text.is_empty())
        .unwrap_or_else(|| phrases::VISITOR.t(lang).to_owned())
}

/// An avatar with one or two initials.
pub fn avatar(name: &str, contact: ContactId) -> Markup {
    let initials: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|character| character.is_alphanumeric()))
        .take(2)
        .collect();
    let initials = if initials.is_empty() { "?".to_owned() } else { initials.to_uppercase() };
    let class = format!("face face-{}", contact.0.rem_euclid(6));
    view! { <span class=class aria-hidden="true">{initials}</span> }.into_markup()
}

impl ThreadContext<'_> {
    /// The messages as list items, oldest first, with a separator for each day, and one before
    /// `first_unread`.
    pub fn items(
        &self,
        messages: &[ConversationMessage],
        now: Timestamp,
        first_unread: Option<ConversationMessageId>,
    ) -> Vec<Markup> {
        let mut items = Vec::with_capacity(messages.len() * 2);
        let mut last = None;
        for message in messages {
            let of = self.zone.to_local(message.created_at).date();
            if last != Some(of) {
                items.push(self.day(now, message.created_at));
                last = Some(of);
            }
            if first_unread == Some(message.id) {
                items.push(view! { <li class="unread-line"><span>{phrases::NEW_MESSAGES.t(self.lang)}</span></li> }.into_markup());
            }
            items.push(message::item(self, message));
        }
        items
    }

    /// The local time of a moment.
    fn clock(&self, at: Timestamp) -> Markup {
        let local = self.zone.to_local(at);
        let exact = exact_local(at, local, &language(self.lang));
        let time = format!("{:02}:{:02}", local.hour(), local.minute());
        view! { <time datetime=exact.datetime title=exact.title data-clock="">{time}</time> }
            .into_markup()
    }

    /// The line above the first message of a day.
    fn day(&self, now: Timestamp, at: Timestamp) -> Markup {
        let (day, today) = (self.zone.to_local(at), self.zone.to_local(now));
        let label = if day.date() == today.date() {
            phrases::TODAY.t(self.lang).to_owned()
        } else {
            time::day(day, &language(self.lang))
        };
        view! { <li class="day" data-day=day.date().to_string()><span>{label}</span></li> }
            .into_markup()
    }
}

fn language(lang: UiLanguage) -> Language {
    lang.tag().parse().unwrap_or_else(|_| Language::english())
}
