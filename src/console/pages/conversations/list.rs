//! The conversation list: tabs with counts, filters, rows, and empty states.

pub(super) use belfry_web::conversation::{avatar, display_name};

use super::{agent::AgentMember, filter::Filter, phrases};
use crate::{
    Console,
    error::ConsoleError,
    phrases::{Phrase, UiLanguage},
    view::{Button, CodeBlock, EmptyState, Pager, Tabs, Tone, relative_time},
};
use belfry_content::text::{clean_line, truncate_graphemes};
use belfry_domain::{
    Role,
    channel::{
        AgentId, AssigneeFilter, CONVERSATIONS_PER_PAGE, ChannelInbox, ConversationCounts,
        ConversationMessage, ConversationNumber, ConversationStatus, ConversationView,
        MAX_EXACT_COUNT, MAX_UNREAD_COUNT, MessageKind, MessageList, Sender,
    },
};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// Characters of an excerpt.
const MAX_EXCERPT_CHARS: usize = 120;

/// The loaded list.
pub(super) struct ConversationList {
    pub(super) filter: Filter,
    pub(super) inboxes: Vec<ChannelInbox>,
    counts: ConversationCounts,
    conversations: Vec<ConversationView>,
}

impl ConversationList {
    pub(super) async fn load(
        console: &Console,
        member: &AgentMember,
        filter: Filter,
    ) -> Result<Self, ConsoleError> {
        let inboxes = console.app.channel_inboxes(&member.agent).await?;
        let conversations = console.app.conversations(&member.agent, filter.query()).await?;
        Ok(Self {
            filter,
            inboxes,
            counts: conversations.counts,
            conversations: conversations.conversations,
        })
    }

    /// Whether the site has no conversation at all.
    pub(super) fn is_empty_site(&self) -> bool {
        self.inboxes.is_empty() || (self.counts.all == 0 && !self.filter.is_filtered())
    }
}

/// The plain text of a message, or its file's name.
fn plain_text(lang: UiLanguage, message: &ConversationMessage) -> String {
    let content = message
        .content
        .as_deref()
        .map(|text| clean_line(&truncate_graphemes(text, 4 * MAX_EXCERPT_CHARS)))
        .filter(|text| !text.is_empty());
    let file = || {
        message
            .attachments
            .first()
            .map(|file| format!("{}: {}", phrases::FILE_MARK.t(lang), clean_line(&file.filename)))
    };
    let text = content.or_else(file).unwrap_or_else(|| "—".to_owned());
    truncate_graphemes(&text, MAX_EXCERPT_CHARS).into_owned()
}

/// The contact's last message if no agent has answered since, for browser notifications. Automatic
/// answers don't count.
pub(super) fn notice(lang: UiLanguage, found: &MessageList) -> Markup {
    let last = found
        .messages
        .iter()
        .rev()
        .find(|message| message.kind != MessageKind::Activity && !message.is_automatic());
    let notice = last.filter(|message| message.kind == MessageKind::Incoming).map(|message| {
        view! { <p data-message=message.id.to_string() data-who=display_name(lang, &found.view.contact)>{plain_text(lang, message)}</p> }
    });
    notice.into_markup()
}

/// The excerpt of the last message.
fn excerpt(lang: UiLanguage, me: AgentId, message: Option<&ConversationMessage>) -> Markup {
    let Some(message) = message else {
        return view! { <span>{phrases::NO_MESSAGES.t(lang)}</span> }.into_markup();
    };
    let text = plain_text(lang, message);
    let from = match &message.sender {
        Some(Sender::Agent(agent)) if agent.id == me => Some(phrases::YOU.t(lang).to_owned()),
        Some(Sender::Agent(agent)) if message.kind == MessageKind::Outgoing => {
            Some(clean_line(&agent.name))
        }
        _ => None,
    };
    let from = if message.private { Some(phrases::NOTE_MARK.t(lang).to_owned()) } else { from };
    let class = if message.private { "from note" } else { "from" };
    view! { {from.map(|from| view! { <span class=class>{format!("{from}: ")}</span> })} <bdi>{text}</bdi> }.into_markup()
}

