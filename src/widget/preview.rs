//! `GET /embed/{site}/preview`: a theme before readers see it, for whoever holds a link to it: the real widget, on made-up messages, in
//! every state that a theme must be right in, and the standard look to compare it with.
//!
//! A page of frames. Each frame is the widget's own document; it has no reader, no session and nothing to send.

mod samples;

use super::{
    Door,
    document::answer,
    error::WidgetError,
    policy, theme,
    theme::Dress,
    view::{self, GalleryView, Look, PageView, Reading, Scheme},
};
use crate::{
    domain::{Contact, ContactId, Family, Filter, KeyId, Language, Page, Site, Tally, Theme},
    inbox::{InboxError, Reader, Shown},
    web::document::Document,
};
use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

/// What is shown, in the query. Words that are not known mean the usual.
#[derive(Debug, Clone, Deserialize, Default)]
pub(super) struct Asked {
    pub(super) link: Option<String>,
    pub(super) count: Option<String>,
    pub(super) state: Option<String>,
    pub(super) text: Option<String>,
    pub(super) pictures: Option<String>,
    pub(super) direction: Option<String>,
    pub(super) scheme: Option<String>,
    pub(super) part: Option<String>,
    pub(super) look: Option<String>,
}

impl Asked {
    fn is(word: Option<&String>, wanted: &str) -> bool {
        word.is_some_and(|word| word == wanted)
    }

    fn secret(&self) -> &str {
        self.link.as_deref().unwrap_or_default()
    }

    /// How many messages there are for the reader.
    fn count(&self) -> u32 {
        match self.count.as_deref() {
            Some("0") => 0,
            Some("99") => Tally::CAP,
            _ => 3,
        }
    }
}

/// `GET /embed/{site}/preview`: the gallery.
pub(super) async fn gallery(State(door): State<Door>, Path(site): Path<String>, Query(asked): Query<Asked>) -> Response {
    answer(&door, &site, None, async |site| {
        let theme = shown(&door, site, &asked).await?;
        Ok(policy::gallery(view::gallery(&GalleryView { site, theme: &theme, asked: &asked })).await)
    })
    .await
}

/// `GET /embed/{site}/preview/widget`: one frame of it.
pub(super) async fn widget(State(door): State<Door>, Path(site): Path<String>, Query(asked): Query<Asked>) -> Response {
    answer(&door, &site, None, async |site| {
        let theme = shown(&door, site, &asked).await?;
        let dress = Dress::of(&theme, true);
        let is_plain = Asked::is(asked.look.as_ref(), "standard");
        let view = frame(&door, site, &asked, (!is_plain).then_some(&dress));
        Ok(policy::frame_of_ours(site, view).await)
    })
    .await
}

/// What an owner's page posts into a frame of its own.
#[derive(Deserialize)]
pub(super) struct Wanted {
    secret: String,
    language: Option<String>,
    scheme: Option<String>,
}

/// `POST /embed/{site}/preview/messages`: messages as an owner looks at them before they are sent, or as one of their contacts sees
/// them, in what the site wears. A form, so that the secret stands in no address.
pub(super) async fn messages(State(door): State<Door>, Path(site): Path<String>, Form(wanted): Form<Wanted>) -> Response {
    answer(&door, &site, None, async |site| {
        let shown = door.0.inbox.shown(site.id, &wanted.secret).await.map_err(|error| match error {
            InboxError::Unauthenticated => WidgetError::LinkOver,
            other => other.into(),
        })?;
        let look =
            Look { language: super::messages::language(wanted.language.as_deref(), &site.language), scheme: Scheme::parse(wanted.scheme.as_deref()) };
        let dress = door.dress(site).await?;
        let view = document(&door, site, &look, &shown, dress.as_deref(), view::Preview::Panel);
        Ok(policy::frame_of_ours(site, view).await)
    })
    .await
}

/// `GET /embed/{site}/preview/pictures/{name}`: what the made-up messages show.
pub(super) async fn picture(Path((_, name)): Path<(String, String)>) -> Result<Response, WidgetError> {
    let body = match name.as_str() {
        "parcel.svg" => include_str!("preview/parcel.svg"),
        "throw.svg" => include_str!("preview/throw.svg"),
        "cup.svg" => include_str!("preview/cup.svg"),
        _ => return Err(WidgetError::NotFound),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(theme::CONFINED)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((StatusCode::OK, headers, body).into_response())
}

/// The version that the link shows. Without a valid one there is nothing here.
async fn shown(door: &Door, site: &Site, asked: &Asked) -> Result<Theme, WidgetError> {
    door.0.inbox.preview(site.id, asked.secret()).await.map_err(|error| match error {
        InboxError::Unauthenticated => WidgetError::LinkOver,
        other => other.into(),
    })
}

fn frame(door: &Door, site: &Site, asked: &Asked, dress: Option<&Dress>) -> Document {
    let language = if Asked::is(asked.direction.as_ref(), "rtl") { "ar" } else { "en" };
    let language: Language = language.parse().unwrap_or_else(|_| site.language.clone());
    let now = door.0.inbox.now();
    let made_up = samples::Wish {
        site,
        public_url: &door.0.public_url,
        now,
        long: Asked::is(asked.text.as_ref(), "long"),
        pictures: !Asked::is(asked.pictures.as_ref(), "none"),
        unread: match asked.state.as_deref() {
            Some("read") => 0,
            Some("unread") => usize::MAX,
            _ => 3,
        },
    };
    let only_bell = Asked::is(asked.part.as_ref(), "bell");
    let items = if only_bell || asked.count() == 0 { Vec::new() } else { samples::items(&made_up) };
    let count = asked.count();
    let look = Look { language, scheme: Scheme::parse(asked.scheme.as_deref()) };
    let page = Page { items, next: None, tally: Tally { unread: count, unseen: count, version: 0 } };
    let part = if only_bell { view::Preview::Bell } else { view::Preview::Panel };
    let shown = Shown { page, contact: Contact::stranger() };
    document(door, site, &look, &shown, dress, part)
}

/// The widget's document without a session and without anything to send.
fn document(door: &Door, site: &Site, look: &Look, shown: &Shown, dress: Option<&Dress>, part: view::Preview) -> Document {
    let page = &shown.page;
    let reader = Reader { site: site.id, contact: ContactId(0), family: Family([0; 16]), key: KeyId(String::new()) };
    let reading =
        Reading::new(site, &look.language, door.0.inbox.now()).for_page("", look.scheme, Filter::All, false).for_contact(Some(&shown.contact));
    let items = door.0.cards.short_items(&reading, &page.items);
    view::page(&PageView {
        site,
        reader: &reader,
        look,
        reading,
        page,
        items: &items,
        choosing: false,
        filter: Filter::All,
        alone: false,
        top: false,
        done: None,
        older: false,
        bearer: None,
        assets: door.0.assets.without_scripts(),
        dress,
        cached: false,
        unread_answers: None,
        preview: Some(part),
    })
}
