//! The audit log of a site, a phrase for each action. To add an action, add its phrase to
//! `SENTENCES`.

use crate::web::html::IntoMarkup;
use crate::{
    app::AppError,
    console::{
        Console,
        error::ConsoleError,
        phrases::{self, Phrase, UiLanguage, words},
        request_context::Member,
        view::{EmptyState, Page, Pager, Table, page, relative_time},
    },
    domain::{AccountId, Actor, Role, StoredAuditEntry, channel::AgentId},
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
    EMPTY: "No entries yet", "Ще немає записів";
    EMPTY_TEXT: "Changes to this site appear here: settings, members, keys, themes, messages.", "Тут з’являтимуться зміни на сайті: налаштування, учасники, ключі, теми, повідомлення.";
    WHAT: "What", "Що";
    WHO: "Who", "Хто";
    WHEN: "When", "Коли";
    OPERATOR: "Command line", "Командний рядок";
    SYSTEM: "Belfry", "Belfry";
    KEY: "API key {name}", "Ключ API {name}";
    AGENT: "Agent {name} (API)", "Агент {name} (API)";
    FORMER_AGENT: "Former agent (API)", "Колишній агент (API)";
    GONE: "Former account", "Колишній обліковий запис";
    AS: " ({role})", " ({role})";

    SITE_CREATED: "Created the site {subject}", "Створення сайту {subject}";
    SITE_UPDATED: "Changed the site’s settings", "Зміна налаштувань сайту";
    SETTINGS_UPDATED: "Changed the settings: {subject}", "Зміна налаштувань: {subject}";
    MEMBER_CHANGED: "Changed the role of {subject}", "Зміна ролі: {subject}";
    MEMBER_REMOVED: "Removed {subject} from the site", "Вилучення учасника: {subject}";
    INVITED: "Created an invitation", "Створення запрошення";
    INVITATION_REVOKED: "Revoked an invitation", "Відкликання запрошення";
    JOINED: "Joined the site", "Приєднання до сайту";
    KEY_CREATED: "Created the API key {subject}", "Створення ключа API {subject}";
    SDK_KEY_CREATED: "Created the signing key {subject}", "Створення ключа підпису {subject}";
    SDK_KEY_REVOKED: "Revoked the signing key {subject}", "Відкликання ключа підпису {subject}";
    KEY_REVOKED: "Revoked the API key {subject}", "Відкликання ключа API {subject}";
    ORIGIN_ALLOWED: "Allowed {subject} to show the bell", "Дозвіл показувати дзвіночок: {subject}";
    THEME_UPLOADED: "Uploaded a theme", "Завантаження теми";
    THEME_PUBLISHED: "Published a theme", "Публікація теми";
    THEME_ROLLED_BACK: "Rolled back to an earlier theme", "Повернення до попередньої теми";
    THEME_DELETED: "Deleted a theme", "Видалення теми";
    MESSAGE_PUBLISHED: "Sent a message", "Надсилання повідомлення";
    THEME_SHOWN: "Created a theme preview link", "Посилання для перегляду теми";
    MESSAGE_CANCELLED: "Cancelled a message", "Скасування повідомлення";
    MESSAGE_TESTED: "Sent a test message", "Надсилання тестового повідомлення";
    CONTACT_CHANGED: "Changed a contact", "Зміна контакту";
    SEGMENT_CREATED: "Created a segment", "Створення сегмента";
    SEGMENT_CHANGED: "Changed a segment", "Зміна сегмента";
    SEGMENT_DELETED: "Deleted a segment", "Видалення сегмента";
    WEBHOOK_CREATED: "Added a webhook", "Додавання вебхука";
    WEBHOOK_CHANGED: "Changed a webhook", "Зміна вебхука";
    WEBHOOK_DELETED: "Deleted a webhook", "Видалення вебхука";
    WEBHOOK_TESTED: "Tested a webhook", "Перевірка вебхука";
    MESSAGE_EDITED: "Edited a message", "Редагування повідомлення";
    MESSAGE_RECALLED: "Recalled a message", "Відкликання повідомлення";
    CONTACT_ERASED: "Erased a contact", "Стирання контакту";
    CONTACT_CREATED: "Added a contact", "Додавання контакту";
    CONTACT_EXPORTED: "Exported the data of a contact", "Експорт даних контакту";
    CONTACT_SUBSCRIBED: "Added or changed a contact", "Додавання або зміна контакту";
    DEVICE_BOUND: "Linked a device to a contact", "Прив’язування пристрою до контакту";
    DEVICE_FREED: "Unlinked a device from a contact", "Відв’язування пристрою контакту";
    CONTACTS_IMPORTED: "Imported contacts", "Імпорт контактів";
    DELIVERY_REPLAYED: "Sent a webhook delivery again", "Повторне надсилання доставки вебхука";
    IMAGE_CREATED: "Uploaded a picture", "Завантаження зображення";
    MESSAGE_SCHEDULED: "Scheduled a message", "Планування повідомлення";
    MESSAGE_RESENT: "Sent a message again", "Повторне надсилання повідомлення";
    WEBHOOK_ENABLED: "Turned a webhook on", "Увімкнення вебхука";
    WEBHOOK_DISABLED: "Turned a webhook off", "Вимкнення вебхука";
    WEBHOOK_SECRET: "Rotated the secret of a webhook", "Новий секрет вебхука";
    WEBHOOK_REPLAYED: "Sent failed webhook deliveries again", "Повторне надсилання доставок вебхука";
    CANNED_CREATED: "Created the canned response {subject}", "Створення готової відповіді {subject}";
    CANNED_UPDATED: "Changed the canned response {subject}", "Зміна готової відповіді {subject}";
    CANNED_DELETED: "Deleted the canned response {subject}", "Видалення готової відповіді {subject}";
    AGENT_TOKEN: "Created an access token for {subject}", "Створення токена доступу: {subject}";
    INBOX_CREATED: "Created inbox number {subject}", "Створення скриньки номер {subject}";
    INBOX_DELETED: "Deleted the inbox {subject}", "Видалення скриньки {subject}";
    INBOX_MEMBERS: "Changed the agents of the inbox {subject}", "Зміна агентів скриньки {subject}";
    INBOX_TESTED: "Tested the callback URL of the inbox {subject}", "Перевірка URL зворотного виклику скриньки {subject}";
    INBOX_UPDATED: "Changed the inbox {subject}", "Зміна скриньки {subject}";
    ACCOUNT_CREATED: "Created an account", "Створення облікового запису";
    PASSWORD_CHANGED: "Changed a password", "Зміна пароля";
    SESSIONS_ENDED: "Signed out of all other browsers", "Вихід з усіх інших браузерів";
    FACTOR_ENABLED: "Turned two-factor authentication on", "Увімкнення двофакторної автентифікації";
    FACTOR_FAILED: "Entered a wrong two-factor code", "Хибний код двофакторної автентифікації";
    FACTOR_REMOVED: "Turned two-factor authentication off", "Вимкнення двофакторної автентифікації";
}

