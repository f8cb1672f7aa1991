//! Cache of rendered cards. A message for everyone looks the same to all readers with the same
//! language and read state; rendering it for each of them would be most of the cost of a list.
//!
//! Entries need no invalidation: a card is used only for a message with equal content.

use super::item::{self, ReadState, RenderContext};
use belfry_content::{template, time};
use belfry_domain::{Language, Message, MessageId, Origin, ReaderMessage, Site, SiteId};
use belfry_runtime::fair_scheduler;
use belfry_runtime::{
    blocking::RENDERING,
    cache::{Bounds, Cache},
};
use std::sync::Arc;

/// Capacity in bytes, including the messages used for comparison.
const CAPACITY_BYTES: u64 = 16 * 1024 * 1024;

/// Bodies up to this length are rendered on the async thread, which takes less than a millisecond.
const MAX_INLINE_BODY_BYTES: usize = 2_048;

/// The start of the inputs of a card's form. The form is at the end of the card, and no text of a
/// sender can contain a tag.
const FORM: &str = "<input type=\"hidden\" name=\"language\"";

/// The rendered cards.
pub(crate) struct CardCache(Cache<Key, Arc<Card>>);

#[derive(PartialEq, Eq, Hash)]
struct Key {
    site: SiteId,
    message: MessageId,
    language: Language,
    state: ReadState,
}

struct Card {
    message: Arc<Message>,
    /// The fallback language of the message.
    site_language: Language,
    /// The origin for links within the site.
    origin: Option<Origin>,
    /// Whether reply buttons are shown.
    has_reply_buttons: bool,
    /// The relative time of the message.
    relative_time: String,
    html: String,
}

impl Card {
    fn new(
        context: &RenderContext<'_>,
        message: &Arc<Message>,
        state: ReadState,
        relative_time: String,
    ) -> Self {
        let html = item::card(context, message, state, &relative_time);
        let (site_language, origin) =
            (context.site.language.clone(), context.site.main_origin().cloned());
        Self {
            message: Arc::clone(message),
            site_language,
            origin,
            has_reply_buttons: context.site.messages.is_some(),
            relative_time,
            html,
        }
    }

    fn is_current(&self, message: &Arc<Message>, site: &Site, when: &str) -> bool {
        let cached = &*self.message;
        let same = || {
            cached.content == message.content
                && cached.publish_at == message.publish_at
                && cached.position == message.position
                && cached.pinned == message.pinned
                && cached.category == message.category
        };
        self.relative_time == when
            && self.site_language == site.language
            && self.origin.as_ref() == site.main_origin()
            && self.has_reply_buttons == site.messages.is_some()
            && (Arc::ptr_eq(&self.message, message) || same())
    }
}

impl CardCache {
    /// With capacity for some thousands.
    pub(crate) fn new() -> Self {
        Self(Cache::new(Bounds::bytes(CAPACITY_BYTES, |_, card| {
            2 * card.html.len() as u64 + 1_024
        })))
    }

    /// Several messages as list items.
    pub(crate) async fn items(
        &self,
        context: &RenderContext<'_>,
        items: &[ReaderMessage],
    ) -> String {
        let mut html = String::new();
        for item in items {
            let request = CardRequest::new(
                context,
                &item.message,
                ReadState { is_read: item.is_read, is_archived: item.is_archived },
            );
            let card = match self.get(context, &request) {
                Some(card) => card,
                None if request.is_long() => {
                    RENDERING
                        .run_inline_for(item.message.site, || self.render(context, request))
                        .await
                }
                None => self.render(context, request),
            };
            append(&mut html, context, &card);
            fair_scheduler::yield_if_long().await;
        }
        html
    }

    /// The same for a few messages that are known to be short.
    pub(crate) fn short_items(
        &self,
        context: &RenderContext<'_>,
        items: &[ReaderMessage],
    ) -> String {
        let mut html = String::new();
        for item in items {
            let card = self.card(
                context,
                &item.message,
                ReadState { is_read: item.is_read, is_archived: item.is_archived },
            );
            append(&mut html, context, &card);
        }
        html
    }