fn row(
    member: &AgentMember,
    listed: &ConversationList,
    view: &ConversationView,
    here: Option<ConversationNumber>,
) -> Markup {
    let (lang, conversation) = (member.lang, &view.conversation);
    let name = display_name(lang, &view.contact);
    let is_here = here == Some(conversation.number);
    let unread = if is_here { 0 } else { view.unread_count };
    let class = if unread > 0 { "talk-row unread" } else { "talk-row" };
    let pill = (unread > 0).then(|| {
        let shown = if unread >= MAX_UNREAD_COUNT { format!("{}+", MAX_UNREAD_COUNT - 1) } else { unread.to_string() };
        let description = phrases::UNREAD.with(lang, &[("count", &shown)]);
        view! { <span class="pill"><span aria-hidden="true">{shown}</span><span class="unseen">{description}</span></span> }
    });
    let assignee = view.assignee.as_ref().map(|agent| {
        let name = if agent.id == member.agent.agent.id { phrases::YOU.t(lang).to_owned() } else { clean_line(&agent.name) };
        let description = phrases::ASSIGNED_TO.with(lang, &[("name", &name)]);
        view! { <span class="holder"><span class="unseen">{description}</span><span aria-hidden="true">{name}</span></span> }
    });
    let priority = conversation.priority.map(|priority| {
        let word = phrases::priority(priority).t(lang);
        let description = phrases::PRIORITY_MARK.with(lang, &[("priority", &word)]);
        view! { <span class=format!("priority {}", priority.as_str())><span class="unseen">{description}</span></span> }
    });
    // The status is only shown where the filter does not imply it.
    let status = (listed.filter.status != Some(conversation.status))
        .then(|| view! { <span>{phrases::status(conversation.status).t(lang)}</span> });
    let labels: Vec<Markup> = conversation
        .labels
        .iter()
        .take(2)
        .map(|label| view! { <bdi class="label">{label.clone()}</bdi> }.into_markup())
        .collect();
    // With a single inbox, its name is left out.
    let inbox =
        (listed.inboxes.len() > 1).then(|| view! { <span>{clean_line(&view.inbox_name)}</span> });
    let is_footed = inbox.is_some() || status.is_some() || assignee.is_some() || !labels.is_empty();
    let foot = is_footed
        .then(|| view! { <span class="talk-foot">{inbox} {status} {assignee} {labels}</span> });
    view! {
        <li class=class data-number=conversation.number.to_string()>
            <a href=listed.filter.thread_path(member, conversation.number) aria-current=is_here.then_some("true")>
                {avatar(&name, view.contact.id())}
                <span class="talk-top">{priority} <bdi class="who">{name}</bdi> {relative_time(member, conversation.last_activity_at)}</span>
                <span class="talk-text"><span class="excerpt" dir="auto">{excerpt(lang, member.agent.agent.id, view.last_non_activity_message.as_ref())}</span> {pill}</span>
                {foot}
            </a>
        </li>
    }
    .into_markup()
}

fn count(number: u32) -> String {
    if number >= MAX_EXACT_COUNT { format!("{}+", MAX_EXACT_COUNT - 1) } else { number.to_string() }
}

fn tabs(member: &AgentMember, listed: &ConversationList) -> Markup {
    let (lang, counts) = (member.lang, listed.counts);
    let tab = |tab: AssigneeFilter, word: Phrase, number: u32| {
        let label = format!("{} {}", word.t(lang), count(number));
        (listed.filter.with_tab(tab).list_path(member), label, listed.filter.tab == tab)
    };
    let tabs = vec![
        tab(AssigneeFilter::Me, phrases::MINE, counts.mine),
        tab(AssigneeFilter::Unassigned, phrases::UNASSIGNED, counts.unassigned),
        tab(AssigneeFilter::All, phrases::ALL, counts.all),
    ];
    view! { <Tabs label=phrases::TABS.t(lang) tabs=tabs/> }.into_markup()
}

