//! Who belongs to a site, and the links that let others in. An owner changes it; the others look.

use crate::web::html::{IntoMarkup, Markup};
use crate::{
    app::AppError,
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        phrases::{self, EMAIL, UiLanguage, words},
        request_context::{Member, redirect},
        view::{
            Badge, Button, Confirm, CopyField, Errors, Field, Page, Select, Table, Tone,
            csrf_field, date, page, page_with,
        },
    },
    domain::{AccountId, EmailAddress, Invitation, Membership, Role, ValidationError},
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use leptos::prelude::*;

words! {
    PERSON: "Name", "Ім’я";
    TITLE: "Members", "Учасники";
    ROLE: "Role", "Роль";
    YOU: "You", "Ви";
    SET: "Change", "Змінити";
    REMOVE: "Remove", "Вилучити";
    REMOVE_TITLE: "Remove {name}?", "Вилучити учасника {name}?";
    REMOVE_TEXT: "{name} ({email}) loses access to {site} immediately. Invitations they sent stop working. The site’s API keys are not affected: revoke any they know under Settings. What they did stays in the audit log, and they can be invited again.", "{name} ({email}) одразу втратить доступ до сайту {site}. Надіслані запрошення втратять чинність. Ключі API сайту лишаються: відкличте відомі цій людині в налаштуваннях. Дії залишаться в журналі, і запросити можна знову.";
    REMOVED: "{name} is no longer a member.", "{name} більше не учасник.";
    CHANGED: "Role changed.", "Роль змінено.";
    LAST_OWNER: "A site must have at least one owner. Make someone else an owner first.", "Сайт не може залишитися без власника. Спершу зробіть власником когось іншого.";
    INVITE: "Invite someone", "Запросити";
    INVITE_TEXT: "Creates a link for you to send. It works once, for seven days.", "Створює посилання, яке можна надіслати. Воно діє один раз, сім днів.";
    ONLY: "Only for this e-mail (optional)", "Лише для цієї адреси (за бажанням)";
    MAKE: "Create link", "Створити посилання";
    LINK: "Invitation link", "Посилання-запрошення";
    LINK_TITLE: "The invitation is ready", "Запрошення готове";
    LINK_TEXT: "Send this link to the person you invite. It won’t be shown again.", "Надішліть це посилання людині, яку запрошуєте. Його показано лише зараз.";
    BACK: "Back to members", "До учасників";
    OPEN: "Pending invitations", "Чинні запрошення";
    FOR: "For", "Для кого";
    ANYONE: "Anyone with the link", "Будь-хто з посиланням";
    UNTIL: "Expires", "Діє до";
    REVOKE: "Revoke", "Відкликати";
    REVOKED: "Invitation revoked.", "Запрошення відкликано.";
    CAN_OWNER: "Owner: full access, including members and keys", "Власник: усе, зокрема учасники й ключі";
    CAN_EDITOR: "Editor: messages and conversations", "Редактор: повідомлення та розмови";
    CAN_VIEWER: "Viewer: read-only, no conversations", "Глядач: лише перегляд, без розмов";
    CAN_AGENT: "Agent: conversations only", "Агент: лише розмови";
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/sites/{site}/members", get(list).post(invite))
        .route("/sites/{site}/members/{account}/role", post(set_role))
        .route("/sites/{site}/members/{account}/remove", get(ask).post(remove))
        .route("/sites/{site}/invitations/{invitation}/revoke", post(revoke))
}

async fn list(State(console): State<Console>, member: Member) -> Result<Response, ConsoleError> {
    members_page(StatusCode::OK, &console, &member, Form::of([("role", "editor")])).await
}

fn roles(lang: UiLanguage) -> Vec<(String, String)> {
    let label = |role| match role {
        Role::Owner => CAN_OWNER,
        Role::Editor => CAN_EDITOR,
        Role::Viewer => CAN_VIEWER,
        Role::Agent => CAN_AGENT,
    };
    Role::ALL
        .into_iter()
        .map(|role| (role.as_str().to_owned(), label(role).t(lang).to_owned()))
        .collect()
}