    /// One unread message as a list item.
    pub(crate) fn new_item(&self, context: &RenderContext<'_>, message: &Arc<Message>) -> String {
        self.card(context, message, ReadState { is_read: false, is_archived: false }).html.clone()
    }

    fn card(
        &self,
        context: &RenderContext<'_>,
        message: &Arc<Message>,
        state: ReadState,
    ) -> Arc<Card> {
        let request = CardRequest::new(context, message, state);
        self.get(context, &request).unwrap_or_else(|| self.render(context, request))
    }

    fn get(&self, context: &RenderContext<'_>, request: &CardRequest<'_>) -> Option<Arc<Card>> {
        self.0
            .get(request.key.as_ref()?)
            .filter(|card| card.is_current(request.message, context.site, &request.relative_time))
    }

    fn render(&self, context: &RenderContext<'_>, request: CardRequest<'_>) -> Arc<Card> {
        let card =
            Arc::new(Card::new(context, request.message, request.state, request.relative_time));
        if let Some(key) = request.key {
            self.0.insert(key, Arc::clone(&card));
        }
        card
    }
}

/// A card to look up or to render.
struct CardRequest<'m> {
    message: &'m Arc<Message>,
    state: ReadState,
    relative_time: String,
    /// `None` for personal messages, which are not cached.
    key: Option<Key>,
}

impl<'m> CardRequest<'m> {
    fn new(context: &RenderContext<'_>, message: &'m Arc<Message>, state: ReadState) -> Self {
        let is_personal = context.contact.is_some() && template::is_personal(&message.content);
        let key = || Key {
            site: message.site,
            message: message.id,
            language: context.language.clone(),
            state,
        };
        Self {
            message,
            state,
            relative_time: time::relative(context.now, message.publish_at, context.lang),
            key: (!is_personal).then(key),
        }
    }

    fn is_long(&self) -> bool {
        self.message.content.values().any(|content| content.body.len() > MAX_INLINE_BODY_BYTES)
    }
}

