//! The iframe's documents: the inbox, the shell that waits for a token, and what is shown when neither can be.

use super::{Reading, icon, render};
use crate::{
    content::catalogue::Texts,
    domain::{Filter, Language, MessageId, Origin, Page, Site, Tally, Timestamp},
    inbox::Reader,
    island::{Attendant, Bell, Opening},
    widget::ClientAssets,
};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The widget's style, in every document by nonce: one request less before the reader sees something.
const STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/widget.min.css"));
/// Opens and closes the panel and speaks to the loader; works before and without WebAssembly.
const FRAME: &str = include_str!(concat!(env!("OUT_DIR"), "/frame.min.js"));
/// Loads the WebAssembly when the browser is idle, and wakes the islands.
const WAKE: &str = include_str!(concat!(env!("OUT_DIR"), "/wake.min.js"));

/// How the reader's page looks: what the document must match so as not to stand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::widget) struct Look {
    /// Language of the widget's texts.
    pub(in crate::widget) language: Language,
    /// `light`, `dark` or `auto`.
    pub(in crate::widget) scheme: Scheme,
}

/// Light, dark, or as the reader's system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::widget) enum Scheme {
    /// Light.
    #[default]
    Light,
    /// Dark.
    Dark,
    /// As the system says.
    Auto,
}

impl Scheme {
    /// From the loader's word; a page that says nothing is light.
    pub(in crate::widget) fn parse(text: Option<&str>) -> Self {
        match text {
            Some("dark") => Self::Dark,
            Some("auto") => Self::Auto,
            _ => Self::Light,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Auto => "auto",
        }
    }

    fn css(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Auto => "light dark",
        }
    }
}

/// What a form has just done, so that the page can offer to take it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::widget) enum Done {
    /// This message was put into the archive.
    Archived(MessageId),
    /// This message was deleted.
    Deleted(MessageId),
    /// All was marked as read, with this number.
    AllRead(i64),
}

impl Done {
    /// From the words in an address; anything else is nothing.
    pub(in crate::widget) fn parse(done: Option<&str>, of: Option<&str>) -> Option<Self> {
        match (done?, of?) {
            ("archive", id) => id.parse().ok().map(Self::Archived),
            ("delete", id) => id.parse().ok().map(Self::Deleted),
            ("allRead", number) => number.parse().ok().map(Self::AllRead),
            _ => None,
        }
    }

    /// The words in an address: what was done, and of what.
    pub(in crate::widget) fn words(self) -> (&'static str, String) {
        match self {
            Self::Archived(id) => ("archive", id.to_string()),
            Self::Deleted(id) => ("delete", id.to_string()),
            Self::AllRead(number) => ("allRead", number.to_string()),
        }
    }
}

/// All that the inbox document shows.
pub(in crate::widget) struct PageView<'a> {
    /// The site.
    pub(in crate::widget) site: &'a Site,
    /// The reader.
    pub(in crate::widget) reader: &'a Reader,
    /// How it looks.
    pub(in crate::widget) look: &'a Look,
    /// For whom and when.
    pub(in crate::widget) reading: Reading<'a>,
    /// The messages and counts.
    pub(in crate::widget) page: &'a Page,
    /// The messages as list items.
    pub(in crate::widget) items: &'a str,
    /// Which of the messages these are.
    pub(in crate::widget) filter: Filter,
    /// Whether the inbox is a page of its own, without the bell that opens it.
    pub(in crate::widget) alone: bool,
    /// What the form before this page has done.
    pub(in crate::widget) done: Option<Done>,
    /// Whether this is not the first part of the list.
    pub(in crate::widget) older: bool,
    /// The session's other secret, for where cookies are refused.
    pub(in crate::widget) bearer: Option<&'a str>,
    /// The document's nonce.
    pub(in crate::widget) nonce: &'a str,
    /// The browser build.
    pub(in crate::widget) assets: ClientAssets,
}

