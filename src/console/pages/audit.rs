//! What was done to a site and by whom, as sentences.

use crate::{
    console::{
        Console,
        error::ConsoleError,
        view::{EmptyState, Page, Pager, Table, moment, page},
        visit::Member,
        words::{self, Lang, Word, words},
    },
    domain::{AccountId, Actor, Audited, Role},
    inbox::InboxError,
};
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;

words! {
    TITLE: "Audit log", "Журнал дій";
    EMPTY: "Nothing yet", "Ще нічого";
    EMPTY_TEXT: "Who changed what on this site will stand here: settings, members, keys, themes, messages.", "Тут буде видно, хто й що змінив на сайті: налаштування, учасників, ключі, теми, повідомлення.";
    WHAT: "What", "Що";
    WHO: "Who", "Хто";
    WHEN: "When", "Коли";
    OPERATOR: "The command line", "Командний рядок";
    SYSTEM: "Belfry", "Belfry";
    KEY: "API key {name}", "Ключ API {name}";
    GONE: "A former account", "Колишній обліковий запис";
    AS: " ({role})", " ({role})";

    SITE_CREATED: "Created the site {subject}", "Створення сайту {subject}";
    SITE_UPDATED: "Changed the site’s settings", "Зміна налаштувань сайту";
    SETTINGS_UPDATED: "Changed the settings: {subject}", "Зміна налаштувань: {subject}";
    MEMBER_CHANGED: "Changed what {subject} may do", "Зміна ролі: {subject}";
    MEMBER_REMOVED: "Removed {subject} from the site", "Вилучення учасника: {subject}";
    INVITED: "Invited someone", "Запрошення";
    INVITATION_REVOKED: "Took an invitation back", "Відкликання запрошення";
    JOINED: "Joined the site", "Приєднання до сайту";
    KEY_CREATED: "Created the API key {subject}", "Створення ключа API {subject}";
    KEY_REVOKED: "Revoked the API key {subject}", "Відкликання ключа API {subject}";
    ORIGIN_ALLOWED: "Allowed {subject} to show the bell", "Дозвіл показувати дзвіночок: {subject}";
    THEME_UPLOADED: "Uploaded a theme", "Завантаження теми";
    THEME_PUBLISHED: "Published a theme", "Публікація теми";
    THEME_ROLLED_BACK: "Went back to an earlier theme", "Повернення до попередньої теми";
    THEME_DELETED: "Deleted a theme", "Видалення теми";
    MESSAGE_PUBLISHED: "Sent a message", "Надсилання повідомлення";
    THEME_SHOWN: "Made a link that shows a theme", "Посилання для перегляду теми";
    MESSAGE_CANCELLED: "Cancelled a message", "Скасування повідомлення";
    MESSAGE_TESTED: "Sent a test message", "Надсилання тестового повідомлення";
    CONTACT_CHANGED: "Changed a contact", "Зміна контакту";
    SEGMENT_CREATED: "Created a segment", "Створення сегмента";
    SEGMENT_CHANGED: "Changed a segment", "Зміна сегмента";
    SEGMENT_DELETED: "Deleted a segment", "Видалення сегмента";
    WEBHOOK_CREATED: "Added a webhook", "Додавання вебхука";
    WEBHOOK_CHANGED: "Changed a webhook", "Зміна вебхука";
    WEBHOOK_DELETED: "Deleted a webhook", "Видалення вебхука";
    WEBHOOK_TESTED: "Tried a webhook", "Перевірка вебхука";
    MESSAGE_EDITED: "Edited a message", "Редагування повідомлення";
    MESSAGE_RECALLED: "Recalled a message", "Відкликання повідомлення";
    CONTACT_ERASED: "Erased a contact", "Стирання контакту";
}

const SENTENCES: &[(&str, Word)] = &[
    ("site.created", SITE_CREATED),
    ("site.updated", SITE_UPDATED),
    ("site.changed", SITE_UPDATED),
    ("settings.updated", SETTINGS_UPDATED),
    ("member.changed", MEMBER_CHANGED),
    ("member.removed", MEMBER_REMOVED),
    ("invitation.created", INVITED),
    ("invitation.revoked", INVITATION_REVOKED),
    ("invitation.accepted", JOINED),
    ("key.created", KEY_CREATED),
    ("key.revoked", KEY_REVOKED),
    ("origin.allowed", ORIGIN_ALLOWED),
    ("theme.uploaded", THEME_UPLOADED),
    ("theme.published", THEME_PUBLISHED),
    ("theme.rolled_back", THEME_ROLLED_BACK),
    ("theme.rolled-back", THEME_ROLLED_BACK),
    ("theme.shown", THEME_SHOWN),
    ("theme.deleted", THEME_DELETED),
    ("message.published", MESSAGE_PUBLISHED),
    ("message.changed", MESSAGE_EDITED),
    ("message.edited", MESSAGE_EDITED),
    ("message.cancel", MESSAGE_CANCELLED),
    ("message.cancelled", MESSAGE_CANCELLED),
    ("message.test", MESSAGE_TESTED),
    ("message.tested", MESSAGE_TESTED),
    ("message.recalled", MESSAGE_RECALLED),
    ("contact.erased", CONTACT_ERASED),
    ("contact.changed", CONTACT_CHANGED),
    ("segment.created", SEGMENT_CREATED),
    ("segment.changed", SEGMENT_CHANGED),
    ("segment.deleted", SEGMENT_DELETED),
    ("webhook.created", WEBHOOK_CREATED),
    ("webhook.changed", WEBHOOK_CHANGED),
    ("webhook.deleted", WEBHOOK_DELETED),
    ("webhook.test", WEBHOOK_TESTED),
];

