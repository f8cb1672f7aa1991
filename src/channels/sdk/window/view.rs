//! HTML of the window: the page that posts the code, the whole window, the parts that the script
//! replaces, and the error page.

use super::{
    WindowState, composer,
    form::{OpenWindow, TOKEN_FIELD, WindowLanguage},
    head, phrases,
};
use belfry_domain::{
    Origin, Site, TimeZone, Timestamp,
    channel::{
        AgentId, ConversationMessageId, ConversationStatus, ConversationView, MAX_UNREAD_COUNT,
        MessageKind, MessageList, MessageWindow,
    },
};
use belfry_web::{
    conversation::{MessageActions, ThreadContext},
    document::Document,
    html::{IntoMarkup, Markup},
};
use leptos::prelude::*;

/// Context of every document of the window.
pub(super) struct Frame<'f> {
    pub window: &'f WindowState,
    /// The site whose pages may frame the document.
    pub site: Option<&'f Site>,
    /// The conversation as the path names it.
    pub conversation: &'f str,
    pub language: &'f WindowLanguage,
}

impl Frame<'_> {
    /// A path of the conversation's window.
    pub(super) fn path(&self, rest: &str) -> String {
        let tag = &self.language.tag;
        let query = if tag.is_empty() { String::new() } else { format!("?lang={tag}") };
        format!("/inbox/embed/{}{rest}{query}", self.conversation)
    }

    fn document(&self, view: &'static str, title: String, body: Markup) -> Document {
        let origins = self.site.map_or_else(String::new, |site| {
            site.origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(" ")
        });
        let (style, script) = (self.window.assets.style, self.window.assets.script);
        let (conversation, asked) = (self.conversation.to_owned(), self.language.requested.clone());
        let (lang, direction) =
            (self.language.lang, if self.language.is_right_to_left { "rtl" } else { "ltr" });
        let page = move || {
            view! {
                <!DOCTYPE html>
                <html lang=lang.tag() dir=direction>
                    <head>
                        <meta charset="utf-8"/>
                        <meta name="viewport" content="width=device-width, initial-scale=1"/>
                        <meta name="color-scheme" content="light dark"/>
                        <meta name="robots" content="noindex"/>
                        <title>{title}</title>
                        <link rel="icon" href="data:,"/>
                        <link rel="stylesheet" href=style/>
                        <script src=script defer></script>
                    </head>
                    <body data-view=view data-conversation=conversation data-origins=origins data-asked=asked>
                        <main aria-label=phrases::DETAILS.t(lang)>{body}</main>
                    </body>
                </html>
            }
        };
        Box::new(|| page().into_markup())
    }
}

/// The notice that the script shows when the window has ended.
fn ended_notice(frame: &Frame<'_>, is_hidden: bool) -> Markup {
    let lang = frame.language.lang;
    view! {
        <div class="state" id="ended" role="alert" hidden=is_hidden>
            <h1>{phrases::ENDED.t(lang)}</h1>
            <p>{phrases::ENDED_TEXT.t(lang)}</p>
        </div>
    }
    .into_markup()
}

/// The page whose script posts the code.
pub(super) fn shell(frame: &Frame<'_>) -> Document {
    let lang = frame.language.lang;
    let body = view! {
        <div class="state" id="opening">
            <p role="status">{phrases::OPENING.t(lang)}</p>
            <noscript><p>{phrases::NEEDS_SCRIPT.t(lang)}</p></noscript>
        </div>
        {ended_notice(frame, true)}
        <form method="post" id="enter" action=frame.path("") data-again=frame.path("/view")><input type="hidden" name="t"/></form>
    };
    frame.document("enter", phrases::OPENING.t(lang).to_owned(), body.into_markup())
}

/// The error page; `reason` is the code for the embedding page.
pub(super) fn error_page(
    frame: &Frame<'_>,
    reason: &'static str,
    title: String,
    text: String,
) -> Document {
    let body = view! {
        <div class="state" role="alert">
            <h1>{title.clone()}</h1>
            <p>{text}</p>
        </div>
    };
    frame.document(reason, title, body.into_markup())
}

/// The composer's input, and the error about it.
#[derive(Default)]
pub(super) struct ComposerDraft {
    pub content: String,
    pub is_note: bool,
    pub problem: Option<String>,
}

/// A conversation as the window displays it.
pub(super) struct WindowView<'s> {
    pub frame: &'s Frame<'s>,
    pub window: &'s OpenWindow,
    pub messages: &'s MessageList,
    /// Whether this is an older page of messages.
    pub is_past: bool,
    pub draft: ComposerDraft,
    pub now: Timestamp,
    /// Maximum bytes of one message's files.
    pub file_bytes: usize,
}

