//! Sample messages of the theme preview.

use belfry_app::parse_message;
use belfry_domain::{
    Message, MessageAudience, MessageId, Origin, Position, ReaderMessage, Site, Timestamp,
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

const DEFAULT_SAMPLES: &str = include_str!("samples.json");
const LONG_SAMPLES: &str = include_str!("long.json");
/// Ages of the samples, in minutes.
const AGES_MINUTES: [u64; 5] = [0, 24, 180, 1_600, 9_000];

/// Which samples to build.
pub(super) struct SampleOptions<'a> {
    pub(super) site: &'a Site,
    pub(super) public_url: &'a Origin,
    pub(super) now: Timestamp,
    pub(super) is_long: bool,
    pub(super) has_pictures: bool,
    /// How many of the newest messages are unread.
    pub(super) unread: usize,
}

/// The sample messages in the order of the list.
pub(super) fn items(options: &SampleOptions<'_>) -> Vec<ReaderMessage> {
    let site = options.site.origins.first().unwrap_or(options.public_url);
    let pictures = format!("{}/embed/{}/preview/pictures", options.public_url, options.site.id);
    let source = if options.is_long { LONG_SAMPLES } else { DEFAULT_SAMPLES };
    let source = source.replace("{pictures}", &pictures).replace("{site}", site.as_str());
    let drafts: Vec<Value> = serde_json::from_str(&source).unwrap_or_default();
    let mut items: Vec<ReaderMessage> = drafts
        .iter()
        .enumerate()
        .filter_map(|(index, draft)| item(options, draft, index))
        .collect();
    // Pinned ones first, as in every list.
    items.sort_by_key(|item| !item.message.pinned);
    items
}

fn item(options: &SampleOptions<'_>, draft: &Value, index: usize) -> Option<ReaderMessage> {
    let mut draft = parse_message(draft.to_string().as_bytes(), options.now).ok()?;
    if !options.has_pictures {
        draft.content.values_mut().for_each(|content| content.image = None);
    }
    let number = u8::try_from(index).unwrap_or(u8::MAX);
    let came = options
        .now
        .minus(Duration::from_mins(AGES_MINUTES.get(index).copied().unwrap_or_default()));
    let message = Message {
        id: MessageId::from_bytes([number; 16]),
        site: options.site.id,
        audience: MessageAudience::Everyone,
        content: draft.content,
        category: draft.category,
        data: None,
        pinned: draft.pinned,
        created_at: came,
        publish_at: came,
        expires_at: None,
        edited_at: None,
        recalled_at: None,
        position: Position(i64::from(u8::MAX - number)),
        name: None,
        is_test: false,
    };
    Some(ReaderMessage {
        message: Arc::new(message),
        is_read: index >= options.unread,
        is_archived: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::{InsertPosition, Language, SiteDraft, SystemRng};

    #[test]
    fn every_sample_is_valid_in_both_directions() {
        let now = Timestamp::from_millis(1_796_112_000_000);
        let origins = vec!["https://shop.example".parse().unwrap()];
        let site = SiteDraft::new(
            "Shop",
            origins,
            "#bell",
            InsertPosition::default(),
            Language::english(),
        )
        .unwrap()
        .into_site(&SystemRng, now);
        let public_url = "https://belfry.example".parse().unwrap();
        for (is_long, count) in [(false, 5), (true, 3)] {
            let made = items(&SampleOptions {
                site: &site,
                public_url: &public_url,
                now,
                is_long,
                has_pictures: true,
                unread: 2,
            });
            assert_eq!(made.len(), count);
            assert!(made.iter().all(|item| item.message.content.len() == 2));
            assert_eq!(made.iter().filter(|item| !item.is_read).count(), 2);
            assert!(
                made.iter().any(|item| item
                    .message
                    .content
                    .values()
                    .any(|content| content.image.is_some()))
            );
            let plain = items(&SampleOptions {
                site: &site,
                public_url: &public_url,
                now,
                is_long,
                has_pictures: false,
                unread: 0,
            });
            assert!(plain.iter().all(|item| item.is_read
                && item.message.content.values().all(|content| content.image.is_none())));
        }
    }
}
