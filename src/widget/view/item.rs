//! One message in the list.

use super::{Scheme, icon::Icon};
use belfry_content::{template, time, widget_texts};
use belfry_domain::{
    Contact, Language, Link, LinkTarget, Message, MessageActionKind, MessageContent, ReaderFilter,
    Site, Timestamp, negotiate,
};
use belfry_locales::{UiLanguage, phrases::widget as phrases};
use std::fmt::{self, Write as _};

/// Context for rendering messages: equal for all readers of a site with the same language.
pub(crate) struct RenderContext<'a> {
    pub(super) site: &'a Site,
    pub(super) language: &'a Language,
    pub(super) lang: UiLanguage,
    pub(super) now: Timestamp,
    /// Hidden inputs of every form: the reader of the page, and what the page shows.
    pub(super) form_inputs: Option<String>,
    /// The reader's contact, for messages with personal placeholders.
    pub(super) contact: Option<&'a Contact>,
}

impl<'a> RenderContext<'a> {
    /// For messages of this site in this language, at this time.
    pub(crate) fn new(site: &'a Site, language: &'a Language, now: Timestamp) -> Self {
        Self {
            site,
            language,
            lang: widget_texts::language(language),
            now,
            form_inputs: None,
            contact: None,
        }
    }

    /// Adds the contact, for messages with personal placeholders.
    #[must_use]
    pub(crate) fn for_contact(self, contact: Option<&'a Contact>) -> Self {
        Self { contact, ..self }
    }

    /// Adds the form inputs of one reader's page: they name its reader, and lead back to what it
    /// shows.
    #[must_use]
    pub(crate) fn for_page(
        self,
        reader: &str,
        scheme: Scheme,
        filter: ReaderFilter,
        alone: bool,
    ) -> Self {
        let input = |name: &str, value: &str| {
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
        };
        let mut context = input("reader", reader) + &input("scheme", scheme.as_str());
        if filter != ReaderFilter::All {
            context += &input("filter", filter.as_str());
        }
        if alone {
            context += &input("view", "page");
        }
        Self { form_inputs: Some(context), ..self }
    }
}

/// One unread message as a list item, rendered without the cache; empty if the message has no text.
pub fn render_unread(
    site: &Site,
    message: &Message,
    language: &Language,
    now: Timestamp,
) -> String {
    let context = RenderContext::new(site, language, now);
    card(
        &context,
        message,
        ReadState { is_read: false, is_archived: false },
        &time::relative(now, message.publish_at, context.lang),
    )
}

/// The read and archive state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ReadState {
    pub(super) is_read: bool,
    pub(super) is_archived: bool,
}

/// Escapes text between tags.
struct EscapedText<'a>(&'a str);
/// Escapes text in a double-quoted attribute.
struct EscapedAttribute<'a>(&'a str);

impl fmt::Display for EscapedText<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&html_escape::encode_text(self.0))
    }
}

impl fmt::Display for EscapedAttribute<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&html_escape::encode_double_quoted_attribute(self.0))
    }
}

/// One message as a list item, with its relative time.
///
/// Written directly rather than as a view, because a list contains twenty of them. All variable
/// text goes through [`EscapedText`] or [`EscapedAttribute`]; the body is sanitized by `content`.
pub(super) fn card(
    context: &RenderContext<'_>,
    message: &Message,
    state: ReadState,
    when: &str,
) -> String {
    let mut html = String::with_capacity(3_072);
    // Writing to a `String` does not fail.
    let _ = write(&mut html, context, message, state, when);
    html
}