impl WindowView<'_> {
    pub(super) fn view(&self) -> &ConversationView {
        &self.messages.view
    }

    pub(super) fn me(&self) -> AgentId {
        self.window.session.caller.agent.id
    }

    /// Whether to display the composer: the conversation is assigned, or there is rejected input.
    pub(super) fn has_composer(&self) -> bool {
        self.view().conversation.assignee.is_some() || !self.draft.content.is_empty()
    }

    /// A button for an action other than sending. Its form sends only the names of chosen files.
    pub(super) fn action_button(
        &self,
        act: String,
        class: &'static str,
        label: &'static str,
    ) -> Markup {
        view! {
            <button class=class name="do" value=act formaction=self.frame.path("/act") formenctype="application/x-www-form-urlencoded">{label}</button>
        }
        .into_markup()
    }

    /// The whole window.
    pub(super) fn document(&self) -> Document {
        let (frame, lang) = (self.frame, self.frame.language.lang);
        let name = head::name(self);
        let title = format!("{name} · {}", self.view().inbox_name);
        let problem = self.draft.problem.clone();
        let is_fine = problem.is_none();
        let body = view! {
            <form method="post" enctype="multipart/form-data" action=frame.path("/messages") id="window" data-me=self.me().to_string() data-name=name.clone()
                data-lang=lang.tag() data-today=phrases::TODAY.t(lang) data-yesterday=phrases::YESTERDAY.t(lang)
                data-failed=phrases::NOT_SENT.t(lang) data-unavailable=phrases::UNAVAILABLE.t(lang)>
                // Comes first, so that it is parsed before any file.
                <input type="hidden" name=TOKEN_FIELD value=self.window.token.clone()/>
                // Enter presses a form's first button.
                <button hidden></button>
                {head::head(self)}
                {self.thread()}
                <p class="notice failed" id="problem" role="alert" hidden=is_fine>{problem}</p>
                <p class="notice" id="offline" role="status" hidden>{phrases::OFFLINE.t(lang)}</p>
                <p class="typing" id="typing" role="status" data-typing=phrases::TYPING.for_browser(lang) data-note=phrases::TYPING_NOTE.for_browser(lang)></p>
                {composer::join(self)}
                {composer::composer(self, &name)}
            </form>
            {ended_notice(frame, true)}
        };
        frame.document("window", title, body.into_markup())
    }

    /// The parts that the script replaces.
    pub(super) fn partial(&self) -> String {
        let owner = Owner::new();
        let html = owner.with(|| view! { {head::head(self)} {self.thread()} }.to_html());
        owner.cleanup();
        html
    }

    /// The contact's first message that no agent has seen.
    fn first_unread(&self) -> Option<ConversationMessageId> {
        let unread = usize::try_from(self.view().unread_count.min(MAX_UNREAD_COUNT)).unwrap_or(0);
        let last = unread.checked_sub(1).filter(|_| !self.is_past)?;
        let incoming = self
            .messages
            .messages
            .iter()
            .rev()
            .filter(|message| message.kind == MessageKind::Incoming);
        incoming.take(last + 1).last().map(|message| message.id)
    }

    fn thread(&self) -> Markup {
        let (lang, messages) = (self.frame.language.lang, &self.messages.messages);
        let context = ThreadContext {
            lang,
            me: self.me(),
            contact: &self.view().contact,
            zone: &TimeZone::UTC,
            actions: self,
        };
        let items = context.items(messages, self.now, self.first_unread());
        let turn = |name: &'static str, value: String, label: &'static str| {
            view! {
                <p class="older">
                    <button class="button" name=name value=value formaction=self.frame.path("/view") formenctype="application/x-www-form-urlencoded">{label}</button>
                </p>
            }
            .into_markup()
        };
        // A full page: there may be more messages before it.
        let is_full = messages.len()
            >= usize::try_from(MessageWindow::default().limit()).unwrap_or(usize::MAX);
        let older = messages
            .first()
            .filter(|_| is_full)
            .map(|first| turn("before", first.id.to_string(), phrases::OLDER_MESSAGES.t(lang)));
        let newest =
            self.is_past.then(|| turn("newest", String::new(), phrases::NEWEST_MESSAGES.t(lang)));
        let nothing = messages
            .is_empty()
            .then(|| view! { <p class="nothing">{phrases::NO_MESSAGES.t(lang)}</p> });
        let status = if self.view().conversation.status == ConversationStatus::Resolved {
            "closed"
        } else {
            "open"
        };
        view! {
            <div class="scroll" id="thread" tabindex="0" role="log" aria-label=phrases::THREAD.t(lang) data-past=self.is_past.then_some("")
                data-unread=self.view().unread_count.to_string() data-status=status data-joined=self.view().conversation.assignee.map(|_| "")>
                <div id="thread-inside">
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

impl MessageActions for WindowView<'_> {
    fn full_text_link(&self, message: ConversationMessageId, label: &'static str) -> Markup {
        view! {
            <button class="link" name="message" value=message.to_string() formaction=self.frame.path("/whole") formtarget="_blank"
                formenctype="application/x-www-form-urlencoded">{label}</button>
        }
        .into_markup()
    }

    fn retry_line(
        &self,
        message: ConversationMessageId,
        reason: String,
        label: &'static str,
    ) -> Markup {
        view! { <p class="standing-line failed"><span>{reason}</span> {self.action_button(format!("retry {message}"), "link", label)}</p> }.into_markup()
    }
}
