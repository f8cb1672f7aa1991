//! The list of segments.

use super::{phrases, summary::summary};
use crate::{
    Console,
    error::ConsoleError,
    pages::messages::{brief, grouped, rule_draft},
    phrases::NAME,
    request_context::Member,
    view::{Button, EmptyState, Page, Pager, Table, Tone, page},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use belfry_app::{SegmentCount, write_rule};
use belfry_domain::{Role, paginate};
use belfry_web::html::IntoMarkup;
use leptos::prelude::*;
use serde::Deserialize;

const SEGMENTS_PER_PAGE: u32 = 25;
/// The list shows counts if the site has at most this number of contacts, since each count reads
/// all of them.
const MAX_COUNTED_CONTACTS: u64 = 5_000;

#[derive(Deserialize)]
pub(super) struct ListParams {
    cursor: Option<String>,
}

pub(super) async fn list(
    State(console): State<Console>,
    member: Member,
    Query(asked): Query<ListParams>,
) -> Result<Response, ConsoleError> {
    let (lang, site) = (member.lang, member.site.id);
    let before = asked.cursor.as_deref().and_then(|cursor| cursor.parse().ok());
    let segments = console.app.segments(site, before, SEGMENTS_PER_PAGE + 1).await?;
    let base = member.path("segments");
    let (segments, next) =
        paginate(segments, SEGMENTS_PER_PAGE, |last| format!("{base}?cursor={}", last.id));
    let first = before.map(|_| base.clone());
    let writes = member.role >= Role::Editor;
    let new = writes.then(|| {
        let href = member.path("segments/new");
        view! { <Button tone=Tone::Accent href=href>{phrases::NEW.t(lang)}</Button> }.into_markup()
    });
    if segments.is_empty() && first.is_none() {
        let content = view! { <EmptyState title=phrases::EMPTY.t(lang) text=phrases::EMPTY_TEXT.t(lang)>{new}</EmptyState> };
        return Ok(page(
            &member,
            Page::new(phrases::TITLE.t(lang)).for_site(&member, "segments"),
            content,
        ));
    }
    let now = console.app.now();
    let small = console.app.site_stats(site, now).await?.contacts <= MAX_COUNTED_CONTACTS;
    let mut rows = Vec::with_capacity(segments.len());
    for segment in segments {
        let count = if small {
            counted(console.app.segment_count(site, rule_draft(&segment)).await?)
        } else {
            phrases::COUNTED_LATER.t(lang).to_owned()
        };
        let said = summary(&member.zone, &write_rule(&segment.rule));
        let href = member.path(&format!("segments/{}", segment.id));
        let row = view! {
            <tr>
                <td><a class="main" href=href>{segment.name.unwrap_or_default()}</a></td>
                <td class="quiet wide"><code>{said}</code></td>
                <td>{count}</td>
                <td class="quiet nowrap">{brief(&member, now, segment.updated_at)}</td>
            </tr>
        };
        rows.push(row.into_markup());
    }
    let columns = vec![
        NAME.t(lang),
        phrases::WHO.t(lang),
        phrases::CONTACTS_NOW.t(lang),
        phrases::CHANGED.t(lang),
    ];
    let content = view! {
        <Table caption=phrases::TITLE.t(lang) columns=columns>{rows}</Table>
        <Pager lang=lang first=first next=next/>
    };
    Ok(page(
        &member,
        Page::new(phrases::TITLE.t(lang)).for_site(&member, "segments").actions(new),
        content,
    ))
}

fn counted(count: SegmentCount) -> String {
    format!("{}{}", grouped(count.count), if count.complete { "" } else { "+" })
}