fn role_form(who: &Member, of: &Membership) -> Markup {
    let lang = who.lang;
    let options = Role::ALL.map(|role| view! { <option value=role.as_str() selected=role == of.role>{phrases::role_name(role).t(lang)}</option> });
    view! {
        <form method="post" class="inline" action=who.path(&format!("members/{}/role", of.account.id.0))>
            {csrf_field(who)}
            <select name="role" aria-label=ROLE.t(lang)>{options.into_iter().collect_view()}</select>
            <button class="button small">{SET.t(lang)}</button>
        </form>
    }
    .into_markup()
}

fn row(who: &Member, of: &Membership) -> Markup {
    let lang = who.lang;
    let owner = who.role >= Role::Owner;
    let you = (of.account.id == who.account.id)
        .then(|| view! { " " <Badge tone=Tone::Accent>{YOU.t(lang)}</Badge> });
    let role = phrases::role_name(of.role).t(lang);
    let role =
        if owner { role_form(who, of) } else { view! { <Badge>{role}</Badge> }.into_markup() };
    let remove = who.path(&format!("members/{}/remove", of.account.id.0));
    view! {
        <tr>
            <td><span class="main">{of.account.name.clone()}</span> {you}</td>
            <td class="quiet">{of.account.email.as_str().to_owned()}</td>
            <td>{role}</td>
            {owner.then(|| view! { <td class="number"><a class="quiet" href=remove>{REMOVE.t(lang)}</a></td> })}
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
            .map_or_else(|| ANYONE.t(lang).to_owned(), |email| email.as_str().to_owned());
        view! {
            <tr>
                <td>{whom}</td>
                <td><Badge>{phrases::role_name(invitation.role).t(lang)}</Badge></td>
                <td class="quiet">{date(who, invitation.expires_at)}</td>
                <td class="number">
                    <form method="post" class="inline" action=who.path(&format!("invitations/{}/revoke", invitation.digest.short()))>
                        {csrf_field(who)}
                        <button class="link">{REVOKE.t(lang)}</button>
                    </form>
                </td>
            </tr>
        }
        .into_markup()
    };
    let rows = invitations.into_iter().map(row).collect_view();
    view! {
        <section>
            <h2>{OPEN.t(lang)}</h2>
            <Table caption=OPEN.t(lang) columns=vec![FOR.t(lang), ROLE.t(lang), UNTIL.t(lang), ""]>{rows}</Table>
        </section>
    }
    .into_markup()
}

