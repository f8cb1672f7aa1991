//! A thread: header, status actions, messages and composer.

use super::{
    agent::AgentMember,
    canned::Insertable,
    filter::Filter,
    list::{avatar, display_name},
    message, phrases, post,
};
use crate::web::{
    conversation::ThreadContext,
    html::{IntoMarkup, Markup},
};
use crate::{
    console::{
        form::Form,
        view::{Badge, Button, Tone, csrf_field, date, zone_field, zoned},
    },
    content::text::clean_line,
    domain::{
        Timestamp,
        channel::{ConversationStatus, ConversationView, MessageList},
    },
};
use leptos::prelude::*;

/// A loaded thread.
pub(super) struct Thread<'t> {
    pub(super) filter: &'t Filter,
    pub(super) found: &'t MessageList,
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
        &self.found.view
    }

    /// The path of the conversation, without the filter.
    pub(super) fn base(&self, who: &AgentMember) -> String {
        who.path(&format!("conversations/{}", self.view().conversation.number))
    }

    /// The path of an action, which redirects to this list.
    pub(super) fn act(&self, who: &AgentMember, rest: &str) -> String {
        self.filter.below(format!("{}/{rest}", self.base(who)), &[])
    }

    /// The thread.
    pub(super) fn panel(&self, who: &AgentMember) -> Markup {
        let name = display_name(who.lang, &self.view().contact);
        view! {
            <section class="talk-thread" id="talk-thread" aria-label=phrases::DETAILS.t(who.lang)>
                {self.head(who, &name)}
                {self.messages(who)}
                <p class="typing" id="talk-typing" role="status" data-typing=phrases::TYPING.t(who.lang) data-note=phrases::TYPING_NOTE.t(who.lang)></p>
                {post::composer(who, self, &name)}
            </section>
        }
        .into_markup()
    }

    fn head(&self, who: &AgentMember, name: &str) -> Markup {
        let (lang, view) = (who.lang, self.view());
        let status = view.conversation.status;
        let tone = match status {
            ConversationStatus::Open => Tone::Accent,
            ConversationStatus::Resolved => Tone::Good,
            ConversationStatus::Pending | ConversationStatus::Snoozed => Tone::Warning,
        };
        let until =
            view.conversation.snoozed_until.map(|until| view! { <span class="quiet">{phrases::SNOOZED_UNTIL.t(lang)} " " {date(who, until)}</span> });
        view! {
            <header class="thread-head" id="talk-head">
                <a class="back" href=self.filter.list(who) aria-label=phrases::BACK.t(lang)>"‹"</a>
                {avatar(name, view.contact.id())}
                <div class="thread-name">
                    <h1><a href="#contact"><bdi>{name.to_owned()}</bdi></a></h1>
                    <p class="sub">
                        <span>{clean_line(&view.inbox_name)} " #" {view.conversation.number.to_string()}</span>
                        <Badge tone=tone>{phrases::status(status).t(lang)}</Badge>
                        {until}
                    </p>
                </div>
                <div class="actions">{self.take(who)} {self.snooze(who)} {self.resolve(who)}</div>
            </header>
        }
        .into_markup()
    }

    fn take(&self, who: &AgentMember) -> Option<Markup> {
        let view = self.view();
        let me = who.agent.agent.id;
        (view.conversation.assignee != Some(me)).then(|| {
            let was = view.conversation.assignee.map(|agent| agent.to_string()).unwrap_or_default();
            view! {
                <form method="post" action=self.act(who, "details") data-quick data-key="a">
                    {csrf_field(who)}
                    <input type="hidden" name="was.assignee" value=was/>
                    <button class="button small" name="assignee" value=me.to_string() aria-keyshortcuts="a">{phrases::TAKE.t(who.lang)}</button>
                </form>
            }
            .into_markup()
        })
    }

    fn resolve(&self, who: &AgentMember) -> Markup {
        let is_resolved = self.view().conversation.status == ConversationStatus::Resolved;
        let (to, word) = if is_resolved {
            (ConversationStatus::Open, phrases::REOPEN)
        } else {
            (ConversationStatus::Resolved, phrases::RESOLVE)
        };
        let class = if is_resolved { "button small" } else { "button small accent" };
        view! {
            <form method="post" action=self.act(who, "status") data-quick data-key="e">
                {csrf_field(who)}
                <button class=class name="status" value=to.as_str() aria-keyshortcuts="e">{word.t(who.lang)}</button>
            </form>
        }
        .into_markup()
    }

    fn snooze(&self, who: &AgentMember) -> Markup {
        let (lang, status) = (who.lang, self.view().conversation.status);
        let choice = |hours: &'static str, word: crate::console::phrases::Phrase| {
            view! { <button class="choice-line" name="for" value=hours>{word.t(lang)}</button> }
        };
        let pending = (status != ConversationStatus::Pending).then(|| {
            view! {
                <form method="post" action=self.act(who, "status") data-quick>
                    {csrf_field(who)}
                    <button class="choice-line" name="status" value="pending">{phrases::PEND.t(lang)}</button>
                </form>
            }
        });
        let open = (status != ConversationStatus::Open && status != ConversationStatus::Resolved).then(|| {
            view! {
                <form method="post" action=self.act(who, "status") data-quick>
                    {csrf_field(who)}
                    <button class="choice-line" name="status" value="open">{phrases::REOPEN.t(lang)}</button>
                </form>
            }
        });
        view! {
            <details class="drop-down" data-popup>
                <summary class="button small">{phrases::SNOOZE.t(lang)}</summary>
                <div class="popup">
                    <form method="post" action=self.act(who, "status") data-quick>
                        {csrf_field(who)}
                        <input type="hidden" name="status" value="snoozed"/>
                        {choice("", phrases::UNTIL_REPLY)}
                        {choice("1", phrases::AN_HOUR)}
                        {choice("24", phrases::TOMORROW)}
                        {choice("168", phrases::NEXT_WEEK)}
                        <div class="at-time">
                            <label for="until">{zoned(phrases::AT_TIME.t(lang), &who.zone)}</label>
                            {zone_field(&who.zone)}
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

    fn messages(&self, who: &AgentMember) -> Markup {
        let (lang, base) = (who.lang, self.base(who));
        let messages = &self.found.messages;
        let acts = message::MessageButtons { who, base: &base };
        let context = ThreadContext {
            lang,
            me: who.agent.agent.id,
            contact: &self.view().contact,
            zone: &who.zone,
            acts: &acts,
        };
        let items = context.items(messages, self.now, None);
        // A full page: there may be older messages.
        let older = messages.first().filter(|_| messages.len() >= 20).map(|first| {
            let href = self.filter.below(base.clone(), &[("before", &first.id.to_string())]);
            view! { <p class="older"><a class="button small" href=href data-older>{phrases::OLDER_MESSAGES.t(lang)}</a></p> }
        });
        let newest = self.is_past.then(|| {
            let href = self.filter.below(base.clone(), &[]);
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