const SENTENCES: &[(&str, Phrase)] = &[
    ("account.created", ACCOUNT_CREATED),
    ("agent.tokenCreated", AGENT_TOKEN),
    ("canned-response.created", CANNED_CREATED),
    ("canned-response.deleted", CANNED_DELETED),
    ("canned-response.updated", CANNED_UPDATED),
    ("contact.changed", CONTACT_CHANGED),
    ("contact.created", CONTACT_CREATED),
    ("contact.deleted", DEVICE_FREED),
    ("contact.devices", DEVICE_BOUND),
    ("contact.erased", CONTACT_ERASED),
    ("contact.exported", CONTACT_EXPORTED),
    ("contact.subscribe", CONTACT_SUBSCRIBED),
    ("contact.updated", CONTACT_CHANGED),
    ("contacts.imported", CONTACTS_IMPORTED),
    ("delivery.replayed", DELIVERY_REPLAYED),
    ("image.created", IMAGE_CREATED),
    ("import.created", CONTACTS_IMPORTED),
    ("inbox.created", INBOX_CREATED),
    ("inbox.deleted", INBOX_DELETED),
    ("inbox.members", INBOX_MEMBERS),
    ("inbox.tested", INBOX_TESTED),
    ("inbox.updated", INBOX_UPDATED),
    ("invitation.accepted", JOINED),
    ("invitation.created", INVITED),
    ("invitation.revoked", INVITATION_REVOKED),
    ("key.created", KEY_CREATED),
    ("key.revoked", KEY_REVOKED),
    ("member.changed", MEMBER_CHANGED),
    ("member.removed", MEMBER_REMOVED),
    ("message.cancel", MESSAGE_CANCELLED),
    ("message.cancelled", MESSAGE_CANCELLED),
    ("message.changed", MESSAGE_EDITED),
    ("message.edited", MESSAGE_EDITED),
    ("message.published", MESSAGE_PUBLISHED),
    ("message.recalled", MESSAGE_RECALLED),
    ("message.resent", MESSAGE_RESENT),
    ("message.scheduled", MESSAGE_SCHEDULED),
    ("message.tested", MESSAGE_TESTED),
    ("origin.allowed", ORIGIN_ALLOWED),
    ("password.changed", PASSWORD_CHANGED),
    ("sdk-key.created", SDK_KEY_CREATED),
    ("sdk-key.revoked", SDK_KEY_REVOKED),
    ("second-factor.enabled", FACTOR_ENABLED),
    ("second-factor.failed", FACTOR_FAILED),
    ("second-factor.removed", FACTOR_REMOVED),
    ("segment.changed", SEGMENT_CHANGED),
    ("segment.created", SEGMENT_CREATED),
    ("segment.deleted", SEGMENT_DELETED),
    ("segment.updated", SEGMENT_CHANGED),
    ("sessions.ended", SESSIONS_ENDED),
    ("settings.updated", SETTINGS_UPDATED),
    ("site.changed", SITE_UPDATED),
    ("site.created", SITE_CREATED),
    ("site.domains", ORIGIN_ALLOWED),
    ("site.updated", SITE_UPDATED),
    ("theme.deleted", THEME_DELETED),
    ("theme.published", THEME_PUBLISHED),
    ("theme.rolledBack", THEME_ROLLED_BACK),
    ("theme.rolled_back", THEME_ROLLED_BACK),
    ("theme.shown", THEME_SHOWN),
    ("theme.uploaded", THEME_UPLOADED),
    ("webhook.changed", WEBHOOK_CHANGED),
    ("webhook.created", WEBHOOK_CREATED),
    ("webhook.deleted", WEBHOOK_DELETED),
    ("webhook.disabled", WEBHOOK_DISABLED),
    ("webhook.enabled", WEBHOOK_ENABLED),
    ("webhook.replay", WEBHOOK_REPLAYED),
    ("webhook.replayed", WEBHOOK_REPLAYED),
    ("webhook.secret", WEBHOOK_SECRET),
    ("webhook.secretRotated", WEBHOOK_SECRET),
    ("webhook.test", WEBHOOK_TESTED),
    ("webhook.tested", WEBHOOK_TESTED),
    ("webhook.updated", WEBHOOK_CHANGED),
];

