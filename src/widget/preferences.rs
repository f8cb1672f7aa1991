//! `GET`, `POST /embed/{site}/preferences`: which kinds of messages a reader wants to see, as a page with a form.
//!
//! It needs no script. The button in the panel that opens it is a form as well, so that where cookies are refused the bearer of the
//! document can go with it: a link could prove nothing there. A bearer in a form is taken from our own document only, as a cookie is.
//! With WebAssembly the panel's script (`preferences.js`) fetches the same page and shows the form in the panel.

use super::{
    Door, document,
    error::WidgetError,
    form,
    guard::{self, SignedIn},
    messages, policy,
    view::{self, Look, PreferencesView, Scheme},
};
use crate::domain::Site;
use axum::{
    extract::{FromRequestParts, Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

/// How the page is shown; a form's fields have the same names.
#[derive(Deserialize)]
pub(super) struct Shown {
    language: Option<String>,
    scheme: Option<String>,
    reader: Option<String>,
    view: Option<String>,
}

/// The fields of a form.
struct Filled(Vec<(String, String)>);

impl Filled {
    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// On to another page of this site's, shown as the one before.
    fn redirect(&self, site: &Site, page: &str) -> Response {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for name in ["reader", "language", "scheme", "view"] {
            if let Some(value) = self.one(name) {
                query.append_pair(name, value);
            }
        }
        let location = format!("/embed/{}/{page}?{}", site.id, query.finish());
        (StatusCode::SEE_OTHER, policy::private(), [(header::LOCATION, location)]).into_response()
    }

    fn shown(&self) -> Shown {
        let one = |name| self.one(name).map(str::to_owned);
        Shown { language: one("language"), scheme: one("scheme"), reader: one("reader"), view: one("view") }
    }
}

/// The page, by the session's cookie.
pub(super) async fn show(State(door): State<Door>, Path(site): Path<String>, Query(shown): Query<Shown>, request: Request) -> Response {
    document::answer(&door, &site, shown.language.as_deref(), async |site, nonce| {
        let (mut parts, _) = request.into_parts();
        let signed_in = SignedIn::from_request_parts(&mut parts, &door).await?;
        render(&door, site, &signed_in, &shown, None, nonce).await
    })
    .await
}

/// The page for the button in the panel; for its own button, keeps what was chosen and goes back to the inbox.
pub(super) async fn submit(State(door): State<Door>, Path(site): Path<String>, request: Request) -> Response {
    document::answer(&door, &site, None, async |site, nonce| {
        let (mut parts, body) = request.into_parts();
        guard::own_document(&parts.headers, &door.0.public_url)?;
        let (mut bearer, mut signed_in) = (None, SignedIn::from_request_parts(&mut parts, &door).await);
        let filled = Filled(form::read(parts.clone(), body).await?);
        if matches!(signed_in, Err(WidgetError::Unauthenticated))
            && let Some(secret) = filled.one("bearer")
        {
            prove(&mut parts.headers, secret)?;
            bearer = Some(secret);
            signed_in = SignedIn::from_request_parts(&mut parts, &door).await;
        }
        let signed_in = signed_in?;
        match filled.one("do") {
            // A page that came by a form can't be gone back to: a browser shows an error in its place.
            Some("show") if bearer.is_none() => Ok(filled.redirect(site, "preferences")),
            Some("show") => render(&door, site, &signed_in, &filled.shown(), bearer, nonce).await,
            Some("save") => save(&door, site, &signed_in, &filled).await,
            _ => Err(WidgetError::Invalid("do: must be show or save".into())),
        }
    })
    .await
}

/// As if our script had sent it.
fn prove(headers: &mut HeaderMap, bearer: &str) -> Result<(), WidgetError> {
    let value = HeaderValue::try_from(format!("Bearer {bearer}")).map_err(|_| WidgetError::Unauthenticated)?;
    headers.insert(header::AUTHORIZATION, value);
    Ok(())
}

async fn render(
    door: &Door,
    site: &Site,
    SignedIn(reader, _): &SignedIn,
    shown: &Shown,
    bearer: Option<&str>,
    nonce: &str,
) -> Result<Response, WidgetError> {
    guard::same_tag(shown.reader.as_deref(), reader)?;
    let inbox = &door.0.inbox;
    let look = Look { language: messages::language(shown.language.as_deref(), &site.language), scheme: Scheme::parse(shown.scheme.as_deref()) };
    let (categories, muted) = (inbox.mutable(site.id).await?, inbox.muted(reader).await?);
    let dress = door.dress(site).await?;
    let html = view::preferences(&PreferencesView {
        site,
        reader,
        look: &look,
        tally: inbox.tally(reader).await?,
        categories: &categories,
        muted: &muted,
        alone: shown.view.as_deref() == Some("page"),
        bearer,
        nonce,
        assets: door.0.assets,
        dress: dress.as_deref(),
    });
    Ok(policy::document(Some(site), nonce, StatusCode::OK, html))
}

/// What was in the form (`of`) and is not checked (`show`) is muted. What the site came to name since stays as it was.
async fn save(door: &Door, site: &Site, SignedIn(reader, _): &SignedIn, filled: &Filled) -> Result<Response, WidgetError> {
    guard::same_tag(filled.one("reader"), reader)?;
    door.count_write(reader)?;
    let mutes = |name: &str| filled.all("of").any(|of| of == name).then(|| !filled.all("show").any(|show| show == name));
    door.0.inbox.change_mutes(reader, mutes).await?;
    Ok(filled.redirect(site, "page"))
}
