//! The audit log of a site, a phrase for each action. To add an action, add its phrase to
//! `SENTENCES`.

use crate::{
    Console,
    error::ConsoleError,
    phrases::{UiLanguage, role_name},
    request_context::Member,
    view::{EmptyState, Page, Pager, Table, page, relative_time},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use belfry_app::AppError;
use belfry_domain::{AccountId, Actor, Role, StoredAuditEntry, channel::AgentId, paginate};
use belfry_locales::{AnyPhrase, phrases::console_audit as phrases};
use belfry_web::html::IntoMarkup;
use belfry_web::router::{Routes, get};
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;

const SENTENCES: &[(&str, AnyPhrase)] = &[
    ("account.created", phrases::ACCOUNT_CREATED.any()),
    ("agent.tokenCreated", phrases::AGENT_TOKEN.any()),
    ("canned-response.created", phrases::CANNED_CREATED.any()),
    ("canned-response.deleted", phrases::CANNED_DELETED.any()),
    ("canned-response.updated", phrases::CANNED_UPDATED.any()),
    ("contact.changed", phrases::CONTACT_CHANGED.any()),
    ("contact.created", phrases::CONTACT_CREATED.any()),
    ("contact.deleted", phrases::DEVICE_FREED.any()),
    ("contact.devices", phrases::DEVICE_BOUND.any()),
    ("contact.erased", phrases::CONTACT_ERASED.any()),
    ("contact.exported", phrases::CONTACT_EXPORTED.any()),
    ("contact.subscribe", phrases::CONTACT_SUBSCRIBED.any()),
    ("contact.updated", phrases::CONTACT_CHANGED.any()),
    ("contacts.imported", phrases::CONTACTS_IMPORTED.any()),
    ("delivery.replayed", phrases::DELIVERY_REPLAYED.any()),
    ("image.created", phrases::IMAGE_CREATED.any()),
    ("import.created", phrases::CONTACTS_IMPORTED.any()),
    ("inbox.created", phrases::INBOX_CREATED.any()),
    ("inbox.deleted", phrases::INBOX_DELETED.any()),
    ("inbox.members", phrases::INBOX_MEMBERS.any()),
    ("inbox.tested", phrases::INBOX_TESTED.any()),
    ("inbox.updated", phrases::INBOX_UPDATED.any()),
    ("invitation.accepted", phrases::JOINED.any()),
    ("invitation.created", phrases::INVITED.any()),
    ("invitation.revoked", phrases::INVITATION_REVOKED.any()),
    ("key.created", phrases::KEY_CREATED.any()),
    ("key.revoked", phrases::KEY_REVOKED.any()),
    ("member.changed", phrases::MEMBER_CHANGED.any()),
    ("member.removed", phrases::MEMBER_REMOVED.any()),
    ("message.cancel", phrases::MESSAGE_CANCELLED.any()),
    ("message.cancelled", phrases::MESSAGE_CANCELLED.any()),
    ("message.changed", phrases::MESSAGE_EDITED.any()),
    ("message.edited", phrases::MESSAGE_EDITED.any()),
    ("message.published", phrases::MESSAGE_PUBLISHED.any()),
    ("message.recalled", phrases::MESSAGE_RECALLED.any()),
    ("message.resent", phrases::MESSAGE_RESENT.any()),
    ("message.scheduled", phrases::MESSAGE_SCHEDULED.any()),
    ("message.tested", phrases::MESSAGE_TESTED.any()),
    ("origin.allowed", phrases::ORIGIN_ALLOWED.any()),
    ("password.changed", phrases::PASSWORD_CHANGED.any()),
    ("sdk-key.created", phrases::SDK_KEY_CREATED.any()),
    ("sdk-key.revoked", phrases::SDK_KEY_REVOKED.any()),
    ("second-factor.enabled", phrases::FACTOR_ENABLED.any()),
    ("second-factor.failed", phrases::FACTOR_FAILED.any()),
    ("second-factor.removed", phrases::FACTOR_REMOVED.any()),
    ("segment.changed", phrases::SEGMENT_CHANGED.any()),
    ("segment.created", phrases::SEGMENT_CREATED.any()),
    ("segment.deleted", phrases::SEGMENT_DELETED.any()),
    ("segment.updated", phrases::SEGMENT_CHANGED.any()),
    ("sessions.ended", phrases::SESSIONS_ENDED.any()),
    ("settings.updated", phrases::SETTINGS_UPDATED.any()),
    ("site.changed", phrases::SITE_UPDATED.any()),
    ("site.created", phrases::SITE_CREATED.any()),
    ("site.domains", phrases::ORIGIN_ALLOWED.any()),
    ("site.updated", phrases::SITE_UPDATED.any()),
    ("theme.deleted", phrases::THEME_DELETED.any()),
    ("theme.published", phrases::THEME_PUBLISHED.any()),
    ("theme.rolledBack", phrases::THEME_ROLLED_BACK.any()),
    ("theme.rolled_back", phrases::THEME_ROLLED_BACK.any()),
    ("theme.shown", phrases::THEME_SHOWN.any()),
    ("theme.uploaded", phrases::THEME_UPLOADED.any()),
    ("webhook.changed", phrases::WEBHOOK_CHANGED.any()),
    ("webhook.created", phrases::WEBHOOK_CREATED.any()),
    ("webhook.deleted", phrases::WEBHOOK_DELETED.any()),
    ("webhook.disabled", phrases::WEBHOOK_DISABLED.any()),
    ("webhook.enabled", phrases::WEBHOOK_ENABLED.any()),
    ("webhook.replay", phrases::WEBHOOK_REPLAYED.any()),
    ("webhook.replayed", phrases::WEBHOOK_REPLAYED.any()),
    ("webhook.secret", phrases::WEBHOOK_SECRET.any()),
    ("webhook.secretRotated", phrases::WEBHOOK_SECRET.any()),
    ("webhook.test", phrases::WEBHOOK_TESTED.any()),
    ("webhook.tested", phrases::WEBHOOK_TESTED.any()),
    ("webhook.updated", phrases::WEBHOOK_CHANGED.any()),
];

/// Entries per page.
const LIMIT: u32 = 50;

pub(super) fn routes() -> Routes<Console> {
    Routes::new().route("/sites/{site}/audit", get(list))
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
    async fn load(
        console: &Console,
        who: &Member,
        entries: &[StoredAuditEntry],
    ) -> Result<Self, ConsoleError> {
        let keys = console
            .app
            .keys(who.site.id)
            .await?
            .into_iter()
            .map(|key| (key.id.0, key.name))
            .collect();
        let agents = if entries.iter().any(|audited| matches!(audited.entry.actor, Actor::Agent(_)))
        {
            console
                .app
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
                match console.app.account(account).await {
                    Ok(found) => accounts.insert(account, found.name),
                    Err(AppError::NotFound) => {
                        accounts.insert(account, phrases::GONE.t(who.lang).to_owned())
                    }
                    Err(other) => return Err(other.into()),
                };
            }
        }
        Ok(Self { accounts, keys, agents })
    }

    fn actor(&self, lang: UiLanguage, actor: &Actor) -> String {
        match actor {
            Actor::Account(account) => self
                .accounts
                .get(account)
                .cloned()
                .unwrap_or_else(|| phrases::GONE.t(lang).to_owned()),
            Actor::Key(key) => {
                phrases::KEY.with(lang, &[("name", self.keys.get(&key.0).unwrap_or(&key.0))])
            }
            Actor::Agent(agent) => match self.agents.get(agent) {
                Some(name) => phrases::AGENT.with(lang, &[("name", name)]),
                None => phrases::FORMER_AGENT.t(lang).to_owned(),
            },
            Actor::Operator => phrases::OPERATOR.t(lang).to_owned(),
            Actor::System => phrases::SYSTEM.t(lang).to_owned(),
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
        let sentence_of_action =
            SENTENCES.iter().find_map(|(action, word)| (*action == entry.action).then_some(*word));
        let mut sentence = match sentence_of_action {
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
            sentence += &phrases::AS.with(lang, &[("role", &role_name(role).t(lang))]);
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
    let entries = console.app.audit(Some(who.site.id), before, LIMIT + 1).await?;
    let (entries, next) =
        paginate(entries, LIMIT, |last| format!("{}?before={}", who.path("audit"), last.number));
    let names = ActorNames::load(&console, &who, &entries).await?;
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
        view! { <EmptyState title=phrases::EMPTY.t(lang) text=phrases::EMPTY_TEXT.t(lang)/> }
            .into_markup()
    } else {
        let rows = entries.iter().map(row).collect_view();
        view! { <Table caption=phrases::TITLE.t(lang) columns=vec![phrases::WHAT.t(lang), phrases::WHO.t(lang), phrases::WHEN.t(lang)]>{rows}</Table> }.into_markup()
    };
    let content = view! {
        {content}
        <Pager lang=lang first=first next=next/>
    };
    Ok(page(&who, Page::new(phrases::TITLE.t(lang)).for_site(&who, "audit"), content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::AUDIT_ACTIONS;
    use std::{fs, path::Path};

    #[test]
    fn every_act_has_a_sentence_in_both_languages() {
        let actions: Vec<&str> = SENTENCES.iter().map(|(act, _)| *act).collect();
        assert_eq!(actions, AUDIT_ACTIONS);
        for (act, word) in SENTENCES {
            let text = |lang| word.with(lang, &[("subject", &"x")]);
            let (english, ukrainian) =
                (text(UiLanguage::ENGLISH), text(UiLanguage::from_tag("uk")));
            assert!(
                !english.contains('.')
                    && ukrainian.chars().any(|letter| ('а'..='я').contains(&letter)),
                "{act}"
            );
        }
    }

    /// The names of acts in a source: what has the shape of one, in a file that puts something on
    /// record.
    fn acts(source: &str) -> impl Iterator<Item = &str> {
        let own = source.split("#[cfg(test)]").next().unwrap_or_default();
        let literals = own.split('"').skip(1).step_by(2).filter(|_| {
            [".record(", ".with_audit(", ".with_audit_as(", ".act("]
                .iter()
                .any(|call| own.contains(call))
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

    fn look(folder: &Path, matches: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, matches);
            } else if path.extension().is_some_and(|end| end == "rs") {
                matches.extend(acts(&fs::read_to_string(&path).unwrap()).map(str::to_owned));
            }
        }
    }

    #[test]
    fn what_the_console_and_the_rules_put_on_record_is_in_the_list() {
        let mut found = Vec::new();
        for folder in ["pages", "../channels/application", "../app"] {
            look(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
        }
        assert!(found.len() > 15, "{found:?}");
        for act in found {
            assert!(AUDIT_ACTIONS.contains(&act.as_str()), "{act}");
        }
    }
}
