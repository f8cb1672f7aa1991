//! `…/contacts`: sessions of contacts.

use super::{
    PublicState, SMALL_BODY_LIMITS,
    error::PublicError,
    json,
    request::InboxRequest,
    view::{ChangedContact, ContactView},
};
use crate::params::Params;
use axum::{
    extract::{Request, State},
    response::Response,
};
use belfry_app::channel::{IdentityProof, SessionRequest};
use belfry_domain::{
    EmailAddress, PhoneNumber, ValidationError,
    channel::{ContactFields, SourceId},
};
use belfry_locales::phrases::errors;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::UtoipaMethodRouter, routes};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<PublicState>> {
    vec![routes!(create), routes!(show, update)]
}

/// A client's description of its user. All members are optional.
#[derive(Deserialize, ToSchema)]
#[schema(as = PublicContactParams)]
#[expect(dead_code, reason = "it describes what is read leniently")]
struct ContactParams {
    /// The name of a session: the session of this name is given back, or a new one gets it. Of a
    /// change it is ignored.
    source_id: Option<String>,
    /// The site's own id of the contact. Of a change it only says what the hash proves.
    identifier: Option<String>,
    /// HMAC-SHA256 of the identifier with the inbox's HMAC token, in lower-case hexadecimal digits.
    identifier_hash: Option<String>,
    email: Option<String>,
    name: Option<String>,
    /// E.164, such as `+15550001111`.
    phone_number: Option<String>,
    avatar_url: Option<String>,
    #[schema(value_type = Option<Object>)]
    custom_attributes: Option<Map<String, Value>>,
}

fn proof(params: &Params) -> IdentityProof {
    IdentityProof { identifier: params.text("identifier"), hash: params.text("identifier_hash") }
}

/// Parses the fields; blank values count as absent.
fn fields(params: &Params) -> Result<ContactFields, ValidationError> {
    let present = |name: &str| params.text(name).filter(|text| !text.trim().is_empty());
    let phone = |text: String| {
        let number =
            if text.trim_start().starts_with('+') { PhoneNumber::parse(&text).ok() } else { None };
        number.ok_or_else(|| ValidationError::new("phone_number", errors::PHONE_E164))
    };
    let email = |text: String| {
        EmailAddress::parse(&text).map_err(|_| ValidationError::new("email", errors::INVALID))
    };
    let fields = ContactFields {
        name: present("name").map(Some),
        identifier: None,
        email: present("email").map(email).transpose()?.map(Some),
        phone_number: present("phone_number").map(phone).transpose()?.map(Some),
        avatar_url: present("avatar_url").map(Some),
        blocked: None,
        additional_attributes: Map::new(),
        custom_attributes: params.object("custom_attributes").unwrap_or_default(),
    };
    fields.validate()
}

/// Creates a session of a contact.
///
/// The session named by `source_id` is returned unchanged. Otherwise the contact with the
/// identifier, then the e-mail address, then the phone number gets a new session, or a new contact
/// does. Without a valid `identifier_hash` a session sees only what was sent in it; a hash of the
/// contact's identifier verifies the session, which then sees the contact and all of its verified
/// conversations. A verified identifier alone decides which contact the session belongs to: an
/// e-mail address or a phone number of another contact is ignored.
#[utoipa::path(
    post,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts",
    operation_id = "publicCreateContact",
    tag = "Public client API",
    params(("inbox_identifier" = String, Path, description = "The public name of the inbox.")),
    request_body = inline(ContactParams),
    responses((status = 200, description = "The contact in its session.", body = inline(ContactView)))
)]
async fn create(
    State(public): State<PublicState>,
    context: InboxRequest,
    request: Request,
) -> Result<Response, PublicError> {
    let params = Params::read(request, SMALL_BODY_LIMITS).await?;
    let source_id = params.text("source_id").filter(|text| !text.trim().is_empty());
    let source_id = source_id.as_deref().map(SourceId::parse).transpose()?;
    let request = SessionRequest { source_id, fields: fields(&params)?, proof: proof(&params) };
    public.limiter.check_new_session(context.address, context.inbox.inbox.id)?;
    Ok(json(&ContactView::new(&public.app.identify_contact(&context.inbox, request).await?)))
}

/// The contact of a session.
#[utoipa::path(
    get,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}",
    operation_id = "publicContact",
    tag = "Public client API",
    params(
        ("inbox_identifier" = String, Path, description = "The public name of the inbox."),
        ("source_id" = String, Path, description = "The name of the session."),
        ("identifier" = Option<String>, Query, description = "The contact's identifier, to prove it."),
        ("identifier_hash" = Option<String>, Query, description = "Its HMAC; a valid one verifies the session.")
    ),
    responses((status = 200, description = "The contact in its session.", body = inline(ContactView)))
)]
async fn show(
    State(public): State<PublicState>,
    context: InboxRequest,
    request: Request,
) -> Result<Response, PublicError> {
    let params = Params::parse_query(request.uri().query())?;
    let session = public
        .app
        .identify_session(&context.inbox, context.path.get("source_id"), &proof(&params))
        .await?;
    public.limiter.check_session(session.session.id)?;
    Ok(json(&ContactView::new(&session)))
}

/// Changes the contact of a session.
///
/// A session that is not verified, of a contact that existed before it, changes only what it sees
/// itself. An e-mail address or a phone number of another contact is rejected.
#[utoipa::path(
    patch,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}",
    operation_id = "publicUpdateContact",
    tag = "Public client API",
    params(
        ("inbox_identifier" = String, Path, description = "The public name of the inbox."),
        ("source_id" = String, Path, description = "The name of the session.")
    ),
    request_body = inline(ContactParams),
    responses((status = 200, description = "The contact as the session sees it now.", body = inline(ChangedContact)))
)]
async fn update(
    State(public): State<PublicState>,
    context: InboxRequest,
    request: Request,
) -> Result<Response, PublicError> {
    let params = Params::read(request, SMALL_BODY_LIMITS).await?;
    let contact_session =
        public.app.contact_session(&context.inbox, context.path.get("source_id")).await?;
    public.limiter.check_session(contact_session.session.id)?;
    let fields = fields(&params)?;
    let session = public
        .app
        .update_session(&context.inbox, context.path.get("source_id"), &fields, &proof(&params))
        .await?;
    Ok(json(&ChangedContact::new(&session, context.inbox.inbox.account)))
}