fn append(html: &mut String, render_context: &RenderContext<'_>, card: &Card) {
    match &render_context.form_inputs {
        // The only part of a card that differs between readers.
        Some(context) => {
            let (before, form) = card.html.rsplit_once(FORM).unwrap_or((&card.html, ""));
            html.extend([before, context, FORM, form]);
        }
        None => html.push_str(&card.html),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Scheme;
    use belfry_domain::{
        InsertPosition, Link, MessageAudience, MessageContent, Position, ReaderFilter, SiteDraft,
        SystemRng, Timestamp,
    };
    use std::{collections::BTreeMap, time::Duration};

    const NEW: ReadState = ReadState { is_read: false, is_archived: false };
    const NOW: Timestamp = Timestamp::from_millis(1_796_112_000_000);

    fn site(language: &str) -> Site {
        let origins = vec!["https://shop.example".parse().unwrap()];
        let draft = SiteDraft::new(
            "Shop",
            origins,
            "#bell",
            InsertPosition::BeforeEnd,
            language.parse().unwrap(),
        )
        .unwrap();
        Site { id: SiteId::from_bytes([1; 16]), ..draft.into_site(&SystemRng, NOW) }
    }

    fn message(title: &str) -> Message {
        let content = |title: &str| MessageContent {
            title: title.to_owned(),
            body: String::new(),
            link: None,
            new_tab: false,
            image: None,
            actions: Vec::new(),
            is_literal: false,
        };
        Message {
            id: MessageId::from_bytes([2; 16]),
            site: SiteId::from_bytes([1; 16]),
            audience: MessageAudience::Everyone,
            content: BTreeMap::from([
                ("en".parse().unwrap(), content(title)),
                ("uk".parse().unwrap(), content("Привіт")),
            ]),
            category: None,
            data: None,
            pinned: false,
            created_at: NOW,
            publish_at: NOW,
            expires_at: None,
            edited_at: None,
            recalled_at: None,
            position: Position(1),
            name: None,
            is_test: false,
        }
    }

    fn leading_to(link: &str, message: &Message) -> Message {
        let link = Some(Link::parse(link).unwrap());
        let content = message.content.clone().into_iter().map(|(language, content)| {
            (language, MessageContent { link: link.clone(), ..content })
        });
        Message { content: content.collect(), ..message.clone() }
    }

    /// Whatever was rendered before, a card equals the one rendered without a cache.
    #[test]
    fn cached_card_is_used_only_if_rendered_equally() {
        let cards = CardCache::new();
        let plain = message("Hello");
        for message in [
            plain.clone(),
            message("Hello again"),
            Message { pinned: true, ..plain.clone() },
            Message { category: Some("orders".to_owned()), ..plain.clone() },
            Message { position: Position(2), ..plain.clone() },
            leading_to("/orders/7", &plain),
            Message { publish_at: NOW.minus(Duration::from_hours(2)), ..plain.clone() },
            plain.clone(),
        ] {
            let message = Arc::new(message);
            for (site, language, now, is_read, is_archived) in [
                (site("en"), "en", NOW, false, false),
                (site("en"), "en", NOW, true, false),
                (site("en"), "en", NOW, true, true),
                (site("en"), "uk", NOW, false, false),
                (site("en"), "fr", NOW, false, false),
                (site("uk"), "fr", NOW, false, false),
                (site("uk"), "fr", NOW.plus(Duration::from_mins(5)), false, false),
                (
                    Site { origins: vec!["https://new.example".parse().unwrap()], ..site("en") },
                    "en",
                    NOW,
                    false,
                    false,
                ),
            ] {
                let language = language.parse().unwrap();
                let context = RenderContext::new(&site, &language, now);
                let item = [ReaderMessage { message: Arc::clone(&message), is_read, is_archived }];
                let fresh = CardCache::new().short_items(&context, &item);
                assert_eq!(cards.short_items(&context, &item), fresh);
                assert_eq!(cards.short_items(&context, &item), fresh, "from the cache");
            }
        }
    }

    #[test]
    fn reader_inputs_are_not_part_of_a_cached_card() {
        let cards = CardCache::new();
        let (site, language) = (site("en"), "en".parse().unwrap());
        let items = [ReaderMessage {
            message: Arc::new(message("<input type=\"hidden\" name=\"language\"")),
            is_read: false,
            is_archived: false,
        }];
        for tag in ["0123456789abcdef", "fedcba9876543210"] {
            let html = cards.short_items(
                &RenderContext::new(&site, &language, NOW).for_page(
                    tag,
                    Scheme::Light,
                    ReaderFilter::All,
                    false,
                ),
                &items,
            );
            let (_, form) = html.split_once("<form").unwrap();
            assert!(
                form.contains(&format!("<input type=\"hidden\" name=\"reader\" value=\"{tag}\"><input type=\"hidden\" name=\"scheme\" value=\"light\"><input type=\"hidden\" name=\"language\"")),
                "{html}"
            );
            assert_eq!(html.matches("name=\"reader\"").count(), 1, "{html}");
        }
        assert!(
            !cards
                .short_items(&RenderContext::new(&site, &language, NOW), &items)
                .contains("name=\"reader\"")
        );
    }

    #[test]
    fn equal_messages_share_one_rendering() {
        let cards = CardCache::new();
        let (site, language) = (site("en"), "en".parse().unwrap());
        let context = RenderContext::new(&site, &language, NOW);
        // Equal but separate values, as two readers' queries return them.
        let (one, two) = (
            cards.card(&context, &Arc::new(message("Hello")), NEW),
            cards.card(&context, &Arc::new(message("Hello")), NEW),
        );
        assert!(Arc::ptr_eq(&one, &two));
    }
}
