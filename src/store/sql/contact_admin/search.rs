//! Searches a site's contacts by the most selective index that the conditions allow.

use crate::{
    Result,
    db::{Columns, Connection, Query, Row, query},
    sql::contact::{contact_columns, contact_of},
};
use belfry_domain::{Contact, ContactFilter, ContactWindow, EmailAddress, PhoneNumber, SiteId};

/// The most contacts that a list may skip on a connection of the read pool; more use a report
/// connection.
const MAX_READER_OFFSET: u32 = 1_000;

/// The statements for one index. The first condition uses the index; the others are checked row by
/// row.
pub(in crate::sql) struct SearchStatements {
    pub(in crate::sql) newest: &'static str,
    pub(in crate::sql) oldest: &'static str,
    pub(in crate::sql) count: &'static str,
}

macro_rules! sought {
    ($head:expr, $from:literal, $by:literal, $tail:literal) => {
        concat!(
            $head,
            " FROM contact",
            $from,
            " WHERE site_id = ?1 AND deleted_at IS NULL",
            $by,
            " AND (?2 IS NULL OR email = ?2) AND (?3 IS NULL OR phone = ?3) AND (?4 IS NULL OR first_name_key = ?4)
             AND (?5 IS NULL OR last_name_key = ?5) AND (?6 IS NULL OR language = ?6) AND (?7 IS NULL OR instr(search_key, ?7) > 0)",
            $tail
        )
    };
}

/// `SQLite` chooses indexes without knowing how many rows there are, and would scan a site's
/// contacts in order. Where it does, the index is named.
///
/// `+` before the order keeps a database from reading all contacts in that order where the first
/// condition leaves at most one.
macro_rules! way {
    ($from:literal, $by:literal, $order:literal) => {
        SearchStatements {
            newest: concat!(
                "SELECT ",
                contact_columns!(),
                sought!("", $from, $by, " AND id < ?8"),
                " ORDER BY ",
                $order,
                " DESC LIMIT ?9 + 0"
            ),
            oldest: concat!(
                "SELECT ",
                contact_columns!(),
                sought!("", $from, $by, " AND id > 0"),
                " ORDER BY ",
                $order,
                " LIMIT ?9 + 0 OFFSET ?8 + 0"
            ),
            count: sought!("SELECT count(*) FROM (SELECT 1", $from, $by, " LIMIT ?8 + 0)"),
        }
    };
}

/// Free text alone: the narrow search index is scanned, and only matching contacts are fetched.
macro_rules! by_text {
    ($tail:literal) => {
        concat!("SELECT id FROM contact INDEXED BY contact_search WHERE site_id = ?1 AND deleted_at IS NULL AND instr(search_key, ?2) > 0", $tail)
    };
}

macro_rules! fetched {
    ($tail:literal, $order:literal) => {
        concat!(
            "SELECT ",
            contact_columns!(),
            " FROM contact WHERE site_id = ?1 AND id IN (",
            by_text!($tail),
            ") ORDER BY id",
            $order
        )
    };
}

pub(in crate::sql) const ALL: SearchStatements = way!("", "", "id");
pub(in crate::sql) const BY_EMAIL: SearchStatements =
    way!(" INDEXED BY contact_email", " AND email = ?2", "+id");
pub(in crate::sql) const BY_PHONE: SearchStatements =
    way!(" INDEXED BY contact_phone", " AND phone = ?3", "+id");
pub(in crate::sql) const BY_FIRST_NAME: SearchStatements =
    way!(" INDEXED BY contact_first_name", " AND first_name_key = ?4", "id");
pub(in crate::sql) const BY_LAST_NAME: SearchStatements =
    way!(" INDEXED BY contact_last_name", " AND last_name_key = ?5", "id");
pub(in crate::sql) const BY_LANGUAGE: SearchStatements =
    way!(" INDEXED BY contact_language", " AND language = ?6", "id");
pub(in crate::sql) const BY_TEXT: SearchStatements = SearchStatements {
    newest: fetched!(" AND id < ?3 ORDER BY id DESC LIMIT ?4 + 0", " DESC"),
    oldest: fetched!(" AND id > 0 ORDER BY id LIMIT ?4 + 0 OFFSET ?3 + 0", ""),
    count: concat!("SELECT count(*) FROM (", by_text!(" LIMIT ?3 + 0"), ")"),
};

/// The statements of the most selective index, and whether only text is searched.
fn choose_index(filter: &ContactFilter) -> (SearchStatements, bool) {
    if filter.email.is_some() {
        (BY_EMAIL, false)
    } else if filter.phone.is_some() {
        (BY_PHONE, false)
    } else if filter.last_name.is_some() {
        (BY_LAST_NAME, false)
    } else if filter.first_name.is_some() {
        (BY_FIRST_NAME, false)
    } else if filter.language.is_some() {
        (BY_LANGUAGE, false)
    } else if filter.text.is_some() {
        (BY_TEXT, true)
    } else {
        (ALL, false)
    }
}

fn bind_filter(
    statement: &'static str,
    site: SiteId,
    filter: &ContactFilter,
    text_alone: bool,
) -> Query<Row> {
    let query = query(statement).bind(site.as_bytes().to_vec());
    let text = filter.text.as_deref().map(str::to_lowercase);
    if text_alone {
        return query.bind(text);
    }
    query
        .bind(filter.email.as_ref().map(|email| EmailAddress::as_str(email).to_owned()))
        .bind(filter.phone.as_ref().map(|phone| PhoneNumber::as_str(phone).to_owned()))
        .bind(filter.first_name.as_deref().map(str::to_lowercase))
        .bind(filter.last_name.as_deref().map(str::to_lowercase))
        .bind(filter.language.clone().map(String::from))
        .bind(text)
}

/// Whether the query needs only a few steps in an index.
pub(super) fn is_short_lookup(filter: &ContactFilter, window: ContactWindow) -> bool {
    let by_name =
        filter.email.is_some() || filter.phone.is_some() || *filter == ContactFilter::default();
    by_name && !matches!(window, ContactWindow::Offset(offset) if offset > MAX_READER_OFFSET)
}

/// The matching contacts of one page.
pub(super) async fn search(
    connection: &mut Connection,
    site: SiteId,
    filter: &ContactFilter,
    window: ContactWindow,
    limit: u32,
) -> Result<Vec<Contact>> {
    let (way, text_alone) = choose_index(filter);
    let (statement, from) = match window {
        ContactWindow::Before(before) => (way.newest, before.map_or(i64::MAX, |contact| contact.0)),
        ContactWindow::Offset(offset) => (way.oldest, i64::from(offset)),
    };
    bind_filter(statement, site, filter, text_alone)
        .bind(from)
        .bind(limit)
        .fetch_all(connection)
        .await?
        .iter()
        .map(contact_of)
        .collect()
}

/// The number of matching contacts, at most `cap`.
pub(super) async fn count(
    connection: &mut Connection,
    site: SiteId,
    filter: &ContactFilter,
    cap: u32,
) -> Result<u32> {
    let (way, text_alone) = choose_index(filter);
    let row =
        bind_filter(way.count, site, filter, text_alone).bind(cap).fetch_one(connection).await?;
    Columns::new(&row).value()
}