fn invite_form(who: &Member, form: Form) -> Markup {
    let lang = who.lang;
    view! {
        <section class="narrow">
            <h2>{INVITE.t(lang)}</h2>
            <p class="lead">{INVITE_TEXT.t(lang)}</p>
            <form method="post" action=who.path("members")>
                {csrf_field(who)}
                <Errors form=form.clone() fields=&["role", "email"]/>
                <Select form=form.clone() name="role" label=ROLE.t(lang) options=roles(lang)/>
                <Field form=form name="email" kind="email" label=ONLY.t(lang)/>
                <Button tone=Tone::Accent>{MAKE.t(lang)}</Button>
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
    let members = console.inbox.members(who.site.id).await?;
    let invitations =
        if owner { console.inbox.invitations(who.site.id).await? } else { Vec::new() };
    let mut columns = vec![PERSON.t(lang), EMAIL.t(lang), ROLE.t(lang)];
    if owner {
        columns.push("");
    }
    let rows = members.iter().map(|of| row(who, of)).collect_view();
    let open = (!invitations.is_empty()).then(|| open_invitations(who, invitations));
    let content = view! {
        <Table caption=TITLE.t(lang) columns=columns>{rows}</Table>
        {open}
        {owner.then(|| invite_form(who, form))}
    };
    Ok(page_with(status, who, Page::new(TITLE.t(lang)).of(who, "members"), content))
}

async fn invite(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let lang = who.lang;
    let asked = form
        .get("role")
        .parse::<Role>()
        .and_then(|role| Ok((role, form.maybe("email").map(EmailAddress::parse).transpose()?)));
    let (role, email) = match asked {
        Ok(asked) => asked,
        Err(invalid) => {
            return members_page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &console,
                &who,
                form.refused(invalid),
            )
            .await;
        }
    };
    let secret = match console.inbox.invite(who.account.id, who.site.id, role, email).await {
        Ok(secret) => secret,
        Err(AppError::ValidationError(invalid)) => {
            return members_page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &console,
                &who,
                form.refused(invalid),
            )
            .await;
        }
        Err(other) => return Err(other.into()),
    };
    // Behind the `#` it reaches no server and no log on its way.
    let link = format!("{}/console/invitation#{}", console.public_url, secret.reveal());
    let content = view! {
        <p class="lead">{LINK_TEXT.t(lang)}</p>
        <CopyField lang=lang name="link" label=LINK.t(lang) value=link/>
        <Button href=who.path("members")>{BACK.t(lang)}</Button>
    };
    Ok(page(&who, Page::new(LINK_TITLE.t(lang)).of(&who, "members").narrow(), content))
}

/// The member that an address names.
async fn named(console: &Console, who: &Member, account: &str) -> Result<Membership, ConsoleError> {
    let account = account.parse().map(AccountId).map_err(|_| ConsoleError::NotFound)?;
    let members = console.inbox.members(who.site.id).await?;
    members.into_iter().find(|of| of.account.id == account).ok_or(ConsoleError::NotFound)
}

async fn answer(
    who: &Member,
    done: Result<(), AppError>,
    text: String,
) -> Result<Response, ConsoleError> {
    match done {
        Ok(()) => who.done(text).await?,
        // There is one reason to reject it.
        Err(AppError::ValidationError(ValidationError { .. })) => {
            who.failed(LAST_OWNER.t(who.lang)).await?;
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
    who.may(Role::Owner)?;
    let of = named(&console, &who, &account).await?;
    let role: Role = form.get("role").parse()?;
    let done = console.inbox.set_role(who.account.id, who.site.id, of.account.id, role).await;
    answer(&who, done, CHANGED.t(who.lang).to_owned()).await
}

async fn ask(
    State(console): State<Console>,
    who: Member,
    Path((_, account)): Path<(String, String)>,
) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let (lang, of) = (who.lang, named(&console, &who, &account).await?.account);
    let text = REMOVE_TEXT
        .with(lang, &[("name", &of.name), ("email", &of.email.as_str()), ("site", &who.site.name)]);
    let content = view! { <Confirm visit=who.visit.clone() text=text action=REMOVE.t(lang) back=who.path("members")/> };
    Ok(page(
        &who,
        Page::new(REMOVE_TITLE.with(lang, &[("name", &of.name)])).of(&who, "members").narrow(),
        content,
    ))
}

async fn remove(
    State(console): State<Console>,
    who: Member,
    Path((_, account)): Path<(String, String)>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    let of = named(&console, &who, &account).await?.account;
    let done = console.inbox.remove_member(who.account.id, who.site.id, of.id).await;
    // A member who leaves a site has no access to it any more, except operators.
    if done.is_ok() && of.id == who.account.id && !who.account.is_operator {
        return Ok(redirect("/console"));
    }
    answer(&who, done, REMOVED.with(who.lang, &[("name", &of.name)])).await
}

async fn revoke(
    State(console): State<Console>,
    who: Member,
    Path((_, invitation)): Path<(String, String)>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    who.may(Role::Owner)?;
    console.inbox.revoke_invitation(who.account.id, who.site.id, &invitation).await?;
    who.done(REVOKED.t(who.lang)).await?;
    Ok(redirect(&who.path("members")))
}