/// The inbox: bell, count and messages.
pub(in crate::widget) fn page(view: &PageView<'_>) -> String {
    let texts = view.reading.texts;
    let tally = view.page.tally;
    let body = || {
        provide_context(Opening::new(tally.unread, tally.unseen, texts.bell_name(tally.unread)));
        let panel = panel(view);
        view! {
            <Bell />
            {panel}
            <p id="announcement" class="hidden-text" role="status"></p>
            <Attendant />
        }
    };
    let attributes = Attributes {
        site: Some(view.site),
        look: Some(view.look),
        tally,
        reader: view.reader.tag(),
        bearer: view.bearer.unwrap_or_default().to_owned(),
        kind: Kind::Inbox,
        now: Some(view.reading.now),
        filter: Some(view.filter),
        alone: view.alone,
        done: view.done,
    };
    document(attributes, texts, view.nonce, view.assets, body)
}

/// The shell: an empty document that asks the page for a token and posts it to itself.
pub(in crate::widget) fn shell(site: &Site, look: &Look, texts: &Texts, alone: bool, nonce: &str) -> String {
    let attributes = Attributes { alone, ..Attributes::bare(Some(site), Some(look), Kind::Shell) };
    document(attributes, texts, nonce, ClientAssets::default(), || ())
}

/// The document in place of the inbox when it can't be shown: one sentence.
pub(in crate::widget) fn fault(site: Option<&Site>, texts: &Texts, sentence: &'static str, nonce: &str) -> String {
    let attributes = Attributes::bare(site, None, Kind::Fault);
    document(attributes, texts, nonce, ClientAssets::default(), || view! { <p class="fault" role="alert">{sentence}</p> })
}

/// The document of an inbox that is a page of its own, for someone whom only their site can sign in.
pub(in crate::widget) fn sign_in(site: &Site, look: &Look, texts: &Texts, nonce: &str) -> String {
    let attributes = Attributes { alone: true, ..Attributes::bare(Some(site), Some(look), Kind::SignIn) };
    let origin = site.origins.first().map(|origin| origin.as_str().to_owned());
    let address = origin.clone();
    document(attributes, texts, nonce, ClientAssets::default(), || {
        view! { <p class="fault">{texts.open_from_site} " " <a href=address>{origin}</a></p> }
    })
}

fn panel(view: &PageView<'_>) -> impl IntoView + use<> {
    let texts = view.reading.texts;
    let site = view.site.id;
    let language = view.look.language.to_string();
    let empty = view.page.items.is_empty() && !view.older;
    let items = view.items.to_owned();
    let query = format!("reader={}&language={language}&scheme={}", view.reader.tag(), view.look.scheme.word());
    // Always there, since what arrives later may be more than a page.
    let next = view.page.next;
    let older = format!("/embed/{site}/page?before={}&{query}", next.unwrap_or_default());
    let newest = view.older.then(|| {
        let address = format!("/embed/{site}/page?{query}");
        view! { <a class="more newest" href=address>{texts.show_newest}</a> }
    });
    view! {
        <section id="panel" class="panel" role="dialog" aria-labelledby="panel-title" tabindex="-1" hidden=true>
        <div class="head">
            <h2 id="panel-title">{texts.title}</h2>
            <form class="all" method="post" action=format!("/embed/{site}/marks") data-all="">
                <input type="hidden" name="reader" value=view.reader.tag() />
                <input type="hidden" name="language" value=language />
                <input type="hidden" name="scheme" value=view.look.scheme.word() />
                <button class="tool wide" name="allRead" value="now" title=texts.mark_all_read disabled=view.page.tally.unread == 0>
                    {icon::check_all()} <span>{texts.mark_all_read}</span>
                </button>
            </form>
            <button class="tool" type="button" data-close="" title=texts.close>
                {icon::close()} <span class="hidden-text">{texts.close}</span>
            </button>
        </div>
        <p id="offline" class="notice quiet" role="status" hidden=true>{texts.offline}</p>
        <p id="notice" class="notice" role="alert" hidden=true></p>
        <div class="scroll" tabindex="0">
            {newest}
            <ul id="list" class="list" role="list" inner_html=items></ul>
            <div id="empty" class="empty" hidden=!empty>
                {icon::resting_bell()}
                <p class="empty-title">{texts.empty_headline}</p>
                <p>{texts.empty_sentence}</p>
            </div>
            <a id="older" class="more" href=older data-next=next.map(|next| next.to_string()) hidden=next.is_none()>
                {texts.show_older}
            </a>
            <div id="loading" class="loading" hidden=true role="status">
                <span class="hidden-text">{texts.loading}</span>
                {(0..3).map(|_| view! { <div class="skeleton" aria-hidden="true"><i></i><b></b><s></s></div> }).collect_view()}
            </div>
        </div>
        </section>
    }
}