fn options(options: Vec<(String, String)>, chosen: &str) -> Markup {
    let options = options.into_iter().map(|(value, label)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{label}</option> }
    });
    options.collect_view().into_markup()
}

fn filters(member: &AgentMember, listed: &ConversationList) -> Markup {
    let (lang, filter) = (member.lang, &listed.filter);
    let of = |name: &str| {
        filter
            .pairs()
            .into_iter()
            .find_map(|(pair, value)| (pair == name).then_some(value))
            .unwrap_or_default()
    };
    let statuses = [
        ("", phrases::OPEN),
        (ConversationStatus::Pending.as_str(), phrases::PENDING),
        (ConversationStatus::Snoozed.as_str(), phrases::SNOOZED),
        (ConversationStatus::Resolved.as_str(), phrases::RESOLVED),
        ("all", phrases::ANY_STATUS),
    ];
    let statuses = statuses
        .into_iter()
        .map(|(value, word)| (value.to_owned(), word.t(lang).to_owned()))
        .collect();
    let inboxes = std::iter::once((String::new(), phrases::ANY_INBOX.t(lang).to_owned()))
        .chain(
            listed
                .inboxes
                .iter()
                .map(|inbox| (inbox.id.to_string(), clean_line(&inbox.settings.name))),
        )
        .collect();
    let mut labels: Vec<String> = listed
        .conversations
        .iter()
        .flat_map(|view| view.conversation.labels.iter().cloned())
        .collect();
    labels.sort();
    labels.dedup();
    let labels =
        labels.into_iter().map(|label| view! { <option value=label></option> }).collect_view();
    let tab = of("tab");
    let is_choice = listed.inboxes.len() > 1 || filter.inbox.is_some();
    view! {
        <form method="get" action=member.path("conversations") role="search" class="talk-filters" data-filters>
            {(!tab.is_empty()).then(|| view! { <input type="hidden" name="tab" value=tab/> })}
            <input type="search" name="q" value=of("q") placeholder=phrases::SEARCH_HINT.t(lang) aria-label=phrases::SEARCH.t(lang) maxlength="200" aria-keyshortcuts="/"/>
            <select name="status" aria-label=phrases::STATUS.t(lang)>{options(statuses, &of("status"))}</select>
            {is_choice.then(|| view! { <select name="inbox" aria-label=phrases::INBOX.t(lang)>{options(inboxes, &of("inbox"))}</select> })}
            <input name="label" value=of("label") placeholder=phrases::LABEL.t(lang) aria-label=phrases::LABEL.t(lang) list="talk-labels" maxlength="100" autocomplete="off"/>
            <datalist id="talk-labels">{labels}</datalist>
            <button class="button small">{phrases::APPLY.t(lang)}</button>
        </form>
    }
    .into_markup()
}

fn empty_state(member: &AgentMember, listed: &ConversationList) -> Markup {
    let lang = member.lang;
    if listed.filter.tab == AssigneeFilter::Me && !listed.filter.is_filtered() {
        let others = listed.filter.with_tab(AssigneeFilter::Unassigned).list_path(member);
        return view! {
            <EmptyState title=phrases::NONE_MINE.t(lang) text=phrases::NONE_MINE_TEXT.t(lang)>
                <Button href=others>{phrases::SEE_UNASSIGNED.t(lang)}</Button>
            </EmptyState>
        }
        .into_markup();
    }
    let all = member.path("conversations");
    view! {
        <EmptyState title=phrases::NONE_FIT.t(lang) text=phrases::NONE_FIT_TEXT.t(lang)>
            <Button href=all>{phrases::CLEAR.t(lang)}</Button>
        </EmptyState>
    }
    .into_markup()
}

