//! The data of the inbox document. Must not depend on how it is rendered.

use super::{Appearance, RenderContext, UndoableAction};
use crate::{ClientAssets, active_theme::ActiveTheme};
use belfry_app::Reader;
use belfry_domain::{ReaderFilter, ReaderPage, Site};

/// Part of the inbox that a preview without a reader shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preview {
    /// The closed bell.
    Bell,
    /// The bell and the open panel.
    Panel,
}

/// Data of the inbox document.
#[expect(clippy::struct_excessive_bools, reason = "independent properties of a page")]
pub(crate) struct PageView<'a> {
    pub(crate) site: &'a Site,
    pub(crate) reader: &'a Reader,
    /// Language and colour scheme.
    pub(crate) appearance: &'a Appearance,
    /// Language, site and time for rendering messages.
    pub(crate) context: RenderContext<'a>,
    /// The messages and counts.
    pub(crate) page: &'a ReaderPage,
    /// The messages, rendered as list items.
    pub(crate) items: &'a str,
    /// Whether there are categories that the reader may mute.
    pub(crate) has_mutable_categories: bool,
    /// The filter of the list.
    pub(crate) filter: ReaderFilter,
    /// Whether the inbox is a page of its own, without a bell.
    pub(crate) is_standalone: bool,
    /// Whether the document is top-level, so that no containing page can sign the reader out.
    pub(crate) is_top_level: bool,
    /// The action of the form that led here, to be offered for undo.
    pub(crate) undo_offer: Option<UndoableAction>,
    /// Whether this is not the first page of the list.
    pub(crate) is_older_page: bool,
    /// The session's bearer secret, for browsers that refuse cookies.
    pub(crate) bearer: Option<&'a str>,
    pub(crate) assets: ClientAssets,
    /// The theme, if the site has one.
    pub(crate) theme: Option<&'a ActiveTheme>,
    /// Whether the browser has the document's style and script as files.
    pub(crate) has_cached_files: bool,
    /// Unread agent messages, if the site has the tab for them.
    pub(crate) unread_replies: Option<u32>,
    /// Set for a theme preview, which has no reader.
    pub(crate) preview: Option<Preview>,
}