/// The few texts that are made in the browser, as JSON.
fn for_browser(texts: &Texts) -> String {
    let plain = [
        ("tag", texts.tag()),
        ("bell", texts.title),
        ("arrived", texts.announcement_template()),
        ("failed", texts.failed),
        ("offline", texts.offline),
        ("unavailable", texts.unavailable),
        ("session_over", texts.signed_out),
        ("just_now", texts.just_now),
        ("minutes", texts.minutes),
        ("hours", texts.hours),
        ("yesterday", texts.yesterday),
        ("days", texts.days),
    ];
    let plain = plain.into_iter().map(|(key, text)| (key.to_owned(), text));
    let counted = texts.templates().into_iter().filter(|template| template.key == "bell");
    let counted = counted.map(|template| (format!("{}.{}", template.key, template.category), template.text));
    serde_json::to_string(&plain.chain(counted).collect::<BTreeMap<_, _>>()).unwrap_or_default()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Inbox,
    Shell,
    SignIn,
    Fault,
}

/// What the scripts read from the document's root.
struct Attributes<'a> {
    site: Option<&'a Site>,
    look: Option<&'a Look>,
    tally: Tally,
    reader: String,
    bearer: String,
    kind: Kind,
    now: Option<Timestamp>,
    filter: Option<Filter>,
    alone: bool,
    done: Option<Done>,
}

impl<'a> Attributes<'a> {
    fn bare(site: Option<&'a Site>, look: Option<&'a Look>, kind: Kind) -> Self {
        let (reader, bearer) = (String::new(), String::new());
        Self { site, look, tally: Tally::default(), reader, bearer, kind, now: None, filter: None, alone: false, done: None }
    }
}

fn document<View: IntoView>(attributes: Attributes<'_>, texts: &Texts, nonce: &str, assets: ClientAssets, body: impl FnOnce() -> View) -> String {
    let Attributes { site, look, tally, reader, bearer, kind, now, filter, alone, done } = attributes;
    let (done, of) = done.map(Done::words).unzip();
    let language = look.map_or_else(Language::english, |look| look.language.clone());
    let direction = if language.is_right_to_left() { "rtl" } else { "ltr" };
    let scheme = look.map_or(Scheme::Auto, |look| look.scheme);
    let origins = site.map(|site| site.origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(" "));
    let base = site.map(|site| format!("/embed/{}", site.id));
    let set = |yes: bool| yes.then_some("");
    let scripts = assets.script.zip(assets.wasm).map(|(script, wasm)| {
        view! { <script nonce=nonce.to_owned() type="module" data-script=script data-wasm=wasm id="wake" inner_html=WAKE></script> }
    });
    let texts_for_browser = for_browser(texts);
    let title = texts.title;
    render(|| {
        view! {
            <!DOCTYPE html>
            <html
                lang=texts.tag()
                dir=direction
                data-origins=origins
                data-base=base
                data-reader=reader
                data-bearer=bearer
                data-language=language.to_string()
                data-scheme=scheme.word()
                data-version=tally.version.to_string()
                data-unread=tally.unread.to_string()
                data-unseen=tally.unseen.to_string()
                data-now=now.map(|now| now.millis().to_string())
                data-filter=filter.map(Filter::as_str)
                data-view=alone.then_some("page")
                data-done=done
                data-of=of
                data-texts=texts_for_browser
                data-shell=set(kind == Kind::Shell)
                data-fault=set(kind == Kind::Fault)
            >
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="color-scheme" content=scheme.css() />
                    <title>{title}</title>
                    <style nonce=nonce.to_owned() inner_html=STYLE></style>
                </head>
                <body>
                    {body()}
                    <script nonce=nonce.to_owned() inner_html=FRAME></script>
                    {scripts}
                </body>
            </html>
        }
    })
}