/// Entries on a page.
const LIMIT: u32 = 50;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/sites/{site}/audit", get(list))
}

#[derive(Deserialize)]
struct Asked {
    before: Option<String>,
}

/// The names of the people and keys that the entries speak of.
struct Names {
    accounts: HashMap<AccountId, String>,
    keys: HashMap<String, String>,
}

impl Names {
    async fn of(console: &Console, who: &Member, entries: &[Audited]) -> Result<Self, ConsoleError> {
        let keys = console.inbox.keys(who.site.id).await?.into_iter().map(|key| (key.id.0, key.name)).collect();
        let mut accounts = HashMap::new();
        for Audited { entry, .. } in entries {
            let actor = if let Actor::Account(account) = entry.actor { Some(account) } else { None };
            let subject = if entry.action.starts_with("member.") { entry.subject.parse().ok().map(AccountId) } else { None };
            for account in [actor, subject].into_iter().flatten() {
                if accounts.contains_key(&account) {
                    continue;
                }
                match console.inbox.account(account).await {
                    Ok(found) => accounts.insert(account, found.name),
                    Err(InboxError::NotFound) => accounts.insert(account, GONE.t(who.lang).to_owned()),
                    Err(other) => return Err(other.into()),
                };
            }
        }
        Ok(Self { accounts, keys })
    }

    fn actor(&self, lang: Lang, actor: &Actor) -> String {
        match actor {
            Actor::Account(account) => self.accounts.get(account).cloned().unwrap_or_else(|| GONE.t(lang).to_owned()),
            Actor::Key(key) => KEY.with(lang, &[("name", self.keys.get(&key.0).unwrap_or(&key.0))]),
            Actor::Operator => OPERATOR.t(lang).to_owned(),
            Actor::System => SYSTEM.t(lang).to_owned(),
        }
    }

    /// The act as a sentence; one that nobody wrote a sentence for is named as it is kept.
    fn sentence(&self, lang: Lang, audited: &Audited) -> String {
        let entry = &audited.entry;
        let subject = match entry.action.split_once('.') {
            Some(("member", _)) => entry.subject.parse().ok().and_then(|id| self.accounts.get(&AccountId(id))).unwrap_or(&entry.subject),
            Some(("key", _)) => self.keys.get(&entry.subject).unwrap_or(&entry.subject),
            _ => &entry.subject,
        };
        let known = SENTENCES.iter().find_map(|(action, word)| (*action == entry.action).then_some(*word));
        let mut sentence = match known {
            Some(word) => word.with(lang, &[("subject", subject)]),
            None if subject.is_empty() => entry.action.clone(),
            None => format!("{}: {subject}", entry.action),
        };
        let role = entry.detail.as_ref().and_then(|detail| detail.get("role")).and_then(Value::as_str).and_then(|role| role.parse::<Role>().ok());
        if let Some(role) = role {
            sentence += &AS.with(lang, &[("role", &words::role(role).t(lang))]);
        }
        sentence
    }
}

async fn list(State(console): State<Console>, who: Member, Query(asked): Query<Asked>) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let before = asked.before.map(|number| number.parse::<i64>()).transpose().map_err(|_| ConsoleError::NotFound)?;
    let mut entries = console.inbox.audit(Some(who.site.id), before, LIMIT + 1).await?;
    let more = entries.len() > LIMIT as usize;
    entries.truncate(LIMIT as usize);
    let names = Names::of(&console, &who, &entries).await?;
    let next = entries.last().filter(|_| more).map(|last| format!("{}?before={}", who.path("audit"), last.number));
    let first = before.is_some().then(|| who.path("audit"));
    let row = |audited: &Audited| {
        view! {
            <tr>
                <td class="main">{names.sentence(lang, audited)}</td>
                <td class="quiet">{names.actor(lang, &audited.entry.actor)}</td>
                <td class="quiet">{moment(&who, audited.entry.at)}</td>
            </tr>
        }
        .into_any()
    };
    let content = if entries.is_empty() {
        view! { <EmptyState title=EMPTY.t(lang) text=EMPTY_TEXT.t(lang)/> }.into_any()
    } else {
        let rows = entries.iter().map(row).collect_view();
        view! { <Table caption=TITLE.t(lang) columns=vec![WHAT.t(lang), WHO.t(lang), WHEN.t(lang)]>{rows}</Table> }.into_any()
    };
    let content = view! {
        {content}
        <Pager lang=lang first=first next=next/>
    };
    Ok(page(&who, Page::new(TITLE.t(lang)).of(&who, "audit"), content))
}