/// Entries per page.
const LIMIT: u32 = 50;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/sites/{site}/audit", get(list))
}

#[derive(Deserialize)]
struct AuditQuery {
    before: Option<String>,
}

/// Names of the accounts, keys and agents of a page's entries.
struct ActorNames {
    accounts: HashMap<AccountId, String>,
    keys: HashMap<String, String>,
    agents: HashMap<AgentId, String>,
}

impl ActorNames {
    async fn of(
        console: &Console,
        who: &Member,
        entries: &[StoredAuditEntry],
    ) -> Result<Self, ConsoleError> {
        let keys = console
            .inbox
            .keys(who.site.id)
            .await?
            .into_iter()
            .map(|key| (key.id.0, key.name))
            .collect();
        let agents = if entries.iter().any(|audited| matches!(audited.entry.actor, Actor::Agent(_)))
        {
            console
                .inbox
                .agents(who.site.id)
                .await?
                .into_iter()
                .map(|agent| (agent.id, agent.name))
                .collect()
        } else {
            HashMap::new()
        };
        let mut accounts = HashMap::new();
        for StoredAuditEntry { entry, .. } in entries {
            let actor =
                if let Actor::Account(account) = entry.actor { Some(account) } else { None };
            let subject = if entry.action.starts_with("member.") {
                entry.subject.parse().ok().map(AccountId)
            } else {
                None
            };
            for account in [actor, subject].into_iter().flatten() {
                if accounts.contains_key(&account) {
                    continue;
                }
                match console.inbox.account(account).await {
                    Ok(found) => accounts.insert(account, found.name),
                    Err(AppError::NotFound) => {
                        accounts.insert(account, GONE.t(who.lang).to_owned())
                    }
                    Err(other) => return Err(other.into()),
                };
            }
        }
        Ok(Self { accounts, keys, agents })
    }

    fn actor(&self, lang: UiLanguage, actor: &Actor) -> String {
        match actor {
            Actor::Account(account) => {
                self.accounts.get(account).cloned().unwrap_or_else(|| GONE.t(lang).to_owned())
            }
            Actor::Key(key) => KEY.with(lang, &[("name", self.keys.get(&key.0).unwrap_or(&key.0))]),
            Actor::Agent(agent) => match self.agents.get(agent) {
                Some(name) => AGENT.with(lang, &[("name", name)]),
                None => FORMER_AGENT.t(lang).to_owned(),
            },
            Actor::Operator => OPERATOR.t(lang).to_owned(),
            Actor::System => SYSTEM.t(lang).to_owned(),
        }
    }

