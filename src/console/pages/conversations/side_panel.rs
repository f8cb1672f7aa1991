//! The side panel: assignee and priority, the contact, their other conversations, and messages in
//! their app inbox.

use super::{
    agent::AgentMember,
    list::{avatar, display_name},
    phrases,
    thread::Thread,
};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    phrases::{EMAIL, SAVE},
    view::{Badge, Field, Select, Tone, csrf_field, relative_time},
};
use belfry_content::{text::clean_line, wire::PresenceView as _};
use belfry_domain::{
    ContactReceipt, Role,
    channel::{Agent, ConversationView, Priority},
    negotiate,
};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// Maximum number of listed app inbox messages.
const MAX_RECEIPTS: u32 = 3;
/// Maximum number of listed attributes, and of characters of a value.
const MAX_ATTRIBUTES: usize = 30;
const MAX_VALUE_CHARS: usize = 300;

/// The loaded panel.
pub(super) struct SidePanel {
    agents: Vec<Agent>,
    conversations: Vec<ConversationView>,
    receipts: Vec<ContactReceipt>,
    is_online: bool,
}

impl SidePanel {
    pub(super) async fn load(
        console: &Console,
        member: &AgentMember,
        view: &ConversationView,
    ) -> Result<Self, ConsoleError> {
        let (site, contact) = (member.site.id, view.contact.id());
        // The app inbox belongs to the site; agents without other roles don't see it.
        let receipts = if member.role >= Role::Editor {
            console.app.contact_receipts(site, contact, None, MAX_RECEIPTS).await?.0
        } else {
            Vec::new()
        };
        Ok(Self {
            agents: console.app.agents_of_inbox(site, view.conversation.inbox).await?,
            conversations: console.app.conversations_of_contact(&member.agent, contact).await?,
            receipts,
            is_online: console.conversations.contact(site, contact),
        })
    }

    /// The panel.
    pub(super) fn panel(&self, member: &AgentMember, thread: &Thread<'_>) -> Markup {
        let lang = member.lang;
        view! {
            <aside class="talk-contact" id="contact" aria-label=phrases::CONTACT.t(lang)>
                <div class="talk-scroll" id="talk-side">
                    <a class="close" href="#talk-thread">{phrases::CLOSE.t(lang)}</a>
                    {self.person(member, thread)}
                    {self.details(member, thread)}
                    {Self::attributes(member, thread)}
                    {self.others(member, thread)}
                    {self.app_inbox(member, thread)}
                </div>
            </aside>
        }
        .into_markup()
    }

