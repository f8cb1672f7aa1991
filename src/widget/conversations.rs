//! `GET`, `POST /embed/{site}/conversations`: the tab "Messages", in which a reader writes to the
//! site's agents.
//!
//! The page needs no script. Each button belongs to a form, as in the preferences, so that the
//! document's bearer is sent where cookies are refused. The panel's script (`messages.js`) posts
//! the same forms with `part=1` and receives only the content of the panel. On a site without the
//! tab every request is answered with 404.

use super::{
    WidgetState,
    auth::{self, SignedIn},
    error::WidgetError,
    form::{self, FormFields},
    security_headers, site_document,
    view::{self, Appearance, MAX_TEXT_CHARS, TabContent, TabView},
};
use axum::{
    Json,
    extract::{FromRequestParts, Path, Query, Request, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use belfry_app::{Reader, channel::SessionError};
use belfry_domain::{
    MessageId, Site,
    channel::{
        ConversationMessage, ConversationMessageId, ConversationNumber, InboxId, MessageKind,
        NewMessage, REPLIED_MESSAGE_ATTRIBUTE, SessionConversation,
    },
};
use belfry_store::MAX_SHOWN_MESSAGES;
use serde::Deserialize;
use serde_json::json;
use std::str::FromStr;

/// Query parameters of the tab; form fields have the same names.
#[derive(Deserialize, Default)]
pub(super) struct TabParams {
    language: Option<String>,
    scheme: Option<String>,
    reader: Option<String>,
    view: Option<String>,
    /// The conversation to show.
    conversation: Option<String>,
    /// Show messages of the conversation before this one.
    before: Option<String>,
    /// Start a conversation about this App Inbox message.
    of: Option<String>,
    /// `list`: all conversations; `new`: a new one.
    show: Option<String>,
    /// Set by the panel's script: render only the content of the panel.
    part: Option<String>,
}

/// A page of the tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TabPage {
    /// The only conversation, or else the list.
    Start,
    List,
    New(Option<MessageId>),
    Conversation(ConversationNumber, Option<ConversationMessageId>),
}

impl TabParams {
    fn of(filled: &FormFields) -> Self {
        let one = |name| filled.first(name).map(str::to_owned);
        Self {
            language: one("language"),
            scheme: one("scheme"),
            reader: one("reader"),
            view: one("view"),
            conversation: one("conversation"),
            before: one("before"),
            of: one("of"),
            show: one("show"),
            part: one("part"),
        }
    }

    fn page(&self) -> Result<TabPage, WidgetError> {
        if let Some(number) = self.conversation.as_deref() {
            return Ok(TabPage::Conversation(
                parse_field("conversation", number)?,
                self.before.as_deref().map(|id| parse_field("before", id)).transpose()?,
            ));
        }
        if let Some(message) = self.of.as_deref() {
            return Ok(TabPage::New(Some(parse_field("of", message)?)));
        }
        match self.show.as_deref() {
            None => Ok(TabPage::Start),
            Some("list") => Ok(TabPage::List),
            Some("new") => Ok(TabPage::New(None)),
            Some(_) => Err(WidgetError::Invalid("show: must be list or new".into())),
        }
    }

    fn appearance(&self, site: &Site) -> Appearance {
        Appearance::of(site, self.language.as_deref(), self.scheme.as_deref())
    }
}

fn parse_field<T: FromStr<Err = belfry_domain::ValidationError>>(
    field: &str,
    text: &str,
) -> Result<T, WidgetError> {
    text.parse().map_err(|invalid: belfry_domain::ValidationError| {
        WidgetError::Invalid(format!("{field}: {}", invalid.reason))
    })
}

impl From<SessionError> for WidgetError {
    fn from(error: SessionError) -> Self {
        use belfry_app::channel::ChannelError;
        use belfry_domain::channel::Rejection;
        match error {
            SessionError::Channel(ChannelError::Rejected(
                Rejection::NotFound(_) | Rejection::Forbidden,
            )) => Self::NotFound,
            SessionError::Channel(ChannelError::Rejected(Rejection::TooManyMessages)) => {
                Self::TooManyRequests(60)
            }
            SessionError::Channel(ChannelError::Rejected(Rejection::Invalid(invalid))) => {
                Self::Invalid(invalid.to_string())
            }
            SessionError::Channel(ChannelError::Store(error)) => {
                belfry_app::AppError::Store(error).into()
            }
            other => {
                tracing::error!(error = %other, "a reader's request failed");
                Self::Internal
            }
        }
    }
}

/// An authenticated request for the tab, on a site that has it.
struct TabRequest<'r> {
    state: &'r WidgetState,
    site: &'r Site,
    reader: &'r Reader,
    inbox: InboxId,
    /// Whether the response is displayed to the reader.
    is_displayed: bool,
    bearer: Option<&'r str>,
}

