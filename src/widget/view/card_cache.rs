//! Cache of rendered cards. A message for everyone looks the same to all readers with the same
//! language and read state; rendering it for each of them would be most of the cost of a list.
//!
//! Entries need no invalidation: a card is used only for a message with equal content.

use super::item::{self, ReadState, RenderContext};
use crate::{
    blocking::RENDERING,
    cache::{Bounds, Cache},
};
use crate::{
    content::{template, time},
    domain::{Language, Message, MessageId, Origin, ReaderMessage, Site, SiteId},
    fair_scheduler,
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
pub(in crate::widget) struct CardCache(Cache<Key, Arc<Card>>);

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
    replies: bool,
    /// The relative time of the message.
    when: String,
    html: String,
}

impl Card {
    fn new(
        reading: &RenderContext<'_>,
        message: &Arc<Message>,
        state: ReadState,
        when: String,
    ) -> Self {
        let html = item::card(reading, message, state, &when);
        let (site_language, origin) =
            (reading.site.language.clone(), reading.site.main_origin().cloned());
        Self {
            message: Arc::clone(message),
            site_language,
            origin,
            replies: reading.site.messages.is_some(),
            when,
            html,
        }
    }

    fn shows(&self, message: &Arc<Message>, site: &Site, when: &str) -> bool {
        let cached = &*self.message;
        let same = || {
            cached.content == message.content
                && cached.publish_at == message.publish_at
                && cached.position == message.position
                && cached.pinned == message.pinned
                && cached.category == message.category
        };
        self.when == when
            && self.site_language == site.language
            && self.origin.as_ref() == site.main_origin()
            && self.replies == site.messages.is_some()
            && (Arc::ptr_eq(&self.message, message) || same())
    }
}

impl CardCache {
    /// With capacity for some thousands.
    pub(in crate::widget) fn new() -> Self {
        Self(Cache::bounded(Bounds::bytes(CAPACITY_BYTES, |_, card| {
            2 * card.html.len() as u64 + 1_024
        })))
    }

    /// Several messages as list items.
    pub(in crate::widget) async fn items(
        &self,
        reading: &RenderContext<'_>,
        items: &[ReaderMessage],
    ) -> String {
        let mut html = String::new();
        for item in items {
            let request = CardRequest::new(
                reading,
                &item.message,
                ReadState { read: item.read, archived: item.archived },
            );
            let card = match self.known(reading, &request) {
                Some(card) => card,
                None if request.is_long() => {
                    RENDERING.run_here_for(item.message.site, || self.make(reading, request)).await
                }
                None => self.make(reading, request),
            };
            append(&mut html, reading, &card);
            fair_scheduler::yield_if_long().await;
        }
        html
    }

    /// The same for a few messages that are known to be short.
    pub(in crate::widget) fn short_items(
        &self,
        reading: &RenderContext<'_>,
        items: &[ReaderMessage],
    ) -> String {
        let mut html = String::new();
        for item in items {
            let card = self.card(
                reading,
                &item.message,
                ReadState { read: item.read, archived: item.archived },
            );
            append(&mut html, reading, &card);
        }
        html
    }

    /// One unread message as a list item.
    pub(in crate::widget) fn fresh(
        &self,
        reading: &RenderContext<'_>,
        message: &Arc<Message>,
    ) -> String {
        self.card(reading, message, ReadState { read: false, archived: false }).html.clone()
    }

    fn card(
        &self,
        reading: &RenderContext<'_>,
        message: &Arc<Message>,
        state: ReadState,
    ) -> Arc<Card> {
        let request = CardRequest::new(reading, message, state);
        self.known(reading, &request).unwrap_or_else(|| self.make(reading, request))
    }

    fn known(&self, reading: &RenderContext<'_>, request: &CardRequest<'_>) -> Option<Arc<Card>> {
        self.0
            .get(request.key.as_ref()?)
            .filter(|card| card.shows(request.message, reading.site, &request.when))
    }

    fn make(&self, reading: &RenderContext<'_>, request: CardRequest<'_>) -> Arc<Card> {
        let card = Arc::new(Card::new(reading, request.message, request.state, request.when));
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
    when: String,
    /// `None` for personal messages, which are not cached.
    key: Option<Key>,
}

impl<'m> CardRequest<'m> {
    fn new(reading: &RenderContext<'_>, message: &'m Arc<Message>, state: ReadState) -> Self {
        let is_personal = reading.contact.is_some() && template::is_personal(&message.content);
        let key = || Key {
            site: message.site,
            message: message.id,
            language: reading.language.clone(),
            state,
        };
        Self {
            message,
            state,
            when: time::relative(reading.now, message.publish_at, reading.texts),
            key: (!is_personal).then(key),
        }
    }

    fn is_long(&self) -> bool {
        self.message.content.values().any(|content| content.body.len() > MAX_INLINE_BODY_BYTES)
    }
}

fn append(html: &mut String, reading: &RenderContext<'_>, card: &Card) {
    match &reading.context {
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
    use crate::domain::{
        InsertPosition, Link, MessageContent, ReaderFilter, SiteDraft, SystemRng, Timestamp,
    };
    use crate::widget::view::Scheme;
    use std::{collections::BTreeMap, time::Duration};

    const NEW: ReadState = ReadState { read: false, archived: false };
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
            literal: false,
        };
        Message {
            id: MessageId::from_bytes([2; 16]),
            site: SiteId::from_bytes([1; 16]),
            contacts: None,
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
            position: 1,
            name: None,
            test: false,
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
            Message { position: 2, ..plain.clone() },
            leading_to("/orders/7", &plain),
            Message { publish_at: NOW.minus(Duration::from_hours(2)), ..plain.clone() },
            plain.clone(),
        ] {
            let message = Arc::new(message);
            for (site, language, now, read, archived) in [
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
                let reading = RenderContext::new(&site, &language, now);
                let item = [ReaderMessage { message: Arc::clone(&message), read, archived }];
                let fresh = CardCache::new().short_items(&reading, &item);
                assert_eq!(cards.short_items(&reading, &item), fresh);
                assert_eq!(cards.short_items(&reading, &item), fresh, "from the cache");
            }
        }
    }

    #[test]
    fn reader_inputs_are_not_part_of_a_cached_card() {
        let cards = CardCache::new();
        let (site, language) = (site("en"), "en".parse().unwrap());
        let items = [ReaderMessage {
            message: Arc::new(message("<input type=\"hidden\" name=\"language\"")),
            read: false,
            archived: false,
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
        let reading = RenderContext::new(&site, &language, NOW);
        // Equal but separate values, as two readers' queries return them.
        let (one, two) = (
            cards.card(&reading, &Arc::new(message("Hello")), NEW),
            cards.card(&reading, &Arc::new(message("Hello")), NEW),
        );
        assert!(Arc::ptr_eq(&one, &two));
    }
}
