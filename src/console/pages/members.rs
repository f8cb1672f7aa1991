//! The members and invitations of a site. Owners change them; other members have read access.

use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    phrases::{EMAIL, UiLanguage, role_name},
    request_context::{Member, redirect},
    view::{
        Badge, Button, Confirm, CopyField, Errors, Field, Page, Select, Table, Tone, csrf_field,
        date, page, page_with,
    },
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use belfry_app::AppError;
use belfry_domain::{AccountId, EmailAddress, Invitation, Membership, Role, ValidationError};
use belfry_locales::phrases::console_members as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use belfry_web::router::{Routes, get, post};
use leptos::prelude::*;

pub(super) fn routes() -> Routes<Console> {
    Routes::new()
        .route("/sites/{site}/members", get(list).post(invite))
        .route("/sites/{site}/members/{account}/role", post(set_role))
        .route("/sites/{site}/members/{account}/remove", get(ask).post(remove))
        .route("/sites/{site}/invitations/{invitation}/revoke", post(revoke))
}

async fn list(State(console): State<Console>, member: Member) -> Result<Response, ConsoleError> {
    members_page(StatusCode::OK, &console, &member, Form::new([("role", "editor")])).await
}

fn roles(lang: UiLanguage) -> Vec<(String, String)> {
    let label = |role| match role {
        Role::Owner => phrases::CAN_OWNER,
        Role::Editor => phrases::CAN_EDITOR,
        Role::Viewer => phrases::CAN_VIEWER,
        Role::Agent => phrases::CAN_AGENT,
    };
    Role::ALL
        .into_iter()
        .map(|role| (role.as_str().to_owned(), label(role).t(lang).to_owned()))
        .collect()
}

fn role_form(who: &Member, of: &Membership) -> Markup {
    let lang = who.lang;
    let options = Role::ALL.map(|role| view! { <option value=role.as_str() selected=role == of.role>{role_name(role).t(lang)}</option> });
    view! {
        <form method="post" class="inline" action=who.path(&format!("members/{}/role", of.account.id.0))>
            {csrf_field(who)}
            <select name="role" aria-label=phrases::ROLE.t(lang)>{options.into_iter().collect_view()}</select>
            <button class="button small">{phrases::SET.t(lang)}</button>
        </form>
    }
    .into_markup()
}

fn row(who: &Member, of: &Membership) -> Markup {
    let lang = who.lang;
    let owner = who.role >= Role::Owner;
    let you = (of.account.id == who.account.id)
        .then(|| view! { " " <Badge tone=Tone::Accent>{phrases::YOU.t(lang)}</Badge> });
    let role = role_name(of.role).t(lang);
    let role =
        if owner { role_form(who, of) } else { view! { <Badge>{role}</Badge> }.into_markup() };
    let remove = who.path(&format!("members/{}/remove", of.account.id.0));
    view! {
        <tr>
            <td><span class="main">{of.account.name.clone()}</span> {you}</td>
            <td class="quiet">{of.account.email.as_str().to_owned()}</td>
            <td>{role}</td>
            {owner.then(|| view! { <td class="number"><a class="quiet" href=remove>{phrases::REMOVE.t(lang)}</a></td> })}
        </tr>
    }
    .into_markup()
}

fn open_invitations(who: &Member, invitations: Vec<Invitation>) -> Markup {
    let lang = who.lang;
    let row = |invitation: Invitation| {
        let whom = invitation
            .email
            .as_ref()
            .map_or_else(|| phrases::ANYONE.t(lang).to_owned(), |email| email.as_str().to_owned());
        view! {
            <tr>
                <td>{whom}</td>
                <td><Badge>{role_name(invitation.role).t(lang)}</Badge></td>
                <td class="quiet">{date(who, invitation.expires_at)}</td>
                <td class="number">
                    <form method="post" class="inline" action=who.path(&format!("invitations/{}/revoke", invitation.digest.short()))>
                        {csrf_field(who)}
                        <button class="link">{phrases::REVOKE.t(lang)}</button>
                    </form>
                </td>
            </tr>
        }
        .into_markup()
    };
    let rows = invitations.into_iter().map(row).collect_view();
    view! {
        <section>
            <h2>{phrases::OPEN.t(lang)}</h2>
            <Table caption=phrases::OPEN.t(lang) columns=vec![phrases::FOR.t(lang), phrases::ROLE.t(lang), phrases::UNTIL.t(lang), ""]>{rows}</Table>
        </section>
    }
    .into_markup()
}

fn invite_form(who: &Member, form: Form) -> Markup {
    let lang = who.lang;
    view! {
        <section class="narrow">
            <h2>{phrases::INVITE.t(lang)}</h2>
            <p class="lead">{phrases::INVITE_TEXT.t(lang)}</p>
            <form method="post" action=who.path("members")>
                {csrf_field(who)}
                <Errors form=form.clone() fields=&["role", "email"]/>
                <Select form=form.clone() name="role" label=phrases::ROLE.t(lang) options=roles(lang)/>
                <Field form=form name="email" kind="email" label=phrases::ONLY.t(lang)/>
                <Button tone=Tone::Accent>{phrases::MAKE.t(lang)}</Button>
            </form>
        </section>
    }
    .into_markup()
}