/// Shows the tab, authenticated by the session cookie.
pub(super) async fn show(
    State(state): State<WidgetState>,
    Path(site): Path<String>,
    Query(params): Query<TabParams>,
    request: Request,
) -> Response {
    site_document::respond(&state, &site, params.language.as_deref(), async |site| {
        let (mut parts, _) = request.into_parts();
        let inbox = site.messages.ok_or(WidgetError::NotFound)?;
        let SignedIn(reader, _) = SignedIn::from_request_parts(&mut parts, &state).await?;
        auth::require_same_tag(params.reader.as_deref(), &reader)?;
        // A page that embeds the address without knowing the reader's tag must not change anything.
        let is_displayed = params.reader.is_some() && auth::is_visible(&parts.headers);
        let request =
            TabRequest { state: &state, site, reader: &reader, inbox, is_displayed, bearer: None };
        request.response(&params, params.page()?).await
    })
    .await
}

/// Handles a button of the tab, or one that leads to it.
pub(super) async fn submit(
    State(state): State<WidgetState>,
    Path(site): Path<String>,
    request: Request,
) -> Response {
    site_document::respond(&state, &site, None, async |site| {
        let inbox = site.messages.ok_or(WidgetError::NotFound)?;
        let (SignedIn(reader, _), filled) = form::signed_in(&state, request).await?;
        auth::require_same_tag(filled.first("reader"), &reader)?;
        let params = TabParams::of(&filled);
        let request = TabRequest {
            state: &state,
            site,
            reader: &reader,
            inbox,
            is_displayed: true,
            bearer: filled.bearer(),
        };
        let place = match filled.first("do") {
            Some("show") => params.page()?,
            Some("send") => request.send(&filled, &params).await?,
            Some("count") => return request.count().await,
            _ => return Err(WidgetError::Invalid("do: must be show, send or count".into())),
        };
        // A page that results from a POST cannot be returned to: the browser shows an error
        // instead.
        if request.bearer.is_none() && params.part.is_none() {
            return Ok(redirect(site, &filled, place));
        }
        request.response(&params, place).await
    })
    .await
}

fn redirect(site: &Site, filled: &FormFields, place: TabPage) -> Response {
    let fields: Vec<(&str, String)> = match place {
        TabPage::Start => Vec::new(),
        TabPage::List => vec![("show", "list".to_owned())],
        TabPage::New(None) => vec![("show", "new".to_owned())],
        TabPage::New(Some(message)) => vec![("of", message.to_string())],
        TabPage::Conversation(number, before) => {
            std::iter::once(("conversation", number.to_string()))
                .chain(before.map(|id| ("before", id.to_string())))
                .collect()
        }
    };
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    filled.redirect(site, "conversations", &fields)
}