    /// The phrase of an entry. An action without a phrase, of a later version, is shown by its
    /// name.
    fn sentence(&self, lang: UiLanguage, audited: &StoredAuditEntry) -> String {
        let entry = &audited.entry;
        let subject = match entry.action.split_once('.') {
            Some(("member", _)) => entry
                .subject
                .parse()
                .ok()
                .and_then(|id| self.accounts.get(&AccountId(id)))
                .unwrap_or(&entry.subject),
            Some(("key", _)) => self.keys.get(&entry.subject).unwrap_or(&entry.subject),
            _ => &entry.subject,
        };
        let known =
            SENTENCES.iter().find_map(|(action, word)| (*action == entry.action).then_some(*word));
        let mut sentence = match known {
            Some(word) => word.with(lang, &[("subject", subject)]),
            None if subject.is_empty() => entry.action.clone(),
            None => format!("{}: {subject}", entry.action),
        };
        let role = entry
            .detail
            .as_ref()
            .and_then(|detail| detail.get("role"))
            .and_then(Value::as_str)
            .and_then(|role| role.parse::<Role>().ok());
        if let Some(role) = role {
            sentence += &AS.with(lang, &[("role", &phrases::role_name(role).t(lang))]);
        }
        sentence
    }
}

async fn list(
    State(console): State<Console>,
    who: Member,
    Query(asked): Query<AuditQuery>,
) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let before = asked
        .before
        .map(|number| number.parse::<i64>())
        .transpose()
        .map_err(|_| ConsoleError::NotFound)?;
    let mut entries = console.inbox.audit(Some(who.site.id), before, LIMIT + 1).await?;
    let more = entries.len() > LIMIT as usize;
    entries.truncate(LIMIT as usize);
    let names = ActorNames::of(&console, &who, &entries).await?;
    let next = entries
        .last()
        .filter(|_| more)
        .map(|last| format!("{}?before={}", who.path("audit"), last.number));
    let first = before.is_some().then(|| who.path("audit"));
    let row = |audited: &StoredAuditEntry| {
        view! {
            <tr>
                <td class="main">{names.sentence(lang, audited)}</td>
                <td class="quiet">{names.actor(lang, &audited.entry.actor)}</td>
                <td class="quiet">{relative_time(&who, audited.entry.at)}</td>
            </tr>
        }
        .into_markup()
    };
    let content = if entries.is_empty() {
        view! { <EmptyState title=EMPTY.t(lang) text=EMPTY_TEXT.t(lang)/> }.into_markup()
    } else {
        let rows = entries.iter().map(row).collect_view();
        view! { <Table caption=TITLE.t(lang) columns=vec![WHAT.t(lang), WHO.t(lang), WHEN.t(lang)]>{rows}</Table> }.into_markup()
    };
    let content = view! {
        {content}
        <Pager lang=lang first=first next=next/>
    };
    Ok(page(&who, Page::new(TITLE.t(lang)).of(&who, "audit"), content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AUDIT_ACTIONS;
    use std::{fs, path::Path};

    #[test]
    fn every_act_has_a_sentence_in_both_languages() {
        let told: Vec<&str> = SENTENCES.iter().map(|(act, _)| *act).collect();
        assert_eq!(told, AUDIT_ACTIONS);
        for (act, word) in SENTENCES {
            assert!(
                !word.en.contains('.')
                    && word.uk.chars().any(|letter| ('а'..='я').contains(&letter)),
                "{act}"
            );
        }
    }

    /// The names of acts in a source: what has the shape of one, in a file that puts something on
    /// record.
    fn acts(source: &str) -> impl Iterator<Item = &str> {
        let own = source.split("#[cfg(test)]").next().unwrap_or_default();
        let literals =
            own.split('"').skip(1).step_by(2).filter(|_| {
                [".record(", ".acting(", ".act("].iter().any(|call| own.contains(call))
            });
        literals.filter(|text| {
            let part = |part: &str| {
                !part.is_empty()
                    && part.chars().all(|letter| letter.is_ascii_alphabetic() || letter == '-')
            };
            let is_field_or_file = |noun, verb| {
                matches!(noun, "auth" | "channel" | "content" | "was")
                    || matches!(verb, "css" | "svg")
            };
            text.split_once('.').is_some_and(|(noun, verb)| {
                part(noun) && part(verb) && !is_field_or_file(noun, verb)
            })
        })
    }

    fn look(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.extend(acts(&fs::read_to_string(&path).unwrap()).map(str::to_owned));
            }
        }
    }

    #[test]
    fn what_the_console_and_the_rules_put_on_record_is_in_the_list() {
        let mut found = Vec::new();
        for folder in ["src/console/pages", "src/channels/application", "src/app"] {
            look(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
        }
        assert!(found.len() > 40, "{found:?}");
        for act in found {
            assert!(AUDIT_ACTIONS.contains(&act.as_str()), "{act}");
        }
    }
}