async fn members_page(
    status: StatusCode,
    console: &Console,
    who: &Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let owner = who.role >= Role::Owner;
    let members = console.app.members(who.site.id).await?;
    let invitations = if owner { console.app.invitations(who.site.id).await? } else { Vec::new() };
    let mut columns = vec![phrases::PERSON.t(lang), EMAIL.t(lang), phrases::ROLE.t(lang)];
    if owner {
        columns.push("");
    }
    let rows = members.iter().map(|of| row(who, of)).collect_view();
    let open = (!invitations.is_empty()).then(|| open_invitations(who, invitations));
    let content = view! {
        <Table caption=phrases::TITLE.t(lang) columns=columns>{rows}</Table>
        {open}
        {owner.then(|| invite_form(who, form))}
    };
    Ok(page_with(status, who, Page::new(phrases::TITLE.t(lang)).for_site(who, "members"), content))
}

async fn invite(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let lang = who.lang;
    let asked = form
        .get("role")
        .parse::<Role>()
        .and_then(|role| Ok((role, form.trimmed("email").map(EmailAddress::parse).transpose()?)));
    let (role, email) = match asked {
        Ok(asked) => asked,
        Err(invalid) => {
            return members_page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &console,
                &who,
                form.rejected(invalid),
            )
            .await;
        }
    };
    let secret = match console.app.invite(who.account.id, who.site.id, role, email).await {
        Ok(secret) => secret,
        Err(AppError::ValidationError(invalid)) => {
            return members_page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &console,
                &who,
                form.rejected(invalid),
            )
            .await;
        }
        Err(other) => return Err(other.into()),
    };
    // The fragment is not sent to servers, so the secret is in no log.
    let link = format!("{}/console/invitation#{}", console.public_url, secret.reveal());
    let content = view! {
        <p class="lead">{phrases::LINK_TEXT.t(lang)}</p>
        <CopyField lang=lang name="link" label=phrases::LINK.t(lang) value=link/>
        <Button href=who.path("members")>{phrases::BACK.t(lang)}</Button>
    };
    Ok(page(
        &who,
        Page::new(phrases::LINK_TITLE.t(lang)).for_site(&who, "members").narrow(),
        content,
    ))
}

/// The member in the path of the request.
async fn named(console: &Console, who: &Member, account: &str) -> Result<Membership, ConsoleError> {
    let account = account.parse().map(AccountId).map_err(|_| ConsoleError::NotFound)?;
    let members = console.app.members(who.site.id).await?;
    members.into_iter().find(|of| of.account.id == account).ok_or(ConsoleError::NotFound)
}

async fn answer(
    who: &Member,
    done: Result<(), AppError>,
    text: String,
) -> Result<Response, ConsoleError> {
    match done {
        Ok(()) => who.flash_success(text).await?,
        // The only possible reason of a rejection.
        Err(AppError::ValidationError(ValidationError { .. })) => {
            who.flash_error(phrases::LAST_OWNER.t(who.lang)).await?;
        }
        Err(other) => return Err(other.into()),
    }
    Ok(redirect(&who.path("members")))
}

async fn set_role(
    State(console): State<Console>,
    who: Member,
    Path((_, account)): Path<(String, String)>,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let of = named(&console, &who, &account).await?;
    let role: Role = form.get("role").parse()?;
    let done = console.app.set_role(who.account.id, who.site.id, of.account.id, role).await;
    answer(&who, done, phrases::CHANGED.t(who.lang).to_owned()).await
}

async fn ask(
    State(console): State<Console>,
    who: Member,
    Path((_, account)): Path<(String, String)>,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let (lang, of) = (who.lang, named(&console, &who, &account).await?.account);
    let text = phrases::REMOVE_TEXT
        .with(lang, &[("name", &of.name), ("email", &of.email.as_str()), ("site", &who.site.name)]);
    let content = view! { <Confirm visit=who.context.clone() text=text action=phrases::REMOVE.t(lang) back=who.path("members")/> };
    Ok(page(
        &who,
        Page::new(phrases::REMOVE_TITLE.with(lang, &[("name", &of.name)]))
            .for_site(&who, "members")
            .narrow(),
        content,
    ))
}

async fn remove(
    State(console): State<Console>,
    who: Member,
    Path((_, account)): Path<(String, String)>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    let of = named(&console, &who, &account).await?.account;
    let done = console.app.remove_member(who.account.id, who.site.id, of.id).await;
    // A member who leaves a site loses access to it, except operators.
    if done.is_ok() && of.id == who.account.id && !who.account.is_operator {
        return Ok(redirect("/console"));
    }
    answer(&who, done, phrases::REMOVED.with(who.lang, &[("name", &of.name)])).await
}

async fn revoke(
    State(console): State<Console>,
    who: Member,
    Path((_, invitation)): Path<(String, String)>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    who.require_role(Role::Owner)?;
    console.app.revoke_invitation(who.account.id, who.site.id, &invitation).await?;
    who.flash_success(phrases::REVOKED.t(who.lang)).await?;
    Ok(redirect(&who.path("members")))
}