impl TabRequest<'_> {
    /// Number of unread agent messages.
    async fn count(&self) -> Result<Response, WidgetError> {
        let unread = self.state.0.app.unread_replies(self.reader, self.inbox).await?;
        Ok((security_headers::private_headers(), Json(json!({ "unread": unread }))).into_response())
    }

    /// Stores the reader's message in the conversation named by the form, or in a new one.
    async fn send(&self, filled: &FormFields, params: &TabParams) -> Result<TabPage, WidgetError> {
        let (inbox, site) = (&self.state.0.app, self.site);
        let text = filled.first("content").unwrap_or_default().replace("\r\n", "\n");
        let text = text.trim();
        if text.is_empty() || text.chars().count() > MAX_TEXT_CHARS {
            return Err(WidgetError::Invalid(format!(
                "content: must have 1 to {MAX_TEXT_CHARS} characters"
            )));
        }
        self.state.count_write(self.reader)?;
        let mut message = NewMessage::text(MessageKind::Incoming, text);
        match params.page()? {
            TabPage::Conversation(number, _) => {
                let session = inbox
                    .reader_session(self.reader, self.inbox)
                    .await?
                    .ok_or(WidgetError::NotFound)?;
                inbox.post_session_message(site.id, &session, number, message).await?;
                Ok(TabPage::Conversation(number, None))
            }
            place => {
                self.state.count_conversation(self.reader)?;
                if let TabPage::New(Some(about)) = place {
                    let about = inbox
                        .message_to_reply_to(
                            self.reader,
                            site,
                            about,
                            &params.appearance(site).language,
                        )
                        .await?;
                    message
                        .content_attributes
                        .insert(REPLIED_MESSAGE_ATTRIBUTE.to_owned(), about.to_attribute());
                }
                let number =
                    inbox.begin_reader_conversation(self.reader, self.inbox, message).await?;
                Ok(TabPage::Conversation(number, None))
            }
        }
    }

    /// Renders the tab as a page or as the content of the panel.
    async fn response(&self, params: &TabParams, place: TabPage) -> Result<Response, WidgetError> {
        let (inbox, look) = (&self.state.0.app, params.appearance(self.site));
        let content = self.content(&look, place).await?;
        let theme =
            if params.part.is_some() { None } else { self.state.active_theme(self.site).await? };
        let tab = TabView {
            site: self.site,
            reader: self.reader,
            appearance: &look,
            now: inbox.now(),
            counts: inbox.unread_counts(self.reader).await?,
            unread: inbox.unread_replies(self.reader, self.inbox).await?,
            content: &content,
            is_standalone: params.view.as_deref() == Some("page"),
            bearer: self.bearer,
            assets: self.state.0.assets,
            theme: theme.as_deref(),
        };
        if params.part.is_none() {
            return Ok(security_headers::document(
                Some(self.site),
                StatusCode::OK,
                view::tab_page(&tab),
            )
            .await);
        }
        let confined =
            [(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'")];
        Ok((security_headers::private_headers(), confined, Html(view::tab_part(&tab)))
            .into_response())
    }

    async fn content(
        &self,
        appearance: &Appearance,
        place: TabPage,
    ) -> Result<TabContent, WidgetError> {
        let (inbox, site) = (&self.state.0.app, self.site.id);
        let session = inbox.reader_session(self.reader, self.inbox).await?;
        let all = async || match &session {
            Some(session) => inbox.session_conversations(site, session).await,
            None => Ok(Vec::new()),
        };
        match place {
            TabPage::New(about) => {
                let about = match about {
                    Some(message) => Some(
                        inbox
                            .message_to_reply_to(
                                self.reader,
                                self.site,
                                message,
                                &appearance.language,
                            )
                            .await?,
                    ),
                    None => None,
                };
                Ok(TabContent::New { about, is_first: session.is_none() })
            }
            TabPage::Conversation(number, before) => {
                let session = session.as_ref().ok_or(WidgetError::NotFound)?;
                let mut conversation = inbox.session_conversation(site, session, number).await?;
                if before.is_some() {
                    conversation.messages =
                        inbox.session_messages(site, session, number, before).await?;
                }
                self.thread(conversation, before.is_some()).await
            }
            TabPage::Start | TabPage::List => {
                let mut conversations = all().await?;
                if place == TabPage::Start && conversations.len() == 1 {
                    let only = conversations.remove(0);
                    return self.thread(only, false).await;
                }
                Ok(if conversations.is_empty() {
                    TabContent::New { about: None, is_first: true }
                } else {
                    TabContent::List(conversations)
                })
            }
        }
    }

    /// Loads a conversation and marks its messages as seen.
    async fn thread(
        &self,
        conversation: SessionConversation,
        is_past: bool,
    ) -> Result<TabContent, WidgetError> {
        let number = conversation.view.conversation.number;
        let is_new = |message: &ConversationMessage| {
            view::is_unread(&conversation.view.conversation, message)
        };
        // Viewing is never rejected. If the write limit is reached, the messages are marked as seen
        // by the next view.
        if self.is_displayed
            && conversation.messages.iter().any(is_new)
            && self.state.count_write(self.reader).is_ok()
            && let Some(session) = self.state.0.app.reader_session(self.reader, self.inbox).await?
        {
            self.state.0.app.mark_seen_in_session(self.site.id, &session, number).await?;
        }
        let has_older = conversation.messages.len() >= MAX_SHOWN_MESSAGES as usize;
        Ok(TabContent::Thread { conversation: Box::new(conversation), is_past, has_older })
    }
}
