//! Statements whose plans may read more than a bounded number of rows, and why.

/// Statements of the connections for reports, by a part of their text. They may read all of a site,
/// for as long as a report may take, but not all sites.
pub(super) const REPORTS: &[&str] = &[
    " AND instr(search_key, ",
    " AND first_name_key = ?4 AND (",
    " AND language = ?6 AND (",
    " AND last_name_key = ?5 AND (",
    "FROM contact AS c LEFT JOIN channel_contact",
    "SELECT contact.language, (SELECT CASE WHEN w.from_position",
    "SELECT count(*) FROM contact WHERE site_id = ?1 AND id > 0",
    "message_published WHERE site_id = ?1 AND publish_at >= ?2",
    "WITH own AS (",
    "id > ?2 AND deleted_at IS NULL ORDER BY id",
];

/// A part of the statement's text, the start of what is found in its plan, and the reason.
pub(super) const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("SELECT id, version FROM site", "scan of site", "background: finds notices that were lost"),
    (" AS days FROM site", "scan of site", "background: the settings of all sites"),
    ("SELECT id, 0 FROM site", "all sites", "background: the feeds of all sites"),
    ("FROM site ORDER BY site.name", "", "an operator's list of all sites"),
    ("WITH RECURSIVE busy", "", "background: a site has few endpoints"),
    ("segment.inline_used_at < ?1", "all sites", "background: those that were not used for long"),
    (
        "message_deleting WHERE state = 3",
        "all sites",
        "background: the index has only what is being deleted",
    ),
    (
        "message_published WHERE site_id = ?1 AND publish_at < ?2 AND state <> 0",
        "all of a site",
        "background: stops at the first, and few old messages are still scheduled",
    ),
    ("digest BETWEEN ?2 AND ?3", "all sites", "the range is that of the first bytes of one digest"),
    (
        "FROM audit_entry WHERE site_id IS NULL",
        "all sites",
        "the planner knows how many belong to no site, and uses the site's index if they are few",
    ),
    ("WITH RECURSIVE muted", "all of a site", "when categories are removed from the settings"),
    ("FROM import WHERE site_id = ?1 AND id < ?2", "all of a site", "imports are removed in time"),
    ("EXISTS (SELECT 1 FROM install_event", "all of a site", "stops at the first row"),
    (
        "deleted_at IS NULL AND (?2 IS NULL",
        "all of a site",
        "without a filter, a page in the order of the index; few contacts are deleted",
    ),
    (
        "FROM (SELECT 1 FROM contact WHERE site_id = ?1 AND deleted_at IS NULL LIMIT",
        "all of a site",
        "counts up to a limit; few contacts are deleted, and either of two indexes has the rest",
    ),
    ("SELECT s.contact_id, s.source_id", "sort", "the sessions of listed contacts, 100 of each"),
    ("FROM contact_inbox AS own", "sort", "the conversations of one contact in one inbox"),
    ("SELECT a.message, a.id", "sort", "the attachments of listed messages"),
    ("FROM conversation_watcher AS w", "sort", "an agent watches a bounded number"),
    ("FROM device WHERE site_id = ?1 AND contact_id", "sort", "a reader has a bounded number"),
];