fn write(
    html: &mut String,
    context: &RenderContext<'_>,
    message: &Message,
    state: ReadState,
    when: &str,
) -> fmt::Result {
    let Some((language, content)) =
        negotiate(&message.content, context.language, &context.site.language)
    else {
        return Ok(());
    };
    let content = &*template::fill(content, context.contact);
    let lang = context.lang;
    let direction = if language.is_right_to_left() { "rtl" } else { "ltr" };
    let (unread, pinned) =
        (if state.is_read { "" } else { " unread" }, if message.pinned { " pinned" } else { "" });
    let (id, position) = (message.id, message.position);
    write!(
        html,
        r#"<li class="item{unread}{pinned}" data-id="{id}" data-position="{position}" aria-labelledby="title-{id}"><span class="dot" aria-hidden="true"></span>"#
    )?;
    if let Some(address) = &content.image {
        // The title names the message; a description of the picture would add nothing.
        let address = EscapedAttribute(address.as_str());
        write!(
            html,
            r#"<img class="picture" src="{address}" alt="" width="56" height="56" loading="lazy" decoding="async" referrerpolicy="no-referrer">"#
        )?;
    }
    write!(
        html,
        r#"<div class="text" lang="{}" dir="{direction}"><h3 class="title" id="title-{id}"><span class="state hidden-text">{} </span>"#,
        EscapedAttribute(language.as_str()),
        EscapedText(phrases::UNREAD.t(lang))
    )?;
    match content.link.as_ref().filter(|link| link.app_scheme().is_none()) {
        Some(link) => anchor(html, context.site, "", link, content.new_tab, &content.title)?,
        None => write!(html, "{}", EscapedText(&content.title))?,
    }
    html.push_str("</h3>");
    if !content.body.is_empty() {
        let body = template::render_body(content, context.contact, context.site.main_origin());
        write!(html, r#"<div class="body">{body}</div>"#)?;
    }
    actions(html, context, message, content)?;
    html.push_str(r#"</div><p class="meta">"#);
    if let Some(category) = &message.category {
        write!(html, r#"<span class="category">{}</span>"#, EscapedText(category))?;
    }
    html.push_str(r#"<span class="when">"#);
    if message.pinned {
        write!(
            html,
            r#"<span class="pin">{} {}</span>"#,
            Icon::Pin,
            EscapedText(phrases::PINNED.t(lang))
        )?;
    }
    let exact = time::exact(message.publish_at, context.language);
    write!(
        html,
        r#"<time dir="auto" datetime="{}" title="{}">{}<span class="hidden-text">, {}</span></time></span></p>"#,
        EscapedAttribute(&exact.datetime),
        EscapedAttribute(&exact.title),
        EscapedText(when),
        EscapedText(&exact.title)
    )?;
    tools(html, context, message, state)?;
    html.push_str("</li>");
    Ok(())
}

/// The buttons of a message. A reply button belongs to the card's form, and is shown only if the
/// site has the tab that it leads to.
fn actions(
    html: &mut String,
    context: &RenderContext<'_>,
    message: &Message,
    content: &MessageContent,
) -> fmt::Result {
    let shown = |kind: &MessageActionKind| {
        *kind != MessageActionKind::Reply || context.site.messages.is_some()
    };
    let mut actions = content.actions.iter().filter(|action| shown(&action.kind)).peekable();
    if actions.peek().is_none() {
        return Ok(());
    }
    html.push_str(r#"<div class="actions">"#);
    for action in actions {
        match &action.kind {
            MessageActionKind::Link { link, new_tab } => {
                anchor(html, context.site, r#"class="action" "#, link, *new_tab, &action.label)?;
            }
            MessageActionKind::Reply => write!(
                html,
                r#"<button class="action" form="of-{}" formaction="/embed/{}/conversations" name="do" value="show">{}</button>"#,
                message.id,
                context.site.id,
                EscapedText(&action.label)
            )?,
        }
    }
    html.push_str("</div>");
    Ok(())
}

/// Whether a message has a reply button in any language.
fn has_reply(message: &Message) -> bool {
    message
        .content
        .values()
        .flat_map(|content| &content.actions)
        .any(|action| action.kind == MessageActionKind::Reply)
}

/// A link that opens in the page's tab or in a new one. A deep link into an app is omitted, because
/// a web page cannot open it.
fn anchor(
    html: &mut String,
    site: &Site,
    class: &str,
    link: &Link,
    new_tab: bool,
    words: &str,
) -> fmt::Result {
    let (target, words) = (if new_tab { "_blank" } else { "_top" }, EscapedText(words));
    let own = match link.target() {
        LinkTarget::App(_) => return write!(html, "<span>{words}</span>"),
        // The containing page may have another of the site's origins; the frame script inserts it.
        LinkTarget::Site(_) => r#" data-own="""#,
        LinkTarget::Web(_) | LinkTarget::Contact(_) => "",
    };
    let address = link.resolve(site.main_origin());
    write!(
        html,
        r#"<a {class}href="{}" target="{target}" rel="noopener"{own}>{words}</a>"#,
        EscapedAttribute(&address)
    )
}

/// The form with all actions on one message. Its buttons are equal on every card, and the style
/// decides which of the first two is shown, so that marking a message changes nothing but a class.
fn tools(
    html: &mut String,
    context: &RenderContext<'_>,
    message: &Message,
    state: ReadState,
) -> fmt::Result {
    let lang = context.lang;
    let put_away = if state.is_archived {
        (Icon::Restore, "restore", phrases::RESTORE.t(lang))
    } else {
        (Icon::Archive, "archive", phrases::ARCHIVE.t(lang))
    };
    // A reply button references the form by its id.
    let id = if has_reply(message) { format!(r#" id="of-{}""#, message.id) } else { String::new() };
    write!(
        html,
        r#"<form class="tools"{id} method="post" action="/embed/{}/marks"><input type="hidden" name="of" value="{}"><input type="hidden" name="language" value="{}">"#,
        context.site.id,
        message.id,
        EscapedAttribute(context.language.as_str())
    )?;
    for (icon, verb, name) in [
        (Icon::Read, "read", phrases::MARK_READ.t(lang)),
        (Icon::Unread, "unread", phrases::MARK_UNREAD.t(lang)),
        put_away,
        (Icon::Delete, "delete", phrases::DELETE.t(lang)),
    ] {
        let name = EscapedAttribute(name);
        write!(
            html,
            r#"<button class="tool" name="do" value="{verb}" title="{name}" aria-label="{name}">{icon}</button>"#
        )?;
    }
    html.push_str("</form>");
    Ok(())
}