/// The list; `here` is the open conversation.
pub(super) fn panel(
    member: &AgentMember,
    listed: &ConversationList,
    here: Option<ConversationNumber>,
) -> Markup {
    let lang = member.lang;
    let rows = if listed.conversations.is_empty() {
        empty_state(member, listed)
    } else {
        let rows =
            listed.conversations.iter().map(|view| row(member, listed, view, here)).collect_view();
        view! { <ol class="talk-rows">{rows}</ol> }.into_markup()
    };
    let page = listed.filter.page;
    let first = (page > 1).then(|| listed.filter.with_page(1).list_path(member));
    let is_full =
        listed.conversations.len() == usize::try_from(CONVERSATIONS_PER_PAGE).unwrap_or_default();
    let next = is_full.then(|| listed.filter.with_page(page + 1).list_path(member));
    let title = phrases::TITLE.t(lang);
    let heading = if here.is_some() {
        view! { <h2>{title}</h2> }.into_markup()
    } else {
        view! { <h1>{title}</h1> }.into_markup()
    };
    view! {
        <section class="talk-list" id="talk-list" aria-label=phrases::LIST.t(lang)>
            <div class="talk-head">
                {heading}
                <button type="button" class="button small notify" id="talk-notify" aria-pressed="false" data-blocked=phrases::NOTIFY_BLOCKED.t(lang) hidden>
                    <svg viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
                        <path d="M6 17h12c-1.500-1.500-2-3-2-6a4 4 0 0 0-8 0c0 3-.5 4.500-2 6zM10.500 20h3"></path>
                    </svg>
                    {phrases::NOTIFY.t(lang)}
                </button>
                <a class="button small slash" href=member.path("conversations/canned-responses") aria-label=phrases::CANNED_TITLE.t(lang) title=phrases::CANNED_TITLE.t(lang)>"/"</a>
            </div>
            {tabs(member, listed)}
            {filters(member, listed)}
            <div class="talk-scroll" id="talk-rows">
                {rows}
                <Pager lang=lang first=first next=next/>
            </div>
        </section>
    }
    .into_markup()
}

/// The empty state, which explains where conversations come from.
pub(super) fn teaching(
    console: &Console,
    member: &AgentMember,
    listed: &ConversationList,
) -> Markup {
    let lang = member.lang;
    let Some(inbox) = listed.inboxes.first() else {
        let owner = member.role == Role::Owner;
        let text = if owner { phrases::NO_INBOX_OWNER } else { phrases::NO_INBOX_AGENT };
        let link = owner.then(|| view! { <Button tone=Tone::Accent href=member.path("inboxes/new")>{phrases::CREATE_INBOX.t(lang)}</Button> });
        return view! { <EmptyState title=phrases::NO_INBOX.t(lang) text=text.t(lang)>{link}</EmptyState> }.into_markup();
    };
    let connect = member.path(&format!("inboxes/{}/connect", inbox.id));
    let base = format!(
        "{}/public/api/v1/inboxes/{}/contacts",
        console.public_url,
        inbox.identifier.as_str()
    );
    let json = "-H 'content-type: application/json'";
    let calls = format!(
        "# Who writes; the answer has their source_id\ncurl -X POST {base} \\\n  {json} \\\n  -d '{{\"identifier\": \"42\", \"name\": \"Ann\", \"email\": \"ann@shop.example\"}}'\n\n\
         # A conversation; the answer has its id\ncurl -X POST {base}/$SOURCE_ID/conversations {json} -d '{{}}'\n\n\
         # What they say\ncurl -X POST {base}/$SOURCE_ID/conversations/$ID/messages \\\n  {json} \\\n  -d '{{\"content\": \"Is the green lamp in stock?\"}}'"
    );
    view! {
        <EmptyState title=phrases::EMPTY.t(lang) text=phrases::EMPTY_TEXT.t(lang)>
            <Button tone=Tone::Accent href=connect>{phrases::CONNECT.t(lang)}</Button>
        </EmptyState>
        <section class="talk-teach">
            <CodeBlock lang=lang name="calls" label=phrases::EMPTY_CALL.t(lang) value=calls/>
        </section>
    }
    .into_markup()
}