    fn person(&self, member: &AgentMember, thread: &Thread<'_>) -> Markup {
        let (lang, view) = (member.lang, &thread.messages_page.view);
        let person = &view.contact.contact;
        let name = display_name(lang, &view.contact);
        let fact = |word: &'static str, value: &Option<String>| {
            value.as_ref().map(|value| {
                view! { <div><dt>{word}</dt><dd><bdi>{clean_line(value)}</bdi></dd></div> }
                    .into_markup()
            })
        };
        let verified = view
            .session
            .hmac_verified
            .then(|| view! { <Badge tone=Tone::Good>{phrases::VERIFIED.t(lang)}</Badge> });
        let blocked = view
            .contact
            .blocked
            .then(|| view! { <Badge tone=Tone::Danger>{phrases::BLOCKED.t(lang)}</Badge> });
        let online = self
            .is_online
            .then(|| view! { <Badge tone=Tone::Good>{phrases::ONLINE.t(lang)}</Badge> });
        let profile = (member.role >= Role::Editor).then(|| {
            let href = member.path(&format!("contacts/{}", view.contact.id()));
            view! { <p><a href=href>{phrases::PROFILE.t(lang)}</a></p> }
        });
        view! {
            <section>
                <div class="person-head">{avatar(&name, view.contact.id())} <h2><bdi>{name}</bdi></h2></div>
                <p class="badges">{online} {verified} {blocked}</p>
                <dl class="facts">
                    {fact(EMAIL.t(lang), &person.email)}
                    {fact(phrases::PHONE.t(lang), &person.phone)}
                    {fact(phrases::IDENTIFIER.t(lang), &person.external_id)}
                </dl>
                {profile}
            </section>
        }
        .into_markup()
    }

    fn details(&self, member: &AgentMember, thread: &Thread<'_>) -> Markup {
        let (lang, conversation) = (member.lang, &thread.messages_page.view.conversation);
        let assignee = conversation.assignee.map(|agent| agent.to_string()).unwrap_or_default();
        let priority =
            conversation.priority.map(|priority| priority.as_str().to_owned()).unwrap_or_default();
        let labels = conversation.labels.join(", ");
        let name = |agent: &Agent| {
            let name = clean_line(&agent.name);
            if agent.id == member.agent.agent.id {
                phrases::ME.with(lang, &[("name", &name)])
            } else {
                name
            }
        };
        let mut agents: Vec<(String, String)> =
            self.agents.iter().map(|agent| (agent.id.to_string(), name(agent))).collect();
        // An assignee who no longer has access to the inbox stays listed.
        if let Some(agent) = thread
            .messages_page
            .view
            .assignee
            .as_ref()
            .filter(|agent| !self.agents.iter().any(|other| other.id == agent.id))
        {
            agents.push((agent.id.to_string(), name(agent)));
        }
        agents.insert(0, (String::new(), phrases::NOBODY.t(lang).to_owned()));
        let priorities = [Priority::Urgent, Priority::High, Priority::Medium, Priority::Low];
        let priorities = std::iter::once((String::new(), phrases::NO_PRIORITY.t(lang).to_owned()))
            .chain(priorities.map(|priority| {
                (priority.as_str().to_owned(), phrases::priority(priority).t(lang).to_owned())
            }))
            .collect();
        let form = Form::new([
            ("assignee", assignee.clone()),
            ("priority", priority.clone()),
            ("labels", labels.clone()),
        ]);
        view! {
            <section>
                <h2>{phrases::DETAILS.t(lang)}</h2>
                <form method="post" action=thread.action_path(member, "details") class="details" id="talk-details" data-quick data-auto>
                    {csrf_field(member)}
                    <input type="hidden" name="was.assignee" value=assignee/>
                    <input type="hidden" name="was.priority" value=priority/>
                    <input type="hidden" name="was.labels" value=labels/>
                    <Select form=form.clone() name="assignee" label=phrases::ASSIGNEE.t(lang) options=agents/>
                    <Select form=form.clone() name="priority" label=phrases::PRIORITY.t(lang) options=priorities/>
                    <Field form=form.clone() name="labels" label=phrases::LABELS.t(lang) hint=phrases::LABELS_HINT.t(lang)/>
                    <button class="button small">{SAVE.t(lang)}</button>
                </form>
            </section>
        }
        .into_markup()
    }

    fn attributes(member: &AgentMember, thread: &Thread<'_>) -> Option<Markup> {
        let view = &thread.messages_page.view;
        let all = view
            .contact
            .contact
            .attributes
            .iter()
            .chain(&view.contact.additional_attributes)
            .chain(&view.conversation.custom_attributes);
        let rows: Vec<Markup> = all
            .take(MAX_ATTRIBUTES)
            .map(|(name, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
                let value: String = clean_line(&value).chars().take(MAX_VALUE_CHARS).collect();
                view! { <div><dt><bdi>{clean_line(name)}</bdi></dt><dd><bdi>{value}</bdi></dd></div> }.into_markup()
            })
            .collect();
        (!rows.is_empty()).then(|| view! { <section><h2>{phrases::ATTRIBUTES.t(member.lang)}</h2><dl class="facts">{rows}</dl></section> }.into_markup())
    }

    fn others(&self, member: &AgentMember, thread: &Thread<'_>) -> Markup {
        let lang = member.lang;
        let here = thread.messages_page.view.conversation.number;
        let others: Vec<Markup> = self
            .conversations
            .iter()
            .filter(|view| view.conversation.number != here)
            .map(|view| {
                let text = view.last_non_activity_message.as_ref().and_then(|message| message.content.as_deref()).unwrap_or_default();
                let text: String = clean_line(&text.chars().take(80).collect::<String>());
                let text = if text.is_empty() { phrases::NO_MESSAGES.t(lang).to_owned() } else { text };
                view! {
                    <li>
                        <a href=thread.filter.thread_path(member, view.conversation.number)><bdi>{text}</bdi></a>
                        <p class="sub">
                            <span>{phrases::status(view.conversation.status).t(lang)}</span>
                            <span>{relative_time(member, view.conversation.last_activity_at)}</span>
                        </p>
                    </li>
                }
                .into_markup()
            })
            .collect();
        let body = if others.is_empty() {
            view! { <p class="quiet">{phrases::NO_EARLIER.t(lang)}</p> }.into_markup()
        } else {
            view! { <ul class="others">{others}</ul> }.into_markup()
        };
        view! { <section><h2>{phrases::EARLIER.t(lang)}</h2>{body}</section> }.into_markup()
    }

    fn app_inbox(&self, member: &AgentMember, thread: &Thread<'_>) -> Option<Markup> {
        if member.role < Role::Editor {
            return None;
        }
        let lang = member.lang;
        let site_language = &member.site.language;
        let language =
            thread.messages_page.view.contact.contact.language.as_ref().unwrap_or(site_language);
        let receipts: Vec<Markup> = self
            .receipts
            .iter()
            .map(|receipt| {
                let message = &receipt.message;
                let title = negotiate(&message.content, language, site_language).map(|(_, content)| content.title.clone()).unwrap_or_default();
                let state = if receipt.read { phrases::MESSAGE_READ } else { phrases::MESSAGE_UNREAD };
                view! {
                    <li>
                        <a href=member.path(&format!("messages/{}", message.id))><bdi>{title}</bdi></a>
                        <p class="sub"><span>{state.t(lang)}</span> <span>{relative_time(member, message.publish_at)}</span></p>
                    </li>
                }
                .into_markup()
            })
            .collect();
        let body = if receipts.is_empty() {
            view! { <p class="quiet">{phrases::APP_INBOX_NONE.t(lang)}</p> }.into_markup()
        } else {
            view! { <ul class="others">{receipts}</ul> }.into_markup()
        };
        Some(view! { <section><h2>{phrases::APP_INBOX.t(lang)}</h2>{body}</section> }.into_markup())
    }
}
