//! A thread: header, status actions, messages and composer.

use super::{
    agent::AgentMember,
    canned::Insertable,
    filter::Filter,
    list::{avatar, display_name},
    message, phrases, post,
};
use crate::{
    form::Form,
    view::{Badge, Button, Tone, csrf_field, date, zone_field, zoned},
};
use belfry_content::text::clean_line;
use belfry_domain::{
    Timestamp,
    channel::{ConversationStatus, ConversationView, MessageList},
};
use belfry_web::{
    conversation::ThreadContext,
    html::{IntoMarkup, Markup},
};
use leptos::prelude::*;

/// A loaded thread.
pub(super) struct Thread<'t> {
    pub(super) filter: &'t Filter,
    pub(super) messages_page: &'t MessageList,
    /// Whether older messages than the newest are shown.
    pub(super) is_past: bool,
    pub(super) form: Form,
    pub(super) now: Timestamp,
    /// Maximum bytes of a message's files.
    pub(super) file_bytes: usize,
    /// The canned responses of the menu.
    pub(super) canned: &'t [Insertable],
}

impl Thread<'_> {
    fn view(&self) -> &ConversationView {
        &self.messages_page.view
    }

    /// The path of the conversation, without the filter.
    pub(super) fn base(&self, member: &AgentMember) -> String {
        member.path(&format!("conversations/{}", self.view().conversation.number))
    }

    /// The path of an action, which redirects to this list.
    pub(super) fn action_path(&self, member: &AgentMember, rest: &str) -> String {
        self.filter.path_with(format!("{}/{rest}", self.base(member)), &[])
    }

    /// The thread.
    pub(super) fn panel(&self, member: &AgentMember) -> Markup {
        let name = display_name(member.lang, &self.view().contact);
        view! {
            <section class="talk-thread" id="talk-thread" aria-label=phrases::DETAILS.t(member.lang)>
                {self.header(member, &name)}
                {self.messages(member)}
                <p class="typing" id="talk-typing" role="status" data-typing=phrases::TYPING.for_browser(member.lang) data-note=phrases::TYPING_NOTE.for_browser(member.lang)></p>
                {post::composer(member, self, &name)}
            </section>
        }
        .into_markup()
    }

    fn header(&self, member: &AgentMember, name: &str) -> Markup {
        let (lang, view) = (member.lang, self.view());
        let status = view.conversation.status;
        let tone = match status {
            ConversationStatus::Open => Tone::Accent,
            ConversationStatus::Resolved => Tone::Good,
            ConversationStatus::Pending | ConversationStatus::Snoozed => Tone::Warning,
        };
        let until =
            view.conversation.snoozed_until.map(|until| view! { <span class="quiet">{phrases::SNOOZED_UNTIL.t(lang)} " " {date(member, until)}</span> });
        view! {
            <header class="thread-head" id="talk-head">
                <a class="back" href=self.filter.list_path(member) aria-label=phrases::BACK.t(lang)>"‹"</a>
                {avatar(name, view.contact.id())}
                <div class="thread-name">
                    <h1><a href="#contact"><bdi>{name.to_owned()}</bdi></a></h1>
                    <p class="sub">
                        <span>{clean_line(&view.inbox_name)} " #" {view.conversation.number.to_string()}</span>
                        <Badge tone=tone>{phrases::status(status).t(lang)}</Badge>
                        {until}
                    </p>
                </div>
                <div class="actions">{self.take_button(member)} {self.snooze_form(member)} {self.resolve_form(member)}</div>
            </header>
        }
        .into_markup()
    }

    fn take_button(&self, member: &AgentMember) -> Option<Markup> {
        let view = self.view();
        let me = member.agent.agent.id;
        (view.conversation.assignee != Some(me)).then(|| {
            let was = view.conversation.assignee.map(|agent| agent.to_string()).unwrap_or_default();
            view! {
                <form method="post" action=self.action_path(member, "details") data-quick data-key="a">
                    {csrf_field(member)}
                    <input type="hidden" name="was.assignee" value=was/>
                    <button class="button small" name="assignee" value=me.to_string() aria-keyshortcuts="a">{phrases::TAKE.t(member.lang)}</button>
                </form>
            }
            .into_markup()
        })
    }

    fn resolve_form(&self, member: &AgentMember) -> Markup {
        let is_resolved = self.view().conversation.status == ConversationStatus::Resolved;
        let (to, word) = if is_resolved {
            (ConversationStatus::Open, phrases::REOPEN)
        } else {
            (ConversationStatus::Resolved, phrases::RESOLVE)
        };
        let class = if is_resolved { "button small" } else { "button small accent" };
        view! {
            <form method="post" action=self.action_path(member, "status") data-quick data-key="e">
                {csrf_field(member)}
                <button class=class name="status" value=to.as_str() aria-keyshortcuts="e">{word.t(member.lang)}</button>
            </form>
        }
        .into_markup()
    }

    fn snooze_form(&self, member: &AgentMember) -> Markup {
        let (lang, status) = (member.lang, self.view().conversation.status);
        let choice = |hours: &'static str, word: crate::phrases::Phrase| {
            view! { <button class="choice-line" name="for" value=hours>{word.t(lang)}</button> }
        };
        let pending = (status != ConversationStatus::Pending).then(|| {
            view! {
                <form method="post" action=self.action_path(member, "status") data-quick>
                    {csrf_field(member)}
                    <button class="choice-line" name="status" value="pending">{phrases::PEND.t(lang)}</button>
                </form>
            }
        });
        let open = (status != ConversationStatus::Open && status != ConversationStatus::Resolved).then(|| {
            view! {
                <form method="post" action=self.action_path(member, "status") data-quick>
                    {csrf_field(member)}
                    <button class="choice-line" name="status" value="open">{phrases::REOPEN.t(lang)}</button>
                </form>
            }
        });
        view! {
            <details class="drop-down" data-popup>
                <summary class="button small">{phrases::SNOOZE.t(lang)}</summary>
                <div class="popup">
                    <form method="post" action=self.action_path(member, "status") data-quick>
                        {csrf_field(member)}
                        <input type="hidden" name="status" value="snoozed"/>
                        {choice("", phrases::UNTIL_REPLY)}
                        {choice("1", phrases::AN_HOUR)}
                        {choice("24", phrases::TOMORROW)}
                        {choice("168", phrases::NEXT_WEEK)}
                        <div class="at-time">
                            <label for="until">{zoned(phrases::AT_TIME.t(lang), &member.zone)}</label>
                            {zone_field(&member.zone)}
                            <input id="until" type="datetime-local" name="until"/>
                            <button class="button small" name="for" value="until">{phrases::SNOOZE.t(lang)}</button>
                        </div>
                    </form>
                    {pending}
                    {open}
                </div>
            </details>
        }
        .into_markup()
    }

    fn messages(&self, member: &AgentMember) -> Markup {
        let (lang, base) = (member.lang, self.base(member));
        let messages = &self.messages_page.messages;
        let acts = message::MessageButtons { member, base: &base };
        let context = ThreadContext {
            lang,
            me: member.agent.agent.id,
            contact: &self.view().contact,
            zone: &member.zone,
            actions: &acts,
        };
        let items = context.items(messages, self.now, None);
        // A full page: there may be older messages.
        let older = messages.first().filter(|_| messages.len() >= 20).map(|first| {
            let href = self.filter.path_with(base.clone(), &[("before", &first.id.to_string())]);
            view! { <p class="older"><a class="button small" href=href data-older>{phrases::OLDER_MESSAGES.t(lang)}</a></p> }
        });
        let newest = self.is_past.then(|| {
            let href = self.filter.path_with(base.clone(), &[]);
            view! { <p class="older"><Button href=href>{phrases::NEWEST_MESSAGES.t(lang)}</Button></p> }
        });
        let nothing = messages
            .is_empty()
            .then(|| view! { <p class="quiet nothing">{phrases::NO_MESSAGES.t(lang)}</p> });
        let past = self.is_past.then_some("");
        view! {
            <div class="talk-scroll from-end" id="talk-messages" tabindex="0" role="region" aria-label=phrases::THREAD.t(lang) data-past=past
                data-unread=self.view().unread_count.to_string()>
                <div>
                    {older}
                    {nothing}
                    <ol class="messages" id="messages">{items}</ol>
                    {newest}
                </div>
            </div>
        }
        .into_markup()
    }
}
