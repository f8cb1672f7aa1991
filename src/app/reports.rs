//! Before and after sending: preview, test message, list, statistics, cancel, resend.

use super::{App, AppError, PublishReceipt};
use belfry_content::template;
use belfry_domain::{
    Audience, ContactId, ContactLookup, IdempotentRequest, Language, MessageAudience,
    MessageContent, MessageDraft, MessageId, MessagePage, MessageQuery, MessageStats, Resend,
    SegmentTarget, SiteId, SiteStats, Timestamp, ValidationError,
};
use belfry_locales::phrases::errors;
use belfry_store::CancelOutcome;
use std::collections::BTreeMap;

/// A rendered draft, and its problems.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// By language: the content, and its body as the HTML that a reader gets.
    pub languages: BTreeMap<Language, (MessageContent, String)>,
    /// Why it could not be published.
    pub problems: Vec<ValidationError>,
}

impl App {
    /// A page of the site's messages, newest first.
    pub async fn messages(
        &self,
        site: SiteId,
        query: &MessageQuery,
    ) -> Result<MessagePage, AppError> {
        Ok(self.store.messages(site, query, self.now()).await?)
    }

    /// The statistics of a message.
    pub async fn message_stats(
        &self,
        site: SiteId,
        message: MessageId,
    ) -> Result<MessageStats, AppError> {
        self.store.message_stats(site, message, self.now()).await?.ok_or(AppError::NotFound)
    }

    /// Like [`Self::message_stats`], also for the current members of each named segment.
    pub async fn message_stats_by_segment(
        &self,
        site: SiteId,
        message: MessageId,
    ) -> Result<MessageStats, AppError> {
        self.store
            .message_stats_by_segment(site, message, self.now())
            .await?
            .ok_or(AppError::NotFound)
    }

    /// The statistics of a site, by day since `since`.
    pub async fn site_stats(&self, site: SiteId, since: Timestamp) -> Result<SiteStats, AppError> {
        Ok(self.store.site_stats(site, since, self.now()).await?)
    }

    /// Renders a draft. Nothing is stored.
    pub async fn preview_message(
        &self,
        site: SiteId,
        draft: Result<MessageDraft, ValidationError>,
    ) -> Result<Preview, AppError> {
        let draft = match draft {
            Ok(draft) => draft,
            Err(invalid) => return Ok(Preview { problems: vec![invalid], ..Preview::default() }),
        };
        let problems = match draft.audience {
            // A segment defined in a message is stored when the message is sent.
            Audience::Segment(SegmentTarget::Rule(_)) => Ok(()),
            audience => self.resolve_audience(site, audience).await.map(drop),
        };
        let mut problems_found = Vec::new();
        for outcome in [self.check_media(site, &draft.content).await, problems] {
            match outcome {
                Ok(()) => {}
                Err(AppError::ValidationError(invalid)) => problems_found.push(invalid),
                Err(other) => return Err(other),
            }
        }
        let site = self.site(site).await?;
        let render = |content: MessageContent| {
            let html = template::render_body(&content, None, site.main_origin());
            (content, html)
        };
        Ok(Preview {
            languages: draft
                .content
                .into_iter()
                .map(|(language, content)| (language, render(content)))
                .collect(),
            problems: problems_found,
        })
    }

    /// Sends a draft to one contact now, ignoring its audience and time; it is in no list and no
    /// statistics.
    pub async fn send_test(
        &self,
        site: SiteId,
        draft: MessageDraft,
        contact: ContactId,
    ) -> Result<PublishReceipt, AppError> {
        let contact_ids = self.store.contact_ids(site, &[ContactLookup::Id(contact)]).await?;
        if !matches!(contact_ids.as_slice(), [Some(_)]) {
            return Err(AppError::NotFound);
        }
        self.check_media(site, &draft.content).await?;
        let mut message = self.build_message(
            site,
            MessageAudience::Contacts(vec![contact]),
            MessageDraft { publish_at: None, ..draft },
        );
        message.is_test = true;
        self.send(message, None).await
    }

    /// Cancels a message before any reader saw it.
    pub async fn cancel(&self, site: SiteId, message: MessageId) -> Result<(), AppError> {
        match self.store.cancel_message(site, message, self.now()).await? {
            CancelOutcome::Done => Ok(()),
            CancelOutcome::TooLate => Err(AppError::NotScheduled),
            CancelOutcome::Unknown => Err(AppError::NotFound),
        }
    }

    /// Sends a message again as a new one: to the same audience for the same duration, unless
    /// changed.
    pub async fn resend(
        &self,
        site: SiteId,
        message: MessageId,
        other: Resend,
        idempotency: Option<&IdempotentRequest>,
    ) -> Result<PublishReceipt, AppError> {
        let former = self.message(site, message).await?;
        let audience = match other.audience {
            Some(audience) => self.resolve_audience(site, audience).await?,
            None => former.audience,
        };
        if audience.contacts().is_some_and(<[_]>::is_empty) {
            return Err(ValidationError::new("audience", errors::AUDIENCE_GONE).into());
        }
        let now = self.now();
        let publish_at = other.publish_at.map_or(now, |at| at.max(now));
        let as_long = |end| publish_at.plus(former.publish_at.until(end));
        let expires_at = other.expires_at.unwrap_or_else(|| former.expires_at.map(as_long));
        if expires_at.is_some_and(|end| end <= publish_at) {
            return Err(ValidationError::new("expiresAt", errors::BEFORE_PUBLISH_AT).into());
        }
        let draft = MessageDraft {
            audience: Audience::Everyone,
            content: former.content,
            category: former.category,
            data: former.data,
            pinned: former.pinned,
            publish_at: Some(publish_at),
            expires_at,
            name: former.name,
        };
        let mut again = self.build_message(site, audience, draft);
        again.is_test = former.is_test;
        self.send(again, idempotency).await
    }
}
